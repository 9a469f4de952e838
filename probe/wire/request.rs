//! What the probe can be asked.

use std::net::IpAddr;

use super::travels::travels;

travels! {
/// One question. Paths, names and texts are raw bytes, as the kernel has them.
pub enum Request {
    /// Who are you?
    1 => Hello,
    /// What is at this path?
    2 => Stat {
        /// The path.
        path: Vec<u8>,
        /// Whether a link is followed to what it leads to.
        follow: bool,
    },
    /// What does this regular file hold?
    3 => Read {
        /// The path; links are followed.
        path: Vec<u8>,
        /// How many bytes to leave out at the start.
        from: u64,
        /// How many bytes to answer at most; never more than `MAX_CONTENT`.
        max: u64,
    },
    /// What is below this path? Links below it are not followed; the path itself is.
    4 => Walk {
        /// Where to start; it is itself the first entry.
        root: Vec<u8>,
        /// How many levels below the root.
        max_depth: u32,
        /// How many entries at most.
        max_entries: u32,
        /// Whether to stay on the root's file system.
        same_device: bool,
        /// Folders that are listed but not entered, unless one is the root itself; written as they
        /// would be listed.
        skip: Vec<Vec<u8>>,
    },
    /// What runs? Answers the named files and links of every process's folder in `/proc`.
    5 => Processes {
        /// Files of `/proc/PID`, such as `status` or `cmdline`.
        files: Vec<Vec<u8>>,
        /// Links of `/proc/PID`, such as `exe` or `ns/net`.
        links: Vec<Vec<u8>>,
        /// How many bytes of each file at most.
        max_each: u32,
    },
    /// Run this command and wait for its end.
    6 => Run {
        /// What to run, and how.
        command: Command,
    },
    /// Connect by TCP, send, and see what comes back.
    7 => Connect {
        /// A name or an address.
        host: Vec<u8>,
        /// The port.
        port: u16,
        /// How long resolving and connecting may take together.
        timeout_ms: u32,
        /// What to send once connected.
        send: Vec<u8>,
        /// How many bytes to receive at most; with 0 nothing is waited for.
        max_receive: u32,
        /// How long to receive, counted from the connection on.
        receive_ms: u32,
    },
    /// Which addresses does this name have?
    8 => Resolve {
        /// A name or an address.
        name: Vec<u8>,
        /// How long it may take.
        timeout_ms: u32,
    },
    /// To `relays`: connect, under this number.
    60 => Dial {
        /// The number.
        line: u32,
        /// A name or an address.
        host: Vec<u8>,
        /// The port.
        port: u16,
        /// How long resolving and connecting may take together.
        timeout_ms: u32,
    },
    /// To `relays`: send this.
    61 => Say {
        /// The connection's number.
        line: u32,
        /// What.
        data: Vec<u8>,
    },
    /// To `relays`: close the connection.
    62 => HangUp {
        /// Its number.
        line: u32,
    },
    /// Which regular files below this path have one of these bits or attributes?
    40 => Sift {
        /// Where to start.
        root: Vec<u8>,
        /// Folders that are not entered.
        skip: Vec<Vec<u8>>,
        /// Bits of the mode, of which one is enough.
        mode: u16,
        /// Names of extended attributes, of which one is enough.
        attributes: Vec<Vec<u8>>,
    },
    /// Which regular files below this path hold one of these words?
    41 => Search {
        /// Where to start.
        root: Vec<u8>,
        /// Folders that are not entered.
        skip: Vec<Vec<u8>>,
        /// What to search for.
        searching: Searching,
    },
    /// And which do of a layer's, that are not those which are seen at their places?
    42 => SearchBeneath {
        /// The layer's root.
        layer: Vec<u8>,
        /// The root of the tree that all layers make together.
        seen: Vec<u8>,
        /// The roots of the layers above.
        above: Vec<Vec<u8>>,
        /// Files over which something else is seen, that is no layer's.
        covered: Vec<Vec<u8>>,
        /// Folders that are not entered.
        skip: Vec<Vec<u8>>,
        /// What to search for.
        searching: Searching,
    },
    /// Is this address one of your own network's?
    50 => Own {
        /// The address.
        address: IpAddr,
    },
    /// Can a file be made in this folder? One is, and is removed at once.
    20 => Create {
        /// The folder.
        folder: Vec<u8>,
    },
    /// Where does this path lead in the end, with no link in it?
    21 => Real {
        /// The path.
        path: Vec<u8>,
    },
    /// Which files below this path are called like this, and how does each begin? The path itself and
    /// the links that are found are followed, links on the way are not.
    30 => Find {
        /// Where to start.
        root: Vec<u8>,
        /// How many levels below the root.
        max_depth: u32,
        /// How many entries are looked at at most.
        max_entries: u32,
        /// Whether to stay on the root's file system.
        same_device: bool,
        /// Folders that are not entered, unless one is the root itself.
        skip: Vec<Vec<u8>>,
        /// How the folder's path and how the name end; one of these has to fit.
        ends: Vec<(Vec<u8>, Vec<u8>)>,
        /// How many bytes of each regular file; with 0 none is opened.
        max_each: u32,
    },
    /// What is the SHA-256 of this regular file?
    31 => Digest {
        /// The path; links are followed.
        path: Vec<u8>,
        /// A file that holds more bytes is not read.
        max: u64,
    },
    /// May you write to what is at this path? Nothing is opened.
    32 => MayWrite {
        /// The path; links are followed.
        path: Vec<u8>,
    },
    /// May this user write to what is at these paths? A child becomes that user and asks the kernel.
    33 => OtherMayWrite {
        /// Its number.
        uid: u32,
        /// Its group's number.
        gid: u32,
        /// The numbers of its other groups.
        groups: Vec<u32>,
        /// The paths; links are followed.
        paths: Vec<Vec<u8>>,
    },
    /// Send a signal to a process of a container, as the probe's own `/proc` has it.
    34 => Send {
        /// The container's id.
        container: Vec<u8>,
        /// The number of its first process.
        first: u32,
        /// The signal.
        signal: i32,
        /// To whom.
        whom: Whom,
    },
}
}

travels! {
/// Which of a container's processes is meant.
pub enum Whom {
    /// Its first.
    1 => First,
    /// The one that its init started.
    2 => BelowInit,
    /// The first of the others whose command line holds this, else the first itself.
    3 => Named {
        /// What it holds.
        text: Vec<u8>,
    },
}
}

travels! {
/// What files are searched for.
pub struct Searching {
    /// The words, of two bytes or more each.
    pub needles: Vec<Vec<u8>>,
    /// Ends of names, or with a final `*` parts of them, of files that are not searched.
    pub pass: Vec<Vec<u8>>,
    /// Ends of paths, or with a final `*` starts of names, of files whose content is answered.
    pub names: Vec<Vec<u8>>,
    /// Parts of paths below which packages lie.
    pub packages: Vec<Vec<u8>>,
    /// Names of folders of packages, underscores in front aside, that are not entered.
    pub leave: Vec<Vec<u8>>,
    /// How many bytes of each file are searched at most.
    pub max_size: u64,
    /// How many finds of each file are answered at most.
    pub max_each: u32,
    /// How many bytes of each file of these names are answered at most.
    pub max_held: u32,
    /// How many bytes before a word are answered.
    pub before: u32,
    /// How many bytes behind a word are answered.
    pub after: u32,
}
}

travels! {
/// A command to run, as `docker exec` would run it.
pub struct Command {
    /// The program and its arguments. A program without a slash is looked for on the command's `PATH`.
    pub argv: Vec<Vec<u8>>,
    /// Variables set over the probe's own environment; `None` takes one away.
    pub env: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// The working folder, when not the probe's own.
    pub cwd: Option<Vec<u8>>,
    /// What it reads; with nothing its standard input is `/dev/null`.
    pub stdin: Vec<u8>,
    /// After this time the command and its process group are killed.
    pub timeout_ms: u32,
    /// How many bytes of each output to keep, from its start.
    pub max_output: u32,
}
}
