//! How often the disk is waited for, counted by strace; marginally: twice as many less as many.

use std::path::Path;
use std::process::Command;

use till_sandbox::Call;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Job, Task};
use crate::table::{Bound, Figure, Row};

/// Few enough that SQLite moves its log into the file only at the end.
const FEW: u32 = 10;
const SHORT_MS: u64 = 2_000;

/// Is what one run did.
struct Counted {
    fsyncs: u64,
    polls: u64,
}

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let few = u64::from(FEW);
    let marginal = |one: &Counted, two: &Counted| two.fsyncs.saturating_sub(one.fsyncs);
    let pay = |count| count_in(folder, Task::Pays { warm_up: 0, count });
    let (one, two) = (pay(FEW)?, pay(2 * FEW)?);
    let pays = row("a payment", marginal(&one, &two), few, 2);
    let refund = |count| count_in(folder, Task::Refunds { count });
    let (one, two) = (refund(FEW)?, refund(2 * FEW)?);
    let refunds = row("a refund", marginal(&one, &two), few, 2);
    let wait = |ms| count_in(folder, Task::Waiting { ms });
    let (one, two) = (wait(SHORT_MS)?, wait(3 * SHORT_MS)?);
    let more = two.polls.saturating_sub(one.polls);
    if more == 0 {
        return Err("a longer wait brought no more polls".into());
    }
    Ok(vec![pays, refunds, row("a poll", marginal(&one, &two), more, 0)])
}

fn row(what: &str, fsyncs: u64, times: u64, bound: u64) -> Row {
    Row {
        what: format!("fsyncs of {what}"),
        measured: format!("{fsyncs} more"),
        against: format!("{times} more of them"),
        figure: Some(Figure::ratio(fsyncs, times)),
        bound: Some(Bound::Most(Figure::whole(bound))),
    }
}

fn count_in(folder: &Path, task: Task) -> Outcome<Counted> {
    let place = tempfile::tempdir_in(folder)?;
    let pays_after_ms = (!matches!(task, Task::Waiting { .. })).then_some(0);
    let mut bank = Bank::start(2, pays_after_ms)?;
    let journal = place.path().join("till.sqlite");
    let job = Job { bank: bank.address.clone(), task, journal, pace_ms: 0 };
    let trace = place.path().join("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync,msync,sync_file_range,sync,syncfs"])
        .arg("-o")
        .arg(&trace)
        .arg(std::env::current_exe()?)
        .args(job.arguments()?);
    Job::finish(&mut command).map_err(|error| format!("under strace: {error}"))?;
    let trace = std::fs::read_to_string(trace)?;
    let calls = trace.lines().filter(|line| line.contains("sync") && !line.contains("resumed>"));
    Ok(Counted { fsyncs: u64::try_from(calls.count())?, polls: bank.calls(Call::Process)? })
}
