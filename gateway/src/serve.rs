//! `till-gateway serve` and `check`.

mod sandbox;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use till_config::{Config, Places};
use till_core::id::RailId;
use till_core::operation::Rules;
use till_core::rail::octo::Octo;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_gateway::store::Kept;
use till_gateway::{App, Identity, Limits, Server};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Args, Serve};
use crate::banks::Banks;
use crate::database::Database;
use crate::trouble::Trouble;
use sandbox::Sandbox;

/// Is what a command needs to know of the gateway.
pub(crate) struct Place {
    settings: Settings,
    database: Database,
    listen: SocketAddr,
    identity: Option<(PathBuf, PathBuf)>,
    behind_proxy: bool,
    requests_per_second: u32,
    config: Option<Config>,
    sandbox: Option<Sandbox>,
}

impl Place {
    /// Finds it out from the command line, the configuration and the environment.
    pub(crate) fn of(args: &Args) -> Result<Self, Trouble> {
        let places = Places::new();
        if args.sandbox {
            return Sandbox::new(&places).and_then(|sandbox| sandbox.place(args));
        }
        let config = Config::load(args.config.as_deref(), &places)?;
        let terminal = &config.terminal;
        let server = config.gateway.as_ref().map(|gateway| &gateway.server);
        // EXPOSE: an address may hold a password; it stays a secret.
        let configured = server.and_then(|server| Some(server.database.as_ref()?.expose().clone()));
        let folder = config.file.parent().map(Path::to_owned).unwrap_or_default();
        let database = match args.database.clone().or(configured) {
            Some(named) => Database::of(&named, &folder, config.gateway.as_ref(), password())?,
            None => Database::File(terminal.journal.clone()),
        };
        let settings = Settings {
            terminal_id: terminal.id.clone(),
            currency: terminal.currency,
            language: terminal.language,
            rail: RailId::new(terminal.rail.as_str()),
            rules: Rules {
                wait_ms: terminal.wait_ms,
                give_back: terminal.give_back,
                ..Rules::default()
            },
            foreign_refunds: terminal.foreign_refunds,
            pace_ms: Settings::PACE_MS,
            callers_are_terminals: true,
            sandbox: false,
            bridge: true,
        };
        Ok(Self {
            settings,
            database,
            listen: server.map_or(SocketAddr::from(([127, 0, 0, 1], 8080)), |it| it.address),
            identity: server.and_then(|server| server.identity.clone()),
            behind_proxy: server.is_some_and(|server| server.behind_proxy),
            requests_per_second: server.map_or(20, |server| server.requests_per_second),
            config: Some(config),
            sandbox: None,
        })
    }

    /// Opens what is kept beside the journal.
    pub(crate) async fn store(&self, patient: bool) -> Result<Kept, Trouble> {
        self.database.store(patient).await
    }

    fn identity(&self) -> Result<Option<Arc<Identity>>, Trouble> {
        let open = |(certificate, key): &(PathBuf, PathBuf)| Identity::open(certificate, key);
        let opened = self.identity.as_ref().map(open).transpose();
        Ok(opened.map_err(Trouble::NotConfigured)?.map(Arc::new))
    }

    /// Makes the ways to the banks; the embedded ones are started for it.
    async fn banks(&self) -> Result<(Banks, Option<till_sandbox::Server>), Trouble> {
        match (&self.sandbox, &self.config) {
            (Some(sandbox), _) => {
                let server = sandbox.start().await?;
                Ok((Banks::sandbox(&server)?, Some(server)))
            }
            (None, Some(config)) => Ok((Banks::configured(config)?, None)),
            (None, None) => Err(Trouble::NotConfigured("no configuration".to_owned())),
        }
    }
}

/// Checks everything that can be checked without calling anybody.
pub(crate) fn check(args: &Args) -> Result<(), Trouble> {
    runtime()?.block_on(check_all(args))
}

async fn check_all(args: &Args) -> Result<(), Trouble> {
    let place = Place::of(args)?;
    if let Some(config) = &place.config {
        let banks = Banks::configured(config)?;
        let rails: Vec<String> =
            banks.lines.iter().map(|line| line.rail.id().to_string()).collect();
        if !rails.contains(&place.settings.rail.to_string()) {
            let text = format!(
                "{}: terminal.rail: it is the acquirer of orders that name none: {}",
                config.file.display(),
                rails.join(" or ")
            );
            return Err(Trouble::NotConfigured(text));
        }
        crate::print(&format!("acquirers: {}", rails.join(", ")))?;
    }
    let tls = if place.identity()?.is_some() { "TLS" } else { "plain, for a proxy" };
    crate::print(&format!("listens: {} ({tls})", place.listen))?;
    let tokens = place.store(false).await?.tokens().await;
    let tokens = tokens.map_err(|error| Trouble::Journal(error.to_string()))?;
    let used = tokens.iter().filter(|holder| holder.revoked_ms.is_none()).count();
    crate::print(&format!("tokens in use: {used}"))?;
    let found = place.database.verify()?;
    crate::print(&format!("journal: {} operations, {} open", found.operations, found.open))
}

/// Runs until a signal ends it.
pub(crate) fn run(args: &Args, serve: &Serve) -> Result<(), Trouble> {
    log(serve.log);
    let runtime = runtime()?;
    let done = runtime.block_on(serve_until_stopped(args, serve));
    runtime.shutdown_background();
    done
}

/// Makes the threads on which everything runs.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failed(format!("the system gives no threads: {error}")))
}

async fn serve_until_stopped(args: &Args, serve: &Serve) -> Result<(), Trouble> {
    let mut place = Place::of(args)?;
    if let (Some(sandbox), Some(auto)) = (&mut place.sandbox, serve.auto) {
        sandbox.auto = auto;
    }
    let (banks, bank) = place.banks().await?;
    let store = place.store(true).await?;
    let identity = place.identity()?;
    let tests = |line: &Line| place.settings.sandbox || line.rail.sandbox();
    let sandbox =
        banks.lines.iter().any(|line| line.rail.id() == place.settings.rail && tests(line));
    let other = banks.lines.iter().filter(|line| tests(line) != sandbox);
    let sandbox_differs = other.map(|line| line.rail.id()).collect();
    let language = place.settings.language;
    let till = place.database.start(place.settings.clone(), banks.lines)?;
    let each_second = place.requests_per_second;
    let devices = Limits { each_second, at_once: each_second.saturating_mul(2) };
    let mut app = App::new(till, store, devices, Limits { each_second: 500, at_once: 1_000 });
    app.octo = banks.octo.filter(octo_is_used);
    app.ecommpay = banks.ecommpay;
    app.sandbox = sandbox;
    app.sandbox_differs = sandbox_differs;
    app.language = language;
    app.behind_proxy = place.behind_proxy;
    let failed = |error: std::io::Error| Trouble::Failed(error.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut renew = signal(SignalKind::hangup()).map_err(failed)?;
    let listen = serve.listen.unwrap_or(place.listen);
    let prepared = match &place.sandbox {
        Some(sandbox) => Some(sandbox.token(&app.store).await?),
        None => None,
    };
    let server = Server::start(app, listen, identity.clone())
        .await
        .map_err(|error| Trouble::NotConfigured(format!("{error}; see gateway.listen")))?;
    tracing::info!(address = %server.address(), tls = identity.is_some(), "listening");
    match (&place.sandbox, prepared) {
        (Some(sandbox), Some(())) => sandbox.tell(server.address(), bank.as_ref())?,
        _ => crate::print(&format!("listening on {}", server.address()))?,
    }
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = renew.recv() => match identity.as_ref().map(|identity| identity.reload()) {
                Some(Ok(())) => tracing::info!("the certificate was read again"),
                Some(Err(why)) => tracing::error!(%why, "the old certificate stays in use"),
                None => {}
            },
        }
    }
    tracing::info!("stopping");
    server.stop().await;
    if let Some(bank) = bank {
        bank.stop().await.map_err(failed)?;
    }
    Ok(())
}

/// Gives the database's password as libpq takes it from the environment.
fn password() -> Option<String> {
    std::env::var("PGPASSWORD").ok()
}

fn octo_is_used(octo: &Octo) -> bool {
    !octo.settings().base_url.is_empty()
}

fn log(level: tracing::Level) {
    use tracing_subscriber::filter::LevelFilter;
    // One JSON object a line, for whatever gathers logs.
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(LevelFilter::from_level(level))
        .with_writer(std::io::stderr)
        .init();
}
