//! PHP's natural order of texts: `strnatcmp`, case-sensitive, byte by byte.

use std::cmp::Ordering;

/// Compares two texts as `ksort` with `SORT_NATURAL` does.
///
/// Runs of digits compare as numbers, but a run that begins with 0 as a fraction; zeros before
/// another digit at a text's begin do not count, and white space nowhere does.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Cursor::new(a), Cursor::new(b));
    if a.is_over() || b.is_over() {
        return a.rest().cmp(&b.rest());
    }
    a.skip_zeros();
    b.skip_zeros();
    loop {
        a.skip_blanks();
        b.skip_blanks();
        if a.is_digit() && b.is_digit() {
            let fraction = a.byte() == b'0' || b.byte() == b'0';
            let numbers = if fraction { left(&mut a, &mut b) } else { right(&mut a, &mut b) };
            if numbers != Ordering::Equal {
                return numbers;
            }
            match (a.is_over(), b.is_over()) {
                (true, true) => return Ordering::Equal,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) => {}
            }
        }
        let bytes = a.byte().cmp(&b.byte());
        if bytes != Ordering::Equal {
            return bytes;
        }
        a.step();
        b.step();
        match (a.is_over(), b.is_over()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
    }
}

/// Compares two runs as fractions: the first other digit decides.
fn left(a: &mut Cursor<'_>, b: &mut Cursor<'_>) -> Ordering {
    loop {
        match (a.is_digit(), b.is_digit()) {
            (false, false) => return Ordering::Equal,
            (false, true) => return Ordering::Less,
            (true, false) => return Ordering::Greater,
            (true, true) => {}
        }
        let digits = a.byte().cmp(&b.byte());
        if digits != Ordering::Equal {
            return digits;
        }
        a.step();
        b.step();
    }
}

/// Compares two runs as whole numbers: the longer one is greater, else the first other digit.
fn right(a: &mut Cursor<'_>, b: &mut Cursor<'_>) -> Ordering {
    let mut first = Ordering::Equal;
    loop {
        match (a.is_digit(), b.is_digit()) {
            (false, false) => return first,
            (false, true) => return Ordering::Less,
            (true, false) => return Ordering::Greater,
            (true, true) => {}
        }
        first = first.then(a.byte().cmp(&b.byte()));
        a.step();
        b.step();
    }
}

/// Is a place in a text; behind the end stands a zero byte, as in C.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        self.at += 1;
    }

    fn rest(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn is_over(&self) -> bool {
        self.rest() == 0
    }

    fn is_digit(&self) -> bool {
        self.byte().is_ascii_digit()
    }

    fn skip_zeros(&mut self) {
        while self.byte() == b'0' && self.bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.step();
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r') {
            self.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(texts: &[&'static str]) -> Vec<&'static str> {
        let mut sorted = texts.to_vec();
        sorted.sort_by(|a, b| compare(a, b));
        sorted
    }

    #[test]
    fn runs_of_digits_are_numbers() {
        assert_eq!(sorted(&["i:10", "i:9", "i:1"]), ["i:1", "i:9", "i:10"]);
        assert_eq!(sorted(&["a10b", "a9c", "a10a"]), ["a9c", "a10a", "a10b"]);
    }

    #[test]
    fn a_run_that_begins_with_0_is_a_fraction() {
        let order = ["k01", "k010", "k1", "k2", "k10"];
        assert_eq!(sorted(&["k10", "k2", "k1", "k010", "k01"]), order);
    }

    #[test]
    fn case_counts_and_letters_are_bytes() {
        assert_eq!(sorted(&["a_B", "a", "_z", "B", "A_b"]), ["A_b", "B", "_z", "a", "a_B"]);
        assert_eq!(sorted(&["я", "a", "中"]), ["a", "я", "中"]);
    }

    #[test]
    fn zeros_at_the_begin_and_blanks_anywhere_do_not_count() {
        for (a, b) in [("007", "7"), ("a b", "ab"), ("a\t b", "ab"), (" a", "a")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a:?} {b:?}");
        }
        assert_eq!(compare("0", "00"), Ordering::Equal);
        assert_eq!(compare("a ", "ab"), Ordering::Less);
        assert_eq!(compare("", "a"), Ordering::Less);
        assert_eq!(compare("a", ""), Ordering::Greater);
    }

    #[test]
    fn a_text_comes_before_one_that_goes_on() {
        assert_eq!(sorted(&["pay:b", "pay1", "pay"]), ["pay", "pay1", "pay:b"]);
        assert_eq!(sorted(&["a1b", "a1"]), ["a1", "a1b"]);
    }
}
