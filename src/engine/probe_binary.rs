//! The probe's program, as it was built with this library.

/// The static Linux program, or nothing where it could not be built.
pub fn bytes() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/probe"))
}

/// The FNV-1a hash of the program, as the probe itself reports it in its first answer.
pub fn digest() -> u64 {
    bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
