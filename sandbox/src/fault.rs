//! Faults on order: what the network and the bank's front end may do to a call.

use core::fmt;
use core::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::call::Call;

/// One fault, written `KIND:CALL[:VALUE][:TIMES]`, for example `drop-answer:refund:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// To which call.
    pub call: Call,
    /// How many times; `None`: until it is cleared.
    pub times: Option<u32>,
}

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// `drop-request:CALL:N`: the bank never sees it; the connection is closed.
    DropRequest,
    /// `drop-answer:CALL:N`: the bank acts; the connection is closed without an answer.
    DropAnswer,
    /// `delay:CALL:MS[:N]`: the bank gets it so many ms later, even if the caller has gone.
    Delay(u64),
    /// `status:CALL:STATUS:N`: the front end answers this status; the bank never sees it.
    Status(u16),
    /// `duplicate:CALL[:N]`: the bank gets it twice; the second answer is given.
    Duplicate,
    /// `reset:CALL:N`: the bank acts; the connection is reset (TCP RST) without an answer.
    Reset,
    /// `garbage:CALL:N`: the bank acts; the answer's body is random bytes.
    Garbage,
    /// `truncate:CALL:N`: the bank acts; the body ends before its Content-Length.
    Truncate,
    /// `huge:CALL:N`: the bank acts; the body is 100 MB.
    Huge,
    /// `type:CALL:N`: the bank acts; the Content-Type is wrong.
    Type,
}

/// A fault's text is wrong; the message says how and what would be right, on one line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("fault `{spec}`: {problem}")]
pub struct FaultSyntax {
    spec: String,
    problem: String,
}

/// The faults that are set, each with its times left.
#[derive(Debug, Default)]
pub struct Faults {
    active: Mutex<Vec<Fault>>,
}

/// What happens to one call, once all faults on it are taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The bank gets the call so many ms later.
    pub delay_ms: u64,
    /// The bank gets the call twice.
    pub duplicate: bool,
    /// How the call ends, if not well; never `Delay` or `Duplicate`.
    pub ending: Option<FaultKind>,
}

const KINDS: &str = "drop-request, drop-answer, delay, status, duplicate, reset, garbage, \
                     truncate, huge, type";

impl FaultKind {
    /// Returns the name that begins a fault's text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DropRequest => "drop-request",
            Self::DropAnswer => "drop-answer",
            Self::Delay(_) => "delay",
            Self::Status(_) => "status",
            Self::Duplicate => "duplicate",
            Self::Reset => "reset",
            Self::Garbage => "garbage",
            Self::Truncate => "truncate",
            Self::Huge => "huge",
            Self::Type => "type",
        }
    }
}

impl Faults {
    /// Sets a fault, after those that are set.
    pub fn add(&self, fault: Fault) {
        self.with(|active| active.push(fault));
    }

    /// Takes all faults away.
    pub fn clear(&self) {
        self.with(Vec::clear);
    }

    /// Returns the faults that are set, with the times that they have left.
    #[must_use]
    pub fn list(&self) -> Vec<Fault> {
        self.with(|active| active.clone())
    }

    /// Plans one call and counts it against the faults used: each delay and the duplicate, and
    /// the first of the others.
    pub fn plan(&self, call: Call) -> Plan {
        self.with(|active| {
            let mut plan = Plan::default();
            for fault in active.iter_mut().filter(|fault| fault.call == call) {
                match fault.kind {
                    FaultKind::Delay(ms) => plan.delay_ms = plan.delay_ms.saturating_add(ms),
                    FaultKind::Duplicate => plan.duplicate = true,
                    FaultKind::DropRequest
                    | FaultKind::DropAnswer
                    | FaultKind::Status(_)
                    | FaultKind::Reset
                    | FaultKind::Garbage
                    | FaultKind::Truncate
                    | FaultKind::Huge
                    | FaultKind::Type => {
                        if plan.ending.is_some() {
                            continue;
                        }
                        plan.ending = Some(fault.kind);
                    }
                }
                fault.times = fault.times.map(|times| times.saturating_sub(1));
            }
            active.retain(|fault| fault.times != Some(0));
            plan
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        work(&mut self.active.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(spec: &str) -> Result<Self, FaultSyntax> {
        parse(spec).map_err(|problem| {
            // The text may be anything; the message stays one short line.
            let spec: String = spec.chars().take(80).map(printable).collect();
            FaultSyntax { spec, problem }
        })
    }
}

fn printable(letter: char) -> char {
    if letter.is_control() { '?' } else { letter }
}

fn parse(spec: &str) -> Result<Fault, String> {
    let mut parts = spec.split(':');
    let name = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let kind = match name {
        "drop-request" => FaultKind::DropRequest,
        "drop-answer" => FaultKind::DropAnswer,
        "delay" => FaultKind::Delay(0),
        "status" => FaultKind::Status(0),
        "duplicate" => FaultKind::Duplicate,
        "reset" => FaultKind::Reset,
        "garbage" => FaultKind::Garbage,
        "truncate" => FaultKind::Truncate,
        "huge" => FaultKind::Huge,
        "type" => FaultKind::Type,
        _ => return Err(format!("there is no such fault: write one of {KINDS}")),
    };
    let shape = shape(kind);
    let [call, values @ ..] = rest.as_slice() else {
        return Err(format!("the call is missing: write {shape}"));
    };
    let call: Call = call.parse().map_err(|problem: String| {
        problem
            .replace("not a call", "not a call of a bank")
            .chars()
            .map(printable)
            .collect::<String>()
    })?;
    let (kind, times) = match (kind, values) {
        (FaultKind::Delay(_), [ms]) => (FaultKind::Delay(number(ms, "ms", shape)?), None),
        (FaultKind::Delay(_), [ms, times]) => {
            (FaultKind::Delay(number(ms, "ms", shape)?), Some(read_times(times, shape)?))
        }
        (FaultKind::Status(_), [status, times]) => {
            (FaultKind::Status(read_status(status, shape)?), Some(read_times(times, shape)?))
        }
        (FaultKind::Duplicate, []) => (kind, None),
        (FaultKind::Delay(_) | FaultKind::Status(_), _) => {
            return Err(format!("write {shape}"));
        }
        (_, [times]) => (kind, Some(read_times(times, shape)?)),
        (_, []) => return Err(format!("the number of times is missing: write {shape}")),
        (_, _) => return Err(format!("there is too much: write {shape}")),
    };
    Ok(Fault { kind, call, times })
}

const fn shape(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::DropRequest => "drop-request:CALL:N, like drop-request:perform:1",
        FaultKind::DropAnswer => "drop-answer:CALL:N, like drop-answer:refund:1",
        FaultKind::Delay(_) => "delay:CALL:MS or delay:CALL:MS:N, like delay:process:500",
        FaultKind::Status(_) => "status:CALL:STATUS:N, like status:perform:503:2",
        FaultKind::Duplicate => "duplicate:CALL or duplicate:CALL:N, like duplicate:perform",
        FaultKind::Reset => "reset:CALL:N, like reset:perform:1",
        FaultKind::Garbage => "garbage:CALL:N, like garbage:process:1",
        FaultKind::Truncate => "truncate:CALL:N, like truncate:process:1",
        FaultKind::Huge => "huge:CALL:N, like huge:process:1",
        FaultKind::Type => "type:CALL:N, like type:process:1",
    }
}

fn number<T: FromStr>(text: &str, what: &str, shape: &str) -> Result<T, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let text: String = text.chars().take(20).map(printable).collect();
        format!("`{text}` is not a number of {what}: write {shape}")
    })
}

fn read_times(text: &str, shape: &str) -> Result<u32, String> {
    let times: u32 = number(text, "times", shape)?;
    if times == 0 { Err(format!("0 times is never: write {shape}")) } else { Ok(times) }
}

fn read_status(text: &str, shape: &str) -> Result<u16, String> {
    let status: u16 = number(text, "an HTTP status", shape)?;
    if (200..=599).contains(&status) {
        Ok(status)
    } else {
        Err(format!("an HTTP status is 200 to 599: write {shape}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, call, times } = self;
        write!(f, "{}:{call}", kind.name())?;
        match kind {
            FaultKind::Delay(ms) => write!(f, ":{ms}")?,
            FaultKind::Status(status) => write!(f, ":{status}")?,
            FaultKind::DropRequest
            | FaultKind::DropAnswer
            | FaultKind::Duplicate
            | FaultKind::Reset
            | FaultKind::Garbage
            | FaultKind::Truncate
            | FaultKind::Huge
            | FaultKind::Type => {}
        }
        times.map_or(Ok(()), |times| write!(f, ":{times}"))
    }
}

impl TryFrom<String> for Fault {
    type Error = FaultSyntax;

    fn try_from(spec: String) -> Result<Self, FaultSyntax> {
        spec.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(spec: &str) -> Fault {
        spec.parse().unwrap()
    }

    #[test]
    fn every_fault_reads_and_prints_the_same() {
        for call in Call::ALL {
            for spec in [
                format!("drop-request:{call}:1"),
                format!("drop-answer:{call}:2"),
                format!("delay:{call}:500"),
                format!("delay:{call}:500:3"),
                format!("status:{call}:503:4"),
                format!("duplicate:{call}"),
                format!("duplicate:{call}:1"),
                format!("reset:{call}:1"),
                format!("garbage:{call}:1"),
                format!("truncate:{call}:1"),
                format!("huge:{call}:1"),
                format!("type:{call}:4294967295"),
            ] {
                assert_eq!(fault(&spec).to_string(), spec);
                assert_eq!(fault(&spec).call, call);
            }
        }
    }

    #[test]
    fn a_wrong_fault_says_on_one_line_what_would_be_right() {
        for (spec, hint) in [
            ("", "there is no such fault: write one of drop-request, drop-answer"),
            ("drop:perform:1", "there is no such fault"),
            ("drop-answer", "the call is missing: write drop-answer:CALL:N"),
            ("drop-answer:pay:1", "`pay` is not a call of a bank: write one of token, get-qr-code"),
            ("drop-answer:perform", "the number of times is missing"),
            ("drop-answer:perform:0", "0 times is never"),
            ("drop-answer:perform:-1", "`-1` is not a number of times"),
            ("drop-answer:perform:+1", "`+1` is not a number of times"),
            ("drop-answer:perform:1:2", "there is too much"),
            ("drop-answer:perform:4294967296", "is not a number of times"),
            ("delay:process", "write delay:CALL:MS"),
            ("delay:process:soon", "`soon` is not a number of ms"),
            ("delay:process:1:2:3", "write delay:CALL:MS"),
            ("status:perform:503", "write status:CALL:STATUS:N, like status:perform:503:2"),
            ("status:perform:99:1", "an HTTP status is 200 to 599"),
            ("status:perform:100:1", "an HTTP status is 200 to 599"),
            ("duplicate:perform:", "is not a number of times"),
            ("drop-answer:a\nb:1", "is not a call of a bank"),
        ] {
            let error = spec.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(hint), "{spec}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn faults_are_used_up_in_their_order() {
        let faults = Faults::default();
        faults.add(fault("drop-answer:perform:1"));
        faults.add(fault("status:perform:503:2"));
        faults.add(fault("reset:refund:1"));
        let ending = |call| faults.plan(call).ending;
        assert_eq!(ending(Call::Process), None);
        assert_eq!(ending(Call::Perform), Some(FaultKind::DropAnswer));
        assert_eq!(ending(Call::Perform), Some(FaultKind::Status(503)));
        assert_eq!(faults.list(), [fault("status:perform:503:1"), fault("reset:refund:1")]);
        assert_eq!(ending(Call::Perform), Some(FaultKind::Status(503)));
        assert_eq!(ending(Call::Perform), None);
        faults.clear();
        assert_eq!(ending(Call::Refund), None);
    }

    #[test]
    fn delays_add_up_and_join_other_faults() {
        let faults = Faults::default();
        for spec in
            ["delay:process:100", "delay:process:50:1", "duplicate:process", "reset:process:1"]
        {
            faults.add(fault(spec));
        }
        let reset = Some(FaultKind::Reset);
        let first = faults.plan(Call::Process);
        assert_eq!(first, Plan { delay_ms: 150, duplicate: true, ending: reset });
        let second = faults.plan(Call::Process);
        assert_eq!(second, Plan { delay_ms: 100, duplicate: true, ending: None });
    }
}
