//! The answer to a token call (section 4.1).

use super::read::{json, no_answer, words};
use super::wire::{Number, TokenAnswer};
use crate::http::{HttpResponse, NoAnswer};
use crate::rail::TokenVerdict;
use crate::secret::Secret;

/// The life of a token that came without one, in milliseconds: short, since it is a guess.
const UNKNOWN_LIFE_MS: u64 = 300_000;

pub(super) fn read(answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(none) => return TokenVerdict::Unanswered(none.to_string()),
    };
    let refused = |what: &str| {
        let said = words(&answer.body).map(|said| format!(": {said}")).unwrap_or_default();
        TokenVerdict::Refused(format!("{what} (HTTP {}){said}", answer.status))
    };
    match answer.status {
        200..=299 => granted(&answer.body),
        400 => refused("the bank refuses the call for a token"),
        401 => refused("the bank does not accept octo.client_id with octo.client_secret"),
        403 => refused("the bank refuses this address; it must be on the bank's address list"),
        404 | 405 => refused("there is no OCTO API at octo.base_url"),
        _ => TokenVerdict::Unanswered(no_answer(answer.status)),
    }
}

fn granted(body: &[u8]) -> TokenVerdict {
    let not_ours = |what: &str| TokenVerdict::Unanswered(format!("the bank's token {what}"));
    let Some(read) = json::<TokenAnswer<'_>>(body) else {
        return not_ours("answer cannot be read");
    };
    let kind = read.token_type.get().or(read.token_type_oauth.get());
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("Bearer")) {
        return not_ours("is of another type than Bearer");
    }
    let Some(token) = read.access_token.get().or(read.access_token_oauth.get()) else {
        return not_ours("answer has no token in it");
    };
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return not_ours("cannot stand in a header");
    }
    let life_ms = match (read.expires_in, read.expires_in_oauth) {
        (Number::Is(s), _) | (Number::Absent | Number::Odd, Number::Is(s)) if s > 0 => {
            s.saturating_mul(1000)
        }
        (Number::Is(_) | Number::Absent | Number::Odd, _) => UNKNOWN_LIFE_MS,
    };
    TokenVerdict::Granted(Secret::new(token.to_owned()), life_ms)
}
