//! `till demo --gateway`: a bank, a gateway and a terminal as processes of their own; the gateway
//! is killed while a code is on the screen, and the answer is right all the same.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use till_sandbox::ecommpay::Behaviour;
use till_sandbox::{Auto, Certificate, Server, ServerConfig, certificate};

use super::{Folder, Voice};
use crate::args::Common;
use crate::exit::Exit;
use crate::out::{Dress, Out};
use crate::run::fail;
use crate::trouble::Trouble;

/// Is a gateway's process; it goes with this value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// Is everything that the story needs.
struct Stage {
    folder: PathBuf,
    gateway: PathBuf,
    address: SocketAddr,
}

/// Runs the story; 0 only if every step came out as told.
pub(crate) async fn run(common: &Common) -> Exit {
    match tell(common).await {
        Ok(true) => Exit::Approved,
        Ok(false) => fail(common, &Trouble::Failed("a step did not come out as told".to_owned())),
        Err(trouble) => fail(common, &trouble),
    }
}

async fn tell(common: &Common) -> Result<bool, Trouble> {
    let voice = Voice { json: common.json, out: Out::new() };
    let (guard, journal) = super::place(common)?;
    let folder = journal.parent().unwrap_or(Path::new(".")).to_owned();
    let bank = Server::start(ServerConfig {
        ca_file: Some(folder.join("bank-ca.pem")),
        ..ServerConfig::default()
    })
    .await
    .map_err(|error| Trouble::NotConfigured(format!("the sandbox does not start: {error}")))?;
    let stage = Stage::set(&folder, &bank)?;
    voice.say(&format!(
        "\n  {}  A bank, a gateway and a terminal, each a process; no money moves.\n\n  \
         The bank       {}\n  The gateway    https://{}\n  The terminal   holds a token, and no \
         secret of the bank",
        voice.out.dress(Dress::Care, "SANDBOX"),
        bank.base_url(),
        stage.address
    ));
    let told = blocking(move || story(&stage, &bank, voice)).await?;
    drop::<Folder>(guard);
    told
}

fn story(stage: &Stage, bank: &Server, voice: Voice) -> Result<bool, Trouble> {
    let mut well = true;
    let mut gateway = stage.start()?;
    bank.set_auto(Auto::Approve);
    voice.heading("1  A payment through the gateway");
    let paid = Pay::begin(stage, "order-1", &[])?.end()?;
    well &= voice.step(&paid, 0);

    voice.heading("2  The gateway is killed while the customer looks at the code");
    bank.set_auto(Auto::Ignore);
    let mut second = Pay::begin(stage, "order-2", &[])?;
    second.shows_code()?;
    voice.say("     the code is on the screen; SIGKILL to the gateway");
    let _gone_already = gateway.0.kill();
    let _gone = gateway.0.wait();
    bank.set_auto(Auto::Approve);
    std::thread::sleep(Duration::from_secs(2));
    voice.say("     the customer pays meanwhile; the gateway starts again on its journal");
    gateway = stage.start()?;
    well &= voice.step(&second.end()?, 0);

    voice.heading("3  The first payment is given back, and asked for again: once");
    let receipt = paid.pointer("/extras/transaction").and_then(Value::as_str).unwrap_or_default();
    let file = stage.folder.join("receipt.json");
    write(&file, receipt)?;
    for _ in 0..2 {
        let path = file.display().to_string();
        let words = ["refund", "--amount", "12500", "--request-id", "refund-1", "--transaction"];
        let back = stage.till(&words, Some(&path)).output().map_err(failed)?;
        let back: Value = serde_json::from_slice(&back.stdout).unwrap_or_default();
        well &= voice.step(&back, 0);
    }

    voice.heading("4  The same terminal, another acquirer behind the gateway: ecommpay");
    let mut other = Pay::begin(stage, "order-3", &["--rail", "ecommpay", "--currency", "CNY"])?;
    let page = other.shows_code()?;
    voice.say("     the customer scans the code, chooses Alipay and pays; a callback tells");
    bank.scan(&page).map_err(Trouble::Failed)?;
    well &= voice.step(&other.end()?, 0);
    drop(gateway);
    if well {
        voice.say(&format!(
            "\n  {}  Your turn:\n    till-gateway serve --sandbox\n",
            voice.out.dress(Dress::Good, "All as told")
        ));
    }
    Ok(well)
}

impl Stage {
    fn set(folder: &Path, bank: &Server) -> Result<Self, Trouble> {
        let own = std::env::current_exe().map_err(failed)?;
        let gateway = own.with_file_name("till-gateway");
        if !gateway.exists() {
            let text = format!("{} is not there: it is built beside till", gateway.display());
            return Err(Trouble::NotConfigured(text));
        }
        // Somebody else could take the port until the gateway does; then the demo says so.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
        let address = free.map_err(failed)?;
        let made = certificate(address, "Till demo gateway");
        let Certificate { ca_pem, chain_pem, key_pem } =
            made.map_err(|error| Trouble::Failed(error.to_string()))?;
        write(&folder.join("ca.pem"), &ca_pem)?;
        write(&folder.join("certificate.pem"), &chain_pem)?;
        write(&folder.join("key.pem"), &key_pem)?;
        let listen = format!(
            "{}\n[gateway]\nlisten = \"{address}\"\ndatabase = \"gateway.sqlite\"\n\
             certificate_file = \"certificate.pem\"\nkey_file = \"key.pem\"\n",
            // A terminal takes its gateway's payments for tests, or takes none of them for tests.
            bank.till_config().replace("test_project = true\n", "")
        );
        write(&folder.join("gateway.toml"), &listen)?;
        bank.change_platform(|platform, _| {
            let callback_url = Some(format!("https://{address}/ecommpay/callback"));
            let behaviour = Behaviour { callback_url, ..platform.behaviour().clone() };
            platform.set_behaviour(behaviour);
        });
        let stage = Self { folder: folder.to_owned(), gateway, address };
        let made = stage.gateway(&["token", "add", "T-1"]).output().map_err(failed)?;
        if !made.status.success() {
            return Err(Trouble::Failed(String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        write(&folder.join("device.token"), &String::from_utf8_lossy(&made.stdout))?;
        let till = format!(
            "[terminal]\nid = \"T-1\"\ncurrency = \"UZS\"\nrail = \"gateway\"\n\n[gateway]\n\
             url = \"https://{address}\"\ntoken_file = \"device.token\"\nextra_roots = \"ca.pem\"\n"
        );
        write(&folder.join("till.toml"), &till)?;
        Ok(stage)
    }

    fn gateway(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.gateway);
        command.args(words).arg("--config").arg(self.folder.join("gateway.toml"));
        command.stdin(Stdio::null());
        command
    }

    /// Starts the gateway and waits until it listens.
    fn start(&self) -> Result<Process, Trouble> {
        let mut command = self.gateway(&["serve", "--log", "error"]);
        let child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut process = Process(child);
        let mut line = String::new();
        if let Some(out) = process.0.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(failed)?;
        }
        if line.contains("listening") {
            return Ok(process);
        }
        Err(Trouble::Failed("the gateway does not start; its words are above".to_owned()))
    }

    fn till(&self, words: &[&str], last: Option<&str>) -> Command {
        let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("till"));
        let mut command = Command::new(own);
        command.args(words).args(last).arg("--json");
        command.arg("--config").arg(self.folder.join("till.toml")).stdin(Stdio::null());
        command.stderr(Stdio::null());
        command
    }
}

/// Is a payment under way on a terminal of its own.
struct Pay(Process);

impl Pay {
    fn begin(stage: &Stage, request_id: &str, more: &[&str]) -> Result<Self, Trouble> {
        let words = ["pay", "--amount", "12500", "--purpose", "Coffee", "--request-id"];
        let mut command = stage.till(&words, Some(request_id));
        command.args(more);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self(Process(command.spawn().map_err(failed)?)))
    }

    /// Waits until the code is on the screen, and gives it.
    fn shows_code(&mut self) -> Result<String, Trouble> {
        let Some(progress) = self.0.0.stderr.take() else { return Ok(String::new()) };
        let mut lines = BufReader::new(progress).lines();
        for line in lines.by_ref() {
            let event: Value = serde_json::from_str(&line.map_err(failed)?).unwrap_or_default();
            if event.get("event").and_then(Value::as_str) == Some("code_shown") {
                // The rest is nobody's to read, and must not stop the terminal.
                std::thread::spawn(move || lines.for_each(drop));
                let code = event.get("code_value").and_then(Value::as_str);
                return Ok(code.unwrap_or_default().to_owned());
            }
        }
        Err(Trouble::Failed("no code was shown".to_owned()))
    }

    fn end(mut self) -> Result<Value, Trouble> {
        if let Some(progress) = self.0.0.stderr.take() {
            std::thread::spawn(move || BufReader::new(progress).lines().for_each(drop));
        }
        let mut answer = String::new();
        if let Some(out) = self.0.0.stdout.take() {
            BufReader::new(out).read_line(&mut answer).map_err(failed)?;
        }
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }
}

impl Voice {
    /// Tells what a step came to; true if that is what it should have come to.
    fn step(self, answer: &Value, wanted: i64) -> bool {
        let extra = |name: &str| answer.pointer(&format!("/extras/{name}"));
        let code = extra("code").and_then(Value::as_i64);
        let outcome = extra("dev.till.extra.OUTCOME").and_then(Value::as_str);
        let well = code == Some(wanted);
        let mark = self.out.dress(if well { Dress::Good } else { Dress::Bad }, "code");
        let code = code.map_or("none".to_owned(), |code| code.to_string());
        self.say(&format!("     {mark} {code}  {}", outcome.unwrap_or("no answer")));
        if self.json {
            let _nobody_reads = crate::out::print(&format!("{answer}\n"));
        }
        well
    }
}

/// Runs what waits for processes beside the bank's own work.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Trouble> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Trouble::Failed(error.to_string()))
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(failed)
}

fn failed(error: std::io::Error) -> Trouble {
    Trouble::Failed(error.to_string())
}
