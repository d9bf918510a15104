//! The measured process with a terminal in it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use till_core::engine::Stage;
use till_core::id::{Caller, OperationId, RailId, RequestId};
use till_core::intent::{
    Answer, AnswerCode, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::SqliteJournal;
use till_core::operation::{Action, Rules};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Line, Observer, Terminal};
use till_core::transport::{Transport, TransportSettings};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::job::{Address, Job, Task, Told};
use crate::meter::{Stopwatch, Taken};
use crate::{Outcome, bare};

/// The sandbox's credentials, and what the bank's document has for examples.
pub(crate) const CLIENT_ID: &str = "till-sandbox";
pub(crate) const CLIENT_SECRET: &str = "sandbox-secret";
pub(crate) const USER_ID: &str = "208800000000000001";
pub(crate) const REGION: &str = "UZ";
pub(crate) const CURRENCY: &str = "UZS";
pub(crate) const AMOUNT: u64 = 12_500;
pub(crate) const PURPOSE: &str = "Coffee";

/// Between two payments: longer than the pace, so that the last call of one does not hold up the
/// first of the next.
pub(crate) const APART: Duration = Duration::from_millis(150);

/// Does a job and tells what it took.
pub(crate) fn run(job: &str) -> Outcome<()> {
    let job: Job = serde_json::from_str(job)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = runtime.block_on(work(&job))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&told)?)?;
    Ok(())
}

async fn work(job: &Job) -> Outcome<Told> {
    let only = |taken| Told { taken, times_us: vec![] };
    match job.task {
        Task::Pays { warm_up, count } => pays(job, warm_up, count).await.map(only),
        Task::BareCalls { warm_up, count } => {
            bare::calls(&job.bank, warm_up, count).await.map(only)
        }
        Task::PatientPays { count } => patient_pays(job, count).await.map(only),
        Task::PatientBareCalls { count } => bare::patient_calls(&job.bank, count).await.map(only),
        Task::Refunds { count } => refunds(job, count).await.map(only),
        Task::Waiting { ms } => waiting(job, ms).await.map(only),
        Task::BareCode => {
            let (taken, us) = bare::code(&job.bank, job.pace_ms).await?;
            Ok(Told { taken, times_us: vec![us] })
        }
        Task::Codes { cold, warm } => codes(job, cold, warm).await,
    }
}

async fn pays(job: &Job, warm_up: u32, count: u32) -> Outcome<Taken> {
    let terminal = terminal(&job.bank, &job.journal, job.pace_ms)?;
    for number in 0..warm_up {
        pay(&terminal, &format!("warm-{number}"), at_once(&terminal)).await?;
    }
    let stopwatch = Stopwatch::start();
    for number in 0..count {
        pay(&terminal, &format!("pay-{number}"), at_once(&terminal)).await?;
    }
    let taken = stopwatch.taken();
    terminal.stop();
    Ok(taken)
}

async fn patient_pays(job: &Job, count: u32) -> Outcome<Taken> {
    let terminal = terminal(&job.bank, &job.journal, job.pace_ms)?;
    terminal.warm();
    let stopwatch = Stopwatch::start();
    let mut paying = JoinSet::new();
    for number in 0..count {
        let terminal = terminal.clone();
        paying.spawn(async move {
            let answer = terminal.pay(request(&format!("pay-{number}")), false, None).await?;
            succeeded(&terminal, answer)
        });
        tokio::time::sleep(APART).await;
    }
    while let Some(paid) = paying.join_next().await {
        paid??;
    }
    let taken = stopwatch.taken();
    terminal.stop();
    Ok(taken)
}

async fn refunds(job: &Job, count: u32) -> Outcome<Taken> {
    let terminal = terminal(&job.bank, &job.journal, job.pace_ms)?;
    let paid = pay(&terminal, "paid", at_once(&terminal)).await?;
    let json = paid.transaction.ok_or("a success without a transaction")?;
    let primary = QpTransaction::parse(&json).map_err(|wrong| format!("{wrong:?}"))?;
    let stopwatch = Stopwatch::start();
    for number in 0..count {
        let request = RefundRequest {
            caller: caller(),
            request_id: Some(RequestId::new(format!("refund-{number}"))),
            metadata: None,
            amount_minor: 1,
            primary: Box::new(primary.clone()),
            currency: None,
            rail: None,
        };
        succeeded(&terminal, terminal.refund(request, false, None).await?)?;
    }
    let taken = stopwatch.taken();
    terminal.stop();
    Ok(taken)
}

async fn waiting(job: &Job, ms: u64) -> Outcome<Taken> {
    let terminal = terminal(&job.bank, &job.journal, job.pace_ms)?;
    let observer = Arc::new(Seen::default());
    let request = request("waits");
    let stopwatch = Stopwatch::start();
    let paying = terminal.pay(request, false, Some(observer.clone()));
    let cancelling = async {
        observer.shown.notified().await;
        tokio::time::sleep(Duration::from_millis(ms)).await;
        let request = StatusRequest {
            caller: caller(),
            request_id: RequestId::new("waits"),
            metadata: None,
            action: Action::Pay,
        };
        terminal.cancel(request).await
    };
    let (paid, cancelled) = tokio::join!(paying, cancelling);
    let taken = stopwatch.taken();
    let (paid, cancelled) = (paid?.code, cancelled?.code);
    if (paid, cancelled) != (AnswerCode::Cancelled, AnswerCode::Cancelled) {
        return Err(format!("not cancelled: {paid:?}, {cancelled:?}").into());
    }
    terminal.stop();
    Ok(taken)
}

/// Takes the times from the request to the code on the screen.
async fn codes(job: &Job, cold: u32, warm: u32) -> Outcome<Told> {
    let stopwatch = Stopwatch::start();
    let mut times_us = Vec::new();
    for number in 0..cold {
        let journal = job.journal.with_extension(format!("{number}.sqlite"));
        let terminal = terminal(&job.bank, &journal, job.pace_ms)?;
        times_us.push(time_to_code(&terminal, "cold").await?);
        terminal.stop();
    }
    let terminal = terminal(&job.bank, &job.journal, job.pace_ms)?;
    terminal.warm();
    pay(&terminal, "first", at_once(&terminal)).await?;
    for number in 0..warm {
        tokio::time::sleep(APART).await;
        times_us.push(time_to_code(&terminal, &format!("warm-{number}")).await?);
    }
    terminal.stop();
    Ok(Told { taken: stopwatch.taken(), times_us })
}

async fn time_to_code(terminal: &Terminal, id: &str) -> Outcome<u64> {
    let observer = Arc::new(Seen::default());
    let stopwatch = Stopwatch::start();
    let paying = pay(terminal, id, observer.clone());
    let looking = async {
        observer.shown.notified().await;
        let wall_us = stopwatch.taken().wall_us;
        let operation = observer.operation.lock().map_or(None, |operation| operation.clone());
        if let Some(operation) = operation {
            terminal.returned(operation);
        }
        wall_us
    };
    let (paid, wall_us) = tokio::join!(paying, looking);
    paid.map(|_| wall_us)
}

/// Makes one payment that succeeds, and takes its answer as a caller does.
async fn pay(terminal: &Terminal, id: &str, observer: Arc<dyn Observer>) -> Outcome<Answer> {
    let answer = terminal.pay(request(id), false, Some(observer)).await?;
    succeeded(terminal, answer)
}

fn succeeded(terminal: &Terminal, answer: Answer) -> Outcome<Answer> {
    if answer.code != AnswerCode::Success {
        return Err(format!("{:?}: {}", answer.code, answer.message).into());
    }
    terminal.handed_over(&answer);
    Ok(answer)
}

fn request(id: &str) -> PayRequest {
    PayRequest {
        caller: caller(),
        request_id: Some(RequestId::new(id)),
        metadata: None,
        amount_minor: AMOUNT,
        purpose: PURPOSE.to_owned(),
        currency: None,
        rail: None,
        code_value: None,
        idempotent: false,
    }
}

fn caller() -> Caller {
    Caller::new("bench")
}

fn terminal(bank: &Address, journal: &Path, pace_ms: u64) -> Outcome<Terminal> {
    start(line(bank)?, SqliteJournal::open(journal, [7; 16])?, pace_ms)
}

/// Makes the rail and the way to its bank.
pub(crate) fn line(bank: &Address) -> Outcome<Line> {
    let octo = OctoSettings::new(
        bank.base_url.as_str(),
        CLIENT_ID,
        Secret::new(CLIENT_SECRET.to_owned()),
        USER_ID,
        REGION,
    );
    let transport = Transport::new(&TransportSettings {
        base_url: bank.base_url.clone(),
        extra_roots_pem: (!bank.ca_pem.is_empty()).then(|| bank.ca_pem.clone().into_bytes()),
        proxy: None,
        user_agent: octo.user_agent.clone(),
    })?;
    let rail = Box::new(Octo::new(octo).map_err(|wrong| wrong.join("; "))?);
    Ok(Line { rail, transport })
}

/// Starts a terminal on an open journal.
pub(crate) fn start(line: Line, journal: SqliteJournal, pace_ms: u64) -> Outcome<Terminal> {
    Ok(Terminal::start(settings(pace_ms)?, Box::new(journal), vec![line], None)?)
}

/// Gives the settings of all these terminals.
pub(crate) fn settings(pace_ms: u64) -> Outcome<Settings> {
    Ok(Settings {
        terminal_id: "T-1".to_owned(),
        currency: CURRENCY.parse()?,
        language: Language::En,
        rail: RailId::new(Octo::ID),
        rules: Rules::default(),
        foreign_refunds: false,
        pace_ms,
        callers_are_terminals: false,
        sandbox: true,
        bridge: false,
    })
}

/// Asks the bank as soon as the code is shown, instead of a second later: the customer of these
/// runs has paid by then, and a pause costs nobody CPU time.
fn at_once(terminal: &Terminal) -> Arc<dyn Observer> {
    Arc::new(AtOnce(terminal.clone()))
}

struct AtOnce(Terminal);

impl Observer for AtOnce {
    fn stage(&self, operation: &OperationId, _: &RequestId, stage: &Stage) {
        if matches!(stage, Stage::CodeShown { .. }) {
            self.0.returned(operation.clone());
        }
    }
}

/// Tells when the code is shown, and of which operation.
#[derive(Default)]
struct Seen {
    shown: Notify,
    operation: std::sync::Mutex<Option<OperationId>>,
}

impl Observer for Seen {
    fn stage(&self, operation: &OperationId, _: &RequestId, stage: &Stage) {
        if matches!(stage, Stage::CodeShown { .. }) {
            if let Ok(mut known) = self.operation.lock() {
                *known = Some(operation.clone());
            }
            self.shown.notify_one();
        }
    }
}
