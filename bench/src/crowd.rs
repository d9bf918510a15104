//! The measured process as a gateway: many terminals pay at once through one journal.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use till_core::engine::Stage;
use till_core::id::{Caller, ExternalId, OperationId, RequestId};
use till_core::intent::{AnswerCode, PayRequest, QpTransaction};
use till_core::journal::{Journal, News, Postgres, PostgresJournal, SqliteJournal};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Observer, Terminal};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::job::{Job, Told};
use crate::meter::Stopwatch;
use crate::work::{self, AMOUNT, PURPOSE};

/// How long after the code is shown the bank calls back: the customer has paid, and the first poll
/// is not due yet.
const CALLBACK: Duration = Duration::from_millis(500);

/// Lets so many terminals pay, each one payment after the other; tells how long each payment took.
pub(crate) async fn pays(job: &Job, terminals: u32, each: u32) -> Outcome<Told> {
    let terminal = gateway(job, open(job, "crowd")?)?;
    for number in 0..4 {
        pay(&terminal, "warm", &format!("warm-{number}")).await?;
    }
    let stopwatch = Stopwatch::start();
    let mut paying: JoinSet<Outcome<Vec<u64>>> = JoinSet::new();
    for device in 0..terminals {
        let terminal = terminal.clone();
        paying.spawn(async move {
            let mut times_us = Vec::new();
            for number in 0..each {
                let own = Stopwatch::start();
                pay(&terminal, &format!("device-{device}"), &format!("pay-{number}")).await?;
                times_us.push(own.taken().wall_us);
            }
            Ok(times_us)
        });
    }
    let mut times_us = Vec::new();
    while let Some(paid) = paying.join_next().await {
        times_us.extend(paid??);
    }
    let taken = stopwatch.taken();
    terminal.stop();
    Ok(Told { taken, times_us })
}

/// Takes the times from a callback to the answer, here; and to the news of it in another process of
/// the same database, which come second.
pub(crate) async fn callbacks(job: &Job, count: u32) -> Outcome<Told> {
    let terminal = gateway(job, open(job, "callbacks")?)?;
    let mut other = is_postgres(job).then(|| postgres(job, "waits")).transpose()?;
    let mut news = other.as_mut().and_then(PostgresJournal::news);
    let stopwatch = Stopwatch::start();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for number in 0..count {
        let seen = Arc::new(Shown::default());
        let request = request("device", &format!("callback-{number}"));
        let paying = terminal.pay(request, false, Some(seen.clone()));
        let calling = async {
            seen.shown.notified().await;
            tokio::time::sleep(CALLBACK).await;
            let id = seen.operation.lock().ok().and_then(|id| id.clone()).ok_or("no operation")?;
            let external = external_id(&terminal, &id).await?;
            if let Some(news) = &mut news {
                while news.try_recv().is_ok() {}
            }
            let own = Stopwatch::start();
            terminal.push(external).await?;
            let heard = async {
                let Some(news) = &mut news else { return None };
                while let Some(one) = news.recv().await {
                    if one == News::Changed(id.clone()) {
                        return Some(own.taken().wall_us);
                    }
                }
                None
            };
            Outcome::Ok((own, tokio::time::timeout(Duration::from_secs(10), heard).await))
        };
        let answered = async {
            let answer = paying.await?;
            Outcome::Ok((answer, Stopwatch::start()))
        };
        let (answered, called) = tokio::join!(answered, calling);
        let ((answer, since), (own, heard)) = (answered?, called?);
        if answer.code != AnswerCode::Success {
            return Err(format!("{:?}: {}", answer.code, answer.message).into());
        }
        here.push(own.taken().wall_us.saturating_sub(since.taken().wall_us));
        there.extend(heard.ok().flatten());
        terminal.handed_over(&answer);
    }
    here.extend(there);
    let taken = stopwatch.taken();
    terminal.stop();
    Ok(Told { taken, times_us: here })
}

async fn external_id(terminal: &Terminal, id: &OperationId) -> Outcome<ExternalId> {
    let found = terminal.history(8).await??;
    let told = found.into_iter().find(|told| told.operation.id == *id);
    Ok(told.ok_or("the operation is not there")?.operation.order.external_id)
}

async fn pay(terminal: &Terminal, device: &str, id: &str) -> Outcome<()> {
    let observer = Arc::new(AtOnce(terminal.clone()));
    let answer = terminal.pay(request(device, id), false, Some(observer)).await?;
    if answer.code != AnswerCode::Success {
        return Err(format!("{:?}: {}", answer.code, answer.message).into());
    }
    let json = answer.transaction.clone().ok_or("a success without a transaction")?;
    QpTransaction::parse(&json).map_err(|wrong| format!("{wrong:?}"))?;
    terminal.handed_over(&answer);
    Ok(())
}

fn request(device: &str, id: &str) -> PayRequest {
    PayRequest {
        caller: Caller::new(device),
        request_id: Some(RequestId::new(format!("{device}-{id}"))),
        metadata: None,
        amount_minor: AMOUNT,
        purpose: PURPOSE.to_owned(),
        currency: None,
        rail: None,
        code_value: None,
        idempotent: false,
    }
}

fn is_postgres(job: &Job) -> bool {
    job.journal.to_str().is_some_and(|text| text.starts_with("postgres://"))
}

fn open(job: &Job, name: &str) -> Outcome<Box<dyn Journal>> {
    if is_postgres(job) {
        return Ok(Box::new(postgres(job, name)?));
    }
    Ok(Box::new(SqliteJournal::open(&job.journal, [7; 16])?))
}

fn postgres(job: &Job, name: &str) -> Outcome<PostgresJournal> {
    let options = Postgres {
        url: Secret::new(job.journal.to_string_lossy().into_owned()),
        name: name.to_owned(),
        lease_ms: Postgres::LEASE_MS,
        patience_ms: Postgres::PATIENCE_MS,
        listen: true,
    };
    Ok(PostgresJournal::open(options, [7; 16])?)
}

fn gateway(job: &Job, journal: Box<dyn Journal>) -> Outcome<Terminal> {
    let settings = work::settings(job.pace_ms)?;
    let settings = Settings { callers_are_terminals: true, ..settings };
    Ok(Terminal::start(settings, journal, vec![work::line(&job.bank)?], None)?)
}

/// Asks the bank as soon as the code is shown: the customer of these runs has paid by then.
struct AtOnce(Terminal);

impl Observer for AtOnce {
    fn stage(&self, operation: &OperationId, _: &RequestId, stage: &Stage) {
        if matches!(stage, Stage::CodeShown { .. }) {
            self.0.returned(operation.clone());
        }
    }
}

/// Tells when the code is shown, and of which operation; asks nobody.
#[derive(Default)]
struct Shown {
    shown: Notify,
    operation: Mutex<Option<OperationId>>,
}

impl Observer for Shown {
    fn stage(&self, operation: &OperationId, _: &RequestId, stage: &Stage) {
        if matches!(stage, Stage::CodeShown { .. }) {
            if let Ok(mut known) = self.operation.lock() {
                *known = Some(operation.clone());
            }
            self.shown.notify_one();
        }
    }
}
