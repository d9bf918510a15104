//! How long the customer waits for the code, against what pace and network leave no choice about.

use std::path::Path;

use till_core::settings::Settings;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Job, Task};
use crate::meter::median;
use crate::table::{Bound, Figure, Row, micros};

const ROUND_TRIPS_MS: [u64; 3] = [0, 60, 300];
const COLD: u32 = 5;
const WARM: u32 = 9;

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for round_trip_ms in ROUND_TRIPS_MS {
        let place = tempfile::tempdir_in(folder)?;
        let bank = Bank::start(round_trip_ms, Some(0))?;
        let told = Job {
            bank: bank.address.clone(),
            task: Task::Codes { cold: COLD, warm: WARM },
            journal: place.path().join("till.sqlite"),
            pace_ms: Settings::PACE_MS,
        }
        .run()?;
        let (cold, warm) = told
            .times_us
            .split_at_checked(usize::try_from(COLD)?)
            .ok_or("not as many times as codes")?;
        let warm_bound = (round_trip_ms == 60).then_some(Bound::Most(Figure::thousandths(1_150)));
        rows.push(row("warm", round_trip_ms, 2, median(warm.to_vec()), warm_bound));
        rows.push(row("cold", round_trip_ms, 3, median(cold.to_vec()), None));
    }
    Ok(rows)
}

/// `calls`: warm, get-qr-code and perform; cold, the token before them. They follow one another,
/// each at least the pace after the start of the one before; the last one's answer is waited for.
fn row(state: &str, round_trip_ms: u64, calls: u64, us: u64, bound: Option<Bound>) -> Row {
    let floor_ms = (calls - 1) * round_trip_ms.max(Settings::PACE_MS) + round_trip_ms;
    Row {
        what: format!("time to the code, {state}, round trip {round_trip_ms} ms"),
        measured: micros(us),
        against: format!("{floor_ms} ms pace and round trips"),
        figure: Some(Figure::ratio(us, floor_ms * 1_000)),
        bound,
    }
}
