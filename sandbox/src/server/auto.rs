//! Runs the automatic customer.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::shared::{Shared, random};
use crate::customer::Auto;
use crate::view::{PaymentView, Refusal, ViewState};

/// The payments that are decided on: OCTO's, and ecommpay's.
type Decided = (BTreeSet<String>, BTreeSet<String>);

/// Decides on every open payment once its time has come, until the server stops.
pub(super) async fn run(shared: &Shared) {
    let mut decided = Default::default();
    loop {
        let wait_ms = decide(shared, &mut decided);
        let next = async {
            match wait_ms {
                Some(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
                None => core::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stopped() => return,
            () = shared.changed.notified() => {}
            () = next => {}
        }
    }
}

/// Decides on what is due; returns the ms until something else is.
fn decide(shared: &Shared, decided: &mut Decided) -> Option<u64> {
    let auto = *shared.auto.lock().unwrap_or_else(PoisonError::into_inner);
    if auto == Auto::Ignore {
        return None;
    }
    let after_ms = shared.auto_delay_ms.load(Ordering::Relaxed);
    let after_ms = i64::try_from(after_ms).unwrap_or(i64::MAX);
    let octo = shared.change(|bank, now_ms| {
        let open = bank.open_payments(now_ms);
        let act = |id: &str| match auto {
            Auto::Approve => bank.approve(now_ms, id, None).map(|_| ()),
            Auto::Decline => bank.decline(now_ms, id),
            Auto::Cancel => bank.cancel(now_ms, id),
            Auto::Ignore => Ok(()),
        };
        decide_on(open, now_ms, after_ms, &mut decided.0, act)
    });
    let ecommpay = shared.change_platform(|platform, now_ms| {
        // A declined page can be paid again, but not by who has decided.
        let mut open = platform.open_payments(now_ms);
        open.retain(|payment| payment.state == ViewState::Open);
        let act = |id: &str| match auto {
            Auto::Approve => platform.approve(now_ms, &mut random, id).map(|_| ()),
            Auto::Decline => platform.decline(now_ms, &mut random, id),
            Auto::Cancel => platform.cancel(now_ms, &mut random, id),
            Auto::Ignore => Ok(()),
        };
        decide_on(open, now_ms, after_ms, &mut decided.1, act)
    });
    [octo, ecommpay].into_iter().flatten().min()
}

fn decide_on(
    open: Vec<PaymentView>,
    now_ms: i64,
    after_ms: i64,
    decided: &mut BTreeSet<String>,
    mut act: impl FnMut(&str) -> Result<(), Refusal>,
) -> Option<u64> {
    let mut next_ms: Option<i64> = None;
    decided.retain(|id| open.iter().any(|payment| payment.external_id == *id));
    for payment in open {
        let since_ms = payment.payable_since_ms.unwrap_or(payment.created_at_ms);
        let left_ms = since_ms.saturating_add(after_ms) - now_ms;
        if left_ms > 0 {
            next_ms = Some(next_ms.map_or(left_ms, |other| other.min(left_ms)));
        } else if decided.insert(payment.external_id.clone())
            && let Err(refusal) = act(&payment.external_id)
        {
            tracing::warn!(%refusal, "the automatic customer could not act");
        }
    }
    next_ms.and_then(|ms| u64::try_from(ms).ok())
}
