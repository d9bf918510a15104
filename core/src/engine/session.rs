//! The token of a rail: renewed before it ends, one renewal at a time.

use super::queue::Waiting;
use crate::secret::Secret;

/// How long before its end a token is renewed, in milliseconds; a short-lived one in its last
/// tenth.
const RENEW_MS: u64 = 60_000;

/// Holds the token of one rail and the calls that wait for it.
#[derive(Debug, Default)]
pub(super) struct Session {
    token: Option<Token>,
    generation: u64,
    renewing: bool,
    parked: Vec<Waiting>,
}

#[derive(Debug)]
struct Token {
    value: Secret<String>,
    renew_at_ms: u64,
}

impl Session {
    /// Gives the token and which renewal it came from, if it is still good.
    pub(super) fn token(&self, boot_ms: u64) -> Option<(&Secret<String>, u64)> {
        let token = self.token.as_ref().filter(|token| boot_ms < token.renew_at_ms)?;
        Some((&token.value, self.generation))
    }

    /// Lets a call wait for the token; true if the caller has to get one.
    pub(super) fn park(&mut self, call: Waiting) -> bool {
        if !self.parked.contains(&call) {
            self.parked.push(call);
        }
        !std::mem::replace(&mut self.renewing, true)
    }

    /// Begins a renewal that no call waits for; true if the caller has to get a token.
    pub(super) fn renew(&mut self) -> bool {
        !std::mem::replace(&mut self.renewing, true)
    }

    /// Takes a new token; gives the calls that waited.
    pub(super) fn granted(
        &mut self,
        value: Secret<String>,
        life_ms: u64,
        boot_ms: u64,
    ) -> Vec<Waiting> {
        let early = RENEW_MS.min(life_ms / 10);
        self.token = Some(Token { value, renew_at_ms: boot_ms + (life_ms - early) });
        self.generation += 1;
        self.ended()
    }

    /// Ends a renewal without a token; gives the calls that waited.
    pub(super) fn ended(&mut self) -> Vec<Waiting> {
        self.renewing = false;
        std::mem::take(&mut self.parked)
    }

    /// Drops the token that the bank refused; an older one's refusal does not count.
    pub(super) fn refused(&mut self, generation: u64) {
        if generation == self.generation {
            self.token = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Ask;

    fn token() -> Secret<String> {
        Secret::new("t".to_owned())
    }

    #[test]
    fn a_token_is_renewed_60_s_or_a_tenth_of_its_life_before_it_ends() {
        let mut session = Session::default();
        session.granted(token(), 25_200_000, 0);
        assert!(session.token(25_139_999).is_some());
        assert!(session.token(25_140_000).is_none());
        session.granted(token(), 100_000, 0);
        assert!(session.token(89_999).is_some());
        assert!(session.token(90_000).is_none());
    }

    #[test]
    fn one_renewal_at_a_time() {
        let mut session = Session::default();
        let call = |key| Waiting { key, ask: Ask::Poll, renewed: false };
        assert!(session.park(call(1)));
        assert!(!session.park(call(2)));
        assert_eq!(session.granted(token(), 1_000_000, 0), [call(1), call(2)]);
        assert!(session.park(call(3)), "a new renewal can begin");
    }

    #[test]
    fn a_refusal_of_an_older_token_does_not_count() {
        let mut session = Session::default();
        session.granted(token(), 1_000_000, 0);
        session.granted(token(), 1_000_000, 0);
        session.refused(1);
        assert!(session.token(0).is_some());
        session.refused(2);
        assert!(session.token(0).is_none());
    }
}
