//! Whether a large journal is as quick as a small one.

use std::path::{Path, PathBuf};

use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::intent::{AnswerCode, StatusRequest};
use till_core::journal::{Durability, Entry, Journal as _, SqliteJournal};
use till_core::money::Amount;
use till_core::operation::state::{Approved, Receipt};
use till_core::operation::{Action, Kind, Operation, Order, State};
use till_core::time::{BootId, Now};

use crate::Outcome;
use crate::job::Address;
use crate::meter::{Stopwatch, median};
use crate::table::{Bound, Figure, Row, micros, say};
use crate::work::{AMOUNT, CURRENCY, PURPOSE, line, start};

const LARGE: u64 = 1_000_000;
/// More than a start looks at, so that it shows what grows and what does not.
const SOME: u64 = 100;
const BATCH: u64 = 20_000;
const ROUNDS: u32 = 61;
/// Only to be told from a journal of another making: to be raised when this file changes.
const MAKING: u32 = 1;

pub(crate) fn measure(folder: &Path) -> Outcome<Vec<Row>> {
    let large = journal(folder, LARGE)?;
    let place = tempfile::tempdir_in(folder)?;
    let [empty, one, some] = [0, 1, SOME].map(|size| journal(place.path(), size));
    let (empty, one, some) = (empty?, one?, some?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let most = Bound::Most(Figure::thousandths(1_500));
    let row = |what: &str, large: u64, small: u64, of: &str, bound| Row {
        what: format!("{what} with 1 000 000 operations"),
        measured: micros(large),
        against: format!("{} with {of}", micros(small)),
        figure: Some(Figure::ratio(large, small)),
        bound,
    };
    let mut starts = (Vec::new(), Vec::new(), Vec::new());
    let mut statuses = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        starts.0.push(runtime.block_on(times(&large, LARGE))?.0);
        starts.1.push(runtime.block_on(times(&empty, 0))?.0);
        starts.2.push(runtime.block_on(times(&some, SOME))?.0);
        statuses.0.push(runtime.block_on(times(&large, LARGE))?.1);
        statuses.1.push(runtime.block_on(times(&one, 1))?.1);
    }
    let start = median(starts.0);
    Ok(vec![
        row("start", start, median(starts.1), "none", Some(most)),
        row("start", start, median(starts.2), "100", None),
        row("status", median(statuses.0), median(statuses.1), "one", Some(most)),
    ])
}

/// Takes the times of a start, until the terminal answers, and of a first `status`; the operation
/// in the middle is asked for.
async fn times(path: &Path, operations: u64) -> Outcome<(u64, u64)> {
    let line = line(&nowhere())?;
    let stopwatch = Stopwatch::start();
    let terminal = start(line, SqliteJournal::open(path, [7; 16])?, 0)?;
    terminal.history(0).await??;
    let started_us = stopwatch.taken().wall_us;
    let stopwatch = Stopwatch::start();
    let request = StatusRequest {
        caller: Caller::new("bench"),
        request_id: RequestId::new(format!("order-{}", operations / 2)),
        metadata: None,
        action: Action::Pay,
    };
    let answer = terminal.status(request).await?;
    let asked_us = stopwatch.taken().wall_us;
    let expected = if operations == 0 { AnswerCode::NoSuchRequest } else { AnswerCode::Success };
    if answer.code != expected {
        return Err(format!("status: {:?} {}", answer.code, answer.message).into());
    }
    terminal.stop();
    Ok((started_us, asked_us))
}

/// A bank that is never called.
fn nowhere() -> Address {
    Address { base_url: "https://127.0.0.1:9".to_owned(), ca_pem: String::new() }
}

/// Makes a journal of so many paid payments, once.
fn journal(folder: &Path, operations: u64) -> Outcome<PathBuf> {
    let path = folder.join(format!("journal-{MAKING}-{operations}.sqlite"));
    if path.exists() {
        return Ok(path);
    }
    if operations > BATCH {
        say(format_args!("bench: makes a journal of {operations} payments, once"));
    }
    let unfinished = folder.join(format!("unfinished-{operations}.sqlite"));
    remove(&unfinished);
    let mut journal = SqliteJournal::open(&unfinished, [7; 16])?;
    let mut begin = 0;
    while begin < operations {
        let end = operations.min(begin + BATCH);
        fill(&mut journal, begin, end)?;
        begin = end;
    }
    drop(journal);
    std::fs::rename(&unfinished, &path)?;
    remove(&unfinished);
    Ok(path)
}

/// Removes a journal and all that is beside it.
fn remove(path: &Path) {
    for rest in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(rest);
        let _not_there = std::fs::remove_file(name);
    }
}

fn fill(journal: &mut SqliteJournal, begin: u64, end: u64) -> Outcome<()> {
    let operations: Vec<Operation> = (begin..end).map(operation).collect::<Outcome<_>>()?;
    let story = [
        "pay of 12500 UZS recorded",
        "code shown, payable for 600 s",
        "approved by the bank",
        "answer handed over",
    ];
    let entries: Vec<Entry<'_>> = operations
        .iter()
        .flat_map(|operation| {
            let at_ms = operation.order.created.wall_ms;
            story.iter().map(move |event| Entry { operation, event, at_ms })
        })
        .collect();
    journal.write(&entries, Durability::Kill)?;
    Ok(())
}

/// Makes a payment that was paid long ago.
pub(crate) fn operation(number: u64) -> Outcome<Operation> {
    let mut bytes = [0; 16];
    // The first six bytes: a UUID keeps those as they are.
    bytes
        .iter_mut()
        .zip(number.to_be_bytes().into_iter().skip(2))
        .for_each(|(to, from)| *to = from);
    let created = Now {
        wall_ms: 1_700_000_000_000 + i64::try_from(number)? * 10_000,
        boot_ms: number,
        boot: BootId(1),
    };
    let amount = Amount::new(AMOUNT, CURRENCY.parse()?);
    let order = Order {
        kind: Kind::Pay { purpose: PURPOSE.to_owned(), code_value: None },
        caller: Caller::new("bench"),
        request_id: RequestId::new(format!("order-{number}")),
        amount,
        rail: RailId::new("octo"),
        external_id: ExternalId::from_random(bytes),
        created,
        sandbox: true,
    };
    let receipt = Receipt {
        paid: amount,
        ordered: Some(amount),
        payment: Some(amount),
        withdrawal: None,
        at_ms: created.wall_ms,
        settled: None,
        relayed: None,
    };
    let approved = Approved { receipt, late: false, watched: false, reversed: false };
    let mut operation = Operation::new(OperationId::from_random(bytes), order);
    operation.state = State::Approved(approved);
    operation.handed_over = true;
    Ok(operation)
}
