//! What people do with answers, and what they have in mind for later.

use till_core::engine::{Input, Told, WaiterId};
use till_core::id::{ExternalId, OperationId, RequestId};
use till_core::intent::{Advice, Answer, AnswerCode};
use till_core::journal::JournalError;
use till_core::operation::{Action, Choice};

use crate::network::Flight;
use crate::plan::{MINUTE, SECOND};
use crate::pos::{Errand, Origin, Receipt, Todo, transaction};
use crate::reference::{At, Held, Wish};
use crate::trace::trace;
use crate::world::{Event, LATE, World};

impl World {
    /// A caller gets its answer.
    pub(crate) fn take_answer(&mut self, index: usize, waiter: WaiterId, answer: Answer) -> Held {
        let transaction = transaction(&answer);
        if self.trace.is_kept() {
            let about = answer.operation.as_ref().and_then(|id| self.external_id(index, id));
            let (code, advice, late) = (answer.code, answer.advice, answer.late_payment);
            let message = &answer.message;
            trace!(self, about.as_ref(), "told {waiter}: {code} {advice:?} {late:?} {message}");
        }
        let asked = self.reference.waits(waiter).cloned();
        self.judge(index, |reference, at| {
            reference.answers(at, waiter, &answer, transaction.as_ref())
        })?;
        let (Some(asked), Some(origin)) = (asked, self.pos.origins.remove(&waiter)) else {
            return Ok(());
        };
        if let (Some(transaction), Wish::Pay { .. }) = (transaction, asked.wish) {
            let paid = transaction.payment_amount.unwrap();
            let caller = asked.caller.clone();
            self.pos.receipts.push(Receipt { terminal: index, caller, paid, transaction });
        }
        *self.told.entry((answer.code, asked.action)).or_default() += 1;
        if let Some(late) = LATE.iter().position(|story| Some(*story) == answer.late_payment) {
            self.told_late[late] += 1;
        }
        let takes = self.rngs.people.percent(93);
        if let (Some(operation), true) = (answer.operation, takes && asked.wish != Wish::Status) {
            let pause = self.rngs.people.below(300);
            self.errand(index, pause, Todo::HandOver(operation, answer.code));
        }
        let pause = SECOND + self.rngs.people.pause(2 * MINUTE);
        match (origin, answer.advice) {
            (Origin::Refund(kept), Advice::RepeatSameRequest) => {
                if self.pos.refunds[kept].repeated < 6 && asked.request_id.is_some() {
                    self.pos.refunds[kept].repeated += 1;
                    self.errand(index, pause, Todo::RepeatRefund(kept));
                }
            }
            (Origin::Pay(kept), Advice::AskStatus) => {
                let status = Todo::Status(asked.caller, Action::Pay, answer.request_id);
                let again = !self.calm && self.rngs.people.percent(30);
                self.errand(index, pause, if again { Todo::RepeatPay(kept) } else { status });
            }
            (Origin::Status, _) if answer.code == AnswerCode::Unknown => {
                if self.rngs.people.percent(50) {
                    let todo = Todo::Status(asked.caller, asked.action, answer.request_id);
                    self.errand(index, pause, todo);
                }
            }
            (Origin::Pay(_) | Origin::Refund(_) | Origin::Status, _) => {}
        }
        Ok(())
    }

    /// A caller gets a round or the history.
    pub(crate) fn take_list(
        &mut self,
        index: usize,
        waiter: WaiterId,
        result: Result<Vec<Told>, JournalError>,
    ) -> Held {
        let wish = self.reference.waits(waiter).map(|asked| asked.wish);
        self.reference.lists(waiter)?;
        trace!(self, None, "told {waiter}: {:?}", result.as_ref().map(Vec::len));
        let Ok(list) = result else { return Ok(()) };
        if self.calm && wish == Some(Wish::History) {
            return self.judge_all(index, &list);
        }
        for told in &list {
            let transaction = transaction(&told.answer);
            self.judge(index, |reference, at| match at.watch.operation(&told.operation.id) {
                Some(note) => reference.tells(at, note, &told.answer, transaction.as_ref()),
                None => Ok(()),
            })?;
        }
        Ok(())
    }

    /// Judges the whole history of a terminal on the last day.
    fn judge_all(&mut self, index: usize, list: &[Told]) -> Held {
        let mut reference = std::mem::take(&mut self.reference);
        let watch = self.terminals[index].disk.clone();
        let watch = watch.watch();
        // Refunds whose time has come end when the bank is asked anything.
        self.ask_directly(&ExternalId::new("NOBODYS"));
        let bank = self.bank.clone();
        let at = At { ms: self.ms, watch: &watch, bank: &bank };
        let plan = self.plan.clone();
        let held = reference.reckons(&at, &plan, list, &mut |id| self.ask_directly(id));
        self.reference = reference;
        held
    }

    /// A code is on a screen: the customer sees it, the operator may think better of it.
    pub(crate) fn code_shown(
        &mut self,
        index: usize,
        waiter: WaiterId,
        operation: &OperationId,
        request_id: RequestId,
        first: bool,
    ) {
        let Some(id) = self.external_id(index, operation).filter(|_| first) else { return };
        if let Some(payment) = self.bank.payment(self.bank_ms(), id.as_str()) {
            let life = payment.expires_at_ms - self.bank_ms();
            self.customer_comes(&id, u64::try_from(life).unwrap_or(0), None);
        }
        if self.rngs.people.percent(4)
            && let Some(asked) = self.reference.waits(waiter)
        {
            let todo = Todo::Cancel(asked.caller.clone(), request_id);
            let pause = self.rngs.people.pause(15 * SECOND);
            self.errand(index, pause, todo);
        }
    }

    /// A screen says "not confirmed yet": the operator may decide about the goods.
    pub(crate) fn doubt_shown(&mut self, index: usize, waiter: WaiterId, operation: OperationId) {
        let screen = Some(Wish::Pay { attended: true });
        if self.reference.waits(waiter).map(|asked| asked.wish) != screen
            || !self.pos.doubts.insert(operation.clone())
        {
            return;
        }
        let rng = &mut self.rngs.people;
        if self.calm || rng.percent(70) {
            let pause = 2 * SECOND + rng.pause(40 * SECOND);
            let kept = rng.percent(50);
            let choice = if kept { Choice::GoodsKept } else { Choice::GoodsHandedOver };
            self.errand(index, pause, Todo::Choose(operation, choice));
        }
    }

    pub(crate) fn errand(&mut self, terminal: usize, after_ms: u64, todo: Todo) {
        let life = self.terminals[terminal].life;
        self.after(after_ms, Event::Errand(Box::new(Errand { terminal, life, todo })));
    }

    pub(crate) fn run_errand(&mut self, errand: Errand) -> Held {
        let Errand { terminal, life, todo } = errand;
        let alive = self.terminals[terminal].life == life;
        match todo {
            Todo::HealDisk => {
                self.terminals[terminal].disk.set_trouble(false, false);
                Ok(())
            }
            _ if self.terminals[terminal].engine.is_none() => Ok(()),
            Todo::RepeatPay(kept) => self.repeat_pay(kept, false),
            Todo::RepeatRefund(kept) => self.refund(kept, None),
            Todo::Status(caller, action, id) => self.ask_status(terminal, caller, action, id),
            Todo::Cancel(caller, id) => self.cancel(terminal, caller, Action::Pay, id),
            Todo::Choose(operation, choice) => {
                if let Some(id) = self.external_id(terminal, &operation) {
                    trace!(self, Some(&id), "operator: {choice:?}");
                    self.reference.chooses(&id);
                }
                self.put_in(terminal, Input::Choose { operation, choice })
            }
            Todo::HandOver(operation, code) if alive => {
                self.put_in(terminal, Input::HandedOver { operation, code })
            }
            Todo::Return(operation) if alive => {
                self.put_in(terminal, Input::Returned { operation })
            }
            Todo::Detach(waiter) if alive => {
                trace!(self, None, "{waiter} goes away");
                let late = self.terminals[terminal].holds();
                self.reference.leaves(waiter, late);
                self.put_in(terminal, Input::Detach { waiter })
            }
            Todo::HandOver(..) | Todo::Return(_) | Todo::Detach(_) => Ok(()),
        }
    }

    /// Tells whether a call about this operation is still on its way to the bank.
    pub(crate) fn is_under_way(&self, id: &ExternalId) -> bool {
        self.coming().any(|event| match event {
            Event::Arrive(flight) => Flight::is_about(flight, id),
            Event::Pos
            | Event::Weather
            | Event::Land(_)
            | Event::Customer(_)
            | Event::Restart(_)
            | Event::Group(..)
            | Event::Errand(_) => false,
        })
    }
}
