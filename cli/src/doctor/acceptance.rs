//! `till doctor --acceptance`: what the bank's document leaves open, as far as it can be tried
//! without a customer. The sum is one minor unit, the code is shown to nobody, nothing is paid.

use std::time::Duration;

use till_core::operation::{Ask, Code, NoReason, Operation, Verdict};
use till_core::time::from_iso8601;

use super::bank::{Probe, Seen};
use super::{Check, wall_ms};
use crate::args::Doctor;
use crate::out::complain;
use crate::setup::{Bank, Setup};

/// How far the bank's clock may be from this one, in milliseconds.
const CLOCK_MS: i64 = 30_000;
/// How long after a code's end the bank is asked, in milliseconds.
const AFTER_END_MS: u64 = 5_000;

/// Tries everything that can be tried.
pub(super) async fn run(
    probe: &Probe<'_>,
    setup: &Setup,
    doctor: Doctor,
    json: bool,
) -> Vec<Check> {
    let live = match &setup.bank {
        Bank::Configured(config) => config.octo.as_ref().is_some_and(|octo| octo.settings.live),
        Bank::Sandbox { .. } => false,
    };
    if live && !doctor.yes_on_a_live_bank {
        let message = "octo.live is true: nothing was tried on a bank that moves real money";
        let advice = "a code of 1 minor unit would be made there; --yes-on-a-live-bank allows it";
        return vec![Check::bad("acceptance", message, advice)];
    }
    let operation = match probe.order() {
        Ok(operation) => operation,
        Err(trouble) => return vec![Check::bad("acceptance", trouble.to_string(), "try again")],
    };
    let mut checks = vec![probe.unknown_payment("unknown id").await];
    let first = probe.ask(&operation, None, Ask::Create, false).await;
    checks.extend(code(&first));
    let Verdict::CodeIssued(code) = &first.verdict else { return checks };
    checks.push(repeated_code(&probe.ask(&operation, None, Ask::Create, true).await, code));
    checks.push(waiting(
        "before perform",
        &probe.ask(&operation, Some(code), Ask::Poll, false).await,
    ));
    let performed = probe.ask(&operation, Some(code), Ask::Create, false).await;
    checks.push(perform(&performed));
    checks.push(repeated_perform(&probe.ask(&operation, Some(code), Ask::Create, true).await));
    checks.push(waiting("nobody paid", &probe.ask(&operation, Some(code), Ask::Poll, false).await));
    checks.push(if doctor.until_end {
        after_end(probe, &operation, code, json).await
    } else {
        let minutes = code.life_ms.div_ceil(60_000);
        let message = format!("not tried: the code ends in {minutes} min");
        Check::warning("after the end", message, "--until-end waits for it")
    });
    checks.push(Check::warning(
        "to be asked",
        "who is debited and who credited by code, perform and scan; what process answers to a \
         refund's id; the field of a partial refund's sum (octo.refund_sum); currencies without 2 \
         decimal places (octo.exponents_confirmed); whether a declined code can be scanned again \
         (octo.declined_is_payable); the answer to a push (octo.push_answer)",
        "these need a customer who pays, or the bank's word",
    ));
    checks
}

/// Judges get-qr-code, and the bank's clock, which its answer tells.
fn code(seen: &Seen) -> Vec<Check> {
    let text = &seen.text;
    let Verdict::CodeIssued(code) = &seen.verdict else {
        let advice = "octo.user_id, octo.qr_user_id or octo.region may be what it dislikes";
        return vec![Check::bad("get-qr-code", format!("no code: {text}"), advice)];
    };
    let info = seen.body.pointer("/paymentCodeInfoList/0");
    let time = |key| info.and_then(|info| info.get(key)?.as_str()).and_then(from_iso8601);
    let life = format!("{text}; a code of {} characters", code.value.chars().count());
    let (begin, end) = (time("codeValidityStartTime"), time("codeExpiryTime"));
    let first = match end {
        Some(_) => {
            Check::well("get-qr-code", format!("{life}, payable for {} s", code.life_ms / 1_000))
        }
        None => Check::warning(
            "get-qr-code",
            format!("{life}, without a readable codeExpiryTime"),
            "its life counts as 10 min; ask the bank",
        ),
    };
    let clock = begin.map(|begin| {
        let ahead_ms = begin.saturating_sub(wall_ms());
        let message = format!("the bank's is {ahead_ms} ms ahead of this machine's");
        if ahead_ms.abs() > CLOCK_MS {
            Check::bad("bank's clock", message, "set this machine's clock, best by NTP")
        } else {
            Check::well("bank's clock", message)
        }
    });
    std::iter::once(first).chain(clock).collect()
}

fn repeated_code(seen: &Seen, first: &Code) -> Check {
    let (name, text) = ("repeated get-qr-code", &seen.text);
    if let Verdict::CodeIssued(code) = &seen.verdict {
        return if code.value == first.value {
            Check::well(name, format!("{text}; the same code"))
        } else {
            let advice = "only the code that perform names can be paid; ask the bank what becomes \
                          of the first";
            Check::warning(name, format!("{text}; another code"), advice)
        };
    }
    if seen.verdict == Verdict::Exists {
        return Check::well(name, format!("{text}; refused because it exists"));
    }
    unsettled(name, seen, "octo.exists_codes")
}

fn perform(seen: &Seen) -> Check {
    let (name, text) = ("perform before scan", &seen.text);
    if let Verdict::Open(hand_over) = &seen.verdict {
        return match hand_over {
            None => Check::well(name, format!("{text}; the sum is bound to the code")),
            Some(_) => Check::warning(
                name,
                format!("{text}; it wants the customer handed over"),
                "ask the bank whether the customer's own wallet may act instead",
            ),
        };
    }
    if matches!(seen.verdict, Verdict::Rejected(..)) {
        let advice = "octo.perform_before_scan = false lets the customer name the sum; ask the \
                      bank first";
        return Check::bad(name, format!("{text}; refused"), advice);
    }
    unsettled(name, seen, "octo.perform_before_scan")
}

fn repeated_perform(seen: &Seen) -> Check {
    let (name, text) = ("repeated perform", &seen.text);
    if matches!(seen.verdict, Verdict::Open(_)) {
        return Check::well(name, format!("{text}; the same answer again"));
    }
    if seen.verdict == Verdict::Exists {
        return Check::well(name, format!("{text}; refused because it exists"));
    }
    unsettled(name, seen, "octo.exists_codes")
}

/// Judges process while nobody has paid.
fn waiting(name: &str, seen: &Seen) -> Check {
    if matches!(seen.verdict, Verdict::Open(_) | Verdict::NoWord(_)) {
        return Check::well(name, format!("{}; open", seen.text));
    }
    unsettled(name, seen, "octo.open_codes")
}

async fn after_end(probe: &Probe<'_>, operation: &Operation, code: &Code, json: bool) -> Check {
    let name = "after the end";
    let wait = Duration::from_millis(code.life_ms.saturating_add(AFTER_END_MS));
    if !json {
        complain(&format!("till: waiting {} s for the code's end", wait.as_secs()));
    }
    tokio::time::sleep(wait).await;
    let seen = probe.ask(operation, Some(code), Ask::Watch, false).await;
    let text = &seen.text;
    if let Verdict::NotPaid(NoReason::Expired | NoReason::Cancelled) = &seen.verdict {
        return Check::well(name, format!("{text}; final, nobody paid"));
    }
    if matches!(seen.verdict, Verdict::NoWord(_)) {
        return Check::well(name, format!("{text}; said twice, it is final"));
    }
    if matches!(seen.verdict, Verdict::Open(_)) {
        let advice = "such payments are watched for 7 days; ask the bank for an end";
        return Check::warning(name, format!("{text}; open for ever"), advice);
    }
    unsettled(name, &seen, "octo.expired_codes")
}

/// Tells a verdict that the present settings should not lead to.
fn unsettled(name: &str, seen: &Seen, setting: &str) -> Check {
    let Seen { text, verdict, body: _ } = seen;
    let what = match verdict {
        Verdict::Undecided(code) => format!("{code} is in no table"),
        Verdict::NotPaid(_) => "read as a final no".to_owned(),
        Verdict::Paid(_) | Verdict::OtherSum(_) | Verdict::Confirmed => "read as paid".to_owned(),
        Verdict::Rejected(_, message) => format!("read as a refusal: {message}"),
        Verdict::Mismatch(what) => format!("not our figures: {what}"),
        Verdict::NoWord(_) => "read as a word about the request".to_owned(),
        Verdict::Unanswered { why, .. } => format!("read as no answer: {why}"),
        Verdict::Open(_) => "read as open".to_owned(),
        Verdict::Exists => "read as a repetition".to_owned(),
        Verdict::CodeIssued(_) => "a code came".to_owned(),
        Verdict::Accepted(_) | Verdict::Wanted(_) | Verdict::Lacking(_) | Verdict::Relayed(_) => {
            "read as another bank's word".to_owned()
        }
    };
    Check::bad(name, format!("{text}; {what}"), format!("ask the bank, then set {setting}"))
}
