//! What the body of an answer proves: section 6 of OCTO's document, read with doubt.

use super::codes::{self, Final, Meaning};
use super::figures::{Compared, Figures};
use super::read::{blame, not_ours};
use super::request::{asked_id, refund_payment_sum};
use super::settings::OctoSettings;
use super::wire::{Answer, Text};
use super::{Name, hand_over};
use crate::money::Amount;
use crate::operation::{Ask, Code, HandOver, Kind, NoReason, Payment, Receipt, Verdict};
use crate::rail::Call;
use crate::rail::words::clean;
use crate::time::from_iso8601;

/// The longest text that a QR code holds (ISO/IEC 18004, version 40-L), in bytes.
const CODE_MAX: usize = 2_953;

/// The longest life of a code that is believed, in milliseconds: a day.
const LIFE_MS_MAX: u64 = 86_400_000;

/// Is one answer's context.
pub(super) struct Reading<'a> {
    pub(super) settings: &'a OctoSettings,
    pub(super) name: Name,
    pub(super) call: &'a Call<'a>,
    pub(super) wall_ms: i64,
    /// Whether the call makes something exist, and so is made again when it is not answered.
    pub(super) create: bool,
}

/// Is the result block, nested or flat.
struct Outcome<'a> {
    status: Status,
    code: &'a str,
    message: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Absent,
    Success,
    Failure,
    /// `U`, or what the document does not know.
    Unknown,
}

/// Is what the call is about, with the figures that it was made with.
#[derive(Clone, Copy)]
enum About<'a> {
    OrderCode,
    EntryCode,
    Refund(&'a Payment),
    Payment(&'a Payment),
}

impl<'a> Reading<'a> {
    /// Judges an answer that is JSON with a 2xx status.
    pub(super) fn verdict(&self, answer: &Answer<'_>) -> Verdict {
        let Some(outcome) = outcome(answer) else {
            return Verdict::Mismatch("the answer contradicts itself: two results".to_owned());
        };
        let status = answer.status.get().or(answer.operation_status.get());
        let success = outcome.status == Status::Success || status == Some("SUCCESS");
        if let Some(difference) = self.other_id(&answer.external_id, success) {
            return Verdict::Mismatch(difference);
        }
        let verdict = match self.name {
            Name::GetQrCode => self.get_qr_code(answer, &outcome),
            Name::Perform | Name::Confirm => self.payment(answer, &outcome, status),
            Name::Process => self.process(answer, &outcome, status),
            Name::Refund => self.refund(answer, &outcome, status),
        };
        // Without perform, the call after the code's is an inquiry, and the code is to be shown.
        let unbound = self.call.ask == Ask::Create && self.name == Name::Process;
        if unbound && matches!(verdict, Verdict::NoWord(_) | Verdict::Undecided(_)) {
            Verdict::Open(None)
        } else {
            verdict
        }
    }

    fn get_qr_code(&self, answer: &Answer<'_>, outcome: &Outcome<'_>) -> Verdict {
        match outcome.status {
            Status::Success => {}
            Status::Failure => return self.failure(answer, outcome),
            Status::Absent | Status::Unknown => return not_ours(self.name),
        }
        let first = answer.payment_code_info_list.as_ref().and_then(|list| list.first());
        let Some((info, value)) = first.and_then(|info| Some((info, info.payment_code.get()?)))
        else {
            return not_ours(self.name);
        };
        if value.len() > CODE_MAX || value.contains(char::is_control) {
            return not_ours(self.name);
        }
        let time = |text: &Text<'_>| text.get().and_then(from_iso8601);
        let life_ms = time(&info.code_expiry_time)
            .zip(time(&info.code_validity_start_time))
            .and_then(|(end, start)| u64::try_from(end.checked_sub(start)?).ok())
            .filter(|life_ms| *life_ms > 0)
            .map_or(Code::UNKNOWN_LIFE_MS, |life_ms| life_ms.min(LIFE_MS_MAX));
        Verdict::CodeIssued(Code::text(value, life_ms))
    }

    /// Judges perform and confirm: the payment's status decides (sections 4.2, 4.3 and 6).
    fn payment(&self, answer: &Answer<'_>, outcome: &Outcome<'_>, status: Option<&str>) -> Verdict {
        let about = self.about();
        match (status, outcome.status) {
            (Some("SUCCESS"), Status::Failure | Status::Unknown) => contradiction(),
            (status, Status::Failure) if status.is_none() || self.is_no_word(outcome) => {
                self.failure(answer, outcome)
            }
            (Some("SUCCESS"), _) => match about {
                // What the customer typed is asked for by process.
                About::EntryCode => Verdict::Confirmed,
                About::OrderCode | About::Refund(_) | About::Payment(_) => {
                    self.success(answer, about)
                }
            },
            (Some("FAILED"), _) => {
                self.not_paid(answer, NoReason::Declined(words(outcome, "FAILED")))
            }
            (Some("CANCELLED"), _) => self.not_paid(answer, NoReason::Cancelled),
            (Some("REFUND"), _) => self.not_paid(answer, NoReason::GivenBack),
            (Some(_), _) | (None, Status::Success) => self.open(answer),
            (None, Status::Unknown | Status::Failure) => self.unknown(answer, outcome),
            (None, Status::Absent) => not_ours(self.name),
        }
    }

    fn process(&self, answer: &Answer<'_>, outcome: &Outcome<'_>, status: Option<&str>) -> Verdict {
        let about = self.about();
        // A refund's own word may be that it is one, and an accepted one may still run.
        let refund = matches!(about, About::Refund(_));
        let given_back = outcome.code == "REFUND" || status == Some("REFUND");
        match outcome.status {
            Status::Success if given_back && !refund => self.not_paid(answer, NoReason::GivenBack),
            Status::Success => match (outcome.code, status) {
                (_, Some("FAILED" | "CANCELLED")) => contradiction(),
                (code, None | Some("SUCCESS" | "REFUND")) if self.agrees(code) => {
                    self.success(answer, about)
                }
                ("" | "SUCCESS", Some("CREATED" | "PENDING")) if refund => {
                    self.success(answer, about)
                }
                _ => self.open(answer),
            },
            Status::Failure if status == Some("SUCCESS") => contradiction(),
            Status::Failure => self.failure(answer, outcome),
            Status::Unknown => self.open(answer),
            Status::Absent if status == Some("REFUND") && !refund => {
                self.not_paid(answer, NoReason::GivenBack)
            }
            Status::Absent if status.is_some() || !outcome.code.is_empty() => self.open(answer),
            Status::Absent => not_ours(self.name),
        }
    }

    /// Tells whether a code beside the status `S` says nothing against it.
    fn agrees(&self, code: &str) -> bool {
        matches!(code, "" | "SUCCESS" | "REFUND")
            || codes::meaning(self.settings, code) == Meaning::Unknown
    }

    fn refund(&self, answer: &Answer<'_>, outcome: &Outcome<'_>, status: Option<&str>) -> Verdict {
        match (outcome.status, outcome.code) {
            (Status::Success, _) if matches!(status, Some("FAILED" | "CANCELLED")) => {
                contradiction()
            }
            (Status::Success, "" | "SUCCESS" | "REFUND") => self.success(answer, self.about()),
            (Status::Failure, _) => self.failure(answer, outcome),
            (Status::Success | Status::Unknown, _) => Verdict::Open(None),
            (Status::Absent, _) => not_ours(self.name),
        }
    }

    /// Judges the result status `F`.
    fn failure(&self, answer: &Answer<'_>, outcome: &Outcome<'_>) -> Verdict {
        let Outcome { code, message, .. } = *outcome;
        let refund = self.name == Name::Refund;
        let exists = codes::exists(self.settings, code, message);
        let told = || words(outcome, code);
        match codes::meaning(self.settings, code) {
            _ if self.create && exists => Verdict::Exists,
            Meaning::Final(_) if self.create && self.name == Name::GetQrCode => {
                self.rejected(outcome)
            }
            Meaning::Final(why) => self.not_paid(answer, self.reason(why, told())),
            Meaning::Trouble if self.create => Verdict::Unanswered { sent: true, why: told() },
            Meaning::Request if refund && self.call.repeated => Verdict::NoWord(told()),
            Meaning::Request if self.create => self.rejected(outcome),
            _ if exists => Verdict::NoWord(told()),
            // Said twice, no word of a payment ends its watch: the bank has to have looked.
            Meaning::Trouble if self.is_pay() => self.open(answer),
            Meaning::Request if self.is_pay() && codes::is_about_access(code) => self.open(answer),
            Meaning::Request | Meaning::Trouble => Verdict::NoWord(told()),
            Meaning::Open => self.unknown(answer, outcome),
            Meaning::Unknown if refund && self.call.repeated => Verdict::NoWord(told()),
            Meaning::Unknown if refund && codes::refuses_refund(code) => self.rejected(outcome),
            // Nobody has seen the code of these two, so nobody can have paid.
            Meaning::Unknown if self.create && self.is_order_code() => self.rejected(outcome),
            // A code that is none is not said again, and a success or a refund is no failure.
            Meaning::Unknown if matches!(code, "" | "SUCCESS" | "REFUND") => {
                self.unknown(answer, outcome)
            }
            Meaning::Unknown => Verdict::Undecided(clean(code)),
        }
    }

    /// Judges what is neither good nor bad: a creating call is made again, others wait.
    fn unknown(&self, answer: &Answer<'_>, outcome: &Outcome<'_>) -> Verdict {
        match self.name {
            Name::GetQrCode | Name::Perform => {
                Verdict::Unanswered { sent: true, why: words(outcome, outcome.code) }
            }
            Name::Refund => Verdict::Open(None),
            Name::Confirm | Name::Process => self.open(answer),
        }
    }

    fn open(&self, answer: &Answer<'_>) -> Verdict {
        let figures = self.figures(answer);
        let order = self.call.order;
        let bridge = self.call.bridge;
        let known = matches!(self.name, Name::Perform | Name::Confirm);
        let hand_over: Option<HandOver> = match self.about() {
            About::OrderCode => {
                if let Some(difference) = figures.difference(order.amount, order.amount) {
                    return Verdict::Mismatch(difference);
                }
                if known { hand_over::of_order_code(answer, bridge) } else { None }
            }
            About::EntryCode if known => hand_over::of_entry_code(answer, bridge),
            About::EntryCode | About::Refund(_) | About::Payment(_) => None,
        };
        Verdict::Open(hand_over)
    }

    /// Ends with a no, unless its figures are another operation's.
    fn not_paid(&self, answer: &Answer<'_>, reason: NoReason) -> Verdict {
        let figures = self.figures(answer);
        let order = self.call.order;
        let difference = match self.about() {
            About::OrderCode => figures.difference(order.amount, order.amount),
            About::Refund(payment) => {
                let sum = *refund_payment_sum(self.settings, order, payment);
                figures.difference(payment.ordered, sum)
            }
            About::EntryCode | About::Payment(_) => None,
        };
        difference.map_or(Verdict::NotPaid(reason), Verdict::Mismatch)
    }

    fn success(&self, answer: &Answer<'_>, about: About<'_>) -> Verdict {
        let figures = self.figures(answer);
        let order = self.call.order;
        let compared = match about {
            About::OrderCode => figures.of_order_code(order.amount),
            About::EntryCode => figures.of_entry_code(order.amount),
            About::Refund(payment) => {
                let sum = *refund_payment_sum(self.settings, order, payment);
                figures.of_refund(order.amount, payment.ordered, sum)
            }
            About::Payment(payment) => figures.of_payment(payment),
        };
        let receipt = |paid: Amount| Receipt {
            paid,
            ordered: figures.order.amount(),
            payment: figures.payment.amount(),
            withdrawal: figures.withdrawal.amount(),
            at_ms: self.wall_ms,
            settled: None,
            relayed: None,
        };
        match compared {
            Compared::Asked(paid) => Verdict::Paid(receipt(paid)),
            Compared::Other(paid) => Verdict::OtherSum(receipt(paid)),
            Compared::Silent => Verdict::Confirmed,
            Compared::Differs(difference) => Verdict::Mismatch(difference),
        }
    }

    fn rejected(&self, outcome: &Outcome<'_>) -> Verdict {
        let said = words(outcome, outcome.code);
        Verdict::Rejected(blame(outcome.code, &said, self.call), said)
    }

    /// Tells why there was no payment; a refund is only ever declined.
    fn reason(&self, why: Final, told: String) -> NoReason {
        match (why, self.about()) {
            (_, About::Refund(_)) | (Final::Declined, _) => NoReason::Declined(told),
            (Final::Cancelled, _) => NoReason::Cancelled,
            (Final::Expired, _) => NoReason::Expired,
        }
    }

    /// Tells whether the answer names another operation than the call; text safe to log.
    fn other_id(&self, said: &Text<'_>, success: bool) -> Option<String> {
        let asked = match self.name {
            Name::Process => asked_id(self.call.order, self.call.ask),
            Name::GetQrCode | Name::Perform | Name::Confirm | Name::Refund => {
                self.call.order.external_id.as_str()
            }
        };
        match said {
            Text::Absent => None,
            Text::Is(said) if said == asked => None,
            // Refusals echo what they could read of the request, which may be nothing.
            Text::Is(said) if said.is_empty() && !success => None,
            Text::Is(said) => Some(format!("externalId is {}, not {asked}", clean(said))),
            Text::Odd => Some(format!("externalId is no text, not {asked}")),
        }
    }

    fn figures(&self, answer: &Answer<'_>) -> Figures {
        Figures::of(answer, self.call.order.amount.currency)
    }

    fn about(&self) -> About<'a> {
        match &self.call.order.kind {
            Kind::Refund { payment, .. } if self.call.ask == Ask::Payment => {
                About::Payment(payment)
            }
            Kind::Refund { payment, .. } => About::Refund(payment),
            Kind::Pay { code_value: Some(_), .. } => About::EntryCode,
            // Without perform no amount is bound: the customer names it, as with an entry code.
            Kind::Pay { .. } if !self.settings.perform_before_scan => About::EntryCode,
            Kind::Pay { .. } => About::OrderCode,
        }
    }

    /// Tells whether a failure says nothing about the money.
    fn is_no_word(&self, outcome: &Outcome<'_>) -> bool {
        matches!(codes::meaning(self.settings, outcome.code), Meaning::Request | Meaning::Trouble)
            || codes::exists(self.settings, outcome.code, outcome.message)
    }

    fn is_pay(&self) -> bool {
        self.call.order.payment().is_none()
    }

    fn is_order_code(&self) -> bool {
        let order = self.call.order;
        order.payment().is_none() && order.code_value().is_none()
    }
}

/// Reads the result, nested or flat; `None` if there are two that differ.
fn outcome<'a>(answer: &'a Answer<'_>) -> Option<Outcome<'a>> {
    let nested = answer.result.as_ref();
    let status = one(nested.map(|block| &block.result_status), &answer.result_status)?;
    let code = one(nested.map(|block| &block.result_code), &answer.result_code)?;
    let nested_message = nested.and_then(|block| block.result_message.get());
    let odd = answer.result_code == Text::Odd
        || nested.is_some_and(|block| block.result_code == Text::Odd);
    let status = match status {
        None => Status::Absent,
        Some("S") if odd => Status::Unknown,
        Some("S") => Status::Success,
        Some("F") => Status::Failure,
        Some(_) => Status::Unknown,
    };
    let message = nested_message.or(answer.result_message.get()).unwrap_or_default();
    Some(Outcome { status, code: code.unwrap_or_default(), message })
}

fn contradiction() -> Verdict {
    Verdict::Mismatch("the answer contradicts itself: status and result".to_owned())
}

/// Gives the text that stands in one of two places, or in both alike.
fn one<'a>(nested: Option<&'a Text<'_>>, flat: &'a Text<'_>) -> Option<Option<&'a str>> {
    match (nested.and_then(|text| text.get()), flat.get()) {
        (Some(nested), Some(flat)) if nested != flat => None,
        (Some(text), _) | (None, Some(text)) => Some(Some(text)),
        (None, None) => Some(None),
    }
}

/// Gives the bank's message, else its code, for people.
fn words(outcome: &Outcome<'_>, code: &str) -> String {
    let spoken = [outcome.message, code, "the bank gives no reason"];
    spoken.into_iter().map(clean).find(|said| !said.is_empty()).unwrap_or_default()
}
