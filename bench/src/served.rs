//! A bank, gateways as processes, and terminals that speak HTTP with them.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use till_sandbox::{Server, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::work::{AMOUNT, PURPOSE};

/// How often the customers look whether there is something to pay.
const LOOK: Duration = Duration::from_millis(2);

/// Is one gateway process, ended when dropped.
pub(crate) struct Gateway {
    child: Child,
    /// Where it listens, without a scheme.
    pub(crate) address: String,
}

/// Is where gateways find their configuration, and their bank.
pub(crate) struct Place {
    gateway: PathBuf,
    slow_us: Option<u32>,
    config: PathBuf,
    pub(crate) bank: Arc<Server>,
    http: reqwest::Client,
}

impl Place {
    /// Makes it in a folder, for a journal there or in a database.
    pub(crate) async fn new(folder: &Path, gateway: &Path, database: &str) -> Outcome<Self> {
        let config =
            ServerConfig { ca_file: Some(folder.join("bank.pem")), ..ServerConfig::default() };
        let bank = Arc::new(Server::start(config).await?);
        let config = folder.join("gateway.toml");
        let text = format!(
            "{}\n[gateway]\nlisten = \"127.0.0.1:0\"\ndatabase = \"{database}\"\n\
             requests_per_second = 10000\n",
            bank.till_config()
        );
        std::fs::write(&config, text)?;
        // Nothing here speaks TLS, but a client is not made without a provider.
        let _there_already = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().build()?;
        Ok(Self { gateway: gateway.to_owned(), slow_us: None, config, bank, http })
    }

    /// Lets gateways wait for the disk so much longer each time.
    pub(crate) fn with_slow_disk(self, slow_us: Option<u32>) -> Self {
        Self { slow_us, ..self }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = program(&self.gateway, self.slow_us);
        command.args(words).arg("--config").arg(&self.config).stdin(Stdio::null());
        command
    }

    /// Starts a gateway.
    pub(crate) fn start(&self) -> Outcome<Gateway> {
        let mut command = self.command(&["serve", "--log", "error"]);
        let started = command.stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{}: {error}", self.gateway.display()))?;
        let out = child.stdout.take().ok_or("the gateway has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").unwrap_or_default().to_owned();
        if address.is_empty() {
            child.wait()?;
            return Err("the gateway did not start".into());
        }
        Ok(Gateway { child, address })
    }

    /// Makes a terminal's token.
    pub(crate) fn token(&self, name: &str) -> Outcome<String> {
        let made = self.command(&["token", "add", name]).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned().into());
        }
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }

    /// Lets every customer pay at once, and the bank push to these gateways in turn.
    pub(crate) fn customers(&self, addresses: Vec<String>) -> tokio::task::JoinHandle<()> {
        let (bank, http) = (Arc::clone(&self.bank), self.http.clone());
        tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            for turn in 0_usize.. {
                tokio::time::sleep(LOOK).await;
                for id in payable(&bank) {
                    if !seen.insert(id.clone()) || !approve(&bank, &id) {
                        continue;
                    }
                    let at = addresses.get((turn + seen.len()) % addresses.len().max(1));
                    let Some(at) = at.cloned() else { return };
                    let http = http.clone();
                    tokio::spawn(async move { push(&http, &at, &id).await });
                }
            }
        })
    }

    /// Approves the one payment that is open, and pushes to a gateway.
    pub(crate) async fn pay_the_open_one(&self, at: &str) -> Outcome<()> {
        let id = payable(&self.bank).into_iter().next().ok_or("nothing is payable")?;
        if !approve(&self.bank, &id) {
            return Err("the customer could not pay".into());
        }
        push(&self.http, at, &id).await;
        Ok(())
    }

    /// Orders a payment; gives how it stands once it is shown, or has ended.
    pub(crate) async fn order(&self, at: &str, token: &str, id: &str) -> Outcome<Value> {
        let order = json!({ "action": "pay", "amount": AMOUNT, "purpose": PURPOSE });
        let url = format!("http://{at}/v1/operations/{id}?wait=30");
        let request = self.http.put(url).body(order.to_string());
        answer(request.header("authorization", format!("Bearer {token}"))).await
    }

    /// Waits until it stands otherwise.
    pub(crate) async fn wait(&self, at: &str, token: &str, id: &str, seen: &str) -> Outcome<Value> {
        let url = format!("http://{at}/v1/operations/{id}?wait=60&version={seen}");
        answer(self.http.get(url).header("authorization", format!("Bearer {token}"))).await
    }

    /// Pays once, from the order to the acknowledgement.
    pub(crate) async fn pay(&self, at: &str, token: &str, id: &str) -> Outcome<()> {
        let mut view = self.order(at, token, id).await?;
        if view.get("state").is_none_or(|state| state != "ended") {
            view = self.wait(at, token, id, "waiting*").await?;
        }
        if !is_paid(&view) {
            return Err(format!("not paid: {view}").into());
        }
        let url = format!("http://{at}/v1/operations/{id}/acknowledge");
        let told = self.http.post(url).body(r#"{"code":0}"#);
        answer(told.header("authorization", format!("Bearer {token}"))).await.map(|_| ())
    }
}

impl Gateway {
    /// Gives the memory that it holds, in KiB.
    pub(crate) fn memory_kib(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kib.ok_or("no VmRSS")?.trim().parse()?)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _waited_already = self.child.wait();
    }
}

/// Makes the command of a program, whose waits for the disk strace lengthens; it leaves all other
/// system calls alone, and follows beside the program, which stays this process's child.
pub(crate) fn program(program: &Path, slow_us: Option<u32>) -> Command {
    let Some(slow_us) = slow_us else { return Command::new(program) };
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"]);
    command.args(["-e", "trace=fsync,fdatasync"]);
    command.args(["-e", &format!("inject=fsync,fdatasync:delay_exit={slow_us}")]).arg(program);
    command
}

/// Is a terminal that waits, with as little of its own as possible.
pub(crate) async fn hang(at: &str, token: &str, id: &str, seen: &str) -> Outcome<TcpStream> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!(
        "GET /v1/operations/{id}?wait=60&version={seen} HTTP/1.1\r\nhost: {at}\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Tells whether such a terminal has been answered.
pub(crate) async fn is_answered(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    let read = stream.read(&mut byte);
    tokio::time::timeout(Duration::from_millis(1), read).await.is_ok()
}

/// Tells whether a payment's answer is success.
pub(crate) fn is_paid(view: &Value) -> bool {
    view.pointer("/answer/extras/code").is_some_and(|code| code == 0)
}

async fn answer(request: reqwest::RequestBuilder) -> Outcome<Value> {
    let answer = request.timeout(Duration::from_secs(90)).send().await?;
    let (status, body) = (answer.status(), answer.bytes().await?);
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

fn payable(bank: &Server) -> Vec<String> {
    let (now_ms, bank) = (bank.now_ms(), bank.bank());
    let bank = bank.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let open = bank.open_payments(now_ms).into_iter();
    open.filter(|one| one.payable_since_ms.is_some()).map(|one| one.external_id).collect()
}

fn approve(bank: &Server, id: &str) -> bool {
    let (now_ms, bank) = (bank.now_ms(), bank.bank());
    let mut bank = bank.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    bank.approve(now_ms, id, None).is_ok()
}

async fn push(http: &reqwest::Client, at: &str, id: &str) {
    let body = json!({ "externalId": id }).to_string();
    // A push that is lost is what polls are for.
    let _lost = http.post(format!("http://{at}/octo/process")).body(body).send().await;
}
