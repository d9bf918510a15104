//! What the HTTPS front has for the customer's phone: the ways to the wallet page, and pictures.

use hyper::header::LOCATION;
use hyper::{StatusCode, http};

use super::body::FrontBody;
use super::front::plain;
use super::shared::{Shared, random};
use crate::ecommpay::Refused;
use crate::wallet::escape;

/// Answers a customer's request; `None`: it is none.
pub(super) fn page(
    head: &http::request::Parts,
    body: &[u8],
    shared: &Shared,
) -> Option<http::Response<FrontBody>> {
    let path = head.uri.path();
    let get = head.method == http::Method::GET;
    if let Some(word) = path.strip_prefix("/w/").or_else(|| path.strip_prefix("/alipay/")) {
        // Alipay's form names the payment in its body; all else names it in the address.
        if path == "/alipay/h5" && head.method == http::Method::POST {
            return form(body, shared);
        }
        return to_wallet(shared, word, StatusCode::FOUND).filter(|_| get);
    }
    if path == "/payment" && get {
        return Some(payment_page(head.uri.query().unwrap_or_default(), shared));
    }
    let word = path.strip_prefix("/qr/")?.strip_suffix(".png").filter(|_| get)?;
    let picture = shared.lock_platform().picture(word)?;
    Some(plain(StatusCode::OK, "image/png", picture))
}

/// Opens a Payment Page: what is right goes on at the wallet page, what is wrong is told here.
fn payment_page(query: &str, shared: &Shared) -> http::Response<FrontBody> {
    let opened =
        shared.change_platform(|platform, now_ms| platform.open_page(now_ms, &mut random, query));
    let wrong = |refused: &Refused| {
        plain(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", problem(refused))
    };
    match opened {
        Ok(word) => {
            to_wallet(shared, &word, StatusCode::FOUND).unwrap_or_else(|| wrong(&Refused::NO_PAGE))
        }
        Err(refused) => wrong(&refused),
    }
}

/// Takes the form that `redirect_data` asks for.
fn form(body: &[u8], shared: &Shared) -> Option<http::Response<FrontBody>> {
    let body = core::str::from_utf8(body).ok()?;
    let order = body.split('&').find_map(|pair| pair.strip_prefix("order_no="))?;
    let platform = shared.lock_platform();
    let now_ms = shared.now_ms();
    let code = platform.payment(now_ms, order)?.code;
    drop(platform);
    to_wallet(shared, code.rsplit('/').next()?, StatusCode::SEE_OTHER)
}

fn to_wallet(shared: &Shared, word: &str, status: StatusCode) -> Option<http::Response<FrontBody>> {
    let location = format!("{}/w/{word}", shared.wallet_url);
    let mut page = plain(status, "text/plain", "See the wallet page");
    page.headers_mut().insert(LOCATION, location.parse().ok()?);
    Some(page)
}

/// A page for a phone that says why there is nothing to pay.
fn problem(refused: &Refused) -> String {
    let Refused { code, message } = refused;
    let message = escape(message);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Payment Page</title>\
         <style>body{{font:17px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;\
         padding:0 1.25rem;overflow-wrap:anywhere}}h1{{font-size:1.35rem}}\
         p{{opacity:.8}}</style></head><body data-ready=\"1\"><h1>Nothing can be paid here</h1>\
         <p id=\"problem\">{message} ({code})</p>\
         <p>Нельзя оплатить. Попросите продавца показать код заново.</p>\
         <p>无法付款。请商家重新出示二维码。</p></body></html>\n"
    )
}

impl Shared {
    /// The customer scans a code, whatever it is.
    pub(crate) fn scan(&self, code: &str) -> Result<(), String> {
        if let Some(query) = code.strip_prefix(&format!("{}/payment?", self.base_url)) {
            let opened = self
                .change_platform(|platform, now_ms| platform.open_page(now_ms, &mut random, query));
            return opened.map(|_| ()).map_err(|refused| refused.to_string());
        }
        if self.lock_platform().find(code).is_some() {
            return Ok(());
        }
        self.change(|bank, now_ms| bank.scan(now_ms, code)).map_err(|refusal| refusal.to_string())
    }
}
