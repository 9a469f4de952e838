//! What answers are made of.

use std::net::SocketAddr;

use super::travels::travels;

travels! {
/// What kind of file something is.
pub enum Kind {
    /// A regular file.
    1 => File,
    /// A folder.
    2 => Directory,
    /// A symbolic link.
    3 => Link,
    /// A named pipe.
    4 => Fifo,
    /// A socket.
    5 => Socket,
    /// A character device.
    6 => CharDevice,
    /// A block device.
    7 => BlockDevice,
    /// None of these.
    8 => Unknown,
}
}

travels! {
/// What an inode says.
pub struct Stat {
    /// What kind of file it is.
    pub kind: Kind,
    /// The permission bits with set-user-id, set-group-id and sticky: 12 bits.
    pub mode: u16,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its size in bytes.
    pub size: u64,
    /// When its content last changed, in seconds since 1970.
    pub mtime_secs: i64,
    /// The device of its file system.
    pub dev: u64,
    /// Its inode.
    pub ino: u64,
    /// How many names it has.
    pub nlink: u64,
    /// Where it leads, for a link that can be read.
    pub target: Option<Vec<u8>>,
}
}

travels! {
/// One entry of a walk.
pub struct Entry {
    /// Its path: the root as it was given, and the names below it.
    pub path: Vec<u8>,
    /// What it is.
    pub stat: Stat,
}
}

travels! {
/// A file that was picked by its mode or its attributes.
pub struct Sifted {
    /// Its path.
    pub path: Vec<u8>,
    /// What it is.
    pub stat: Stat,
    /// The attributes that were asked for and that it has, with their values.
    pub attributes: Vec<(Vec<u8>, Vec<u8>)>,
}
}

travels! {
/// A place where a word was found.
pub struct Find {
    /// The file.
    pub path: Vec<u8>,
    /// The number of the word.
    pub needle: u32,
    /// The line, counted from 1.
    pub line: u64,
    /// How many bytes of `text` stand before the word.
    pub before: u32,
    /// The word with what stands around it.
    pub text: Vec<u8>,
}
}

travels! {
/// A file that was taken along for its name.
pub struct Held {
    /// Its path.
    pub path: Vec<u8>,
    /// How many bytes it has.
    pub size: u64,
    /// What it holds.
    pub content: Content,
}
}

travels! {
/// One file that was looked for.
pub struct Found {
    /// Its path: the root as it was given, and the names below it.
    pub path: Vec<u8>,
    /// Where it leads, if it is a link.
    pub link: Option<Vec<u8>>,
    /// What is there, links followed, or the error number.
    pub there: Result<Stat, i32>,
    /// How it begins, for a regular file, or the error number.
    pub content: Option<Result<Content, i32>>,
}
}

travels! {
/// A process. Its files and links stand in the order in which they were asked for.
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// What each file holds, or the error number.
    pub files: Vec<Result<Content, i32>>,
    /// Where each link leads, or the error number.
    pub links: Vec<Result<Vec<u8>, i32>>,
}
}

travels! {
/// What a file holds, from its start.
pub struct Content {
    /// The bytes.
    pub data: Vec<u8>,
    /// Whether there is more.
    pub truncated: bool,
}
}

travels! {
/// One output of a command.
pub struct Output {
    /// Its start.
    pub data: Vec<u8>,
    /// How many bytes were written in all; more than `data` holds when it was cut.
    pub total: u64,
}
}

travels! {
/// How a command ended.
pub enum Ended {
    /// With this exit code.
    1 => Code {
        /// The code.
        code: i32,
    },
    /// By this signal.
    2 => Signal {
        /// The signal's number.
        signal: i32,
    },
    /// It was killed, its time being up.
    3 => TimedOut,
}
}

travels! {
/// What failed when a command did not start.
pub enum Step {
    /// There is no command.
    1 => Empty,
    /// The working folder cannot be entered.
    2 => Directory,
    /// The program is not there, or not on `PATH`.
    3 => Lookup,
    /// The program is there and the kernel refuses to run it.
    4 => Execute,
}
}

travels! {
/// A connection that was made.
pub struct Connection {
    /// This end.
    pub local: SocketAddr,
    /// The other end.
    pub peer: SocketAddr,
    /// How long resolving and connecting took, in microseconds.
    pub micros: u64,
    /// What was received. A relay sends it afterwards instead, as it comes.
    pub received: Vec<u8>,
    /// Why receiving ended.
    pub finish: Finish,
}
}

travels! {
/// Why receiving ended.
pub enum Finish {
    /// Nothing was to be received.
    1 => Unasked,
    /// The other end closed.
    2 => Closed,
    /// The time was up.
    3 => TimeUp,
    /// As much as was asked for had come.
    4 => Full,
    /// Sending or receiving failed.
    5 => Broken {
        /// The error number.
        errno: i32,
    },
}
}

travels! {
/// In which way connecting failed.
pub enum Failure {
    /// The name has no address.
    1 => Dns,
    /// Nothing listens there.
    2 => Refused,
    /// No answer in time.
    3 => TimedOut,
    /// There is no way there.
    4 => Unreachable,
    /// Any other way.
    5 => Other,
    /// Someone took the connection, and broke it off before we knew of it.
    6 => Reset,
}
}

travels! {
/// Why a name has no address.
pub enum Unresolved {
    /// The name servers say that there is no such name.
    1 => NotFound,
    /// The name exists, and has no address.
    2 => NoAddress,
    /// A name server failed or its answer made no sense.
    3 => ServerFailure,
    /// No name server answered in time.
    4 => TimedOut,
    /// No name server is known.
    5 => NoServers,
    /// This cannot be a name.
    6 => BadName,
}
}
