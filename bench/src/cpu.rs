//! What a payment costs beside the calls that it cannot do without.

use std::path::Path;

use till_sandbox::Call;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Job, Task, Told};
use crate::meter::{Taken, median};
use crate::table::{Bound, Figure, Row, micros};

const ROUNDS: u32 = 9;
const WARM_UP: u32 = 20;
const COUNT: u32 = 200;
/// A round trip in a fast network, in milliseconds; long enough for the customer to have paid when
/// perform's answer arrives, so that each payment takes exactly three calls.
const ROUND_TRIP_MS: u64 = 2;

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let (mut terminal, mut bare) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Which of them goes first changes, so that neither always finds the machine warm.
        for own in [round % 2 == 0, round % 2 == 1] {
            let told = run(folder, own)?;
            if own { &mut terminal } else { &mut bare }.push(told.taken);
        }
    }
    let each = |us: u64| us / u64::from(COUNT);
    let cpu = |runs: &[_]| each(median(runs.iter().map(|run: &Taken| run.cpu_us).collect()));
    let wall = |runs: &[_]| each(median(runs.iter().map(|run: &Taken| run.wall_us).collect()));
    let row = |what: &str, own: u64, calls: u64, bound| Row {
        what: format!("{what} of a payment, pace off"),
        measured: micros(own),
        against: format!("{} its 3 calls alone", micros(calls)),
        figure: Some(Figure::ratio(own, calls)),
        bound,
    };
    let most = Bound::Most(Figure::thousandths(1_300));
    Ok(vec![
        row("CPU time", cpu(&terminal), cpu(&bare), Some(most)),
        row("wall time", wall(&terminal), wall(&bare), None),
    ])
}

fn run(folder: &Path, own: bool) -> Outcome<Told> {
    let place = tempfile::tempdir_in(folder)?;
    let mut bank = Bank::start(ROUND_TRIP_MS)?;
    let task = if own {
        Task::Pays { warm_up: WARM_UP, count: COUNT }
    } else {
        Task::BareCalls { warm_up: WARM_UP, count: COUNT }
    };
    let journal = place.path().join("till.sqlite");
    let told = Job { bank: bank.address.clone(), task, journal, pace_ms: 0 }.run()?;
    let payments = u64::from(WARM_UP + COUNT);
    for call in [Call::GetQrCode, Call::Perform, Call::Process] {
        let calls = bank.calls(call)?;
        if calls != payments {
            return Err(format!("{calls} calls of {} for {payments} payments", call.name()).into());
        }
    }
    Ok(told)
}
