//! Finds many words in much text at once.
//!
//! Wu and Manber's way: the last two bytes of a window say how far it may be moved on without
//! missing a word, and nearly always that is nearly as long as the shortest word.

/// The bytes that decide how far to move on.
const BLOCK: usize = 2;

/// Words to look for.
#[derive(Debug)]
pub struct Needles {
    words: Vec<Vec<u8>>,
    /// The length of the shortest, which is that of the window.
    window: usize,
    longest: usize,
    /// How far the window may move on, by its last two bytes.
    shifts: Box<[u8; 1 << 16]>,
    /// The words whose window ends with two bytes, by these; only where the shift is none.
    ends: Vec<(u16, Vec<usize>)>,
}

impl Needles {
    /// The words, each of two bytes or more; `None` where one is shorter or there are none.
    pub fn new(words: Vec<Vec<u8>>) -> Option<Self> {
        let window = words.iter().map(Vec::len).min()?;
        let longest = words.iter().map(Vec::len).max()?;
        if window < BLOCK {
            return None;
        }
        let most = u8::try_from(window - BLOCK + 1).unwrap_or(u8::MAX);
        let mut shifts = Box::new([most; 1 << 16]);
        let mut ends: Vec<(u16, Vec<usize>)> = Vec::new();
        for (number, word) in words.iter().enumerate() {
            let starts = word.get(..window).unwrap_or_default();
            for (at, block) in starts.windows(BLOCK).enumerate() {
                let block = block_of(block);
                let left = window - BLOCK - at;
                let shift = &mut shifts[usize::from(block)];
                *shift = (*shift).min(u8::try_from(left).unwrap_or(u8::MAX));
                if left == 0 {
                    match ends.iter_mut().find(|(end, _)| *end == block) {
                        Some((_, numbers)) => numbers.push(number),
                        None => ends.push((block, vec![number])),
                    }
                }
            }
        }
        Some(Self {
            words,
            window,
            longest,
            shifts,
            ends,
        })
    }

    /// The length of the longest word.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The length of the word of that number.
    pub fn length(&self, number: usize) -> usize {
        self.words.get(number).map_or(0, Vec::len)
    }

    /// Tells every place where a word begins, with the word's number, until it is told to stop.
    pub fn each(&self, text: &[u8], mut tell: impl FnMut(usize, usize) -> bool) {
        let mut at = self.window - BLOCK;
        while let Some(block) = text.get(at..at + BLOCK) {
            let block = block_of(block);
            // Two bytes cannot lie beyond the table, which spares a comparison for each step.
            let shift = self.shifts[usize::from(block)];
            if shift > 0 {
                at += usize::from(shift);
                continue;
            }
            let begin = at + BLOCK - self.window;
            let rest = text.get(begin..).unwrap_or_default();
            let ends = self.ends.iter().filter(|(end, _)| *end == block);
            for number in ends.flat_map(|(_, numbers)| numbers) {
                let word = self.words.get(*number).map_or(&[][..], Vec::as_slice);
                if rest.starts_with(word) && !tell(begin, *number) {
                    return;
                }
            }
            at += 1;
        }
    }
}

fn block_of(block: &[u8]) -> u16 {
    match block {
        [first, second, ..] => u16::from_le_bytes([*first, *second]),
        _ => 0,
    }
}
