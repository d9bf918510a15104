//! The HTTP client with its one warm connection, and what is known of its connections.
//!
//! A pool's TLS configuration is its own. Its first connection can resume no session, so it must
//! pass the certificate check before a byte of HTTP is written to it (rustls, too, resumes a
//! session only under the verifier that has seen it begin); a [`Witness`] notes that check. As long
//! as none was passed, no call of this pool can have sent anything. From then on any of them may
//! have, unless the HTTP client says that it failed to connect. Concurrent calls share the note,
//! which errs to the safe side.
//!
//! [`Witness`]: super::tls::Witness

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, Proxy, Url, redirect, retry};

use super::tls::Trust;
use super::{CONNECT_LIMIT_MS, IDLE_MS, TransportError};

/// After this long without a word on a quiet connection the system asks the peer for one.
const KEEPALIVE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 2;

/// After this long the system gives up a connection whose peer does not acknowledge.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// Is what every pool of one transport is made from.
pub(super) struct Plan {
    trust: Trust,
    proxy: Option<Proxy>,
    user_agent: HeaderValue,
}

impl Plan {
    pub(super) fn new(
        extra_roots_pem: Option<&[u8]>,
        proxy: Option<&str>,
        user_agent: &str,
    ) -> Result<Self, TransportError> {
        Ok(Self {
            trust: Trust::new(extra_roots_pem)?,
            proxy: proxy.map(read_proxy).transpose()?,
            user_agent: HeaderValue::from_str(user_agent).map_err(|_| TransportError::UserAgent)?,
        })
    }

    pub(super) fn has_proxy(&self) -> bool {
        self.proxy.is_some()
    }

    /// Makes a pool without a connection.
    pub(super) fn open(&self, boot_ms: u64) -> Result<Pool, TransportError> {
        let secured = Arc::new(AtomicBool::new(false));
        let tls = self.trust.config(&secured).map_err(|_| TransportError::Client)?;
        // `no_proxy` turns the environment's proxies off, and must come before ours is set.
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .user_agent(self.user_agent.clone())
            .connect_timeout(Duration::from_millis(CONNECT_LIMIT_MS))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_millis(IDLE_MS))
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE_INTERVAL)
            .tcp_keepalive_retries(KEEPALIVE_RETRIES);
        #[cfg(any(target_os = "android", target_os = "linux"))]
        {
            builder = builder.tcp_user_timeout(UNACKNOWLEDGED);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        let client = builder.build().map_err(|_| TransportError::Client)?;
        Ok(Pool { client, secured, used_ms: AtomicU64::new(boot_ms) })
    }
}

/// Is an HTTP client with at most one idle connection.
pub(super) struct Pool {
    client: Client,
    secured: Arc<AtomicBool>,
    used_ms: AtomicU64,
}

impl Pool {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Tells whether a call of this pool may have sent a byte of HTTP.
    pub(super) fn may_have_sent(&self) -> bool {
        self.secured.load(Ordering::SeqCst)
    }

    /// Notes a use, by the boot clock.
    pub(super) fn touch(&self, boot_ms: u64) {
        self.used_ms.fetch_max(boot_ms, Ordering::Relaxed);
    }

    /// Gives the milliseconds since the last use, by the boot clock.
    pub(super) fn idle_ms(&self, boot_ms: u64) -> u64 {
        boot_ms.saturating_sub(self.used_ms.load(Ordering::Relaxed))
    }
}

fn read_proxy(text: &str) -> Result<Proxy, TransportError> {
    let url = Url::parse(text).map_err(|_| TransportError::Proxy)?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if usable && bare {
        Proxy::all(url).map_err(|_| TransportError::Proxy)
    } else {
        Err(TransportError::Proxy)
    }
}
