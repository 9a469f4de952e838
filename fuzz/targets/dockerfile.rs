#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| seaworthy_fuzz::dockerfile(bytes));

#[cfg(not(fuzzing))]
fn main() {}
