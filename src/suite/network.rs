//! Networks of a suite.

use super::pairs::Pairs;
use crate::record;
use crate::text::read::Flag;

/// The network of everything that names none.
pub const DEFAULT: &str = "default";

record! {
    /// A network of the suite.
    pub struct Network {
        /// Nothing on it reaches the outside.
        internal: Flag,
        /// The driver; `bridge` without it.
        driver: Option<String>,
        /// Options of the driver.
        driver_opts: Pairs,
        /// IPv6 addresses too.
        enable_ipv6: Flag,
    }
}
