//! Many terminals through one journal, against the commit rate of the same database in the same
//! run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use till_sandbox::postgres;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Job, Task};
use crate::meter::Stopwatch;
use crate::table::{Bound, Figure, Row};

/// How many terminals pay at once, and how often each.
const TERMINALS: u32 = 64;
const EACH: u32 = 12;

/// How many callbacks are timed.
const CALLBACKS: u32 = 15;

/// How long commits are counted.
const COMMITTING: Duration = Duration::from_secs(4);

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let mut rows = sqlite(folder)?;
    rows.extend(postgres(folder)?);
    Ok(rows)
}

fn sqlite(folder: &Path) -> Outcome<Vec<Row>> {
    let own = tempfile::tempdir_in(folder)?;
    let commits = sqlite_commits(&own.path().join("commits.sqlite"))?;
    let bank = Bank::start(0, Some(1))?;
    let job = Job {
        bank: bank.address.clone(),
        task: Task::Crowd { terminals: TERMINALS, each: EACH },
        journal: own.path().join("till.sqlite"),
        pace_ms: till_core::settings::Settings::PACE_MS,
    };
    let told = job.run()?;
    Ok(vec![throughput("SQLite", told.taken.wall_us, 1, commits)])
}

fn postgres(folder: &Path) -> Outcome<Vec<Row>> {
    let server = postgres::Server::start_in(folder, true)?;
    let (one, many) = (pgbench(&server, 1)?, pgbench(&server, 64)?);
    let bank = Bank::start(0, Some(1))?;
    let job = |task, journal: String| Job {
        bank: bank.address.clone(),
        task,
        journal: journal.into(),
        pace_ms: till_core::settings::Settings::PACE_MS,
    };
    let crowd = Task::Crowd { terminals: TERMINALS, each: EACH };
    let told = job(crowd, server.database()?).run()?;
    let mut rows = vec![throughput("PostgreSQL", told.taken.wall_us, 1, one)];
    rows.push(Row {
        what: "commits a second in PostgreSQL, 64 connections at once".to_owned(),
        measured: many.to_string(),
        against: String::new(),
        figure: None,
        bound: None,
    });
    let shared = job(crowd, server.database()?);
    let second = shared.clone();
    let second = std::thread::spawn(move || second.run());
    let first = shared.run()?;
    let second = second.join().map_err(|_| "the second gateway panicked")??;
    let wall_us = first.taken.wall_us.max(second.taken.wall_us);
    rows.push(throughput("PostgreSQL, two gateways", wall_us, 2, one));
    let slow = Bank::start(0, Some(200))?;
    let callbacks = Job {
        bank: slow.address.clone(),
        task: Task::Callbacks { count: CALLBACKS },
        journal: server.database()?.into(),
        pace_ms: till_core::settings::Settings::PACE_MS,
    };
    let told = callbacks.run()?;
    let middle = usize::try_from(CALLBACKS)?.min(told.times_us.len());
    let (here, there) = told.times_us.split_at(middle);
    rows.push(latency("from a callback to the answer", here));
    rows.push(latency("from a callback to its news in another process", there));
    Ok(rows)
}

fn throughput(database: &str, wall_us: u64, processes: u64, commits: u64) -> Row {
    let payments = u64::from(TERMINALS) * u64::from(EACH) * processes;
    let per_second = payments * 1_000_000 / wall_us.max(1);
    Row {
        what: format!("payments a second, 64 at once, {database}"),
        measured: format!("{per_second}/s"),
        against: format!("{commits} commits/s ÷ 2"),
        figure: Some(Figure::ratio(per_second * 2, commits)),
        bound: Some(Bound::Least(Figure::thousandths(500))),
    }
}

fn latency(what: &str, times_us: &[u64]) -> Row {
    let mut sorted = times_us.to_vec();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(u64::MAX);
    Row {
        what: format!("{what}, median of {}", sorted.len()),
        measured: format!("{}.{} ms", median / 1_000, median % 1_000 / 100),
        against: String::new(),
        figure: Some(Figure::thousandths(median)),
        bound: Some(Bound::Most(Figure::whole(50))),
    }
}

/// Counts commits of one row each, one after the other, as durable as the journal's.
fn sqlite_commits(file: &Path) -> Outcome<u64> {
    let conn = Connection::open(file)?;
    let _: String = conn.query_one("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    conn.execute_batch("PRAGMA synchronous = FULL; CREATE TABLE t (word TEXT NOT NULL)")?;
    let mut insert = conn.prepare("INSERT INTO t VALUES ('word')")?;
    let (stopwatch, mut commits) = (Stopwatch::start(), 0_u64);
    loop {
        insert.execute([])?;
        commits += 1;
        let wall_us = stopwatch.taken().wall_us;
        if u128::from(wall_us) >= COMMITTING.as_micros() {
            return Ok(commits * 1_000_000 / wall_us);
        }
    }
}

/// Counts the same in PostgreSQL, by its own tool.
fn pgbench(server: &postgres::Server, connections: u32) -> Outcome<u64> {
    let url = server.database()?;
    let name = url.rsplit('/').next().unwrap_or_default();
    server.sql(name, "CREATE TABLE t (word TEXT NOT NULL)")?;
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), "INSERT INTO t VALUES ('word');\n")?;
    let mut command = Command::new(server.program("pgbench"));
    command.args(["-n", "-M", "prepared", "-T", &COMMITTING.as_secs().to_string()]);
    command.args(["-c", &connections.to_string(), "-f"]).arg(script.path()).arg(&url);
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let told = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let whole = told.and_then(|told| told.split('.').next()).and_then(|told| told.parse().ok());
    whole.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}
