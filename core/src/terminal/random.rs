//! Random numbers from the system, some at a time: each look there is a system call.

/// How many are taken at once.
const AT_ONCE: usize = 32;

/// Gives numbers that nobody can guess.
pub(super) struct Random {
    numbers: [u8; 8 * AT_ONCE],
    left: usize,
}

impl Random {
    /// Takes the first ones: without them no name at the bank is safe to use.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut random = Self { numbers: [0; 8 * AT_ONCE], left: 0 };
        random.fill()?;
        Ok(random)
    }

    pub(super) fn next(&mut self) -> u64 {
        if self.left == 0 && self.fill().is_err() {
            // A guessable name is worse than none.
            std::process::abort();
        }
        self.left -= 1;
        let (numbers, _) = self.numbers.as_chunks_mut::<8>();
        // Each is given once, whatever becomes of the memory.
        let number = numbers.get_mut(self.left).map(std::mem::take).unwrap_or_default();
        u64::from_ne_bytes(number)
    }

    fn fill(&mut self) -> Result<(), getrandom::Error> {
        getrandom::fill(&mut self.numbers)?;
        self.left = AT_ONCE;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_given_twice() {
        let mut random = Random::new().unwrap();
        let given: std::collections::BTreeSet<u64> = (0..1_000).map(|_| random.next()).collect();
        assert_eq!(given.len(), 1_000);
        assert!(!given.contains(&0));
    }
}
