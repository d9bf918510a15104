//! Who wants to know: STATUS, cancel, settle, rounds, the history, the bank's pushes.

use till_core::engine::{Input, WaiterId};
use till_core::http::HttpRequest;
use till_core::id::{Caller, ExternalId, RequestId};
use till_core::intent::StatusRequest;
use till_core::operation::Action;
use till_core::rail::Rail as _;
use till_sandbox::octo::ViewState;

use crate::disk::Word;
use crate::network::ask_bank;
use crate::pos::{Origin, metadata, told_metadata};
use crate::reckoning;
use crate::reference::{Asked, Held, Wish};
use crate::trace::trace;
use crate::world::World;

impl World {
    pub(crate) fn ask_about_any(&mut self, terminal: usize) -> Held {
        let known = self.any_note(terminal, |_| true);
        let Some((caller, action, id, _)) = known else { return Ok(()) };
        let stranger = self.rngs.people.percent(10).then(|| RequestId::new("never heard of"));
        self.ask_status(terminal, caller, action, stranger.unwrap_or(id))
    }

    pub(crate) fn ask_status(
        &mut self,
        terminal: usize,
        caller: Caller,
        action: Action,
        id: RequestId,
    ) -> Held {
        let request = self.status_request(caller, action, id);
        let waiter = self.asks_about(terminal, Wish::Status, &request);
        self.put_in(terminal, Input::Status { waiter, request })
    }

    pub(crate) fn cancel_any(&mut self, terminal: usize) -> Held {
        let known = self.any_note(terminal, |note| !note.word.is_over());
        let Some((caller, action, id, _)) = known else { return Ok(()) };
        self.cancel(terminal, caller, action, id)
    }

    pub(crate) fn cancel(
        &mut self,
        terminal: usize,
        caller: Caller,
        action: Action,
        id: RequestId,
    ) -> Held {
        let request = self.status_request(caller, action, id);
        let waiter = self.asks_about(terminal, Wish::Cancel, &request);
        self.put_in(terminal, Input::Cancel { waiter, request })
    }

    fn status_request(&mut self, caller: Caller, action: Action, id: RequestId) -> StatusRequest {
        let metadata = metadata(&mut self.rngs.people);
        StatusRequest { caller, request_id: id, metadata, action }
    }

    fn asks_about(&mut self, terminal: usize, wish: Wish, request: &StatusRequest) -> WaiterId {
        let waiter = self.new_waiter();
        let asked = Asked {
            wish,
            terminal,
            caller: request.caller.clone(),
            action: request.action,
            request_id: Some(request.request_id.clone()),
            amount: 0,
            metadata: told_metadata(request.metadata.as_ref()),
            known: self.known(terminal),
            bound: false,
        };
        trace!(self, None, "{waiter} asks {asked:?}");
        self.reference.asks(waiter, asked);
        self.pos.origins.insert(waiter, Origin::Status);
        waiter
    }

    /// An operator who looked at the bank's own portal says what became of a doubt.
    pub(crate) fn settle_any(&mut self, terminal: usize) -> Held {
        let known = self.any_note(terminal, |note| note.word == Word::Doubt);
        let Some((caller, action, id, external)) = known else { return Ok(()) };
        let (alone, sum) = {
            let watch = self.terminals[terminal].disk.watch();
            let note = watch.external(&external).unwrap();
            (watch.request(&caller, action, &id).count() == 1, note.order.amount.minor)
        };
        let word = self.portal(&external, action, sum);
        let Some(paid) = word.filter(|_| alone) else { return Ok(()) };
        self.reference.settles(&external);
        let request = self.status_request(caller, action, id);
        let waiter = self.asks_about(terminal, Wish::Settle, &request);
        trace!(self, Some(&external), "{waiter} settles: paid {paid}");
        let note = "as the portal says".to_owned();
        self.put_in(terminal, Input::Settle { waiter, request, paid, note })
    }

    /// Gives the bank's own final word, if there is one and it cannot change any more.
    fn portal(&mut self, id: &ExternalId, action: Action, sum: u64) -> Option<bool> {
        if let Some(moved) = self.bank.ledger().paid(id.as_str()) {
            // `settle` has no word for another sum.
            return (moved.amount == sum).then_some(true);
        }
        if action == Action::Refund {
            let nothing = !self.reference.has_arrived(id) && !self.is_under_way(id);
            let failed = self.ask_directly(id).code == "FAILED";
            return (nothing || failed).then_some(false);
        }
        let behaviour = self.bank.behaviour().declined_can_pay;
        let payment = self.bank.payment(self.bank_ms(), id.as_str())?;
        let ended = match payment.state {
            ViewState::Cancelled | ViewState::Expired => true,
            ViewState::Declined => !behaviour,
            ViewState::Issued | ViewState::Open | ViewState::Paid | ViewState::Refunded => false,
        };
        ended.then_some(false)
    }

    /// Asks the bank past the terminal and its network.
    pub(crate) fn ask_directly(&mut self, id: &ExternalId) -> reckoning::Word {
        let rail = self.plan.rail();
        let now_ms = self.bank_ms();
        let token = rail.token_request().unwrap();
        let rng = &mut self.rngs.bank;
        let granted = ask_bank(&mut self.bank, rng, now_ms, &token);
        let granted: serde_json::Value = serde_json::from_slice(&granted.body).unwrap();
        let body = format!(r#"{{"externalId":"{id}"}}"#).into_bytes();
        let mut request = HttpRequest::post_json("/api/v1/process", body);
        let token = granted["accessToken"].as_str().unwrap();
        request.authorization = Some(format!("Bearer {token}"));
        let answer = ask_bank(&mut self.bank, rng, now_ms, &request);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let text = |key: &str| body["result"][key].as_str().unwrap_or_default().to_owned();
        let (status, code) = (text("resultStatus"), text("resultCode"));
        reckoning::Word { http: answer.status, status, code }
    }

    pub(crate) fn resume(&mut self, terminal: usize) -> Held {
        let waiter = self.asks_for_list(terminal, Wish::Resume);
        self.put_in(terminal, Input::Resume { waiter })
    }

    pub(crate) fn read_history(&mut self, terminal: usize) -> Held {
        let waiter = self.asks_for_list(terminal, Wish::History);
        let limit = if self.calm { usize::MAX } else { 10 };
        self.put_in(terminal, Input::History { waiter, limit })
    }

    fn asks_for_list(&mut self, terminal: usize, wish: Wish) -> WaiterId {
        let waiter = self.new_waiter();
        let asked = Asked {
            wish,
            terminal,
            caller: Caller::new(""),
            action: Action::Pay,
            request_id: None,
            amount: 0,
            metadata: None,
            known: self.known(terminal),
            bound: false,
        };
        trace!(self, None, "{waiter} asks for {wish:?}");
        self.reference.asks(waiter, asked);
        waiter
    }

    /// The bank says that something happened, mostly of something that it knows.
    pub(crate) fn push_any(&mut self, terminal: usize) -> Held {
        let known = self.any_note(terminal, |_| true);
        let external_id = match known {
            Some((_, _, _, external_id)) if self.rngs.people.percent(80) => external_id,
            Some(_) | None => ExternalId::new("NEVERHEARDOF"),
        };
        self.put_in(terminal, Input::Push { external_id })
    }
}
