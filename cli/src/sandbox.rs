//! `till sandbox`: the bank and its customer's wallet page, until stopped.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use till_config::Places;
use till_sandbox::{Auto, Server, ServerConfig};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Common, Sandbox};
use crate::exit::Exit;
use crate::out::{self, Dress, Out};
use crate::run::fail;
use crate::trouble::Trouble;

/// Is where the bank is, for scripts.
#[derive(Serialize)]
struct Line<'a> {
    base_url: &'a str,
    wallet_url: &'a str,
    ca: &'a Path,
    config: &'a Path,
}

/// Is the folder of a sandbox: its authority, a configuration, its books.
struct Folder {
    path: PathBuf,
    /// Whether it is of this run alone, since the ports are.
    passing: bool,
}

/// Runs the bank until a signal ends it.
pub(crate) async fn run(common: &Common, sandbox: &Sandbox) -> Exit {
    match serve(common, sandbox).await {
        Ok(()) => Exit::Approved,
        Err(trouble) => fail(common, &trouble),
    }
}

async fn serve(common: &Common, sandbox: &Sandbox) -> Result<(), Trouble> {
    let folder = Folder::make(sandbox.listen)?;
    let server = Server::start(folder.server_config(sandbox)).await.map_err(|error| {
        Trouble::Usage(format!("the sandbox does not start: {error}; see --listen"))
    })?;
    let config = server.till_config();
    let config_file = folder.path.join("till.toml");
    write(&config_file, &config)?;
    let told = tell(common, &server, &folder, &config_file, &config);
    told.map_err(|error| Trouble::Failed(format!("nobody can be told: {error}")))?;
    let failed = |error: std::io::Error| Trouble::Failed(error.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.stop().await.map_err(failed)?;
    folder.leave();
    Ok(())
}

fn tell(
    common: &Common,
    server: &Server,
    folder: &Folder,
    config_file: &Path,
    config: &str,
) -> std::io::Result<()> {
    let (base_url, wallet_url) = (server.base_url(), server.wallet_url());
    if common.json {
        let ca = &folder.ca();
        let line = Line { base_url, wallet_url, ca, config: config_file };
        return out::print(&format!("{}\n", serde_json::to_string(&line)?));
    }
    let out = Out::new();
    let strong = |text: &str| out.dress(Dress::Bold, text);
    let config: String = config.lines().map(|line| format!("    {line}\n")).collect();
    out::print(&format!(
        "\n  {}  no money moves here. Ctrl-C stops it.\n\n  \
         The bank           {}\n  The customer       {}\n  Its certificates   {}\n\n  \
         Take a payment with it, through either bank:\n    {}\n    {}\n\n  \
         The configuration is {}:\n\n{config}\n",
        out.dress(Dress::Care, "SANDBOX"),
        strong(base_url),
        strong(wallet_url),
        folder.ca().display(),
        strong(&format!(
            "till pay --config {} --amount 12500 --purpose Coffee",
            config_file.display()
        )),
        strong(&format!(
            "till pay --config {} --amount 12500 --purpose Tea --rail ecommpay --currency CNY",
            config_file.display()
        )),
        config_file.display(),
    ))
}

impl Folder {
    fn make(listen: SocketAddr) -> Result<Self, Trouble> {
        let passing = listen.port() == 0;
        let name = if passing {
            format!("sandbox-{}", std::process::id())
        } else {
            format!("sandbox-port-{}", listen.port())
        };
        let path = Places::new().state()?.join(name);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|error| {
            Trouble::NotConfigured(format!("{}: it cannot be made: {error}", path.display()))
        })?;
        Ok(Self { path, passing })
    }

    fn ca(&self) -> PathBuf {
        self.path.join("ca.pem")
    }

    fn server_config(&self, sandbox: &Sandbox) -> ServerConfig {
        let usual = ServerConfig::default();
        let Sandbox { listen, fault, customer } = sandbox;
        let mut wallet_listen = *listen;
        wallet_listen.set_port(match listen.port() {
            0 => 0,
            port => port.checked_add(1).unwrap_or(port - 1),
        });
        ServerConfig {
            listen: *listen,
            wallet_listen,
            state_file: Some(self.path.join("bank.json")),
            ca_file: Some(self.ca()),
            auto: customer.auto.unwrap_or(Auto::Ignore),
            auto_delay_ms: customer.auto_after.unwrap_or(usual.auto_delay_ms),
            faults: fault.clone(),
            ..usual
        }
    }

    /// Takes away what is of no use after this run; a journal that somebody put there stays.
    fn leave(&self) {
        if self.passing {
            for name in ["ca.pem", "till.toml", "bank.json"] {
                let _gone_already = fs::remove_file(self.path.join(name));
            }
            let _not_empty = fs::remove_dir(&self.path);
        }
    }
}

/// Writes the configuration for this user alone: it holds the client's secret.
fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let failed = |error| {
        Trouble::NotConfigured(format!("{}: it cannot be written: {error}", path.display()))
    };
    let _gone_already = fs::remove_file(path);
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)
}
