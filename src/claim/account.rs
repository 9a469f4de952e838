//! `account`: a user as the image's own account files have it.

use super::whoami::groups_miss;
use super::{Findings, Judge, Scope};
use crate::fact::accounts::{Accounts, User};
use crate::fact::answer::{Blocked, Seen, account_questions};
use crate::fact::question::Question;
use crate::record;
use crate::text::matcher::names::Names;
use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, listed, quote};
use crate::text::read::Filled;
use crate::text::source::Spanned;

record! {
    /// A user as the image's `/etc/passwd` and `/etc/group` have it.
    pub struct Account (short name) {
        /// The login name, exactly. There must be such a user.
        name: Spanned<Filled>,
        /// The user's number.
        uid: Option<Spanned<u32>>,
        /// The name or number of the primary group.
        gid: Option<Spanned<String>>,
        /// Names or numbers of all groups, the primary one among them.
        groups: Option<Spanned<Names<String>>>,
        /// The home folder.
        home: Option<Spanned<TextMatch>>,
        /// The login shell.
        shell: Option<Spanned<TextMatch>>,
    }
}

/// Most users that a message names.
const NAMED: usize = 40;

impl Judge for Account {
    const SCOPE: Scope = Scope::Files;

    fn questions(&self) -> Vec<Question> {
        account_questions().into()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let accounts = seen.accounts()?;
        let name = &self.name;
        let Some(user) = accounts.users.iter().find(|u| u.name == name.value.0) else {
            let miss = Miss::new(format!("a user {}", quote(&name.value.0)), known(&accounts));
            findings.check(name.span, "account", Some(miss));
            return Ok(());
        };
        findings.saw(format!(
            "{} with group {}, home {}, shell {}",
            accounts.show_user(user.uid),
            accounts.show_group(user.gid),
            user.home,
            user.shell
        ));
        self.fields(user, &accounts, findings);
        Ok(())
    }
}

impl Account {
    fn fields(&self, user: &User, accounts: &Accounts, findings: &mut Findings) {
        let what = |field: &str| format!("{field} of {}", user.name);
        if let Some(uid) = &self.uid {
            let miss = (uid.value != user.uid)
                .then(|| Miss::new(uid.value.to_string(), user.uid.to_string()));
            findings.check(uid.span, what("uid"), miss);
        }
        if let Some(gid) = &self.gid {
            let miss = (!accounts.is_group(&gid.value, user.gid))
                .then(|| Miss::new(&gid.value, accounts.show_group(user.gid)));
            findings.check(gid.span, what("gid"), miss);
        }
        if let Some(groups) = &self.groups {
            let others = accounts.groups_of(user).map(|g| g.gid);
            let mut numbers = vec![user.gid];
            numbers.extend(others.filter(|gid| *gid != user.gid));
            let miss = groups_miss(&groups.value, &numbers, accounts);
            findings.check(groups.span, what("groups"), miss);
        }
        if let Some(home) = &self.home {
            findings.check(home.span, what("home"), home.value.miss(&user.home));
        }
        if let Some(shell) = &self.shell {
            findings.check(shell.span, what("shell"), shell.value.miss(&user.shell));
        }
    }
}

/// The users that there are.
fn known(accounts: &Accounts) -> String {
    if accounts.users.is_empty() {
        return "no users: /etc/passwd is missing or empty".to_owned();
    }
    let shown = accounts.users.iter().take(NAMED);
    let mut names: Vec<String> = shown.map(|u| u.name.clone()).collect();
    match accounts.users.len() - names.len() {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    listed(&names, "and")
}

#[cfg(test)]
mod tests {
    use crate::claim::trial::{errs_unseen, fails_ended, misses as misses_of};
    use crate::fact::answer::Fact;
    use crate::fact::blob::Blob;
    use crate::fact::question::Question;

    const PASSWD: &str =
        "root:x:0:0::/root:/bin/bash\naisopod:x:1000:1000::/home/aisopod:/bin/bash\n";
    const GROUP: &str = "root:x:0:\naisopod:x:1000:\nadm:x:4:aisopod\n";

    fn files(question: &Question) -> Fact {
        let text = match question {
            Question::Read { path, .. } if path == "/etc/passwd" => PASSWD,
            _ => GROUP,
        };
        Fact::Read(Some(Blob::whole(text)))
    }

    fn misses(text: &str) -> Vec<String> {
        misses_of("account", text, files)
    }

    #[test]
    fn an_account_is_compared_field_by_field() {
        for holds in [
            "aisopod",
            "{ name: aisopod, uid: 1000, gid: aisopod }",
            "{ name: aisopod, gid: 1000, groups: { only: [aisopod, 4] } }",
            "{ name: aisopod, groups: [adm], home: /home/aisopod, shell: { ends_with: bash } }",
        ] {
            assert_eq!(misses(holds), [""; 0], "{holds}");
        }
        for (fails, said) in [
            (
                "{ name: aisopod, uid: 1001 }",
                "uid of aisopod: expected 1001, actual 1000",
            ),
            (
                "{ name: aisopod, gid: root }",
                "gid of aisopod: expected root, actual aisopod (1000)",
            ),
            (
                "{ name: aisopod, groups: { without: [adm] } }",
                "groups of aisopod: expected no adm, actual has adm",
            ),
            (
                "{ name: aisopod, home: /data }",
                "home of aisopod: expected \"/data\", actual \"/home/aisopod\"",
            ),
            (
                "{ name: aisopod, shell: /bin/false }",
                "shell of aisopod: expected \"/bin/false\", actual \"/bin/bash\"",
            ),
        ] {
            assert_eq!(misses(fails), [said]);
        }
    }

    #[test]
    fn a_user_that_is_not_there_is_missed_among_those_that_are() {
        let said = "account: expected a user \"1000\", actual root and aisopod";
        assert_eq!(misses("{ name: 1000, uid: 1000 }"), [said]);
        let none = misses_of("account", "app", |_| Fact::Read(None));
        assert!(none[0].ends_with("no users: /etc/passwd is missing or empty"));
        let crowd: String = (0..45).map(|n| format!("u{n}:x:{n}:{n}::/:\n")).collect();
        let many = misses_of("account", "app", |_| {
            Fact::Read(Some(Blob::whole(crowd.as_str())))
        });
        assert!(many[0].ends_with("u39 and 5 more"), "{many:?}");
    }

    #[test]
    fn what_is_not_seen_is_no_verdict() {
        errs_unseen("account", "root", files);
        fails_ended("account", "root");
    }
}
