//! What a payment's status proves: that of the payment for a pay, that of its operation for a
//! refund.

use super::codes;
use super::json::Json;
use super::read::not_ours;
use super::request::asked_id;
use super::settings::Sale;
use super::shown;
use super::{Ecommpay, Name};
use crate::money::Amount;
use crate::operation::{Ask, NoReason, Receipt, Verdict};
use crate::rail::Call;
use crate::rail::words::clean;

/// Is what `payment.status` says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Success,
    /// Paid, and a part of it given back.
    PartlyBack,
    /// Paid, and given back.
    Back,
    Declined,
    Cancelled,
    Expired,
    /// Anything else: wait.
    Open,
}

/// Is a sum in an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sum {
    Absent,
    Broken,
    Is(Amount),
}

/// Is the sale operations of a payment, summed up.
#[derive(Default)]
struct Sales<'a> {
    any: bool,
    success: bool,
    running: bool,
    code: &'a str,
    message: &'a str,
}

pub(super) fn read(rail: &Ecommpay, call: &Call<'_>, body: &Json, wall_ms: i64) -> Verdict {
    let Some(payment) = body.get("payment") else { return not_ours(Name::Status) };
    let Some(said) = payment.get("status").and_then(Json::as_text) else {
        return not_ours(Name::Status);
    };
    let order = call.order;
    let status = Status::of(said);
    let verdict = match order.payment() {
        None => pay(body, payment, status, order.amount, wall_ms),
        Some(foreign) if call.ask == Ask::Payment => {
            let verdict = pay(body, payment, status, foreign.paid, wall_ms);
            if matches!(verdict, Verdict::NotPaid(_)) {
                // There is nothing left to give back; it is no word about the refund itself.
                Verdict::NoWord(format!("the payment's status is {}", clean(said)))
            } else {
                verdict
            }
        }
        Some(_) => refund(call, body, wall_ms),
    };
    let named = payment.get("id").and_then(Json::as_word) == Some(asked_id(order).as_str());
    if matches!(verdict, Verdict::Paid(_)) && !named {
        return Verdict::Mismatch("the answer does not name its payment".to_owned());
    }
    // What a customer sees on a page is no business of the terminal's.
    let begun_here = call.code.is_none() && rail.settings.sale == Sale::Gate;
    let pay = order.payment().is_none() && call.ask == Ask::Poll;
    if verdict == Verdict::Open(None) && begun_here && pay {
        return shown::prescription(rail, body, call.bridge).unwrap_or(verdict);
    }
    verdict
}

fn pay(body: &Json, payment: &Json, status: Status, asked: Amount, wall_ms: i64) -> Verdict {
    let sales = operations(body).filter(|one| word(one, "type") == "sale");
    let sales: Vec<&Json> = sales.collect();
    let sums = sales.iter().map(|sale| ("sum_initial", Sum::of(sale.get("sum_initial"))));
    // After a refund nobody says what the payment's own sum is.
    let whole = !matches!(status, Status::PartlyBack | Status::Back);
    let own = ("payment.sum", Sum::of(payment.get("sum")));
    let sums: Vec<(&str, Sum)> = sums.chain(whole.then_some(own)).collect();
    if let Some(difference) = sums.iter().find_map(|(name, sum)| sum.difference(name, asked)) {
        return Verdict::Mismatch(difference);
    }
    let sales = Sales::of(&sales);
    // The wait code of a sale that says nothing by itself may stand beside it.
    let waits = !sales.success && sales.code.is_empty() && is_unconfirmed(body);
    let failed = sales.any && !sales.success && !sales.running;
    match status {
        Status::Open => Verdict::Open(None),
        _ if waits => Verdict::Open(None),
        Status::Success | Status::PartlyBack | Status::Back if failed => contradiction(),
        Status::Success | Status::PartlyBack if sales.any && !sales.success => Verdict::Open(None),
        Status::Success | Status::PartlyBack => {
            let partly = !whole && Sum::of(payment.get("sum")) == Sum::Is(asked);
            let proven = partly || sums.iter().any(|(_, sum)| *sum == Sum::Is(asked));
            let broken = sums.iter().find(|(_, sum)| *sum == Sum::Broken);
            match broken {
                Some((name, _)) => Verdict::Mismatch(format!("{name} is no sum with a currency")),
                None if proven => Verdict::Paid(Receipt {
                    ordered: Some(asked),
                    payment: Some(asked),
                    ..receipt(asked, wall_ms)
                }),
                None => Verdict::Mismatch("the answer has no sum to compare".to_owned()),
            }
        }
        Status::Back if sales.any && !sales.success => Verdict::Open(None),
        Status::Back => Verdict::NotPaid(NoReason::GivenBack),
        Status::Declined | Status::Cancelled | Status::Expired if sales.success => contradiction(),
        Status::Declined | Status::Cancelled | Status::Expired if sales.running => {
            Verdict::Open(None)
        }
        Status::Declined if codes::is_cancelled(sales.code) => {
            Verdict::NotPaid(NoReason::Cancelled)
        }
        Status::Declined => Verdict::NotPaid(NoReason::Declined(sales.said())),
        Status::Cancelled => Verdict::NotPaid(NoReason::Cancelled),
        Status::Expired => Verdict::NotPaid(NoReason::Expired),
    }
}

/// Judges a refund by its own operation: by our name for it, else by the bank's name for our call.
fn refund(call: &Call<'_>, body: &Json, wall_ms: i64) -> Verdict {
    let ours = call.order.external_id.as_str();
    let refunds = operations(body).filter(|one| matches!(word(one, "type"), "refund" | "reversal"));
    let refunds: Vec<&Json> = refunds.collect();
    let named: Vec<&Json> =
        refunds.iter().copied().filter(|one| refund_id(one) == Some(ours)).collect();
    let taken = |one: &&Json| {
        let request_id = one.get("request_id").and_then(Json::as_word);
        request_id.is_some() && request_id == call.reference
    };
    let found = if named.is_empty() {
        refunds.into_iter().filter(|one| taken(one)).collect()
    } else {
        named
    };
    let Some(first) = found.first() else {
        return Verdict::NoWord("the bank knows no such refund".to_owned());
    };
    if refund_id(first).is_some_and(|other| other != ours) {
        return Verdict::Mismatch("the bank's request has another refund's name".to_owned());
    }
    if found.iter().any(|one| word(one, "status") != word(first, "status")) {
        return contradiction();
    }
    let asked = call.order.amount;
    let sum = Sum::of(first.get("sum_initial"));
    if let Some(difference) = sum.difference("sum_initial", asked) {
        return Verdict::Mismatch(difference);
    }
    let code = word(first, "code");
    match Status::of(word(first, "status")) {
        _ if codes::waits(code) => Verdict::Open(None),
        Status::Declined | Status::Cancelled | Status::Expired
            if code.is_empty() && is_unconfirmed(body) =>
        {
            Verdict::Open(None)
        }
        Status::Success if sum == Sum::Is(asked) => Verdict::Paid(receipt(asked, wall_ms)),
        Status::Success => Verdict::Mismatch("the refund has no sum to compare".to_owned()),
        Status::Declined | Status::Cancelled | Status::Expired => {
            let said = said(word(first, "message"), code, "the bank gives no reason");
            Verdict::NotPaid(NoReason::Declined(said))
        }
        Status::PartlyBack | Status::Back | Status::Open => Verdict::Open(None),
    }
}

/// Gives our name for a refund, wherever the operation has it.
fn refund_id(operation: &Json) -> Option<&str> {
    let nested = || operation.get("payment")?.get("merchant_refund_id");
    operation.get("merchant_refund_id").or_else(nested)?.as_word()
}

/// Gives the operations of a status answer, or the one of a callback.
fn operations(body: &Json) -> impl Iterator<Item = &Json> {
    let all = body.get("operations").map(Json::elements).unwrap_or_default();
    all.iter().chain(body.get("operation"))
}

/// Tells whether the payment itself, or an error beside it, has a code that means to wait.
fn is_unconfirmed(body: &Json) -> bool {
    let errors = body.get("errors").map(Json::elements).unwrap_or_default();
    let all = errors.iter().chain(body.get("payment")).chain([body]);
    all.into_iter().any(|one| codes::waits(word(one, "code")))
}

fn word<'a>(object: &'a Json, name: &str) -> &'a str {
    object.get(name).and_then(Json::as_word).unwrap_or_default()
}

fn receipt(paid: Amount, at_ms: i64) -> Receipt {
    Receipt {
        paid,
        ordered: None,
        payment: None,
        withdrawal: None,
        at_ms,
        settled: None,
        relayed: None,
    }
}

fn contradiction() -> Verdict {
    Verdict::Mismatch("the answer contradicts itself: payment and operation".to_owned())
}

fn said(message: &str, code: &str, nothing: &str) -> String {
    let (message, code) = (clean(message), clean(code));
    match (message.is_empty(), code.is_empty()) {
        (false, false) => format!("{message} ({code})"),
        (false, true) => message,
        (true, false) => code,
        (true, true) => nothing.to_owned(),
    }
}

impl Status {
    fn of(said: &str) -> Self {
        match said {
            "success" => Self::Success,
            "partially refunded" | "partially reversed" => Self::PartlyBack,
            "refunded" | "reversed" => Self::Back,
            "decline" => Self::Declined,
            "canceled" | "cancelled" => Self::Cancelled,
            "expired" => Self::Expired,
            _ => Self::Open,
        }
    }
}

impl Sum {
    /// Reads `{"amount": minor units, "currency": three letters}`.
    fn of(sum: Option<&Json>) -> Self {
        let sum = match sum {
            None | Some(Json::Null) => return Self::Absent,
            Some(sum) => sum,
        };
        let digits = sum.get("amount").and_then(Json::as_word);
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let minor = digits.and_then(|digits| digits.parse().ok());
        let minor = minor.filter(|minor: &u64| *minor <= Amount::MAX_MINOR);
        let currency = sum.get("currency").and_then(Json::as_text);
        match (minor, currency.and_then(|code| code.parse().ok())) {
            (Some(minor), Some(currency)) => Self::Is(Amount::new(minor, currency)),
            (None, _) | (_, None) => Self::Broken,
        }
    }

    fn difference(&self, name: &str, asked: Amount) -> Option<String> {
        match self {
            Self::Is(sum) if *sum != asked => Some(format!("{name} is {sum:?}, not {asked:?}")),
            Self::Is(_) | Self::Absent | Self::Broken => None,
        }
    }
}

impl<'a> Sales<'a> {
    fn of(sales: &[&'a Json]) -> Self {
        let mut all = Self { any: !sales.is_empty(), ..Self::default() };
        for sale in sales {
            let code = word(sale, "code");
            match Status::of(word(sale, "status")) {
                _ if codes::waits(code) => all.running = true,
                // What was given back was paid.
                Status::Success | Status::PartlyBack | Status::Back => all.success = true,
                Status::Declined | Status::Cancelled | Status::Expired => {}
                Status::Open => all.running = true,
            }
            (all.code, all.message) = (code, word(sale, "message"));
        }
        all
    }

    fn said(&self) -> String {
        said(self.message, self.code, "declined")
    }
}
