//! OAuth2 (sections 2 and 4.1): who may call.

use super::answer::{Refused, Request, Response};
use super::wire::TokenAnswer;
use super::{Bank, random_word};

/// Spent tokens are swept out once the book of tokens has so many.
const SWEEP_FROM: usize = 256;

impl Bank {
    pub(super) fn token(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        request: &Request<'_>,
    ) -> Response {
        if !self.knows_client(request.authorization) {
            return Response::oauth_error(401, "invalid_client", "Bad client credentials");
        }
        if !has_type(request, "application/x-www-form-urlencoded") {
            return Response::oauth_error(400, "invalid_request", "The body must be a form");
        }
        let body = core::str::from_utf8(request.body).unwrap_or_default();
        let grants = body.trim().split('&').filter_map(|pair| pair.strip_prefix("grant_type="));
        match grants.collect::<Vec<_>>().as_slice() {
            [] => return Response::oauth_error(400, "invalid_request", "grant_type is missing"),
            ["client_credentials"] => {}
            _ => return Response::oauth_error(400, "unsupported_grant_type", "Unsupported grant"),
        }
        if self.tokens.len() >= SWEEP_FROM {
            self.tokens.retain(|_, end_ms| now_ms < *end_ms);
        }
        let access_token = random_word(entropy, 2);
        let expires_in = self.behaviour.token_life_s;
        let life_ms = i64::try_from(expires_in.saturating_mul(1000)).unwrap_or(i64::MAX);
        let answer = TokenAnswer { access_token: &access_token, token_type: "Bearer", expires_in };
        let response = Response::json(200, &answer);
        self.tokens.insert(access_token, now_ms.saturating_add(life_ms));
        self.touch();
        response
    }

    /// Checks the Bearer token and the body's type of any call but the token's own.
    pub(super) fn authorise(&self, now_ms: i64, request: &Request<'_>) -> Result<(), Refused> {
        let unauthorized = |message: &'static str| Refused::new(401, "UNAUTHORIZED", message);
        let token = request
            .authorization
            .and_then(|header| credentials(header, "Bearer"))
            .ok_or_else(|| unauthorized("Access token is missing"))?;
        match self.tokens.get(token) {
            None => return Err(unauthorized("Access token is invalid")),
            Some(&end_ms) if now_ms >= end_ms => {
                return Err(unauthorized("Access token has expired"));
            }
            Some(_) => {}
        }
        if has_type(request, "application/json") {
            Ok(())
        } else {
            Err(Refused::new(415, "INVALID_REQUEST", "Content-Type must be application/json"))
        }
    }

    fn knows_client(&self, authorization: Option<&str>) -> bool {
        let decoded = authorization
            .and_then(|header| credentials(header, "Basic"))
            .and_then(|encoded| data_encoding::BASE64.decode(encoded.as_bytes()).ok());
        let Some(decoded) = decoded else { return false };
        let id = self.behaviour.client_id.as_bytes();
        let secret = self.behaviour.client_secret.as_bytes();
        decoded
            .strip_prefix(id)
            .and_then(|rest| rest.strip_prefix(b":"))
            .is_some_and(|rest| rest == secret)
    }
}

/// Returns what follows a scheme, whose name may be written in any case (RFC 9110, 11.1).
fn credentials<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = header.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn has_type(request: &Request<'_>, wanted: &str) -> bool {
    request.content_type.is_some_and(|header| {
        let essence = header.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(wanted)
    })
}
