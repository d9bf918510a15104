//! A bench for one call: an operation, an answer, and what the rail makes of them.

use serde_json::{Value, json};
use till_core::http::{HttpRequest, HttpResponse, NoAnswer, NoAnswerReason};
use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::money::Amount;
use till_core::operation::{
    Ask, Blame, Code, HandOver, Kind, NoReason, Order, Payment, Receipt, Verdict,
};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::rail::{Call, Rail};
use till_core::secret::Secret;
use till_core::time::{BootId, Now};

pub(crate) const AT_MS: i64 = 1_747_390_187_565;
pub(crate) const EXTERNAL_ID: &str = "AAAQEAYEAUDAOCAJBIFQYDIOB4";
pub(crate) const PAYMENT_ID: &str = "PAYMENTXPAYMENTXPAYMENTX22";
pub(crate) const QR: &str = "qr://encoded-data";
pub(crate) const SCANNED: &str = "http://qr.example/281666004441";

/// Is everything that one call is made of, to be changed by a test where it differs.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) settings: OctoSettings,
    pub(crate) order: Order,
    pub(crate) code: Option<Code>,
    pub(crate) ask: Ask,
    pub(crate) bridge: bool,
    pub(crate) repeated: bool,
}

pub(crate) fn sum(minor: u64, currency: &str) -> Amount {
    Amount::new(minor, currency.parse().unwrap())
}

pub(crate) fn uzs(minor: u64) -> Amount {
    sum(minor, "UZS")
}

pub(crate) fn settings() -> OctoSettings {
    let secret = Secret::new("TestSecret".to_owned());
    OctoSettings::new("https://oi-dev.octo.uz", "TestPOS", secret, "208800000000000001", "UZ")
}

/// A pay of 125.00 UZS whose code is on the screen, asked for by `ask`.
pub(crate) fn order_code(ask: Ask) -> Bench {
    pay(ask, None, Some(code(QR)))
}

/// A pay of 125.00 UZS that has no code yet.
pub(crate) fn new_pay() -> Bench {
    pay(Ask::Create, None, None)
}

/// A pay of 125.00 UZS by a scanned code, asked for by `ask`.
pub(crate) fn entry_code(ask: Ask) -> Bench {
    pay(ask, Some(SCANNED.to_owned()), None)
}

/// A refund of 50.00 UZS of a payment of 125.00 UZS, asked for by `ask`.
pub(crate) fn refund(ask: Ask) -> Bench {
    let payment = Payment {
        id: OperationId::new("0e9f3a52-74a1-4d0b-9a53-3b0e3c1c4f10"),
        external_id: ExternalId::new(PAYMENT_ID),
        ordered: uzs(12_500),
        paid: uzs(12_500),
        foreign: ask == Ask::Payment,
        receipt: None,
    };
    let kind = Kind::Refund { payment, late: false };
    bench(Order { amount: uzs(5_000), ..order(kind) }, None, ask)
}

/// A code as the journal holds it.
pub(crate) fn code(value: &str) -> Code {
    serde_json::from_value(json!({ "value": value, "life_ms": 600_000 })).unwrap()
}

fn pay(ask: Ask, code_value: Option<String>, code: Option<Code>) -> Bench {
    bench(order(Kind::Pay { purpose: "Coffee".to_owned(), code_value }), code, ask)
}

fn bench(order: Order, code: Option<Code>, ask: Ask) -> Bench {
    Bench { settings: settings(), order, code, ask, bridge: true, repeated: false }
}

fn order(kind: Kind) -> Order {
    Order {
        kind,
        caller: Caller::new("pos"),
        request_id: RequestId::new("r-1"),
        amount: uzs(12_500),
        rail: RailId::new(Octo::ID),
        external_id: ExternalId::new(EXTERNAL_ID),
        created: Now { wall_ms: AT_MS, boot_ms: 1, boot: BootId(1) },
        sandbox: false,
    }
}

impl Bench {
    pub(crate) fn rail(&self) -> Octo {
        Octo::new(self.settings.clone()).unwrap()
    }

    pub(crate) fn repeated(self) -> Self {
        Self { repeated: true, ..self }
    }

    pub(crate) fn without_bridge(self) -> Self {
        Self { bridge: false, ..self }
    }

    pub(crate) fn set(mut self, change: impl FnOnce(&mut OctoSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Changes the payment of a refund.
    pub(crate) fn payment(mut self, change: impl FnOnce(&mut Payment)) -> Self {
        let Kind::Refund { payment, .. } = &mut self.order.kind else { panic!("a refund") };
        change(payment);
        self
    }

    pub(crate) fn call_name(&self) -> &'static str {
        self.rail().call(&self.order, self.code.as_ref(), self.ask)
    }

    pub(crate) fn request(&self) -> HttpRequest {
        let token = Secret::new("TestToken".to_owned());
        self.with_call(|rail, call| rail.request(&Call { token: Some(&token), ..*call }))
    }

    /// Reads an answer of HTTP status 200.
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

    pub(crate) fn with_call<T>(&self, then: impl FnOnce(&Octo, &Call<'_>) -> T) -> T {
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
            reference: None,
            wanted: &[],
            state: None,
        };
        then(&self.rail(), &call)
    }
}

pub(crate) fn object(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Writes a result as process has it, with more fields behind it.
pub(crate) fn result(status: &str, code: &str, more: &str) -> String {
    format!(
        r#"{{"result":{{"resultCode":"{code}","resultStatus":"{status}",
            "resultMessage":"said"}}{}{more}}}"#,
        if more.is_empty() { "" } else { "," }
    )
}

/// Writes the success of the pay of 125.00 UZS, as process has it.
pub(crate) fn success() -> String {
    let figures = r#""orderAmount":12500,"orderCurrency":"UZS","paymentAmount":12500,
        "paymentCurrency":"UZS""#;
    result("S", "SUCCESS", &format!(r#"{figures},"externalId":"{EXTERNAL_ID}""#))
}

pub(crate) fn paid(verdict: &Verdict) -> Option<Amount> {
    if let Verdict::Paid(receipt) = verdict { Some(receipt.paid) } else { None }
}

pub(crate) fn other_sum(verdict: &Verdict) -> Option<Amount> {
    if let Verdict::OtherSum(receipt) = verdict { Some(receipt.paid) } else { None }
}

pub(crate) fn is_mismatch(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Mismatch(_))
}

pub(crate) fn declined(words: &str) -> Verdict {
    Verdict::NotPaid(NoReason::Declined(words.to_owned()))
}

pub(crate) fn unanswered(sent: bool, verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unanswered { sent: said, .. } if *said == sent)
}

/// Tells whether a verdict ends an operation, or says that money moved.
pub(crate) fn is_final(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Paid(_) | Verdict::OtherSum(_) | Verdict::Confirmed | Verdict::NotPaid(_)
    )
}

/// Writes a verdict for people: one line for its name, one for each figure.
#[expect(clippy::wildcard_enum_match_arm, reason = "other rails prove other things")]
pub(crate) fn written(verdict: &Verdict) -> String {
    match verdict {
        Verdict::CodeIssued(code) => {
            format!("code issued\nvalue: {}\nlife: {} ms\n", code.value, code.life_ms)
        }
        Verdict::Open(None) => "open\n".to_owned(),
        Verdict::Open(Some(HandOver::Sdk(payload))) => {
            format!("open\nhand over to the SDK: {}\n", payload.expose())
        }
        Verdict::Open(Some(HandOver::Form { .. }))
        | Verdict::Accepted(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_) => panic!("OCTO never says {verdict:?}"),
        Verdict::Open(Some(HandOver::Url { url, user_agent, ac_decode_config })) => format!(
            "open\nhand over the address: {url}\nuser agent: {}\nacDecodeConfig: {}\n",
            user_agent.as_deref().unwrap_or("none"),
            ac_decode_config.as_deref().unwrap_or("none"),
        ),
        Verdict::Confirmed => "confirmed\n".to_owned(),
        Verdict::Paid(receipt) => format!("paid\n{}", receipt_lines(receipt)),
        Verdict::OtherSum(receipt) => format!("another sum\n{}", receipt_lines(receipt)),
        Verdict::NotPaid(NoReason::Declined(words)) => format!("not paid\ndeclined: {words}\n"),
        Verdict::NotPaid(NoReason::Cancelled) => "not paid\ncancelled\n".to_owned(),
        Verdict::NotPaid(NoReason::Expired) => "not paid\nexpired\n".to_owned(),
        Verdict::NotPaid(NoReason::GivenBack) => "not paid\ngiven back\n".to_owned(),
        Verdict::Undecided(code) => format!("undecided: {code}\n"),
        Verdict::NoWord(words) => format!("no word: {words}\n"),
        Verdict::Exists => "exists\n".to_owned(),
        Verdict::Rejected(Blame::Request, words) => format!("rejected, the request's: {words}\n"),
        Verdict::Rejected(Blame::Configuration, words) => {
            format!("rejected, the configuration's: {words}\n")
        }
        Verdict::Rejected(Blame::Payment, words) => {
            format!("rejected, not refundable: {words}\n")
        }
        Verdict::Mismatch(words) => format!("mismatch: {words}\n"),
        Verdict::Unanswered { sent, why } => {
            let effect = if *sent { "may have had an effect" } else { "no effect" };
            format!("unanswered, {effect}: {why}\n")
        }
        other => panic!("{other:?} is no verdict of OCTO's"),
    }
}

fn receipt_lines(receipt: &Receipt) -> String {
    let Receipt { paid, ordered, payment, withdrawal, at_ms, settled, relayed: _ } = receipt;
    assert_eq!((*at_ms, settled), (AT_MS, &None));
    let or_none = |sum: &Option<Amount>| sum.map_or("none".to_owned(), |sum| format!("{sum:?}"));
    format!(
        "paid: {paid:?}\norder: {}\npayment: {}\nwithdrawal: {}\n",
        or_none(ordered),
        or_none(payment),
        or_none(withdrawal)
    )
}
