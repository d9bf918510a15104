//! What is counted, and how it is told to Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use till_core::engine::Tally;

/// Counts what happened since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) orders: Counter,
    pub(crate) refused_tokens: Counter,
    pub(crate) pushes: Counter,
    pub(crate) unknown_pushes: Counter,
    pub(crate) callbacks: Counter,
    pub(crate) refused_callbacks: Counter,
    pub(crate) orphans: Counter,
    pub(crate) store_errors: Counter,
}

/// Only goes up.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Metrics {
    /// Writes everything.
    pub(crate) fn text(
        &self,
        tally: &Tally,
        waiting: usize,
        orphans: u64,
        processes: i64,
    ) -> String {
        let mut text = String::new();
        let mut metric = |kind: &str, name: &str, help: &str, rows: &[(String, u64)]| {
            let _in_memory = writeln!(text, "# HELP till_{name} {help}\n# TYPE till_{name} {kind}");
            for (labels, value) in rows {
                let _in_memory = writeln!(text, "till_{name}{labels} {value}");
            }
        };
        let one = |value| vec![(String::new(), value)];
        let by = |label: &str, rows: &[(&'static str, u64)]| -> Vec<(String, u64)> {
            rows.iter().map(|(name, value)| (format!("{{{label}=\"{name}\"}}"), *value)).collect()
        };
        let states = by("state", &tally.states);
        metric("gauge", "operations", "Operations that are driven, by state.", &states);
        let ends = by("outcome", &tally.ends);
        metric("counter", "operations_ended_total", "Operations that ended, by outcome.", &ends);
        let doubt = one(tally.oldest_doubt_ms / 1_000);
        metric("gauge", "doubt_age_seconds", "Age of the oldest operation in doubt.", &doubt);
        let calls = one(tally.calls);
        metric("counter", "bank_calls_total", "Calls to banks.", &calls);
        let journal = one(tally.journal_errors);
        metric("counter", "journal_errors_total", "Writes that the journal refused.", &journal);
        let waiting = one(u64::try_from(waiting).unwrap_or(u64::MAX));
        metric("gauge", "waiting", "Operations that a long poll waits for.", &waiting);
        metric("gauge", "orphans", "Payments that only a callback knows.", &one(orphans));
        let processes = one(u64::try_from(processes).unwrap_or(0));
        metric("gauge", "processes", "Processes of the gateway that live.", &processes);
        let counters: [(&str, &str, &Counter); 8] = [
            ("orders_total", "Orders of terminals.", &self.orders),
            ("refused_tokens_total", "Requests without a token in use.", &self.refused_tokens),
            ("pushes_total", "Pushes about operations of ours.", &self.pushes),
            ("unknown_pushes_total", "Pushes about nothing of ours.", &self.unknown_pushes),
            ("callbacks_total", "Signed callbacks that were taken.", &self.callbacks),
            ("refused_callbacks_total", "Callbacks not taken.", &self.refused_callbacks),
            ("orphan_callbacks_total", "Callbacks about unknown payments.", &self.orphans),
            ("store_errors_total", "Failures of the gateway's own file.", &self.store_errors),
        ];
        for (name, help, counter) in counters {
            metric("counter", name, help, &one(counter.get()));
        }
        text
    }
}
