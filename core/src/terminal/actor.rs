//! The one thread that drives the engine, makes its calls and keeps its deadlines.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Bridge, Command, Observer, Reply, Watcher};
use crate::engine::{Engine, Input, Output, WaiterId};
use crate::http::{HttpResponse, NoAnswer};
use crate::id::RailId;
use crate::time::Clock;
use crate::transport::Transport;

/// Drives the engine: brings it what happens, does what it wants done.
pub(super) struct Actor {
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    pub(super) transports: BTreeMap<RailId, Arc<Transport>>,
    pub(super) bridge: Option<Arc<dyn Bridge>>,
    pub(super) watcher: Option<Arc<dyn Watcher>>,
    pub(super) calls: JoinSet<(u64, Result<HttpResponse, NoAnswer>)>,
    pub(super) waiting: BTreeMap<WaiterId, (Reply, Option<Arc<dyn Observer>>)>,
    pub(super) next: WaiterId,
    pub(super) swept_ms: u64,
}

impl Actor {
    /// How often callers that are gone are looked for, in milliseconds.
    const SWEEP_MS: u64 = 1_000;

    /// The most inputs of one transaction.
    const GROUP: usize = 256;

    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::UnboundedReceiver<Command>,
        first: Vec<Output>,
    ) {
        self.put_out(first);
        let mut commands = Vec::new();
        loop {
            let pause = self.pause();
            let mut inputs = Vec::new();
            tokio::select! {
                biased;
                Some(done) = self.calls.join_next(), if !self.calls.is_empty() => {
                    inputs.extend(done.ok().map(|(ticket, answer)| Input::Http { ticket, answer }));
                }
                received = inbox.recv_many(&mut commands, Self::GROUP) => {
                    if received == 0 {
                        return;
                    }
                }
                () = tokio::time::sleep(pause) => inputs.push(Input::Tick),
            };
            // Whatever else is there already becomes part of the same transaction.
            while inputs.len() < Self::GROUP
                && let Some(done) = self.calls.try_join_next()
            {
                inputs.extend(done.ok().map(|(ticket, answer)| Input::Http { ticket, answer }));
            }
            while commands.len() < Self::GROUP
                && let Ok(command) = inbox.try_recv()
            {
                commands.push(command);
            }
            let stop = self.sort(commands.drain(..), &mut inputs);
            self.put_in(inputs);
            self.sweep();
            if stop {
                return;
            }
        }
    }

    /// Makes inputs of commands, and follows those that are none; true if it has to stop.
    fn sort(&mut self, commands: impl Iterator<Item = Command>, inputs: &mut Vec<Input>) -> bool {
        for command in commands {
            match command {
                Command::Run(input, reply, observer) => {
                    self.next += 1;
                    self.waiting.insert(self.next, (reply, observer));
                    inputs.push(input(self.next));
                }
                Command::Tell(input) => inputs.push(input),
                Command::Knows(id, reply) => {
                    let _gone = reply.send(self.engine.knows(&id));
                }
                Command::PaymentOf(refund, reply) => {
                    let _gone = reply.send(self.engine.payment_id(&refund));
                }
                Command::Tally(reply) => {
                    let _gone = reply.send(self.engine.tally(self.clock.now()));
                }
                Command::NetworkChanged => {
                    self.transports.values().for_each(|way| way.network_changed());
                }
                Command::Stop => return true,
            }
        }
        false
    }

    fn pause(&self) -> Duration {
        let now = self.clock.now().boot_ms;
        let wake = self.engine.next_wake().map_or(u64::MAX, |at| at.saturating_sub(now));
        let sweep = if self.waiting.is_empty() { u64::MAX } else { Self::SWEEP_MS };
        // A device that slept wakes its timers late; a look every minute costs nothing.
        Duration::from_millis(wake.min(sweep).min(60_000))
    }

    fn put_in(&mut self, inputs: Vec<Input>) {
        if !inputs.is_empty() {
            let outputs = self.engine.handle_all(self.clock.now(), inputs);
            self.put_out(outputs);
        }
        // The commit took its time, and the pace counts from the start of a call.
        let outputs = self.engine.calls(self.clock.now());
        self.put_out(outputs);
    }

    fn put_out(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http { ticket, rail, request } => {
                    let Some(transport) = self.transports.get(&rail).cloned() else { continue };
                    self.calls.spawn(async move { (ticket, transport.send(&request).await) });
                }
                Output::Answer { waiter, answer } => {
                    if let Some((Reply::Answer(reply), _)) = self.waiting.remove(&waiter) {
                        let _gone = reply.send(*answer);
                    }
                }
                Output::Operations { waiter, result } => {
                    if let Some((Reply::Operations(reply), _)) = self.waiting.remove(&waiter) {
                        let _gone = reply.send(result);
                    }
                }
                Output::Seen { waiter, seen } => {
                    if let Some((Reply::Seen(reply), _)) = self.waiting.remove(&waiter) {
                        let _gone = reply.send(seen);
                    }
                }
                Output::Changed { operation } => {
                    if let Some(watcher) = &self.watcher {
                        watcher.changed(&operation);
                    }
                }
                Output::Stage { waiter, operation, request_id, stage } => {
                    if let Some((_, Some(observer))) = self.waiting.get(&waiter) {
                        observer.stage(&operation, &request_id, &stage);
                    }
                }
                Output::HandOver { operation, what } => {
                    let bridge = self.bridge.clone();
                    let handed = bridge.map(|bridge| bridge.hand_over(&operation, &what));
                    if let None | Some(Err(_)) = handed {
                        self.put_in(vec![Input::Returned { operation }]);
                    }
                }
            }
        }
    }

    /// Lets go of callers whose future was dropped: nobody waits there any more.
    fn sweep(&mut self) {
        let now = self.clock.now().boot_ms;
        if now < self.swept_ms.saturating_add(Self::SWEEP_MS) {
            return;
        }
        self.swept_ms = now;
        let closed = |reply: &Reply| match reply {
            Reply::Answer(reply) => reply.is_closed(),
            Reply::Operations(reply) => reply.is_closed(),
            Reply::Seen(reply) => reply.is_closed(),
        };
        let gone: Vec<WaiterId> = self
            .waiting
            .iter()
            .filter(|(_, (reply, _))| closed(reply))
            .map(|(waiter, _)| *waiter)
            .collect();
        for waiter in &gone {
            self.waiting.remove(waiter);
        }
        self.put_in(gone.into_iter().map(|waiter| Input::Detach { waiter }).collect());
    }
}
