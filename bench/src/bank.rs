//! The bank in a process of its own, so that its CPU time is not the terminal's.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};
use till_sandbox::{Auto, Call, Server, ServerConfig};

use crate::Outcome;
use crate::job::Address;

/// Is a running bank; it ends when dropped.
pub(crate) struct Bank {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// Where it is.
    pub(crate) address: Address,
}

type Counts = BTreeMap<String, u64>;

impl Bank {
    /// Starts a bank where every call takes `round_trip_ms` more, and customers pay `pays_after_ms`
    /// after perform, or never.
    pub(crate) fn start(round_trip_ms: u64, pays_after_ms: Option<u64>) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bank").arg(format!("--round-trip-ms={round_trip_ms}"));
        command.args(pays_after_ms.map(|ms| format!("--pays-after-ms={ms}")));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = child.stdin.take();
        let answers = child.stdout.take().ok_or("the bank has no output")?;
        let mut bank =
            Self { child, orders, answers: BufReader::new(answers), address: Address::default() };
        bank.address = bank.answer()?;
        Ok(bank)
    }

    /// Tells how many calls of this name came.
    pub(crate) fn calls(&mut self, call: Call) -> Outcome<u64> {
        let orders = self.orders.as_mut().ok_or("the bank has no input")?;
        writeln!(orders, "count")?;
        let counts: Counts = self.answer()?;
        Ok(counts.get(call.name()).copied().unwrap_or(0))
    }

    fn answer<T: for<'a> Deserialize<'a>>(&mut self) -> Outcome<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(serde_json::from_str(&line).map_err(|error| format!("the bank is gone: {error}"))?)
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        // The end of its input ends it; whatever else holds it up does not hold us.
        drop(self.orders.take());
        let _ended_already = self.child.wait();
    }
}

/// Is the bank, until standard input ends; tells its counts for every line there.
pub(crate) fn serve(round_trip_ms: u64, pays_after_ms: Option<u64>) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = ServerConfig {
        auto: if pays_after_ms.is_some() { Auto::Approve } else { Auto::Ignore },
        auto_delay_ms: pays_after_ms.unwrap_or(0),
        extra_delay_ms: round_trip_ms,
        ..ServerConfig::default()
    };
    let server = runtime.block_on(Server::start(config))?;
    let address =
        Address { base_url: server.base_url().to_owned(), ca_pem: server.ca_pem().to_owned() };
    tell(&address)?;
    let (lines, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    runtime.block_on(async {
        while inbox.recv().await.is_some() {
            let counts = Call::ALL.map(|call| (call.name().to_owned(), server.calls(call)));
            tell(&Counts::from(counts))?;
        }
        server.stop().await?;
        Ok(())
    })
}

fn tell(what: &impl Serialize) -> Outcome<()> {
    writeln!(std::io::stdout(), "{}", serde_json::to_string(what)?)?;
    Ok(())
}
