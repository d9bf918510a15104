//! The reference model's last page: what must hold of every operation once all is calm.

use std::collections::BTreeMap;

use till_core::engine::Told;
use till_core::id::{Caller, ExternalId, RequestId};
use till_core::intent::AnswerCode;
use till_core::operation::{Action, Story};
use till_sandbox::octo::Account;

use crate::disk::{self, Note};
use crate::plan::{Luck, Plan};
use crate::pos::transaction;
use crate::reference::{At, Held, Reference, broken};

/// What the bank would say of an operation, asked directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) http: u16,
    pub(crate) status: String,
    pub(crate) code: String,
}

impl Word {
    /// Whether this is the bank's decision, which ends every doubt.
    fn decides(&self) -> bool {
        let fails = ["FAILED", "DECLINED", "CANCELLED", "EXPIRED"];
        self.http == 200
            && (self.status == "S" || (self.status == "F" && fails.contains(&self.code.as_str())))
    }

    /// Whether the bank says that it knows of nothing.
    fn is_nothing(&self) -> bool {
        self.http == 200 && self.status == "F" && self.code == "INVALID_REQUEST"
    }
}

impl Reference {
    /// Judges everything that a terminal recorded, seven days after the last trouble.
    pub(crate) fn reckons(
        &mut self,
        at: &At<'_>,
        plan: &Plan,
        told: &[Told],
        ask: &mut dyn FnMut(&ExternalId) -> Word,
    ) -> Held {
        let mut moved_for: BTreeMap<(&Caller, &RequestId), u32> = BTreeMap::new();
        let answers: BTreeMap<_, _> = told.iter().map(|told| (&told.operation.id, told)).collect();
        for note in at.watch.notes.iter().filter(|note| !note.gone) {
            let id = &note.order.external_id;
            let account = at.bank.ledger().account(id.as_str());
            let Some(told) = answers.get(&note.id) else {
                return broken("no operation is lost", &[id], "not in the history".to_owned());
            };
            self.tells(at, note, &told.answer, transaction(&told.answer).as_ref())?;
            if account.times > 1 {
                return broken("money moves once", &[id], format!("{account:?}"));
            }
            let code = told.answer.code;
            match note.order.action() {
                Action::Pay => {
                    let told = (code, told.answer.late_payment);
                    self.pay(at, plan, note, told, account, ask)?;
                }
                Action::Refund => {
                    let request = (&note.order.caller, &note.order.request_id);
                    *moved_for.entry(request).or_default() += account.times;
                    refund(note, code, account, plan.bank.refund_inquiry, ask)?;
                    if code == AnswerCode::NoConnection && self.has_arrived(id) {
                        return broken("7 means that no refund was sent", &[id], String::new());
                    }
                }
            }
            let calm = plan.luck == Luck::Calm && code == AnswerCode::Success;
            writes(note, calm && note.word == disk::Word::Yes && !note.doubted)?;
        }
        for (request, times) in moved_for {
            if times > 1 {
                let what = format!("{request:?} moved money {times} times");
                return broken("one refund for each request_id", &[], what);
            }
        }
        Ok(())
    }

    fn pay(
        &self,
        at: &At<'_>,
        plan: &Plan,
        note: &Note,
        (code, story): (AnswerCode, Option<Story>),
        account: Account,
        ask: &mut dyn FnMut(&ExternalId) -> Word,
    ) -> Held {
        let id = &note.order.external_id;
        let Some(paid) = account.moved else {
            return match code {
                AnswerCode::Success => {
                    broken("a success that the bank knows", &[id], format!("{:?}", note.order))
                }
                AnswerCode::InUse => ends(id, "runs for ever", ask),
                AnswerCode::Unknown => pay_in_doubt(note, ask),
                AnswerCode::Declined
                | AnswerCode::Cancelled
                | AnswerCode::Expired
                | AnswerCode::BadRequest
                | AnswerCode::NotConfigured
                | AnswerCode::NoConnection
                | AnswerCode::NotRefundable
                | AnswerCode::Journal
                | AnswerCode::NoSuchRequest => Ok(()),
            };
        };
        if account.refunded > paid.amount {
            let what = format!("{} of {}", account.refunded, paid.amount);
            return broken("no more goes back than was paid", &[id], what);
        }
        if code == AnswerCode::Success {
            return Ok(());
        }
        let late = at.bank.ledger().account(id.late().as_str());
        let whole = account.refunded == paid.amount;
        let well = match story {
            None => whole && code == AnswerCode::Declined,
            // A refund that nobody can inquire about is given back when the bank accepted it.
            Some(Story::Refunded) if whole && late.times == 1 => true,
            Some(Story::Refunded) => !plan.bank.refund_inquiry && self.was_accepted(&id.late()),
            // Kept by the rules, or because the goods may have gone while nobody knew.
            Some(Story::Reported) => {
                late.times == 0 && (!plan.settings.rules.give_back || note.doubted)
            }
            Some(Story::RefundFailed) => late.times == 0,
            // In doubt for ever only if the bank does not say.
            Some(Story::Refunding) => !ask(&id.late()).decides(),
        };
        if well {
            return Ok(());
        }
        let what = format!(
            "told {code}, {story:?}; paid {}, given back {}, {} times as late; the bank: {:?}",
            paid.amount,
            account.refunded,
            late.times,
            ask(&id.late()),
        );
        broken("late money is given back or reported", &[id, &id.late()], what)
    }
}

fn ends(id: &ExternalId, what: &str, ask: &mut dyn FnMut(&ExternalId) -> Word) -> Held {
    broken("what the bank decided is not in doubt", &[id], format!("{what}: {:?}", ask(id)))
}

/// An order code of which the bank knows nothing ends too; only it says so for an entry code.
fn pay_in_doubt(note: &Note, ask: &mut dyn FnMut(&ExternalId) -> Word) -> Held {
    let id = &note.order.external_id;
    let word = ask(id);
    let ended = word.decides() || (word.is_nothing() && note.order.code_value().is_none());
    if ended { ends(id, "told 4", ask) } else { Ok(()) }
}

fn refund(
    note: &Note,
    code: AnswerCode,
    account: Account,
    inquiry: bool,
    ask: &mut dyn FnMut(&ExternalId) -> Word,
) -> Held {
    let id = &note.order.external_id;
    match code {
        AnswerCode::Success => Ok(()),
        AnswerCode::InUse => ends(id, "runs for ever", ask),
        AnswerCode::Unknown if inquiry && ask(id).decides() => ends(id, "told 4", ask),
        AnswerCode::Unknown => Ok(()),
        AnswerCode::Declined
        | AnswerCode::Cancelled
        | AnswerCode::Expired
        | AnswerCode::BadRequest
        | AnswerCode::NotConfigured
        | AnswerCode::NoConnection
        | AnswerCode::NotRefundable
        | AnswerCode::Journal
        | AnswerCode::NoSuchRequest => {
            if account.times > 0 {
                let what = format!("told {code}, and {account:?}");
                return broken("a refund told as failed moved nothing", &[id], what);
            }
            Ok(())
        }
    }
}

/// Polls write nothing: what is written depends on what happened, not on how often was asked.
fn writes(note: &Note, calm: bool) -> Held {
    // The bank's word about a payment of another terminal is a write of its own.
    let foreign = u32::from(note.order.payment().is_some_and(|payment| payment.foreign));
    let (most, most_synced) = if calm { (6, 2 + foreign) } else { (24, 8) };
    if note.writes > most || note.synced_writes > most_synced {
        let what = format!("{} writes, {} synced", note.writes, note.synced_writes);
        return broken("polls write nothing", &[&note.order.external_id], what);
    }
    Ok(())
}
