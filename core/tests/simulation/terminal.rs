//! The device with the terminal on it: its clocks, its process, its disk, and how they fail.

use till_core::engine::{Engine, Input, Output, Stage, WaiterId};
use till_core::operation::Choice;
use till_core::rail::Rail;
use till_core::time::{BootId, Now};

use crate::broken;
use crate::disk::Disk;
use crate::plan::{DAY, HOUR, MINUTE, Plan, SECOND, refund_mode};
use crate::pos::{Origin, Todo};
use crate::reference::{self, Held};
use crate::rng::Rng;
use crate::trace::trace;
use crate::world::{EPOCH_MS, Event, World};

/// So often an engine may want to be woken at one moment before it counts as running idle.
const IDLE_TURNS_MAX: u32 = 1_000;

pub(crate) struct Terminal {
    pub(crate) engine: Option<Engine>,
    pub(crate) disk: Disk,
    /// When the device was started, in the world's time.
    booted_ms: u64,
    boot: u64,
    /// How far the wall clock is off.
    wall_off_ms: i64,
    /// How often the wall clock jumped.
    pub(crate) jumps: u32,
    /// Timers wait so long; calls and people wake the device.
    sleeps_until_ms: u64,
    /// Counts processes: what an earlier one waits for does not reach the next.
    pub(crate) life: u32,
    pub(crate) idle_turns: u32,
    /// What waits to be one transaction.
    held: Vec<Input>,
    chance: Rng,
}

impl Terminal {
    pub(crate) fn new(plan: &Plan, rng: &mut Rng) -> Self {
        Self {
            engine: None,
            disk: Disk::new(rng, plan.crashes.write),
            booted_ms: 0,
            boot: rng.next(),
            wall_off_ms: 0,
            jumps: 0,
            sleeps_until_ms: 0,
            life: 0,
            idle_turns: 0,
            held: Vec::new(),
            chance: rng.fork(),
        }
    }

    pub(crate) fn now(&self, ms: u64) -> Now {
        Now {
            wall_ms: EPOCH_MS + i64::try_from(ms).unwrap() + self.wall_off_ms,
            boot_ms: ms - self.booted_ms,
            boot: BootId(self.boot),
        }
    }

    /// Gives when the engine wants to be woken, in the world's time.
    pub(crate) fn wake_ms(&self) -> Option<u64> {
        if !self.held.is_empty() {
            // What is held wakes it soon enough.
            return None;
        }
        let wake_ms = self.engine.as_ref()?.next_wake()?;
        Some((wake_ms + self.booted_ms).max(self.sleeps_until_ms))
    }

    /// Tells whether something waits that comes before whatever comes now.
    pub(crate) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    pub(crate) fn calm_down(&mut self) {
        self.disk.end_faults();
        self.sleeps_until_ms = 0;
        self.jumps += u32::from(self.wall_off_ms != 0);
        self.wall_off_ms = 0;
    }
}

impl World {
    /// Starts the process of a terminal over what its journal holds.
    pub(crate) fn start(&mut self, index: usize) -> Held {
        let terminal = &mut self.terminals[index];
        if terminal.engine.is_some() {
            return Ok(());
        }
        let mut random = terminal.chance.fork();
        let rail: Box<dyn Rail> = broken::rail(self.plan.rail(), self.plan.broken);
        let journal = broken::journal(terminal.disk.clone(), self.plan.broken);
        let mut engine = Engine::new(
            broken::settings(self.plan.settings.clone(), self.plan.broken),
            journal,
            vec![rail],
            Box::new(move || random.next()),
        );
        let started = engine.start(terminal.now(self.ms));
        terminal.engine = Some(engine);
        match started {
            Ok(outputs) => {
                trace!(self, None, "terminal {index} started");
                self.put_out(index, outputs)
            }
            Err(error) => {
                trace!(self, None, "terminal {index} cannot start: {error}");
                self.crash(index, false);
                Ok(())
            }
        }
    }

    /// Brings an input to a terminal that runs, alone or with what comes soon after it, and does
    /// what it wants done.
    pub(crate) fn put_in(&mut self, index: usize, input: Input) -> Held {
        let terminal = &mut self.terminals[index];
        if terminal.engine.is_none() {
            return Ok(());
        }
        if !terminal.held.is_empty() {
            terminal.held.push(input);
            return Ok(());
        }
        if !self.calm && self.rngs.groups.odds(self.plan.group) {
            terminal.held.push(input);
            let life = terminal.life;
            let pause = self.rngs.groups.below(SECOND / 2);
            self.after(pause, Event::Group(index, life));
            return Ok(());
        }
        self.handle(index, vec![input])
    }

    /// Brings what was held to its terminal, as one transaction.
    pub(crate) fn put_in_held(&mut self, index: usize, life: u32) -> Held {
        if self.terminals[index].life != life {
            return Ok(());
        }
        let inputs = std::mem::take(&mut self.terminals[index].held);
        trace!(self, None, "{} at once for terminal {index}", inputs.len());
        self.handle(index, inputs)
    }

    fn handle(&mut self, index: usize, inputs: Vec<Input>) -> Held {
        let now = self.terminals[index].now(self.ms);
        let terminal = &mut self.terminals[index];
        let Some(engine) = &mut terminal.engine else { return Ok(()) };
        terminal.idle_turns += 1;
        if terminal.idle_turns > IDLE_TURNS_MAX {
            return reference::broken("the engine never runs idle", &[], format!("{engine:?}"));
        }
        let mut outputs = engine.handle_all(now, inputs);
        outputs.extend(engine.calls(now));
        if self.plan.broken.is_some() {
            broken::outputs(&mut outputs, self.plan.broken, self.rngs.device.next());
        }
        self.put_out(index, outputs)
    }

    fn put_out(&mut self, index: usize, outputs: Vec<Output>) -> Held {
        if let Some(wrong) = self.terminals[index].disk.watch().wrong.take() {
            return Err(wrong);
        }
        if self.terminals[index].disk.crashed() {
            let power = self.rngs.device.odds(self.plan.crashes.power);
            trace!(self, None, "terminal {index} dies at a write");
            self.crash(index, power);
            return Ok(());
        }
        for output in outputs {
            if !self.calm && self.rngs.device.odds(self.plan.crashes.output) {
                let power = self.rngs.device.odds(self.plan.crashes.power);
                trace!(self, None, "terminal {index} dies before {output:?}");
                self.crash(index, power);
                return Ok(());
            }
            self.put_out_one(index, output)?;
            if self.terminals[index].engine.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn put_out_one(&mut self, index: usize, output: Output) -> Held {
        match output {
            Output::Http { ticket, request, .. } => self.send(index, ticket, request),
            Output::Answer { waiter, answer } => self.take_answer(index, waiter, *answer),
            Output::Operations { waiter, result } => self.take_list(index, waiter, result),
            Output::Stage { waiter, operation, request_id, stage } => {
                if self.trace.is_kept() {
                    let about = self.external_id(index, &operation);
                    trace!(self, about.as_ref(), "screen of {waiter}: {stage:?}");
                }
                match stage {
                    Stage::CodeShown { amount, .. } => {
                        let first = self.judge(index, |reference, at| {
                            reference.shows(at, &operation, amount.minor)
                        })?;
                        self.code_shown(index, waiter, &operation, request_id, first);
                        Ok(())
                    }
                    Stage::NotConfirmed => {
                        self.doubt_shown(index, waiter, operation);
                        Ok(())
                    }
                    Stage::Started { .. }
                    | Stage::HandedToWallet
                    | Stage::Closing
                    | Stage::BankSilent { .. }
                    | Stage::BankRefuses { .. } => Ok(()),
                }
            }
            Output::Seen { .. } | Output::Changed { .. } => Ok(()),
            Output::HandOver { operation, .. } => {
                let pause = self.rngs.people.pause(3 * SECOND);
                let pause = if self.plan.settings.bridge { pause } else { 0 };
                self.errand(index, pause, Todo::Return(operation));
                Ok(())
            }
        }
    }

    /// Ends the process, or the device.
    pub(crate) fn crash(&mut self, index: usize, power: bool) {
        self.crashes += 1;
        let rng = &mut self.rngs.device;
        let mut pause = match rng.weighed(&[(15, 0), (65, 1), (20, 2)]) {
            // Something starts it again at once, before the pace allows the next call.
            0 => rng.below(SECOND / 8),
            1 => SECOND / 3 + rng.pause(5 * SECOND),
            _ => rng.pause(20 * MINUTE) + SECOND,
        };
        let terminal = &mut self.terminals[index];
        terminal.engine = None;
        terminal.held.clear();
        terminal.life += 1;
        terminal.disk.survive(power);
        terminal.sleeps_until_ms = 0;
        if power {
            pause += 5 * SECOND;
            terminal.boot = rng.next();
            terminal.booted_ms = self.ms;
        }
        let left_alone = self.reference.dies(index);
        let what = if power { "without power" } else { "killed" };
        trace!(self, None, "terminal {index} {what}, back in {pause} ms");
        if !self.calm {
            self.after(pause, Event::Restart(index));
            self.ask_again(index, pause, &left_alone);
        }
    }

    /// The POS apps that waited ask once more for what they wanted, when the terminal is back.
    fn ask_again(&mut self, index: usize, pause: u64, left_alone: &[WaiterId]) {
        for waiter in left_alone {
            let Some(origin) = self.pos.origins.remove(waiter) else { continue };
            let rng = &mut self.rngs.people;
            let later = pause + 1 + rng.pause(5 * SECOND);
            match origin {
                Origin::Pay(kept) if rng.percent(50) => {
                    self.errand(index, later, Todo::RepeatPay(kept));
                }
                Origin::Refund(kept) if rng.percent(50) => {
                    self.errand(index, later, Todo::RepeatRefund(kept));
                }
                Origin::Pay(_) | Origin::Refund(_) | Origin::Status => {}
            }
        }
    }

    /// Looks what else happens to devices, network and bank.
    pub(crate) fn weather(&mut self) -> Held {
        if self.calm {
            return Ok(());
        }
        let pause = self.rngs.weather.pause(MINUTE) + SECOND;
        self.after(pause, Event::Weather);
        let (crashes, rng) = (&self.plan.crashes, &mut self.rngs.weather);
        if rng.odds(self.plan.network.storm) {
            let length = rng.pause(2 * MINUTE);
            self.storm_until_ms = self.ms + length;
            trace!(self, None, "storm for {length} ms");
        }
        let rng = &mut self.rngs.weather;
        if rng.odds(crashes.bank_mood) {
            let mut behaviour = self.bank.behaviour().clone();
            behaviour.refund = refund_mode(rng);
            trace!(self, None, "the bank's refunds: {:?}", behaviour.refund);
            self.bank.set_behaviour(behaviour);
        }
        for index in 0..self.terminals.len() {
            self.device_weather(index);
        }
        Ok(())
    }

    fn device_weather(&mut self, index: usize) {
        let (crashes, rng) = (&self.plan.crashes, &mut self.rngs.weather);
        let terminal = &mut self.terminals[index];
        if rng.odds(crashes.wall_jump) {
            let day = i64::try_from(DAY).unwrap();
            let hour = i64::try_from(HOUR).unwrap();
            terminal.wall_off_ms = *rng.pick(&[0, 0, -day, day, -hour, hour, 5_000, -5_000]);
            terminal.jumps += 1;
            trace!(self, None, "wall clock of {index} off by {} ms", terminal.wall_off_ms);
        }
        if rng.odds(crashes.sleep) {
            terminal.sleeps_until_ms = self.ms + rng.pause(2 * MINUTE);
            trace!(self, None, "terminal {index} sleeps until {}", terminal.sleeps_until_ms);
        }
        if rng.odds(crashes.disk) {
            let (full, unreadable) = *rng.pick(&[(true, false), (true, true), (false, true)]);
            let length = rng.pause(40 * SECOND);
            terminal.disk.set_trouble(full, unreadable);
            trace!(self, None, "disk of {index}: full {full}, unreadable {unreadable}");
            self.errand(index, length, Todo::HealDisk);
        }
        if self.rngs.weather.odds(self.plan.crashes.idle) && self.terminals[index].engine.is_some()
        {
            let power = self.rngs.weather.odds(self.plan.crashes.power);
            self.crash(index, power);
        }
    }

    /// Before the last days every screen that asks what becomes of the goods gets its word.
    pub(crate) fn choose_for_all(&mut self) {
        for index in 0..self.terminals.len() {
            let doubts: Vec<_> = {
                let watch = self.terminals[index].disk.watch();
                let doubt = |note: &&crate::disk::Note| !note.gone && !note.word.is_over();
                watch.notes.iter().filter(doubt).map(|note| note.id.clone()).collect()
            };
            for operation in doubts {
                let pause = 11 * SECOND + self.rngs.people.pause(5 * MINUTE);
                let kept = self.rngs.people.percent(50);
                let choice = if kept { Choice::GoodsKept } else { Choice::GoodsHandedOver };
                self.errand(index, pause, Todo::Choose(operation, choice));
            }
        }
    }
}
