//! Gateway processes on one database, with their bank.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use till_sandbox::{Server, ServerConfig, postgres};

/// How long a process may be silent, in seconds.
pub(crate) const LEASE_S: u64 = 2;

pub(crate) struct Fleet {
    pub(crate) bank: Arc<Server>,
    pub(crate) url: String,
    folder: tempfile::TempDir,
    ships: Vec<Mutex<Option<Ship>>>,
    http: Client,
}

struct Ship {
    child: Child,
    url: String,
}

/// Is what an answer was: a status and a body; `None`: the process died before it answered.
pub(crate) type Told = Option<(StatusCode, Value)>;

impl Fleet {
    /// Starts so many processes, with this in their sections `[terminal]` and `[gateway]`.
    pub(crate) async fn start(
        count: usize,
        database: &postgres::Server,
        terminal: &str,
        gateway: &str,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca_file = Some(folder.path().join("bank.pem"));
        let config = ServerConfig { ca_file, ..ServerConfig::default() };
        let bank = Arc::new(Server::start(config).await.unwrap());
        let url = database.database().unwrap();
        let config = format!(
            "{}\n[gateway]\nlisten = \"127.0.0.1:0\"\ndatabase = \"{url}\"\nlease_s = {LEASE_S}\n\
             requests_per_second = 10000\n{gateway}\n",
            bank.till_config().replacen("[terminal]\n", &format!("[terminal]\n{terminal}\n"), 1)
        );
        fs::write(folder.path().join("gateway.toml"), config).unwrap();
        let ships = (0..count).map(|_| Mutex::new(None)).collect();
        let _installed_already = rustls::crypto::ring::default_provider().install_default();
        let fleet = Self { bank, url, folder, ships, http: Client::new() };
        for index in 0..count {
            assert!(fleet.launch(index), "{}", fleet.log(index));
        }
        fleet
    }

    /// Gives the command of the gateway, with this fleet's configuration; `TILL_GATEWAY` names
    /// another build of it.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let built = env!("CARGO_BIN_EXE_till-gateway").into();
        let mut command = Command::new(std::env::var_os("TILL_GATEWAY").unwrap_or(built));
        command.args(words).arg("--config").arg(self.folder.path().join("gateway.toml"));
        command.stdin(Stdio::null());
        command
    }

    /// Starts a process, which writes its log into a file; false if it did not start.
    pub(crate) fn launch(&self, index: usize) -> bool {
        let log = self.folder.path().join(format!("log-{index}"));
        let log = File::options().append(true).create(true).open(log).unwrap();
        let mut command = self.command(&["serve", "--log", "warn"]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            child.wait().unwrap();
            return false;
        };
        let url = format!("http://{address}");
        *self.ships[index].lock().unwrap() = Some(Ship { child, url });
        true
    }

    /// Tells whether a process was not killed.
    pub(crate) fn runs(&self, index: usize) -> bool {
        self.ships[index].lock().unwrap().is_some()
    }

    /// Makes a token.
    pub(crate) fn token(&self, name: &str, more: &[&str]) -> String {
        let words: Vec<&str> = ["token", "add", name].into_iter().chain(more.to_vec()).collect();
        let made = self.command(&words).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    /// Asks one process.
    pub(crate) async fn send(
        &self,
        index: usize,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Told {
        let url = self.ships[index].lock().unwrap().as_ref().map(|ship| ship.url.clone())?;
        let mut request = self.http.request(method, format!("{url}{path}")).body(body);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.timeout(Duration::from_secs(70)).send().await.ok()?;
        let status = answer.status();
        let bytes = answer.bytes().await.ok()?;
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        Some((status, serde_json::from_slice(&bytes).unwrap_or_else(|_| text())))
    }

    /// Asks one process with JSON.
    pub(crate) async fn ask(
        &self,
        index: usize,
        token: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Told {
        let bytes = if body.is_null() { vec![] } else { serde_json::to_vec(body).unwrap() };
        self.send(index, Some(token), method, path, bytes).await
    }

    /// Lets the bank push to one process.
    pub(crate) async fn push(&self, index: usize, external_id: &str) -> Option<StatusCode> {
        let body = json!({ "externalId": external_id }).to_string().into_bytes();
        Some(self.send(index, None, Method::POST, "/octo/process", body).await?.0)
    }

    /// Kills a process as SIGKILL does.
    pub(crate) fn kill(&self, index: usize) {
        if let Some(mut ship) = self.ships[index].lock().unwrap().take() {
            ship.child.kill().unwrap();
            ship.child.wait().unwrap();
        }
    }

    /// Sends a process a signal.
    pub(crate) fn signal(&self, index: usize, signal: &str) {
        if let Some(ship) = self.ships[index].lock().unwrap().as_ref() {
            let pid = ship.child.id().to_string();
            assert!(
                Command::new("kill")
                    .args([&format!("-{signal}"), &pid])
                    .status()
                    .unwrap()
                    .success()
            );
        }
    }

    /// Ends a process in order.
    pub(crate) fn stop(&self, index: usize) {
        self.signal(index, "TERM");
        if let Some(mut ship) = self.ships[index].lock().unwrap().take() {
            assert!(ship.child.wait().unwrap().success(), "{}", self.log(index));
        }
    }

    /// Gives what a process logged.
    pub(crate) fn log(&self, index: usize) -> String {
        let path = self.folder.path().join(format!("log-{index}"));
        fs::read_to_string(path).unwrap_or_default()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for index in 0..self.ships.len() {
            self.kill(index);
            if std::thread::panicking() {
                let log = self.log(index);
                let end = log.len().saturating_sub(4_000);
                eprintln!("log {index}: {}", log.get(end..).unwrap_or(&log));
            }
        }
    }
}
