//! A bench for one call: an operation, an answer, and what the rail makes of them.

use std::sync::OnceLock;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha512;
use till_core::http::{HttpRequest, HttpResponse, NoAnswer, NoAnswerReason};
use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::money::Amount;
use till_core::operation::{Ask, Blame, Code, Kind, NoReason, Order, Payment, Rules, Verdict};
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings, Json, Sale, signature};
use till_core::rail::{Call, Rail};
use till_core::secret::Secret;
use till_core::time::{BootId, Now};

pub(crate) const AT_MS: i64 = 1_747_390_187_565;
pub(crate) const PAYMENT_ID: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4";
pub(crate) const REFUND_ID: &str = "REFUNDXREFUNDXREFUNDXREFU2";
pub(crate) const REQUEST_ID: &str = "85d4801f8fa9dead54d315ae19ecb4550201cdcafab";
pub(crate) const PROJECT: u64 = 201;

/// Is everything that one call is made of, to be changed by a test where it differs.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) settings: EcommpaySettings,
    pub(crate) order: Order,
    pub(crate) code: Option<Code>,
    pub(crate) ask: Ask,
    pub(crate) bridge: bool,
    pub(crate) repeated: bool,
    pub(crate) reference: Option<String>,
    pub(crate) wanted: Vec<String>,
    /// The rail of the settings, made when it is first used.
    pub(crate) made: OnceLock<Ecommpay>,
}

pub(crate) fn sum(minor: u64, currency: &str) -> Amount {
    Amount::new(minor, currency.parse().unwrap())
}

pub(crate) fn cny(minor: u64) -> Amount {
    sum(minor, "CNY")
}

pub(crate) fn secret() -> Secret<String> {
    Secret::new("secret of the test project".to_owned())
}

pub(crate) fn settings() -> EcommpaySettings {
    EcommpaySettings { test_project: true, ..EcommpaySettings::new(PROJECT, secret()) }
}

/// Makes the signature of a line without the rail's own code: HMAC-SHA512 in Base64.
pub(crate) fn hmac(line: &str, key: &Secret<String>) -> String {
    let mut mac: Hmac<Sha512> = Hmac::new_from_slice(key.expose().as_bytes()).unwrap();
    mac.update(line.as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

pub(crate) fn now() -> Now {
    Now { wall_ms: AT_MS, boot_ms: 5_000, boot: BootId(1) }
}

/// A pay of 10.00 CNY through the Payment Page whose address is on the screen.
pub(crate) fn page(ask: Ask) -> Bench {
    let code = Some(Code::text("https://paymentpage.ecommpay.com/payment?x", 180_000));
    Bench { code, ..pay(ask) }
}

/// A pay of 10.00 CNY through the Payment Page that has no address yet.
pub(crate) fn new_page() -> Bench {
    pay(Ask::Create)
}

/// A pay of 10.00 CNY through Gate.
pub(crate) fn gate(ask: Ask) -> Bench {
    let mut bench = pay(ask);
    bench.settings.sale = Sale::Gate;
    bench.settings.return_url = Some("https://shop.example/back".to_owned());
    bench
}

/// A refund of 4.00 CNY of a payment of 10.00 CNY.
pub(crate) fn refund(ask: Ask) -> Bench {
    let payment = Payment {
        id: OperationId::new("0e9f3a52-74a1-4d0b-9a53-3b0e3c1c4f10"),
        external_id: ExternalId::new(PAYMENT_ID),
        ordered: cny(1_000),
        paid: cny(1_000),
        foreign: ask == Ask::Payment,
        receipt: None,
    };
    let order = order(Kind::Refund { payment, late: false });
    let external_id = ExternalId::new(REFUND_ID);
    bench(Order { amount: cny(400), external_id, ..order }, ask)
}

fn pay(ask: Ask) -> Bench {
    bench(order(Kind::Pay { purpose: "Coffee".to_owned(), code_value: None }), ask)
}

fn order(kind: Kind) -> Order {
    Order {
        kind,
        caller: Caller::new("ru.example.pos"),
        request_id: RequestId::new("order-1"),
        amount: cny(1_000),
        rail: RailId::new(Ecommpay::ID),
        external_id: ExternalId::new(PAYMENT_ID),
        created: now(),
        sandbox: true,
    }
}

fn bench(order: Order, ask: Ask) -> Bench {
    Bench {
        settings: settings(),
        order,
        code: None,
        ask,
        bridge: true,
        repeated: false,
        reference: None,
        wanted: Vec::new(),
        made: OnceLock::new(),
    }
}

impl Bench {
    pub(crate) fn set(mut self, change: impl FnOnce(&mut EcommpaySettings)) -> Self {
        change(&mut self.settings);
        self.made = OnceLock::new();
        self
    }

    pub(crate) fn taken(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    pub(crate) fn rail(&self) -> &Ecommpay {
        self.made.get_or_init(|| Ecommpay::new(self.settings.clone()).unwrap())
    }

    pub(crate) fn with_call<T>(&self, then: impl FnOnce(&Ecommpay, &Call<'_>) -> T) -> T {
        let id = OperationId::new("5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10");
        let call = Call {
            id: &id,
            order: &self.order,
            code: self.code.as_ref(),
            ask: self.ask,
            installation: "till-7f3a",
            token: None,
            bridge: self.bridge,
            repeated: self.repeated,
            reference: self.reference.as_deref(),
            wanted: &self.wanted,
            state: None,
        };
        then(self.rail(), &call)
    }

    pub(crate) fn request(&self) -> HttpRequest {
        self.with_call(|rail, call| rail.request(call))
    }

    /// Gives the body of the call; its signature is right.
    pub(crate) fn body(&self) -> Value {
        let request = self.request();
        assert!(signature::verify(&Json::parse(&request.body).unwrap(), &secret()));
        serde_json::from_slice(&request.body).unwrap()
    }

    pub(crate) fn without_call(&self) -> Option<Verdict> {
        let rules = self.rail().rules(&Rules::default());
        self.with_call(|rail, call| rail.without_call(call, &rules, &now()))
    }

    pub(crate) fn reads(&self, body: &str) -> Verdict {
        self.reads_status(200, body)
    }

    pub(crate) fn reads_status(&self, status: u16, body: &str) -> Verdict {
        self.reads_bytes(status, body.as_bytes())
    }

    pub(crate) fn reads_bytes(&self, status: u16, body: &[u8]) -> Verdict {
        let answer = Ok(HttpResponse { status, body: body.to_vec() });
        self.with_call(|rail, call| rail.read(call, &answer, AT_MS))
    }

    pub(crate) fn reads_nothing(&self, sent: bool) -> Verdict {
        let answer = Err(NoAnswer { sent, why: NoAnswerReason::TimedOut });
        self.with_call(|rail, call| rail.read(call, &answer, AT_MS))
    }
}

/// Gives the answer to a status call: a payment of 10.00 CNY and one sale.
pub(crate) fn status(payment: &str, sale: &str) -> String {
    let sale = operation("sale", sale, 1_000, "");
    with_operations(payment, &[sale])
}

/// Gives the answer to a status call with these operations.
pub(crate) fn with_operations(payment: &str, operations: &[String]) -> String {
    let operations = operations.join(",");
    format!(
        r#"{{"project_id":201,"payment":{{"id":"{PAYMENT_ID}","type":"purchase",
            "status":"{payment}","method":"alipay","sum":{{"amount":1000,"currency":"CNY"}}}},
            "operations":[{operations}]}}"#
    )
}

/// Gives one operation; `more` are further members, each with a comma before it.
pub(crate) fn operation(kind: &str, status: &str, minor: u64, more: &str) -> String {
    format!(
        r#"{{"id":20891000000045,"type":"{kind}","status":"{status}","request_id":"{REQUEST_ID}",
            "sum_initial":{{"amount":{minor},"currency":"CNY"}}{more}}}"#
    )
}

/// Gives a refused request.
pub(crate) fn error(code: &str, message: &str) -> String {
    format!(r#"{{"status":"error","code":"{code}","message":"{message}"}}"#)
}

pub(crate) fn is_paid(verdict: &Verdict, paid: Amount) -> bool {
    matches!(verdict, Verdict::Paid(receipt) if receipt.paid == paid && receipt.at_ms == AT_MS)
}

pub(crate) fn is_open(verdict: &Verdict) -> bool {
    *verdict == Verdict::Open(None)
}

pub(crate) fn is_mismatch(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Mismatch(_))
}

pub(crate) fn is_no_word(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::NoWord(_))
}

pub(crate) fn is_unanswered(verdict: &Verdict, sent: bool) -> bool {
    matches!(verdict, Verdict::Unanswered { sent: said, .. } if *said == sent)
}

pub(crate) fn is_rejected(verdict: &Verdict, blame: Blame) -> bool {
    matches!(verdict, Verdict::Rejected(own, _) if *own == blame)
}

pub(crate) fn is_declined(verdict: &Verdict, words: &str) -> bool {
    *verdict == Verdict::NotPaid(NoReason::Declined(words.to_owned()))
}
