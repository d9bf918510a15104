//! What we send: the bodies of the calls, field by field (OCTO's document, section 4).

use data_encoding::BASE64;
use serde::Serialize;

use super::settings::{OctoSettings, RefundSum, TerminalType};
use super::{Name, Octo};
use crate::http::HttpRequest;
use crate::money::Amount;
use crate::operation::{Ask, Order, Payment};
use crate::rail::Call;

/// Section 4.5.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetQrCode<'a> {
    region: &'a str,
    code_quantity: u32,
    user_id: &'a str,
    external_id: &'a str,
    env: Env<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Env<'a> {
    device_token_id: &'a str,
    terminal_type: &'static str,
    os_type: &'static str,
    cookie_id: &'a str,
    client_ip: &'a str,
    user_agent: &'a str,
}

/// Section 4.2.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Perform<'a> {
    external_id: &'a str,
    code_value: &'a str,
    user_id: &'a str,
    reference_order_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    order_description: &'a str,
    order_amount: u64,
    order_currency: &'a str,
    payment_amount: u64,
    payment_currency: &'a str,
}

/// Section 4.3.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Confirm<'a> {
    external_id: &'a str,
    code_value: &'a str,
    user_id: &'a str,
}

/// Section 4.4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Process<'a> {
    external_id: &'a str,
}

/// Section 4.6.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refund<'a> {
    external_id: &'a str,
    reference_order_id: &'a str,
    order_amount: u64,
    order_currency: &'a str,
    payment_amount: u64,
    payment_currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawal_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawal_currency: Option<&'a str>,
}

impl Octo {
    /// Makes the body of a call and puts the token beside it.
    pub(super) fn make(&self, name: Name, call: &Call<'_>) -> HttpRequest {
        let body = match name {
            Name::GetQrCode => json(&self.get_qr_code(call)),
            Name::Perform => json(&self.perform(call)),
            Name::Confirm => json(&Confirm {
                external_id: call.order.external_id.as_str(),
                code_value: code_value(call),
                user_id: &self.settings.user_id,
            }),
            Name::Process => json(&Process { external_id: asked_id(call.order, call.ask) }),
            Name::Refund => json(&self.refund(call)),
        };
        let mut request = HttpRequest::post_json(name.path(), body);
        // EXPOSE: the token goes to the bank that gave it.
        request.authorization = call.token.map(|token| format!("Bearer {}", token.expose()));
        request
    }

    /// Makes the call for a token (section 4.1).
    pub(super) fn make_token(&self) -> HttpRequest {
        // EXPOSE: the credentials go to the bank that gave them.
        let secret = self.settings.client_secret.expose();
        let credentials = format!("{}:{secret}", self.settings.client_id);
        let mut request =
            HttpRequest::post_form("/oauth2/token", b"grant_type=client_credentials".to_vec());
        request.authorization = Some(format!("Basic {}", BASE64.encode(credentials.as_bytes())));
        request
    }

    fn get_qr_code<'a>(&'a self, call: &Call<'a>) -> GetQrCode<'a> {
        let settings = &self.settings;
        GetQrCode {
            region: &settings.region,
            code_quantity: 1,
            user_id: settings.qr_user_id.as_deref().unwrap_or(&settings.user_id),
            external_id: call.order.external_id.as_str(),
            env: Env {
                device_token_id: call.installation,
                terminal_type: match settings.terminal_type {
                    TerminalType::Pos => "POS",
                    TerminalType::App => "APP",
                },
                os_type: "ANDROID",
                cookie_id: call.id.as_str(),
                client_ip: &self.client_ip,
                user_agent: &settings.user_agent,
            },
        }
    }

    fn perform<'a>(&'a self, call: &Call<'a>) -> Perform<'a> {
        let amount = &call.order.amount;
        Perform {
            external_id: call.order.external_id.as_str(),
            code_value: code_value(call),
            user_id: &self.settings.user_id,
            reference_order_id: call.id.as_str(),
            order_description: call.order.purpose(),
            order_amount: amount.minor,
            order_currency: amount.currency.code(),
            payment_amount: amount.minor,
            payment_currency: amount.currency.code(),
        }
    }

    fn refund<'a>(&'a self, call: &Call<'a>) -> Refund<'a> {
        let order = call.order;
        // Only a refund is asked for under this name, so there is a payment.
        let (reference, ordered) =
            order.payment().map_or((call.id.as_str(), &order.amount), |payment| {
                (payment.id.as_str(), &payment.ordered)
            });
        let paid = order
            .payment()
            .map_or(&order.amount, |payment| refund_payment_sum(&self.settings, order, payment));
        let wish = (self.settings.refund_sum == RefundSum::Withdrawal).then_some(&order.amount);
        Refund {
            external_id: order.external_id.as_str(),
            reference_order_id: reference,
            order_amount: ordered.minor,
            order_currency: ordered.currency.code(),
            payment_amount: paid.minor,
            payment_currency: paid.currency.code(),
            withdrawal_amount: wish.map(|sum| sum.minor),
            withdrawal_currency: wish.map(|_| paid.currency.code()),
        }
    }
}

/// Gives the external id that process asks for.
pub(super) fn asked_id(order: &Order, ask: Ask) -> &str {
    match (ask, order.payment()) {
        (Ask::Payment, Some(payment)) => payment.external_id.as_str(),
        (Ask::Payment, None)
        | (Ask::Close | Ask::Create | Ask::Poll | Ask::Inquire | Ask::Watch, _) => {
            order.external_id.as_str()
        }
    }
}

/// Gives what a refund call says as paymentAmount, and so what its answers may echo.
pub(super) fn refund_payment_sum<'a>(
    settings: &OctoSettings,
    order: &'a Order,
    payment: &'a Payment,
) -> &'a Amount {
    match settings.refund_sum {
        RefundSum::Withdrawal => &payment.paid,
        RefundSum::Payment => &order.amount,
    }
}

/// Gives the code that is paid with: the scanned one, or the bank's.
fn code_value<'a>(call: &Call<'a>) -> &'a str {
    let issued = call.code.map_or("", |code| code.value.as_str());
    call.order.code_value().unwrap_or(issued)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    // Texts and integers always serialize; an empty body would be refused, not believed.
    serde_json::to_vec(body).unwrap_or_default()
}
