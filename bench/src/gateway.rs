//! Many terminals at gateways, over HTTP: against the commit rate of the same database in the same
//! run, and waiting in thousands.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use till_core::id::Caller;
use till_core::journal::{Durability, Entry, Journal as _, Postgres, PostgresJournal};
use till_core::operation::Operation;
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_sandbox::postgres;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::journals;
use crate::meter::Stopwatch;
use crate::served::{self, Gateway, Place, hang, is_answered, is_paid};
use crate::table::{Bound, Figure, Row};

/// How many terminals pay at once, and how often each.
const TERMINALS: u32 = 64;
const EACH: u32 = 12;

/// How many callbacks are timed.
const CALLBACKS: u32 = 15;

/// How many terminals wait at once.
const WAITING: u64 = 10_000;

/// Said of rows where commits are lengthened.
const SLOWLY: &str = ", commits of 4 ms";

/// How long commits are counted.
const COMMITTING: Duration = Duration::from_secs(4);

/// How long a commit takes where that is lengthened: on a server's disk without a cache of its own.
const SLOW_US: u32 = 4_000;

pub(crate) fn measure(folder: &Path, gateway: &Path) -> Outcome<Vec<Row>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = postgres::Server::start_in(folder, true)?;
    let mut rows = vec![pace()];
    for slow in [false, true] {
        rows.push(runtime.block_on(sqlite(folder, gateway, slow))?);
        rows.extend(runtime.block_on(postgres(folder, gateway, &server, slow))?);
    }
    lengthen_commits(&server, 0)?;
    rows.extend(runtime.block_on(waiting(folder, gateway, &server))?);
    Ok(rows)
}

/// Says what the pace alone lets so many terminals do, however fast everything else is.
fn pace() -> Row {
    let each_ms = 3 * Settings::PACE_MS;
    Row {
        what: format!("payments a second that the pace of {TERMINALS} terminals allows"),
        measured: format!("{}/s", u64::from(TERMINALS) * 1_000 / each_ms),
        against: format!("3 calls, {} ms apart", Settings::PACE_MS),
        figure: None,
        bound: None,
    }
}

async fn sqlite(folder: &Path, gateway: &Path, slow: bool) -> Outcome<Row> {
    let own = tempfile::tempdir_in(folder)?;
    let slow_us = slow.then_some(SLOW_US);
    let commits = sqlite_commits(&own.path().join("commits.sqlite"), slow_us)?;
    let place = Place::new(own.path(), gateway, "gateway.sqlite").await?;
    let wall_us = crowd(&Arc::new(place.with_slow_disk(slow_us)), 1).await?;
    Ok(throughput("SQLite", slow, wall_us, 1, commits))
}

async fn postgres(
    folder: &Path,
    gateway: &Path,
    server: &postgres::Server,
    slow: bool,
) -> Outcome<Vec<Row>> {
    lengthen_commits(server, if slow { SLOW_US } else { 0 })?;
    let one = pgbench(server)?;
    let mut rows = Vec::new();
    for processes in [1, 2] {
        let own = tempfile::tempdir_in(folder)?;
        let place = Arc::new(Place::new(own.path(), gateway, &server.database()?).await?);
        let wall_us = crowd(&place, processes).await?;
        let name = if processes == 1 { "PostgreSQL" } else { "PostgreSQL, two gateways" };
        rows.push(throughput(name, slow, wall_us, processes, one));
    }
    Ok(rows)
}

/// Lets the server wait before each flush of its log; commits that come meanwhile share it, as they
/// do while a disk is busy.
fn lengthen_commits(server: &postgres::Server, by_us: u32) -> Outcome<()> {
    for sql in [
        &format!("ALTER SYSTEM SET commit_delay = {by_us}"),
        "ALTER SYSTEM SET commit_siblings = 0",
        "SELECT pg_reload_conf()",
    ] {
        server.sql("postgres", sql)?;
    }
    Ok(())
}

/// Lets terminals pay, 64 at each gateway, one payment after the other; tells how long that took.
async fn crowd(place: &Arc<Place>, processes: u64) -> Outcome<u64> {
    let gateways: Vec<Gateway> =
        (0..processes).map(|_| place.start()).collect::<Outcome<Vec<_>>>()?;
    let addresses: Vec<String> = gateways.iter().map(|one| one.address.clone()).collect();
    let customers = place.customers(addresses.clone());
    let mut terminals = Vec::new();
    for (number, address) in (0_u64..).zip(&addresses) {
        for terminal in 0..TERMINALS {
            let name = format!("T-{number}-{terminal}");
            terminals.push((
                address.clone(),
                place.token(&name)?,
                number << 32 | u64::from(terminal),
            ));
        }
    }
    // Connections, and the gateways' tokens at the bank.
    pay_all(place, &terminals, 0..1).await?;
    let stopwatch = Stopwatch::start();
    pay_all(place, &terminals, 1..EACH + 1).await?;
    let wall_us = stopwatch.taken().wall_us;
    customers.abort();
    Ok(wall_us)
}

async fn pay_all(
    place: &Arc<Place>,
    terminals: &[(String, String, u64)],
    payments: std::ops::Range<u32>,
) -> Outcome<()> {
    let mut paying: JoinSet<Outcome<()>> = JoinSet::new();
    for (address, token, number) in terminals.iter().cloned() {
        let (place, payments) = (Arc::clone(place), payments.clone());
        paying.spawn(async move {
            for payment in payments {
                place.pay(&address, &token, &uuid(payment, number)).await?;
            }
            Ok(())
        });
    }
    while let Some(paid) = paying.join_next().await {
        paid??;
    }
    Ok(())
}

fn uuid(kind: u32, number: u64) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// Lets thousands wait at one of two gateways, and takes the times of callbacks meanwhile.
async fn waiting(folder: &Path, gateway: &Path, server: &postgres::Server) -> Outcome<Vec<Row>> {
    let own = tempfile::tempdir_in(folder)?;
    let database = server.database()?;
    let place = Place::new(own.path(), gateway, &database).await?;
    let ids = fill(&database)?;
    let (here, there) = (place.start()?, place.start()?);
    let (token, other) = (place.token("T-0")?, place.token("T-1")?);
    // What the first requests need is not counted.
    place.wait(&there.address, &token, ids.first().ok_or("nobody waits")?, "other").await?;
    let before = there.memory_kib()?;
    let mut hanging: Vec<TcpStream> = Vec::new();
    for id in &ids {
        hanging.push(hang(&there.address, &token, id, "approved*").await?);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let held = there.memory_kib()?.saturating_sub(before);
    let mut answered = 0;
    for stream in hanging.iter_mut().step_by(500) {
        answered += u32::from(is_answered(stream).await);
    }
    if answered > 0 {
        return Err(format!("{answered} of those who should wait were answered").into());
    }
    let mut rows = vec![memory(held)];
    for (what, waits, pushed) in [
        ("from a callback to the terminal that waits there", &here, &here),
        ("from a callback to the terminal that waits at the other gateway", &there, &here),
        ("from a callback at the other gateway to the terminal", &here, &there),
    ] {
        let kind = u32::try_from(rows.len())?;
        let mut times_us = Vec::new();
        for number in 0..CALLBACKS {
            let id = uuid(kind, u64::from(number));
            place.order(&here.address, &other, &id).await?;
            let paid = place.wait(&waits.address, &other, &id, "waiting*");
            let called = async {
                // The terminal waits by then, and no poll of the bank is due.
                tokio::time::sleep(Duration::from_millis(300)).await;
                let own = Stopwatch::start();
                place.pay_the_open_one(&pushed.address).await?;
                Outcome::Ok(own)
            };
            let timed = async {
                let view = paid.await?;
                Outcome::Ok((view, Stopwatch::start()))
            };
            let (timed, called) = tokio::join!(timed, called);
            let ((view, since), own) = (timed?, called?);
            if !is_paid(&view) {
                return Err(format!("not paid: {view}").into());
            }
            let taken = own.taken().wall_us.saturating_sub(since.taken().wall_us);
            times_us.push(taken);
        }
        rows.push(latency(what, &times_us));
    }
    drop(hanging);
    Ok(rows)
}

/// Puts paid payments of one terminal into a database: what their terminal waits for never comes.
fn fill(database: &str) -> Outcome<Vec<String>> {
    let options = Postgres {
        url: Secret::new(database.to_owned()),
        name: "bench".to_owned(),
        lease_ms: Postgres::LEASE_MS,
        patience_ms: Postgres::PATIENCE_MS,
        listen: true,
    };
    let mut journal = PostgresJournal::open(options, [7; 16])?;
    let mut ids = Vec::new();
    for page in 0..WAITING / 1_000 {
        let made = |number: u64| -> Outcome<Operation> {
            let mut operation = journals::operation(number)?;
            operation.order.caller = Caller::new("device/T-0");
            Ok(operation)
        };
        let operations: Vec<Operation> =
            (page * 1_000..(page + 1) * 1_000).map(made).collect::<Outcome<_>>()?;
        let entry = |operation| Entry { operation, event: "bench", at_ms: 1 };
        let entries: Vec<Entry<'_>> = operations.iter().map(entry).collect();
        journal.write(&entries, Durability::Kill)?;
        ids.extend(operations.iter().map(|operation| operation.id.to_string()));
    }
    Ok(ids)
}

fn memory(held_kib: u64) -> Row {
    let each = held_kib * 1_024 / WAITING;
    Row {
        what: format!("memory of a gateway for each of {WAITING} terminals that wait"),
        measured: format!("{each} bytes"),
        against: String::new(),
        figure: Some(Figure::ratio(each, 1_000)),
        bound: Some(Bound::Most(Figure::whole(30))),
    }
}

fn throughput(database: &str, slow: bool, wall_us: u64, processes: u64, commits: u64) -> Row {
    let payments = u64::from(TERMINALS) * u64::from(EACH) * processes;
    let per_second = payments * 1_000_000 / wall_us.max(1);
    Row {
        what: format!(
            "payments a second, 64 at once, {database}{}",
            if slow { SLOWLY } else { "" }
        ),
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

/// Counts commits in a process of its own, so that the disk can be slower for it.
fn sqlite_commits(file: &Path, slow_us: Option<u32>) -> Outcome<u64> {
    let bench = std::env::current_exe()?;
    let mut command = served::program(&bench, slow_us);
    let output = command.arg("commits").arg(file).stdin(Stdio::null()).output()?;
    let told = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    told.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// Counts commits of one row each, one after the other, as durable as the journal's.
pub(crate) fn commit_and_tell(file: &Path) -> Outcome<()> {
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
            writeln!(std::io::stdout(), "{}", commits * 1_000_000 / wall_us)?;
            return Ok(());
        }
    }
}

/// Counts the same in PostgreSQL, by its own tool.
fn pgbench(server: &postgres::Server) -> Outcome<u64> {
    let url = server.database()?;
    let name = url.rsplit('/').next().unwrap_or_default();
    server.sql(name, "CREATE TABLE t (word TEXT NOT NULL)")?;
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), "INSERT INTO t VALUES ('word');\n")?;
    let mut command = Command::new(server.program("pgbench"));
    command.args(["-n", "-M", "prepared", "-T", &COMMITTING.as_secs().to_string()]);
    command.args(["-c", "1", "-f"]).arg(script.path()).arg(&url);
    let output = command.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let told = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let whole = told.and_then(|told| told.split('.').next()).and_then(|told| told.parse().ok());
    whole.ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned().into())
}
