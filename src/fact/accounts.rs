//! Users and groups as a container's own `passwd` and `group` files have them.

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Number.
    pub uid: u32,
    /// Number of the primary group.
    pub gid: u32,
    /// Home folder.
    pub home: String,
    /// Login shell.
    pub shell: String,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Number.
    pub gid: u32,
    /// Names of those who are in it beside those whose primary group it is.
    pub members: Vec<String>,
}

/// Both files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Users in written order.
    pub users: Vec<User>,
    /// Groups in written order.
    pub groups: Vec<Group>,
}

impl Accounts {
    /// From the texts of both files; lines that are not entries are passed over, as libc does.
    pub fn parse(passwd: &str, group: &str) -> Self {
        Self {
            users: passwd.lines().filter_map(user).collect(),
            groups: group.lines().filter_map(groups).collect(),
        }
    }

    /// The first user of that number.
    pub fn user(&self, uid: u32) -> Option<&User> {
        self.users.iter().find(|u| u.uid == uid)
    }

    /// The first group of that number.
    pub fn group(&self, gid: u32) -> Option<&Group> {
        self.groups.iter().find(|g| g.gid == gid)
    }

    /// Whether a user of that name has this number, or that is the number. Several may have it, and root
    /// is 0 where no file says so.
    pub fn is_user(&self, written: &str, uid: u32) -> bool {
        let mut named = self.users.iter().filter(|u| u.name == written);
        match named.next() {
            Some(user) => user.uid == uid,
            None => written == uid.to_string() || written == "root" && uid == 0,
        }
    }

    /// Whether a user of that name or number is known.
    pub fn knows_user(&self, written: &str) -> bool {
        written == "root"
            || written.parse::<u32>().is_ok()
            || self.users.iter().any(|u| u.name == written)
    }

    /// Whether a group of that name or number is known.
    pub fn knows_group(&self, written: &str) -> bool {
        written == "root"
            || written.parse::<u32>().is_ok()
            || self.groups.iter().any(|g| g.name == written)
    }

    /// As [`is_user`](Self::is_user), of groups.
    pub fn is_group(&self, written: &str, gid: u32) -> bool {
        let mut named = self.groups.iter().filter(|g| g.name == written);
        match named.next() {
            Some(group) => group.gid == gid,
            None => written == gid.to_string() || written == "root" && gid == 0,
        }
    }

    /// A user by name, else by number.
    pub fn find_user(&self, name: &str) -> Option<&User> {
        let by_name = self.users.iter().find(|u| u.name == name);
        by_name.or_else(|| name.parse().ok().and_then(|uid| self.user(uid)))
    }

    /// All groups of a user: the primary one and those that list the name.
    pub fn groups_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Group> {
        let member = |g: &&Group| g.gid == user.gid || g.members.contains(&user.name);
        self.groups.iter().filter(member)
    }

    /// `name (number)`, or the number alone where no user has it.
    pub fn show_user(&self, uid: u32) -> String {
        self.user(uid)
            .map_or_else(|| uid.to_string(), |u| format!("{} ({uid})", u.name))
    }

    /// As [`show_user`](Self::show_user), and says so where no user has the number.
    pub fn explain_user(&self, uid: u32) -> String {
        match self.user(uid) {
            Some(_) => self.show_user(uid),
            None => format!("{uid}, which has no name in /etc/passwd"),
        }
    }

    /// As [`show_group`](Self::show_group), and says so where no group has the number.
    pub fn explain_group(&self, gid: u32) -> String {
        match self.group(gid) {
            Some(_) => self.show_group(gid),
            None => format!("{gid}, which has no name in /etc/group"),
        }
    }

    /// `name (number)`, or the number alone where no group has it.
    pub fn show_group(&self, gid: u32) -> String {
        self.group(gid)
            .map_or_else(|| gid.to_string(), |g| format!("{} ({gid})", g.name))
    }
}

fn user(line: &str) -> Option<User> {
    let mut parts = line.split(':');
    let name = parts
        .next()
        .filter(|n| !n.is_empty() && !n.starts_with('#'))?
        .to_owned();
    let _password = parts.next()?;
    let uid = parts.next()?.parse().ok()?;
    let gid = parts.next()?.parse().ok()?;
    let _comment = parts.next()?;
    let home = parts.next()?.to_owned();
    let shell = parts.next().unwrap_or("").trim_end().to_owned();
    Some(User {
        name,
        uid,
        gid,
        home,
        shell,
    })
}

fn groups(line: &str) -> Option<Group> {
    let mut parts = line.split(':');
    let name = parts
        .next()
        .filter(|n| !n.is_empty() && !n.starts_with('#'))?
        .to_owned();
    let _password = parts.next()?;
    let gid = parts.next()?.parse().ok()?;
    let members = parts.next().unwrap_or("").trim();
    let members = members
        .split(',')
        .filter(|m| !m.is_empty())
        .map(str::to_owned)
        .collect();
    Some(Group { name, gid, members })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwd_and_group_are_read_as_libc_reads_them() {
        let accounts = Accounts::parse(
            "root:x:0:0:root:/root:/bin/bash\n# no\nbroken\napp:x:1000:1000::/home/app:/bin/false\n",
            "root:x:0:\napp:x:1000:\ndocker:x:999:app,other\n",
        );
        assert_eq!(accounts.users.len(), 2);
        let app = accounts.find_user("app").unwrap();
        assert_eq!((app.uid, app.shell.as_str()), (1000, "/bin/false"));
        assert_eq!(accounts.find_user("1000"), Some(app));
        let groups: Vec<&str> = accounts.groups_of(app).map(|g| g.name.as_str()).collect();
        assert_eq!(groups, ["app", "docker"]);
        assert_eq!(accounts.show_user(1000), "app (1000)");
        assert_eq!(accounts.show_group(5), "5");
    }
}
