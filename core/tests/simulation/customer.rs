//! Customers: they scan, pay, decline, cancel, walk away, and come back when nobody expects them.

use till_core::id::ExternalId;
use till_sandbox::octo::Entered;

use crate::plan::SECOND;
use crate::trace::trace;
use crate::world::{Event, World};

/// What a customer does in the wallet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
    Scan,
    /// Pays this sum, or what is asked.
    Pay(Option<u64>),
    Decline,
    Cancel,
}

/// How a customer goes about it.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Prompt,
    Slow,
    /// At any moment of the code's life.
    Whenever,
    /// In the last moments of the code's life.
    AtTheEnd,
    Declines,
    DeclinesThenPays,
    Cancels,
    OnlyScans,
    WalksAway,
}

impl World {
    /// A customer has a code that can be paid for `life_ms` at most.
    pub(crate) fn customer_comes(
        &mut self,
        id: &ExternalId,
        life_ms: u64,
        asked: Option<till_sandbox::Money>,
    ) {
        let rng = &mut self.rngs.people;
        let prompt = self.plan.people.prompt_percent;
        let rest = 100 - prompt;
        let manner = rng.weighed(&[
            (prompt * 10, Manner::Prompt),
            (rest * 2, Manner::Slow),
            (rest * 2, Manner::Whenever),
            (rest / 2, Manner::AtTheEnd),
            (rest * 2, Manner::Declines),
            (rest, Manner::DeclinesThenPays),
            (rest, Manner::Cancels),
            (rest / 2, Manner::OnlyScans),
            (rest, Manner::WalksAway),
        ]);
        let scan = match manner {
            Manner::WalksAway => return,
            Manner::Prompt => 300 + rng.below(3 * SECOND),
            Manner::Slow => rng.below(40 * SECOND),
            Manner::Whenever => rng.below(life_ms.max(1)),
            Manner::AtTheEnd => life_ms.saturating_sub(rng.below(6 * SECOND)),
            Manner::Declines | Manner::DeclinesThenPays | Manner::Cancels | Manner::OnlyScans => {
                rng.below(20 * SECOND)
            }
        };
        let think = rng.below(if matches!(manner, Manner::Prompt) { 2 } else { 20 } * SECOND);
        // Only an entry code lets the customer name a sum; the bank refuses it for the others.
        let other = asked.map(|asked| asked.amount.saturating_sub(1 + rng.below(50)).max(1));
        let sum = other.filter(|_| self.pos.entries.contains(id) && rng.percent(15));
        self.customer_will(scan, id, Deed::Scan);
        match manner {
            Manner::Prompt | Manner::Slow | Manner::Whenever | Manner::AtTheEnd => {
                self.customer_will(scan + think, id, Deed::Pay(sum));
            }
            Manner::Declines => self.customer_will(scan + think, id, Deed::Decline),
            Manner::DeclinesThenPays => {
                self.customer_will(scan + think, id, Deed::Decline);
                let later = self.rngs.people.below(life_ms.max(1));
                self.customer_will(scan + think + later, id, Deed::Pay(sum));
            }
            Manner::Cancels => self.customer_will(scan + think, id, Deed::Cancel),
            Manner::OnlyScans | Manner::WalksAway => {}
        }
    }

    fn customer_will(&mut self, after_ms: u64, id: &ExternalId, deed: Deed) {
        self.after(after_ms, Event::Customer(Box::new((id.clone(), deed))));
    }

    pub(crate) fn customer_does(&mut self, id: &ExternalId, deed: Deed) {
        let (now_ms, key) = (self.bank_ms(), id.as_str());
        let done = match deed {
            Deed::Scan => self.bank.scan(now_ms, key),
            Deed::Decline => self.bank.decline(now_ms, key),
            Deed::Cancel => self.bank.cancel(now_ms, key),
            Deed::Pay(sum) => {
                let entered = sum.map(|amount| Entered { amount, currency: None });
                self.bank.approve(now_ms, key, entered).map(|_| ())
            }
        };
        trace!(self, Some(id), "customer: {deed:?} {done:?}");
    }
}
