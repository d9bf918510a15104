//! What every test stands on: a home of its own, a bank, and the program as a process.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use till_sandbox::octo::Account;
use till_sandbox::{Auto, Server, ServerConfig};
use tokio::runtime::Runtime;

pub(crate) const PAY: &str = "ru.lifepay.checkout.quick_payments_terminal.pay";
pub(crate) const REFUND: &str = "ru.lifepay.checkout.quick_payments_terminal.refund";
pub(crate) const STATUS: &str = "dev.till.terminal.action.STATUS";

/// No step of a test takes longer on any machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Is a user's home: folders, environment, and nothing of whoever runs the tests.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
        command.args(words).env_clear().current_dir(self.dir.path());
        command.env("HOME", self.dir.path()).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn till(&self, words: &[&str]) -> Ran {
        Running::start(self.command(words)).end()
    }

    /// Runs the program to its end with something on its standard input.
    pub(crate) fn till_reading(&self, words: &[&str], input: &str) -> Ran {
        let mut command = self.command(words);
        command.stdin(Stdio::piped());
        let mut running = Running::start(command);
        running.child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        running.end()
    }

    /// Starts the program and goes on.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        Running::start(self.command(words))
    }
}

/// Is what a process did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Checks the exit status and gives the one line of standard output as JSON.
    pub(crate) fn json(&self, status: i32) -> Value {
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(self.out.matches('\n').count(), 1, "one line: {self:?}");
        assert!(self.out.ends_with('\n'), "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// Checks that it is an answer with this code, and gives its extras.
    pub(crate) fn answer(&self, status: i32, code: u64) -> Value {
        let answer = self.json(status);
        assert_eq!(answer["result_code"], -1, "{self:?}");
        assert_eq!(answer["extras"]["code"], code, "{self:?}");
        answer["extras"].clone()
    }

    /// Gives the transaction of a success.
    pub(crate) fn transaction(&self) -> String {
        self.answer(0, 0)["transaction"].as_str().unwrap().to_owned()
    }
}

/// Is a process that runs; its standard error is read line by line.
pub(crate) struct Running {
    pub(crate) child: Child,
    out: JoinHandle<String>,
    lines: Receiver<String>,
    err: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (mut stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let out = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, out, lines, err: String::new() }
    }

    /// Waits for the event of this name, or the stage of this name, on standard error.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        loop {
            let line = match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no {name} in:\n{}", self.err)
                }
            };
            self.err.push_str(&line);
            self.err.push('\n');
            if let Ok(event) = serde_json::from_str::<Value>(&line)
                && (event["event"] == name || event["stage"] == name)
            {
                return event;
            }
        }
    }

    /// Waits for the code and gives it.
    pub(crate) fn code(&mut self) -> String {
        self.event("code_shown")["code_value"].as_str().unwrap().to_owned()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Stops the process where it is, and waits until it stands.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
        let stat = format!("/proc/{}/stat", self.child.id());
        until("stopped", || {
            let stat = fs::read_to_string(&stat).unwrap();
            stat.rsplit(") ").next().unwrap().starts_with('T')
        });
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        let out = self.out.join().unwrap();
        let status = self.child.wait().unwrap();
        self.err.extend(self.lines.iter().flat_map(|line| [line, "\n".to_owned()]));
        Ran { status: status.code(), out, err: self.err }
    }
}

/// Is the bank, in the test's own process.
pub(crate) struct Bank {
    runtime: Runtime,
    server: Server,
}

impl Bank {
    /// Starts a bank whose customer does nothing unasked, and writes `till.toml` for it, with these
    /// lines added to its section `[terminal]`.
    pub(crate) fn new(home: &Home, terminal: &str) -> Self {
        Self::with(home, terminal, |_| {})
    }

    pub(crate) fn with(
        home: &Home,
        terminal: &str,
        change: impl FnOnce(&mut ServerConfig),
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut config = ServerConfig {
            auto_delay_ms: 0,
            ca_file: Some(home.path("ca.pem")),
            ..ServerConfig::default()
        };
        change(&mut config);
        let server = runtime.block_on(Server::start(config)).unwrap();
        let head = format!("[terminal]\n{terminal}\n");
        home.write("till.toml", &server.till_config().replace("[terminal]\n", &head));
        Self { runtime, server }
    }

    /// Starts a bank whose customer pays at once.
    pub(crate) fn approving(home: &Home, terminal: &str) -> Self {
        Self::with(home, terminal, |config| config.auto = Auto::Approve)
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Gives where servers of the test run.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn fault(&self, spec: &str) {
        self.server().faults().add(spec.parse().unwrap());
    }

    /// Lets the customer pay.
    pub(crate) fn approve(&self, code: &str) {
        let bank = self.server().bank();
        bank.lock().unwrap().approve(self.server().now_ms(), code, None).unwrap();
    }

    /// Lets the customer scan what is shown and pay at ecommpay; gives the payment's name there.
    pub(crate) fn approve_page(&self, code: &str) -> String {
        let id = self.open_page(code);
        let server = self.server();
        server.change_platform(|platform, now_ms| {
            assert_eq!(platform.approve(now_ms, &mut || 7, &id), Ok(true));
        });
        id
    }

    /// Lets the customer scan what is shown; gives the payment's name at ecommpay.
    pub(crate) fn open_page(&self, code: &str) -> String {
        self.server().scan(code).unwrap();
        let query = code.split_once("/payment?").unwrap().1;
        query.split('&').find_map(|pair| pair.strip_prefix("payment_id=")).unwrap().to_owned()
    }

    /// Gives what ecommpay's books say of a payment or a refund.
    pub(crate) fn ecommpay(&self, external_id: &str) -> Account {
        self.server().platform().lock().unwrap().ledger().account(external_id)
    }

    /// Gives what the books say of the name at the bank that a transaction has.
    pub(crate) fn account(&self, transaction: &str) -> Account {
        let transaction: Value = serde_json::from_str(transaction).unwrap();
        self.account_of(transaction["externalId"].as_str().unwrap())
    }

    pub(crate) fn account_of(&self, external_id: &str) -> Account {
        self.server().bank().lock().unwrap().ledger().account(external_id)
    }

    /// Counts all movements of money.
    pub(crate) fn movements(&self) -> usize {
        self.server().bank().lock().unwrap().ledger().movements().len()
    }
}

/// Gives words with those that every pay in the tests has.
pub(crate) fn pay<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let usual =
        ["pay", "--config", "till.toml", "--json", "--amount", "12500", "--purpose", "Coffee"];
    [&usual[..], words].concat()
}

/// Gives words of another command on the same configuration.
pub(crate) fn other<'a>(command: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    [&[command, "--config", "till.toml", "--json"][..], words].concat()
}

/// Lets `till.toml` lead where nobody answers: no test and no service listens at port 9.
pub(crate) fn lead_nowhere(home: &Home) {
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    let line = toml.lines().find(|line| line.starts_with("base_url")).unwrap();
    home.write("till.toml", &toml.replace(line, "base_url = \"https://127.0.0.1:9\""));
}

/// Gives the operations of `till history --json`.
pub(crate) fn history(home: &Home) -> Vec<Value> {
    let listed = home.till(&other("history", &[])).json(0);
    listed["operations"].as_array().unwrap().clone()
}

/// Waits until something is so; only a test that fails waits long.
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let pause = Duration::from_millis(10);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        if so() {
            return;
        }
        std::thread::sleep(pause);
    }
    panic!("never: {what}");
}

/// Tells whether this user may write anything anywhere, so that modes prove nothing.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
