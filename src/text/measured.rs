//! What bounds can be set to, and which bounds nothing keeps.

use std::fmt::Display;
use std::time::Duration;

use super::cpus::Cpus;
use super::read::Read;
use super::units::{Bulk, Bytes, Memory, Time};

/// A kind of number.
pub trait Measured: Read + Clone + PartialOrd + Display {
    /// The least that there is, where there is such.
    fn least() -> Option<Self> {
        None
    }

    /// Whether nothing lies between this and a greater one.
    fn borders(&self, _greater: &Self) -> bool {
        false
    }

    /// What to write in place of a text that is hardly meant as it stands.
    fn hardly_meant(_written: &str) -> Option<String> {
        None
    }
}

macro_rules! whole {
    ($($type:ty: $least:expr;)*) => {$(
        impl Measured for $type {
            fn least() -> Option<Self> {
                $least
            }
            fn borders(&self, greater: &Self) -> bool {
                self.checked_add(1) == Some(*greater)
            }
        }
    )*};
}

whole! {
    u16: Some(0);
    u32: Some(0);
    u64: Some(0);
    i64: None;
}

macro_rules! bytes {
    ($($type:ident $(, $hardly_meant:ident)?;)*) => {$(
        impl Measured for $type {
            fn least() -> Option<Self> {
                Some(Self(0))
            }
            fn borders(&self, greater: &Self) -> bool {
                self.0.borders(&greater.0)
            }
            $(fn hardly_meant(written: &str) -> Option<String> {
                $hardly_meant(written)
            })?
        }
    )*};
}

bytes! {
    Bytes;
    Bulk, without_unit;
    Memory, without_unit;
}

impl Measured for Time {
    fn least() -> Option<Self> {
        Some(Self(Duration::ZERO))
    }
}

impl Measured for Cpus {
    fn least() -> Option<Self> {
        Some(Self(0))
    }
}

/// A number of bytes from here on is written out by those who mean it.
const MANY: f64 = 1e6;

/// What a small number may mean where nothing is of so few bytes.
fn without_unit(written: &str) -> Option<String> {
    let number = written.parse::<f64>().ok()?;
    (number > 0.0 && number < MANY).then(|| {
        format!("give it a unit: `{written}MB`, or `{written}B` where so few bytes are meant")
    })
}
