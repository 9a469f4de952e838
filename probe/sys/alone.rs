//! What a process needs that lives on when those around it are ended.

use std::ffi::{c_int, c_void};
use std::time::Duration;

type Handler = Option<extern "C" fn(c_int)>;

unsafe extern "C" {
    fn setsid() -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn signal(signal: c_int, handler: Handler) -> *mut c_void;
}

/// HUP, INT, QUIT and TERM: what terminals and service managers send to all that they know.
const ASIDE: [c_int; 4] = [1, 2, 3, 15];

const SIGKILL: c_int = 9;

extern "C" fn on_wish(_signal: c_int) {}

/// From here on nothing but its own end, or that of the machine, ends this process: it leaves its terminal and its
/// group, and hears no wish that it stop.
pub(crate) fn live_alone() {
    // SAFETY: `setsid` has no precondition, and refuses where this process leads a group already; the handler does
    // nothing.
    unsafe {
        setsid();
        for number in ASIDE {
            signal(number, Some(on_wish));
        }
    }
}

/// Ends a group of processes.
pub(crate) fn end_group(group: u32) {
    if let Ok(group) = c_int::try_from(group)
        && group > 1
    {
        // SAFETY: `kill` has no precondition.
        unsafe { kill(-group, SIGKILL) };
    }
}

/// Lets this much time pass between two looks.
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
