//! The reference model's page on answers: what may be told, to whom, and when.

use till_core::engine::WaiterId;
use till_core::id::ExternalId;
use till_core::intent::{Advice, Answer, AnswerCode, ErrorType, QpTransaction};
use till_core::operation::{Action, Story};

use crate::disk::{Note, Word};
use crate::reference::{Asked, At, Held, Reference, Tale, Wish, broken};

impl Reference {
    /// A round or the history is told.
    pub(crate) fn lists(&mut self, waiter: WaiterId) -> Held {
        match self.waiting.remove(&waiter).map(|asked| asked.wish) {
            Some(Wish::Resume | Wish::History) => Ok(()),
            other => broken("each request has one answer", &[], format!("a list to {other:?}")),
        }
    }

    pub(crate) fn answers(
        &mut self,
        at: &At<'_>,
        waiter: WaiterId,
        answer: &Answer,
        transaction: Option<&QpTransaction>,
    ) -> Held {
        let note = answer.operation.as_ref().and_then(|id| at.watch.operation(id));
        let about: Vec<&ExternalId> =
            note.map(|note| &note.order.external_id).into_iter().collect();
        if self.gone.remove(&waiter) {
            return Ok(());
        }
        let Some(asked) = self.waiting.remove(&waiter) else {
            let what = format!("{} to nobody", answer.code);
            return broken("each request has one answer", &about, what);
        };
        self.echoes(&asked, answer, &about)?;
        match (note, &answer.operation) {
            (Some(note), _) => {
                if asked.bound && asked.known <= at.watch.index(&note.id) {
                    let what = "a new operation".to_owned();
                    return broken("IDEMPOTENT gives the first answer", &about, what);
                }
                fits(&asked, note, answer)?;
                let its_own = asked.known <= at.watch.index(&note.id);
                self.asks_in_vain(&asked, note, answer, its_own)?;
                self.tells(at, note, answer, transaction)
            }
            (None, Some(id)) => broken("journal first", &[], format!("{id} told, not written")),
            (None, None) => refuses(at, &asked, answer),
        }
    }

    /// Judges what an answer owes to its request alone.
    fn echoes(&self, asked: &Asked, answer: &Answer, about: &[&ExternalId]) -> Held {
        let metadata = answer.metadata.as_ref().and_then(|map| map.get("k"));
        let other = asked.request_id.as_ref().is_some_and(|id| *id != answer.request_id);
        if other || metadata != asked.metadata.as_ref() {
            return broken("request_id and metadata are echoed", about, format!("{answer:?}"));
        }
        let unknown = answer.error_type() == Some(ErrorType::UnknownResult);
        let doubt = answer.code == AnswerCode::Unknown && asked.action == Action::Refund;
        if unknown != doubt || (doubt && answer.advice != Advice::RepeatSameRequest) {
            let what = format!("{answer:?} to {asked:?}");
            return broken("a refund in doubt is to be repeated", about, what);
        }
        Ok(())
    }

    /// The screen of a pay never tells code 4 by itself; one that finds it in doubt does.
    fn asks_in_vain(&mut self, asked: &Asked, note: &Note, answer: &Answer, its_own: bool) -> Held {
        let tale = self.tale(&note.order.external_id);
        let unknown = answer.code == AnswerCode::Unknown;
        let screen = asked.wish == (Wish::Pay { attended: true });
        if unknown && screen && its_own && !tale.chosen && !tale.doubt_told {
            let what = "code 4 to an operator who did not choose".to_owned();
            return broken("a screen stays in doubt", &[&note.order.external_id], what);
        }
        tale.doubt_told |= unknown;
        Ok(())
    }

    /// Judges what is told of an operation, to whomever.
    pub(crate) fn tells(
        &mut self,
        at: &At<'_>,
        note: &Note,
        answer: &Answer,
        transaction: Option<&QpTransaction>,
    ) -> Held {
        let id = &note.order.external_id;
        let tale = self.tales.entry(id.clone()).or_default();
        let code = answer.code;
        if let Some(told) = tale.told.filter(|told| *told != code) {
            return broken("answers never contradict", &[id], format!("{told}, then {code}"));
        }
        if story_back(tale.story, answer.late_payment) {
            let what = format!("{:?}, then {:?}", tale.story, answer.late_payment);
            return broken("answers never contradict", &[id], what);
        }
        tale.story = answer.late_payment;
        if matches!(code, AnswerCode::Unknown | AnswerCode::InUse | AnswerCode::Journal) {
            return Ok(());
        }
        tale.told = Some(code);
        if !note.synced.is_some_and(Word::is_over) {
            let what = format!("{code}, and a power cut would leave {:?}", note.synced);
            return broken("what is told is on disk", &[id], what);
        }
        match code {
            AnswerCode::Success => success(at, note, tale, transaction),
            AnswerCode::Cancelled | AnswerCode::Expired if note.order.action() == Action::Pay => {
                let asked = tale.asked_ms.is_some_and(|asked| Some(asked) >= tale.shown_ms);
                if asked || tale.settled {
                    return Ok(());
                }
                let what = format!("{code}, shown {:?}, asked {:?}", tale.shown_ms, tale.asked_ms);
                broken("2 and 3 need the bank's word", &[id], what)
            }
            AnswerCode::NoConnection if tale.shown_ms.is_some() => {
                broken("7 means that nothing was shown", &[id], String::new())
            }
            AnswerCode::NoConnection
            | AnswerCode::Cancelled
            | AnswerCode::Expired
            | AnswerCode::Declined
            | AnswerCode::Unknown
            | AnswerCode::BadRequest
            | AnswerCode::NotConfigured
            | AnswerCode::InUse
            | AnswerCode::NotRefundable
            | AnswerCode::Journal
            | AnswerCode::NoSuchRequest => Ok(()),
        }
    }
}

/// Judges whether an operation may answer this request at all.
fn fits(asked: &Asked, note: &Note, answer: &Answer) -> Held {
    let same = note.order.amount.minor == asked.amount;
    let of_another = match asked.wish {
        Wish::Pay { .. } => answer.code == AnswerCode::Success && !same,
        Wish::Refund => !same,
        Wish::Status | Wish::Cancel | Wish::Settle | Wish::Resume | Wish::History => false,
    };
    if of_another || note.order.caller != asked.caller || note.order.action() != asked.action {
        let what = format!("{} of {:?} to {asked:?}", answer.code, note.order);
        return broken("an answer is of its request", &[&note.order.external_id], what);
    }
    Ok(())
}

/// Judges an answer that speaks of no operation.
fn refuses(at: &At<'_>, asked: &Asked, answer: &Answer) -> Held {
    let mut known =
        asked.request_id.iter().flat_map(|id| at.watch.request(&asked.caller, asked.action, id));
    let first = known.next();
    let about: Vec<&ExternalId> = first.map(|note| &note.order.external_id).into_iter().collect();
    match (answer.code, asked.wish, first) {
        (AnswerCode::NoSuchRequest, Wish::Status | Wish::Cancel | Wish::Settle, None) => Ok(()),
        (AnswerCode::NoSuchRequest, _, _) => {
            broken("no operation is lost", &about, format!("11 to {asked:?}"))
        }
        (code, _, _) if code == AnswerCode::Success || answer.transaction.is_some() => {
            broken("a success that the bank knows", &about, format!("{answer:?}"))
        }
        _ => Ok(()),
    }
}

/// Judges a success against the bank's books.
fn success(at: &At<'_>, note: &Note, tale: &Tale, transaction: Option<&QpTransaction>) -> Held {
    let order = &note.order;
    let id = &order.external_id;
    let account = at.bank.ledger().account(id.as_str());
    let Some(transaction) = transaction else {
        return broken("a success has a transaction", &[id], String::new());
    };
    let wrong = |what: String| broken("a success that the bank knows", &[id], what);
    if transaction.amount != Some(order.amount.minor) {
        return wrong(format!("{:?}, asked for {:?}", transaction.amount, order.amount));
    }
    match (order.action(), account.moved) {
        (Action::Refund, None) if tale.accepted => Ok(()),
        (Action::Refund | Action::Pay, None) => wrong("no money moved".to_owned()),
        (Action::Refund, Some(moved)) if moved.amount == order.amount.minor => Ok(()),
        (Action::Refund, Some(moved)) => wrong(format!("{moved:?} moved")),
        (Action::Pay, Some(moved)) => {
            let said = transaction.payment_amount == Some(moved.amount) || tale.settled;
            let asked = order.amount.minor;
            let entry = order.code_value().is_some() && moved.amount != asked;
            if !said || moved.amount > asked || entry {
                return wrong(format!("{moved:?} moved, told {:?}", transaction.payment_amount));
            }
            Ok(())
        }
    }
}

/// Tells whether what is told of late money goes back on what was told before.
fn story_back(before: Option<Story>, now: Option<Story>) -> bool {
    match (before, now) {
        (None, _) => false,
        (Some(Story::Refunding), now) => now.is_none(),
        (Some(Story::Refunded), now) => {
            // A refund that was accepted may fail in the end.
            !matches!(now, Some(Story::Refunded | Story::RefundFailed))
        }
        (Some(before @ (Story::RefundFailed | Story::Reported)), now) => now != Some(before),
    }
}
