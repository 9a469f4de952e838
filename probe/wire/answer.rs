//! What the probe answers.

use std::net::{IpAddr, SocketAddr};

use super::parts::{
    Connection, Ended, Entry, Failure, Find, Found, Held, Kind, Output, Process, Sifted, Stat,
    Step, Unresolved,
};
use super::travels::travels;

travels! {
/// One answer. Error numbers are those of Linux.
pub enum Answer {
    /// To `Hello`.
    1 => Hello {
        /// The version of this language that the probe speaks.
        wire_version: u32,
        /// The length of the probe's own program file.
        exe_len: u64,
        /// The FNV-1a hash of that file.
        exe_hash: u64,
        /// The user it runs as.
        uid: u32,
        /// The group it runs as.
        gid: u32,
        /// Its process id, as its `/proc` has it.
        pid: u32,
    },
    /// To `Stat`.
    2 => Stat {
        /// The paths that links led through, the last one being what `result` is about. Empty when
        /// links were not followed or there was none.
        chain: Vec<Vec<u8>>,
        /// What is there, or the error number.
        result: Result<Stat, i32>,
    },
    /// To `Read`.
    3 => Bytes {
        /// What the file holds, from where it was asked.
        data: Vec<u8>,
        /// The file's size as its inode has it; 0 for most of `/proc`.
        size: u64,
        /// Whether there is more.
        truncated: bool,
    },
    /// To `Read`: this is no regular file, and was not opened.
    4 => NotRegular {
        /// What it is.
        kind: Kind,
    },
    /// To `Read`, `Create`, `Real`, `Own`, `Processes`, `OtherMayWrite` and `Send`: this error.
    5 => Errno {
        /// The error number.
        errno: i32,
    },
    /// To `Walk`: entries in the order of a walk that takes each folder's names sorted by bytes.
    6 => Entries {
        /// What was found.
        entries: Vec<Entry>,
        /// Whether a bound ended the walk; a depth that was reached does not count.
        truncated: bool,
        /// Paths that could not be looked at, with the error number.
        errors: Vec<(Vec<u8>, i32)>,
    },
    /// To `Processes`.
    7 => Processes {
        /// The probe's own process id, as `/proc` has it.
        own: u32,
        /// Every process, the probe among them, by process id.
        processes: Vec<Process>,
        /// Whether a bound left some out.
        truncated: bool,
    },
    /// To `Run`: the command ran.
    8 => Ran {
        /// How it ended.
        ended: Ended,
        /// What it wrote on standard output.
        stdout: Output,
        /// What it wrote on standard error.
        stderr: Output,
        /// How long it ran, in microseconds.
        micros: u64,
    },
    /// To `Run`: the command could not be started.
    9 => NotStarted {
        /// What went wrong.
        step: Step,
        /// The error number.
        errno: i32,
    },
    /// To `Connect`, and the first answer of a relay.
    10 => Connected {
        /// The connection and what came over it.
        connection: Connection,
    },
    /// To `Connect`, and the first answer of a relay.
    11 => ConnectFailed {
        /// In which way.
        failure: Failure,
        /// The error number, or 0 where the kernel gave none.
        errno: i32,
        /// The same in words, with the address that was tried last.
        text: String,
    },
    /// To `Resolve`: IPv4 addresses first.
    12 => Addresses {
        /// At least one.
        addresses: Vec<IpAddr>,
    },
    /// To `Resolve`: no address.
    13 => NotResolved {
        /// Why not.
        why: Unresolved,
        /// The same in words.
        text: String,
    },
    /// To `Own`.
    50 => Own {
        /// Whether it is.
        own: bool,
    },
    /// To `Create`: a file was made, and removed.
    20 => Created,
    /// To `Real`.
    21 => Path {
        /// The path.
        path: Vec<u8>,
    },
    /// To `Find`.
    30 => Finds {
        /// What is called like this, in the order of a walk.
        found: Vec<Found>,
        /// Whether a bound ended the walk.
        truncated: bool,
        /// Paths that could not be looked at, with the error number.
        errors: Vec<(Vec<u8>, i32)>,
    },
    /// To `Digest`.
    31 => Digest {
        /// The 32 bytes; none where the file holds more than was to be read.
        sha256: Option<Vec<u8>>,
        /// How many bytes the file holds.
        size: u64,
    },
    /// To `MayWrite`.
    32 => MayWrite {
        /// Why not: the error number, or 0.
        errno: i32,
    },
    /// To `OtherMayWrite`.
    33 => OtherMayWrite {
        /// Of each path why not: the error number, or 0.
        errnos: Vec<i32>,
    },
    /// To `Send`.
    34 => Sent,
    /// The request made no sense to this probe.
    14 => Refused {
        /// Why.
        text: String,
    },
    /// To `Dial`: connected.
    60 => Dialled {
        /// The connection's number.
        line: u32,
        /// Who took it.
        peer: SocketAddr,
    },
    /// To `Dial`: not connected.
    61 => NotDialled {
        /// The connection's number.
        line: u32,
        /// In which way.
        failure: Failure,
        /// The same in words.
        text: String,
    },
    /// What came over a connection.
    62 => Heard {
        /// Its number.
        line: u32,
        /// What.
        data: Vec<u8>,
    },
    /// A connection has ended.
    63 => HungUp {
        /// Its number.
        line: u32,
        /// The error number, or 0 where the other end has closed it.
        errno: i32,
    },
    /// To `Sift`.
    40 => Sifted {
        /// The files.
        files: Vec<Sifted>,
        /// How many were looked at.
        looked: u64,
        /// Whether a bound ended it.
        truncated: bool,
        /// What could not be looked at, with the error number.
        errors: Vec<(Vec<u8>, i32)>,
    },
    /// To `Search`.
    41 => Searched {
        /// Files of the names that were asked for.
        held: Vec<Held>,
        /// Places where a word was found.
        finds: Vec<Find>,
        /// Files that were not searched to their end.
        cut: Vec<Vec<u8>>,
        /// How many files were searched.
        files: u64,
        /// How many were not, for their names.
        passed: u64,
        /// How many bytes of them.
        bytes: u64,
        /// Whether a bound ended it.
        truncated: bool,
        /// What could not be read, with the error number.
        errors: Vec<(Vec<u8>, i32)>,
    },
}
}
