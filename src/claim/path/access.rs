//! Who may write where, by owner, group and permission bits.

use super::at::parents;
use super::shown;
use crate::fact::accounts::Accounts;
use crate::fact::path::{Kind, Stat};

/// A user and all groups of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    uid: u32,
    gids: Vec<u32>,
    /// As the user is shown.
    pub name: String,
}

const WRITE: u32 = 0o2;
const SEARCH: u32 = 0o1;

impl Who {
    /// The user of that name or number. A number that no user has is in group 0 alone, as it is
    /// when a container is run as that number.
    pub fn find(written: &str, accounts: &Accounts) -> Option<Self> {
        let Some(user) = accounts.find_user(written) else {
            let uid = written.parse().ok()?;
            return Some(Self {
                uid,
                gids: vec![0],
                name: uid.to_string(),
            });
        };
        let groups = accounts.groups_of(user).map(|g| g.gid);
        Some(Self {
            uid: user.uid,
            gids: std::iter::once(user.gid).chain(groups).collect(),
            name: accounts.show_user(user.uid),
        })
    }

    /// Whether all of these bits are set for them. Only one of the three sets of bits counts, as
    /// the kernel has it: an owner whose bits are off is refused though the group's are on.
    fn may(&self, bits: u32, stat: &Stat) -> bool {
        let shift = if self.uid == stat.uid {
            6
        } else if self.gids.contains(&stat.gid) {
            3
        } else {
            0
        };
        self.uid == 0 || stat.mode >> shift & bits == bits
    }

    /// What keeps them from writing to what stands at `path`; `None` where nothing does.
    /// `folder` says what stands at each folder above.
    pub fn barrier<E>(
        &self,
        path: &str,
        stat: &Stat,
        accounts: &Accounts,
        folder: impl Fn(&str) -> Result<Stat, E>,
    ) -> Result<Option<String>, E> {
        for above in parents(path) {
            let stat = folder(above)?;
            if !self.may(SEARCH, &stat) {
                let what = shown(&stat, accounts);
                return Ok(Some(format!("cannot pass through {above} ({what})")));
            }
        }
        let bits = match stat.kind {
            Kind::Directory => WRITE | SEARCH,
            _ => WRITE,
        };
        let what = shown(stat, accounts);
        Ok((!self.may(bits, stat)).then(|| format!("cannot write to it ({what})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(kind: Kind, mode: u32, uid: u32, gid: u32) -> Stat {
        Stat {
            mode,
            uid,
            gid,
            ..crate::claim::trial::stat(kind)
        }
    }

    fn barrier(who: &str, mode: u32, above: u32, kind: Kind) -> Option<String> {
        let accounts = Accounts::parse(
            "app:x:1000:1000::/:\nhelper:x:1001:1001::/:\nguest:x:1002:1002::/:\n",
            "app:x:1000:helper\n",
        );
        let who = Who::find(who, &accounts).unwrap();
        let folder = |_: &str| Ok::<_, ()>(stat(Kind::Directory, above, 0, 0));
        who.barrier("/d/f", &stat(kind, mode, 1000, 1000), &accounts, folder)
            .unwrap()
    }

    #[test]
    fn the_one_set_of_bits_that_counts_decides() {
        for (who, mode, may) in [
            ("app", 0o200, true),
            ("app", 0o022, false),
            ("helper", 0o020, true),
            ("helper", 0o202, false),
            ("guest", 0o002, true),
            ("guest", 0o770, false),
            ("1002", 0o002, true),
            ("5000", 0o770, false),
            ("0", 0o000, true),
        ] {
            let barrier = barrier(who, mode, 0o755, Kind::File);
            assert_eq!(barrier.is_none(), may, "{who} {mode:o}: {barrier:?}");
        }
    }

    #[test]
    fn a_folder_is_written_by_who_may_also_search_it() {
        assert_eq!(barrier("app", 0o300, 0o755, Kind::Directory), None);
        assert_eq!(
            barrier("app", 0o200, 0o755, Kind::Directory),
            Some("cannot write to it (0200 d-w------- app (1000):app (1000))".to_owned())
        );
    }

    #[test]
    fn every_folder_above_must_let_them_through() {
        let closed = barrier("app", 0o777, 0o700, Kind::File);
        assert_eq!(
            closed,
            Some("cannot pass through / (0700 drwx------ 0:0)".to_owned())
        );
        assert_eq!(barrier("5000", 0o777, 0o710, Kind::File), None);
        assert_eq!(barrier("0", 0o000, 0o000, Kind::File), None);
    }

    #[test]
    fn a_name_that_no_user_has_is_nobody() {
        assert_eq!(Who::find("app", &Accounts::default()), None);
    }
}
