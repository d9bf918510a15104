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

#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// Every call takes so many milliseconds more, half of them there and half back.
    RoundTrip(u64),
    /// The customer pays at once, or does nothing.
    Pays(bool),
    /// How many calls came.
    Count,
}

type Counts = BTreeMap<String, u64>;

impl Bank {
    /// Starts a bank whose customers pay at once.
    pub(crate) fn start(round_trip_ms: u64) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take();
        let answers = child.stdout.take().ok_or("the bank has no output")?;
        let mut bank =
            Self { child, orders, answers: BufReader::new(answers), address: Address::default() };
        bank.address = bank.answer()?;
        bank.round_trip(round_trip_ms)?;
        Ok(bank)
    }

    /// Changes how long every call takes on top, in milliseconds.
    pub(crate) fn round_trip(&mut self, ms: u64) -> Outcome<()> {
        self.order(&Order::RoundTrip(ms)).map(|_: Counts| ())
    }

    /// Says whether customers pay.
    pub(crate) fn customers_pay(&mut self, pay: bool) -> Outcome<()> {
        self.order(&Order::Pays(pay)).map(|_: Counts| ())
    }

    /// Tells how many calls of this name came.
    pub(crate) fn calls(&mut self, call: Call) -> Outcome<u64> {
        let counts: Counts = self.order(&Order::Count)?;
        Ok(counts.get(call.name()).copied().unwrap_or(0))
    }

    fn order(&mut self, order: &Order) -> Outcome<Counts> {
        let orders = self.orders.as_mut().ok_or("the bank has no input")?;
        writeln!(orders, "{}", serde_json::to_string(order)?)?;
        self.answer()
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

/// Is the bank, until standard input ends.
pub(crate) fn serve() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let config = ServerConfig { auto: Auto::Approve, auto_delay_ms: 0, ..ServerConfig::default() };
    let server = runtime.block_on(Server::start(config))?;
    let address =
        Address { base_url: server.base_url().to_owned(), ca_pem: server.ca_pem().to_owned() };
    tell(&address)?;
    let (orders, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if orders.send(line).is_err() {
                return;
            }
        }
    });
    runtime.block_on(async {
        while let Some(line) = inbox.recv().await {
            match serde_json::from_str(&line)? {
                Order::RoundTrip(ms) => server.set_extra_delay_ms(ms),
                Order::Pays(true) => server.set_auto(Auto::Approve),
                Order::Pays(false) => server.set_auto(Auto::Ignore),
                Order::Count => {}
            }
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
