//! The few calls of the C library that `std` has no safe door for. All unsafe code is here.

pub(crate) mod alone;

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_short, c_ulong, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

#[cfg(not(all(
    target_os = "linux",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64",
        target_arch = "s390x",
        target_arch = "powerpc64",
        target_arch = "loongarch64"
    )
)))]
compile_error!("the numbers below are those of 64-bit Linux");

pub(crate) const EPERM: i32 = 1;
pub(crate) const ENOENT: i32 = 2;
pub(crate) const ESRCH: i32 = 3;
pub(crate) const EIO: i32 = 5;
pub(crate) const EACCES: i32 = 13;
pub(crate) const ENOTDIR: i32 = 20;
pub(crate) const EISDIR: i32 = 21;
pub(crate) const EINVAL: i32 = 22;
pub(crate) const ELOOP: i32 = 40;
pub(crate) const ENETUNREACH: i32 = 101;
pub(crate) const ETIMEDOUT: i32 = 110;
pub(crate) const EHOSTUNREACH: i32 = 113;

pub(crate) const O_PATH: i32 = 0o10_000_000;
pub(crate) const O_NOCTTY: i32 = 0o400;
pub(crate) const O_NONBLOCK: i32 = 0o4000;

const ENODATA: i32 = 61;
const ENOTSUP: i32 = 95;
const X_OK: c_int = 1;
const W_OK: c_int = 2;

const POLLIN: c_short = 1;
const POLLOUT: c_short = 4;
const POLLERR: c_short = 8;

const CLONE_VM: c_int = 0x100;
const CLONE_VFORK: c_int = 0x4000;

const SIGKILL: c_int = 9;
const SIGPIPE: c_int = 13;
const SIGCHLD: c_int = 17;
/// What an image may name as its stop signal: HUP, INT, QUIT, USR1, USR2, TERM, WINCH.
const STOP_SIGNALS: [c_int; 7] = [1, 2, 3, 10, 12, 15, 28];

const SIG_BLOCK: c_int = 0;
const SIG_SETMASK: c_int = 2;
const WNOHANG: c_int = 1;
const F_GETFL: c_int = 3;
const F_SETFL: c_int = 4;

/// A set of signals, as large as any C library on Linux has it.
#[repr(C, align(16))]
struct SignalSet([u64; 16]);

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: c_long,
}

/// What handles a signal; none stands for what the kernel does by itself.
type Handler = Option<extern "C" fn(c_int)>;

unsafe extern "C" {
    fn ppoll(
        fds: *mut PollFd,
        count: c_ulong,
        time: *const TimeSpec,
        mask: *const SignalSet,
    ) -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn signal(signal: c_int, handler: Handler) -> *mut c_void;
    fn sigemptyset(set: *mut SignalSet) -> c_int;
    fn sigaddset(set: *mut SignalSet, signal: c_int) -> c_int;
    fn sigprocmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
    fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    fn close(fd: c_int) -> c_int;
    fn fstatvfs(fd: c_int, told: *mut c_void) -> c_int;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    static environ: *const *const c_char;
    fn clone(
        begin: extern "C" fn(*mut c_void) -> c_int,
        stack: *mut c_void,
        flags: c_int,
        given: *mut c_void,
        ...
    ) -> c_int;
    fn execve(
        program: *const c_char,
        arguments: *const *const c_char,
        variables: *const *const c_char,
    ) -> c_int;
    fn setpgid(pid: c_int, group: c_int) -> c_int;
    fn dup2(old: c_int, new: c_int) -> c_int;
    fn chdir(path: *const c_char) -> c_int;
    fn sigfillset(set: *mut SignalSet) -> c_int;
    fn fork() -> c_int;
    fn setgroups(count: usize, groups: *const u32) -> c_int;
    fn setresgid(real: u32, effective: u32, saved: u32) -> c_int;
    fn setresuid(real: u32, effective: u32, saved: u32) -> c_int;
    fn getuid() -> u32;
    fn getgid() -> u32;
    fn lgetxattr(
        path: *const c_char,
        name: *const c_char,
        value: *mut c_void,
        size: usize,
    ) -> isize;
    fn _exit(code: c_int) -> !;
}

extern "C" fn on_child(_signal: c_int) {}

extern "C" fn on_stop(signal: c_int) {
    // SAFETY: `_exit` may be called from a signal handler.
    unsafe { _exit(128 + signal) }
}

/// The user and the group that this process really runs as.
pub(crate) fn identity() -> (u32, u32) {
    // SAFETY: neither call has a precondition, and neither can fail.
    unsafe { (getuid(), getgid()) }
}

/// What keeps this process from writing to what is at a path: the error number, or 0 where nothing does.
pub(crate) fn may_write(path: &[u8], folder: bool) -> i32 {
    let Ok(path) = CString::new(path) else {
        return EINVAL;
    };
    let mode = if folder { W_OK | X_OK } else { W_OK };
    // SAFETY: the path is live and ends with a zero byte.
    match unsafe { access(path.as_ptr(), mode) } {
        0 => 0,
        _ => errno(&io::Error::last_os_error()),
    }
}

/// Makes this process another user for good: in its groups, and with no capability where it is not root.
pub(crate) fn become_user(uid: u32, gid: u32, groups: &[u32]) -> Result<(), i32> {
    let done = |result: c_int| match result {
        0 => Ok(()),
        _ => Err(errno(&io::Error::last_os_error())),
    };
    // SAFETY: the groups are live and as many as is said; the other calls have no precondition.
    unsafe {
        done(setgroups(groups.len(), groups.as_ptr()))?;
        done(setresgid(gid, gid, gid))?;
        done(setresuid(uid, uid, uid))
    }
}

/// Does this in a child of its own, which ends with it, and gives the child's process id.
pub(crate) fn aside(work: impl FnOnce()) -> Result<u32, i32> {
    // SAFETY: the probe has one thread, so the child has all that it needs, and it runs into nothing
    // that is the parent's to end.
    match unsafe { fork() } {
        0 => {
            work();
            // SAFETY: it ends the child and does nothing else.
            unsafe { _exit(0) }
        }
        child => u32::try_from(child).map_err(|_| errno(&io::Error::last_os_error())),
    }
}

/// Waits for the end of a child that [`aside`] has made.
pub(crate) fn await_end(child: u32) {
    let Ok(child) = c_int::try_from(child) else {
        return;
    };
    // SAFETY: `waitpid` may be given no place for the status.
    while unsafe { waitpid(child, std::ptr::null_mut(), 0) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

/// From here on the end of a child ends a wait.
pub(crate) fn notice_children() {
    // SAFETY: the handler does nothing.
    unsafe { signal(SIGCHLD, Some(on_child)) };
}

/// From here on a stop signal ends this process, even where it is process 1.
pub(crate) fn die_when_told() {
    for number in STOP_SIGNALS {
        // SAFETY: the handler only calls `_exit`.
        unsafe { signal(number, Some(on_stop)) };
    }
}

/// Takes the exit status of every child that has ended. No `Child` may be in use.
pub(crate) fn reap() {
    // SAFETY: `waitpid` may be given no place for the status.
    while unsafe { waitpid(-1, std::ptr::null_mut(), WNOHANG) } > 0 {}
}

/// How one child has ended, as the kernel says it; `None` while it has not.
pub(crate) fn ended(child: u32) -> Option<i32> {
    let child = c_int::try_from(child).ok()?;
    let mut status = 0;
    // SAFETY: the place for the status is live.
    (unsafe { waitpid(child, &raw mut status, WNOHANG) } == child).then_some(status)
}

/// A program that is to be started in a process group of its own.
pub(crate) struct Program<'a> {
    pub(crate) file: &'a CStr,
    pub(crate) arguments: &'a [CString],
    /// All of its variables; none stands for the probe's own.
    pub(crate) variables: Option<&'a [CString]>,
    pub(crate) folder: Option<&'a CStr>,
    /// Its standard input and outputs; none of them is one of ours.
    pub(crate) streams: [BorrowedFd<'a>; 3],
}

/// What a child needs to become a program.
struct Beginning {
    file: *const c_char,
    arguments: *const *const c_char,
    variables: *const *const c_char,
    folder: *const c_char,
    streams: [c_int; 3],
    /// What it says when it could not.
    errno: c_int,
}

/// The numbers of 16 bytes that a child has as its stack until it is a program.
const STACK: usize = 2048;

/// Starts a program and gives its process id. The child shares our memory, and we stand still, until it
/// is that program, so that nothing is copied. The C library's own way looks at each signal there is.
pub(crate) fn start(program: &Program<'_>) -> Result<u32, i32> {
    let pointers = |texts: &[CString]| -> Vec<*const c_char> {
        let all = texts.iter().map(|text| text.as_ptr());
        all.chain([std::ptr::null()]).collect()
    };
    let arguments = pointers(program.arguments);
    let variables = program.variables.map(pointers);
    let mut given = Beginning {
        file: program.file.as_ptr(),
        arguments: arguments.as_ptr(),
        // SAFETY: nothing in the probe changes its own variables.
        variables: variables.as_ref().map_or(unsafe { environ }, Vec::as_ptr),
        folder: program.folder.map_or(std::ptr::null(), CStr::as_ptr),
        streams: program.streams.map(|stream| stream.as_raw_fd()),
        errno: 0,
    };
    let mut stack = Vec::<u128>::with_capacity(STACK);
    let mut all = SignalSet([0; 16]);
    let mut before = SignalSet([0; 16]);
    // SAFETY: the stack ends within its allocation and all that is given is live until the child is a
    // program or has ended, which is when `clone` returns. No handler runs in between: all signals wait.
    let child = unsafe {
        sigfillset(&raw mut all);
        sigprocmask(SIG_SETMASK, &raw const all, &raw mut before);
        let top = stack.as_mut_ptr().add(STACK);
        let flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
        let child = clone(begin, top.cast(), flags, (&raw mut given).cast());
        let errno = errno(&io::Error::last_os_error());
        sigprocmask(SIG_SETMASK, &raw const before, std::ptr::null_mut());
        u32::try_from(child).map_err(|_| errno)?
    };
    match given.errno {
        0 => Ok(child),
        errno => {
            await_end(child);
            Err(errno)
        }
    }
}

/// In the child: becomes the program, or writes down why not.
extern "C" fn begin(given: *mut c_void) -> c_int {
    let none = SignalSet([0; 16]);
    // SAFETY: `start` gives this, and waits. The calls take what is live there, and nothing here allocates
    // or ends what is the parent's. A signal that arrives after the last but one finds a handler that
    // does nothing or ends the child.
    unsafe {
        let given = given.cast::<Beginning>();
        let became = || {
            if setpgid(0, 0) < 0 {
                return;
            }
            for (number, stream) in (0..).zip((*given).streams) {
                if dup2(stream, number) < 0 {
                    return;
                }
            }
            if !(*given).folder.is_null() && chdir((*given).folder) < 0 {
                return;
            }
            signal(SIGPIPE, None);
            sigprocmask(SIG_SETMASK, &raw const none, std::ptr::null_mut());
            execve((*given).file, (*given).arguments, (*given).variables);
        };
        became();
        (*given).errno = errno(&io::Error::last_os_error());
        127
    }
}

/// Sends a signal to one process.
pub(crate) fn send(pid: u32, signal: i32) -> io::Result<()> {
    let pid = c_int::try_from(pid).map_err(io::Error::other)?;
    if pid < 1 {
        return Err(io::Error::from_raw_os_error(ESRCH));
    }
    // SAFETY: `kill` has no precondition.
    match unsafe { kill(pid, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Kills a process group.
pub(crate) fn kill_group(leader: u32) {
    if let Ok(leader) = c_int::try_from(leader)
        && leader > 1
    {
        // SAFETY: `kill` has no precondition. Its failure means that the group is gone.
        unsafe { kill(-leader, SIGKILL) };
    }
}

/// An extended attribute of a file itself, links not followed; `None` where it has none such.
pub(crate) fn attribute(path: &Path, name: &CStr) -> Result<Option<Vec<u8>>, i32> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| EINVAL)?;
    let mut value = [0_u8; 256];
    // SAFETY: both texts end with a zero byte, and the buffer is live and as long as is said.
    let length = unsafe {
        lgetxattr(
            path.as_ptr(),
            name.as_ptr(),
            value.as_mut_ptr().cast(),
            value.len(),
        )
    };
    if let Ok(length) = usize::try_from(length) {
        return Ok(Some(value.get(..length).unwrap_or_default().to_vec()));
    }
    match errno(&io::Error::last_os_error()) {
        ENODATA | ENOTSUP => Ok(None),
        error => Err(error),
    }
}

/// Makes reads and writes on an open file return at once.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) {
    // SAFETY: the descriptor is open, and these commands take and give an int. A failure leaves it
    // as it was, which costs promptness only.
    unsafe {
        let flags = fcntl(fd.as_raw_fd(), F_GETFL);
        if flags >= 0 {
            fcntl(fd.as_raw_fd(), F_SETFL, flags | O_NONBLOCK);
        }
    }
}

/// How many bytes anyone may still write to the file system that this file lies on, and how many stand in
/// one block of it.
pub(crate) fn room(file: BorrowedFd<'_>) -> io::Result<(u64, u64)> {
    // Any C library on 64-bit Linux has numbers of one size here, and takes less than these: the second is
    // the size of a block, the fifth how many are free.
    let mut told = [0_u64; 32];
    // SAFETY: the descriptor is open, and the place is live and large enough.
    match unsafe { fstatvfs(file.as_raw_fd(), told.as_mut_ptr().cast()) } {
        0 => Ok((told[4].saturating_mul(told[1]), told[1].max(1))),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Closes standard output and standard error for good.
pub(crate) fn close_outputs() {
    // SAFETY: the caller writes to neither from here on, and nobody owns these numbers.
    unsafe {
        close(1);
        close(2);
    }
}

/// What to wait for on a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Read,
    Write,
    /// Only that it breaks.
    Nothing,
}

/// What became of one file that was waited for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ready {
    /// It can be read or written, or the other end is gone.
    pub(crate) now: bool,
    /// Nobody reads what is written to it.
    pub(crate) broken: bool,
}

/// Keeps the news of a child's end back, so that it arrives inside [`Held::wait`] and not just before.
pub(crate) struct Held {
    before: SignalSet,
}

impl Held {
    pub(crate) fn new() -> Self {
        let mut child = SignalSet([0; 16]);
        let mut before = SignalSet([0; 16]);
        // SAFETY: both sets are large enough for any C library and are live.
        unsafe {
            sigemptyset(&raw mut child);
            sigaddset(&raw mut child, SIGCHLD);
            sigprocmask(SIG_BLOCK, &raw const child, &raw mut before);
        }
        Self { before }
    }

    /// Waits until one of the files is ready, a child ends, or the time is up.
    pub(crate) fn wait<const N: usize>(
        &self,
        files: [Option<(BorrowedFd<'_>, Want)>; N],
        time: Option<Duration>,
    ) -> io::Result<[Ready; N]> {
        let mut polled = files.map(|file| PollFd {
            // A negative number is passed over.
            fd: file.map_or(-1, |(fd, _)| fd.as_raw_fd()),
            events: match file {
                Some((_, Want::Read)) => POLLIN,
                Some((_, Want::Write)) => POLLOUT,
                _ => 0,
            },
            revents: 0,
        });
        let time = time.map(|time| TimeSpec {
            seconds: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: c_long::from(time.subsec_nanos()),
        });
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: all pointers are to live values, and `polled` has N elements.
        let found = unsafe {
            ppoll(
                polled.as_mut_ptr(),
                N as c_ulong,
                time,
                &raw const self.before,
            )
        };
        if found < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
            return Ok([Ready::default(); N]);
        }
        Ok(polled.map(|file| Ready {
            now: file.revents != 0,
            broken: file.revents & POLLERR != 0,
        }))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the set is live and was filled by `sigprocmask`.
        unsafe { sigprocmask(SIG_SETMASK, &raw const self.before, std::ptr::null_mut()) };
    }
}

/// The error number behind an error.
pub(crate) fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(match error.kind() {
        io::ErrorKind::InvalidInput => EINVAL,
        io::ErrorKind::NotFound => ENOENT,
        io::ErrorKind::TimedOut => ETIMEDOUT,
        io::ErrorKind::PermissionDenied => EPERM,
        _ => EIO,
    })
}
