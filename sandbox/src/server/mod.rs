//! The banks as a server on this machine: HTTPS for terminals, a web page for the customer.

pub(crate) mod accept;
mod auto;
mod body;
mod callbacks;
mod front;
mod pages;
pub(crate) mod shared;
mod state_file;
mod tls;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use self::shared::{Counters, Shared};
use crate::call::Call;
use crate::customer::Auto;
use crate::ecommpay::{self, Platform};
use crate::fault::{Fault, Faults};
use crate::octo::{Bank, Behaviour};
use crate::wallet;

/// How a sandbox is started; the default is a bank on two free ports of the loopback interface.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where terminals call, over HTTPS; port 0 is any free one.
    pub listen: SocketAddr,
    /// Where the wallet page and the control API are, over plain HTTP; port 0 is any free one.
    pub wallet_listen: SocketAddr,
    /// The name or address under which phones reach the wallet page; `None`: its address.
    pub wallet_host: Option<String>,
    /// How the bank behaves; the prefixes of codes and redirects become the wallet page's unless
    /// they differ from the default.
    pub behaviour: Behaviour,
    /// How ecommpay's platform behaves; its prefixes become this server's likewise.
    pub ecommpay: ecommpay::Behaviour,
    /// OCTO's books to go on with, under `behaviour`; `None`: those in `state_file`, if any.
    pub bank: Option<Bank>,
    /// Where the books are kept after every change; `None`: nowhere.
    pub state_file: Option<PathBuf>,
    /// Where the PEM of the run's certificate authority is written; `None`: nowhere.
    pub ca_file: Option<PathBuf>,
    /// What the customer does without being asked.
    pub auto: Auto,
    /// After how many ms the customer does it.
    pub auto_delay_ms: u64,
    /// A round trip that every call takes on top, ms; half before the bank acts, half after.
    pub extra_delay_ms: u64,
    /// The faults from the start.
    pub faults: Vec<Fault>,
}

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is taken, not ours, or not allowed.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be read or written, or is not what it should be.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or the reader says.
        source: std::io::Error,
    },
    /// A key or certificate could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The client that sends callbacks could not be made.
    #[error("cannot make a client for callbacks: {0}")]
    Client(#[from] reqwest::Error),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// A running sandbox; it ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let any_port = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self {
            listen: any_port,
            wallet_listen: any_port,
            wallet_host: None,
            behaviour: Behaviour::default(),
            ecommpay: ecommpay::Behaviour::default(),
            bank: None,
            state_file: None,
            ca_file: None,
            auto: Auto::Ignore,
            auto_delay_ms: 1000,
            extra_delay_ms: 0,
            faults: Vec::new(),
        }
    }
}

impl Server {
    /// Starts a sandbox; both ports accept calls when this returns.
    ///
    /// # Errors
    /// A port, a file, a certificate or randomness cannot be had.
    pub async fn start(config: ServerConfig) -> Result<Self, StartError> {
        getrandom::u64()?;
        let (bank_listener, bank_address) = listen(config.listen).await?;
        let (wallet_listener, wallet_address) = listen(config.wallet_listen).await?;
        let tls::Identity { ca_pem, acceptor } = tls::identity(config.listen)?;
        if let Some(path) = &config.ca_file {
            std::fs::write(path, &ca_pem).map_err(|source| file_error(path, source))?;
        }
        let base_url = format!("https://{}", reachable(bank_address));
        let wallet_url = match &config.wallet_host {
            Some(host) => format!("http://{host}:{}", wallet_address.port()),
            None => format!("http://{}", reachable(wallet_address)),
        };
        let kept = match &config.state_file {
            Some(path) => state_file::read(path).map_err(|source| file_error(path, source))?,
            None => None,
        };
        let (kept_bank, mut platform) = kept.unwrap_or_default();
        let mut bank = config.bank.unwrap_or(kept_bank);
        bank.set_behaviour(point_at_wallet(config.behaviour, &base_url, &wallet_url));
        platform.set_behaviour(point_at_front(config.ecommpay, &base_url, &wallet_url));
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            bank: Arc::new(Mutex::new(bank)),
            platform: Arc::new(Mutex::new(platform)),
            faults: Faults::default(),
            calls: Counters::default(),
            auto: Mutex::new(config.auto),
            auto_delay_ms: config.auto_delay_ms.into(),
            changed: Notify::new(),
            callbacks: Notify::new(),
            ahead_ms: 0.into(),
            extra_delay_ms: config.extra_delay_ms.into(),
            state_file: config.state_file,
            saved: Mutex::new((0, 0)),
            base_url,
            wallet_url,
            ca_pem,
            ca_file: config.ca_file,
            wallet_hosts: wallet_hosts(config.wallet_host, wallet_address),
            stop: stopped,
        });
        for fault in config.faults {
            shared.faults.add(fault);
        }
        let mut tasks = JoinSet::new();
        tasks.spawn(front::run(bank_listener, acceptor, shared.clone()));
        tasks.spawn(wallet::run(wallet_listener, shared.clone()));
        tasks.spawn({
            let shared = shared.clone();
            async move { auto::run(&shared).await }
        });
        tasks.spawn(callbacks::run(callbacks::client()?, shared.clone()));
        Ok(Self { shared, stop, tasks })
    }

    /// Returns the URL that terminals call, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Returns the URL of the wallet page and of `/control/`, without a slash at its end.
    #[must_use]
    pub fn wallet_url(&self) -> &str {
        &self.shared.wallet_url
    }

    /// Returns the PEM of the certificate authority that this run alone uses.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.shared.ca_pem
    }

    /// Returns a terminal's configuration (TOML) that points at this sandbox.
    #[must_use]
    pub fn till_config(&self) -> String {
        wallet::till_config(&self.shared)
    }

    /// Returns the bank itself. A change made here is on disk after the next call or `stop`.
    #[must_use]
    pub fn bank(&self) -> Arc<Mutex<Bank>> {
        Arc::clone(&self.shared.bank)
    }

    /// Returns ecommpay's platform, likewise.
    #[must_use]
    pub fn platform(&self) -> Arc<Mutex<Platform>> {
        Arc::clone(&self.shared.platform)
    }

    /// Returns the address of ecommpay's Payment Page, without a query.
    #[must_use]
    pub fn payment_page_url(&self) -> String {
        format!("{}/payment", self.shared.base_url)
    }

    /// The customer scans a code: opens a Payment Page, or a code of either bank.
    ///
    /// # Errors
    /// Why nothing opens, in words.
    pub fn scan(&self, code: &str) -> Result<(), String> {
        self.shared.scan(code)
    }

    /// Changes ecommpay's platform, and wakes whoever waits for that.
    pub fn change_platform<T>(&self, work: impl FnOnce(&mut Platform, i64) -> T) -> T {
        self.shared.change_platform(work)
    }

    /// Returns the bank's time, Unix ms: what `Bank`'s methods take as now.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.shared.now_ms()
    }

    /// Moves the bank's clock on, for codes and tokens to end without waiting.
    pub fn advance_ms(&self, ms: i64) {
        self.shared.advance_ms(ms);
    }

    /// Returns the faults that are set.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Tells how many calls of this name came, whatever became of them.
    #[must_use]
    pub fn calls(&self, call: Call) -> u64 {
        self.shared.calls.get(call)
    }

    /// Changes what the customer does without being asked, for open payments too.
    pub fn set_auto(&self, auto: Auto) {
        self.shared.set_auto(auto);
    }

    /// Changes the round trip that every call takes on top, ms.
    pub fn set_extra_delay_ms(&self, ms: u64) {
        self.shared.extra_delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Closes both ports and every connection, and saves the books.
    ///
    /// # Errors
    /// The state file cannot be written.
    pub async fn stop(mut self) -> std::io::Result<()> {
        // It fails only if nobody listens any more, which is what it is for.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        self.shared.save(&self.shared.lock(), &self.shared.lock_platform())
    }
}

impl Shared {
    pub(crate) fn advance_ms(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
        self.changed.notify_one();
        self.callbacks.notify_one();
    }

    pub(crate) fn set_auto(&self, auto: Auto) {
        *self.auto.lock().unwrap_or_else(PoisonError::into_inner) = auto;
        self.changed.notify_one();
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let error = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let bound = listener.local_addr().map_err(error)?;
    Ok((listener, bound))
}

fn file_error(path: &Path, source: std::io::Error) -> StartError {
    StartError::File { path: path.to_owned(), source }
}

/// An address that can be called: "any" is reached through loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}

/// Makes a phone that scans a code, or follows a redirect, find the wallet page.
fn point_at_wallet(mut behaviour: Behaviour, base_url: &str, wallet_url: &str) -> Behaviour {
    let usual = Behaviour::default();
    if behaviour.code_prefix == usual.code_prefix {
        behaviour.code_prefix = format!("{wallet_url}/w/");
    }
    if behaviour.redirect_prefix == usual.redirect_prefix {
        behaviour.redirect_prefix = format!("{base_url}/w/");
    }
    behaviour
}

fn point_at_front(
    mut behaviour: ecommpay::Behaviour,
    base_url: &str,
    wallet_url: &str,
) -> ecommpay::Behaviour {
    let usual = ecommpay::Behaviour::default();
    if behaviour.code_prefix == usual.code_prefix {
        behaviour.code_prefix = format!("{wallet_url}/w/");
    }
    if behaviour.front_url == usual.front_url {
        base_url.clone_into(&mut behaviour.front_url);
    }
    behaviour
}

fn wallet_hosts(named: Option<String>, bound: SocketAddr) -> Vec<String> {
    let own = (!bound.ip().is_unspecified()).then(|| match bound.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    });
    named.into_iter().chain(own).map(|host| host.to_ascii_lowercase()).collect()
}
