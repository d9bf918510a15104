//! What a payment costs beside the calls that it cannot do without.

use std::path::Path;

use till_sandbox::Call;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Job, Task};
use crate::meter::{Taken, median};
use crate::table::{Bound, Figure, Row, micros};

/// A round trip in a fast network, in milliseconds; long enough for the customer to have paid when
/// perform's answer arrives, so that each payment takes exactly three calls.
const ROUND_TRIP_MS: u64 = 2;
const BOUND: Bound = Bound::Most(Figure::thousandths(1_300));

const ROUNDS: u32 = 7;
const WARM_UP: u32 = 20;
const COUNT: u32 = 150;

const PATIENT_ROUNDS: u32 = 3;
const PATIENT_COUNT: u32 = 40;
const PATIENT_MS: u64 = 10_000;

/// Is what a run took, and how many calls it made.
struct Run {
    taken: Taken,
    calls: u64,
}

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let mut rows = at_once(folder)?;
    rows.push(patient(folder)?);
    Ok(rows)
}

/// Measures payments one after the other, paid at once.
fn at_once(folder: &Path) -> Outcome<Vec<Row>> {
    let (mut terminal, mut bare) = (Vec::new(), Vec::new());
    let payments = u64::from(WARM_UP + COUNT);
    for round in 0..ROUNDS {
        // Which of them goes first changes, so that neither always finds the machine warm.
        for own in [round % 2 == 0, round % 2 == 1] {
            let (warm_up, count) = (WARM_UP, COUNT);
            let task = if own {
                Task::Pays { warm_up, count }
            } else {
                Task::BareCalls { warm_up, count }
            };
            let run = run(folder, task, 0)?;
            if run.calls != 3 * payments {
                return Err(format!("{} calls for {payments} payments", run.calls).into());
            }
            if own { &mut terminal } else { &mut bare }.push(run.taken);
        }
    }
    let each = |us: u64| us / u64::from(COUNT);
    let cpu = |runs: &[Taken]| each(median(runs.iter().map(|run| run.cpu_us).collect()));
    let wall = |runs: &[Taken]| each(median(runs.iter().map(|run| run.wall_us).collect()));
    let row = |what: &str, own: u64, calls: u64, bound| Row {
        what: format!("{what} of a payment, paid at once"),
        measured: micros(own),
        against: format!("{} its 3 calls alone", micros(calls)),
        figure: Some(Figure::ratio(own, calls)),
        bound,
    };
    Ok(vec![
        row("CPU time", cpu(&terminal), cpu(&bare), Some(BOUND)),
        row("wall time", wall(&terminal), wall(&bare), None),
    ])
}

/// Measures payments that are polled for ten seconds; both sides at the same time.
fn patient(folder: &Path) -> Outcome<Row> {
    let count = PATIENT_COUNT;
    let (mut terminal, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..PATIENT_ROUNDS {
        let (own, calls) = std::thread::scope(|scope| {
            let own = scope.spawn(|| run(folder, Task::PatientPays { count }, PATIENT_MS));
            let calls = run(folder, Task::PatientBareCalls { count }, PATIENT_MS);
            (own.join(), calls)
        });
        terminal.push(own.map_err(|_| "a measuring thread panicked")??);
        bare.push(calls?);
    }
    // Jitter makes one side poll a little more often: what counts is the cost of a call.
    let per_call = |run: &Run| run.taken.cpu_us / run.calls.max(1);
    let own = median(terminal.iter().map(per_call).collect());
    let alone = median(bare.iter().map(per_call).collect());
    let calls = terminal.iter().map(|run| run.calls).sum::<u64>()
        / u64::from(PATIENT_ROUNDS * PATIENT_COUNT);
    Ok(Row {
        what: "CPU time of a payment, paid after 10 s".to_owned(),
        measured: micros(own * calls),
        against: format!("{} its {calls} calls alone", micros(alone * calls)),
        figure: Some(Figure::ratio(own, alone)),
        bound: Some(BOUND),
    })
}

fn run(folder: &Path, task: Task, pays_after_ms: u64) -> Outcome<Run> {
    let place = tempfile::tempdir_in(folder)?;
    let mut bank = Bank::start(ROUND_TRIP_MS, Some(pays_after_ms))?;
    let journal = place.path().join("till.sqlite");
    let told = Job { bank: bank.address.clone(), task, journal, pace_ms: 0 }.run()?;
    let mut calls = 0;
    for call in [Call::GetQrCode, Call::Perform, Call::Process] {
        calls += bank.calls(call)?;
    }
    Ok(Run { taken: told.taken, calls })
}
