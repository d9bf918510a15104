//! get-qr-code (section 4.5): codes for one order.

use super::answer::{Refused, Response, iso};
use super::payment::{Kind, Payment, Stage};
use super::wire::{Env, GetQrCode, PaymentCodeInfo, QrCodeAnswer, ResultAnswer};
use super::{Bank, Repeated, parse, random_word};

/// So many codes may be asked for at once.
const CODES_MAX: u64 = 100;

impl Bank {
    pub(super) fn get_qr_code(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        body: &[u8],
    ) -> Result<Response, Refused> {
        let request: GetQrCode<'_> = parse(body)?;
        let (external_id, user_id, quantity) = check(&request)?;
        if self.refunds.contains_key(external_id) {
            return Err(Refused::other_parameters(external_id));
        }
        if let Some(payment) = self.payments.get(external_id) {
            if self.behaviour.repeated == Repeated::Exists {
                return Err(Refused::exists(external_id));
            }
            let same = payment.kind == Kind::Order
                && payment.user_id == user_id
                && payment.codes.len() == quantity;
            return if same {
                Ok(answer(payment))
            } else {
                Err(Refused::other_parameters(external_id))
            };
        }
        let expires_at_ms = now_ms.saturating_add(self.behaviour.code_life_ms);
        let mut codes = Vec::with_capacity(quantity);
        for _ in 0..quantity {
            let code = format!("{}{}", self.behaviour.code_prefix, random_word(entropy, 1));
            self.codes.insert(code.clone(), external_id.to_owned());
            codes.push(code);
        }
        let payment = Payment {
            kind: Kind::Order,
            codes,
            user_id: user_id.to_owned(),
            reference_order_id: None,
            description: None,
            order: None,
            asked: None,
            payload: None,
            created_at_ms: now_ms,
            payable_since_ms: None,
            expires_at_ms,
            scanned: false,
            stage: Stage::Issued,
            refunded: 0,
            reserved: 0,
        };
        let response = answer(&payment);
        self.payments.insert(external_id.to_owned(), payment);
        self.touch();
        Ok(response)
    }
}

/// Checks all fields in the document's order; returns externalId, userId and codeQuantity.
fn check<'a>(request: &'a GetQrCode<'_>) -> Result<(&'a str, &'a str, usize), Refused> {
    let region = request.region.required("region")?;
    if region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Refused::invalid_field("region"));
    }
    let quantity = request.code_quantity.required("codeQuantity")?;
    if !(1..=CODES_MAX).contains(&quantity) {
        return Err(Refused::invalid_field("codeQuantity"));
    }
    let user_id = request.user_id.required("userId")?;
    let external_id = request.external_id.required("externalId")?;
    let Env { device_token_id, terminal_type, os_type, cookie_id, client_ip, user_agent } =
        request.env.as_ref().ok_or_else(|| Refused::missing("env"))?;
    device_token_id.optional("env.deviceTokenId")?;
    terminal_type.one_of("env.terminalType", &["WEB", "APP", "POS"])?;
    os_type.one_of("env.osType", &["IOS", "ANDROID"])?;
    cookie_id.required("env.cookieId")?;
    client_ip.required("env.clientIp")?;
    user_agent.required("env.userAgent")?;
    let quantity = usize::try_from(quantity).map_err(|_| Refused::invalid_field("codeQuantity"))?;
    Ok((external_id, user_id, quantity))
}

fn answer(payment: &Payment) -> Response {
    let (start, end) = (iso(payment.created_at_ms), iso(payment.expires_at_ms));
    let code = |code| PaymentCodeInfo {
        payment_code: code,
        code_validity_start_time: &start,
        code_expiry_time: &end,
    };
    let answer = QrCodeAnswer {
        result: ResultAnswer {
            result_code: "SUCCESS",
            result_status: "S",
            result_message: "QR code generated",
        },
        payment_code_info_list: payment.codes.iter().map(|text| code(text.as_str())).collect(),
    };
    Response::json(200, &answer)
}
