//! Some of many, the same for the same seed.

/// The numbers of so many of these names, in their order. Which they are depends on the seed and on each name alone, so
/// that a name more or less changes little.
pub fn sample<'a>(names: impl Iterator<Item = &'a str>, count: usize, seed: u64) -> Vec<usize> {
    let mut drawn: Vec<(u64, usize)> = names
        .enumerate()
        .map(|(at, name)| (lot(name, seed), at))
        .collect();
    drawn.sort_unstable();
    drawn.truncate(count);
    let mut chosen: Vec<usize> = drawn.into_iter().map(|(_, at)| at).collect();
    chosen.sort_unstable();
    chosen
}

/// FNV-1a with its bits mixed once more, since names that differ at their end alone come out near to each other.
fn lot(name: &str, seed: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let bytes = seed.to_le_bytes().into_iter().chain(name.bytes());
    let hash = bytes.fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_same_for_its_seed_and_another_for_another() {
        let names: Vec<String> = (0..100)
            .map(|at| format!("run.environment A{at}"))
            .collect();
        let of = |count, seed| sample(names.iter().map(String::as_str), count, seed);
        let first = of(10, 1);
        assert_eq!(first, of(10, 1));
        assert_eq!(first.len(), 10);
        assert!(first.is_sorted());
        assert_ne!(first, of(10, 2));
        assert_eq!(of(1000, 1).len(), 100);
        // All but what the lot leaves out stay, whoever else is there.
        let fewer = sample(names[..99].iter().map(String::as_str), 10, 1);
        let both = first.iter().filter(|at| fewer.contains(at)).count();
        assert!(both >= 9, "{first:?} {fewer:?}");
    }
}
