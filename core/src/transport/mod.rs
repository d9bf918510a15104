//! HTTPS: sends one call, and says of a call without an answer whether any byte of it may have
//! left.
//!
//! It knows no acquirer, keeps no token and logs nothing. It speaks HTTP/1.1 over TLS 1.2 or 1.3,
//! follows no redirect, keeps no cookie, and uses a proxy only if the settings name one.
//!
//! **Invariant: one `send` writes its request at most once.** reqwest is told never to retry. Below
//! it, hyper-util takes a request to another connection only if the pooled one gave it back unread:
//! hyper gives it back only while it still waits in the connection's queue, so before its first
//! byte was written (`TrySendError::message`, hyper's h1 `Client::recv_msg`). Once taken from that
//! queue, every failure ends the call.
//!
//! **Invariant: `sent` is false only if it is certain.** The module `pool` says how it is known.
//!
//! **A connection is not trusted for long.** It is given up after [`IDLE_MS`] without use, on a
//! clock that counts the device's sleep; after every call without an answer; and when the owner
//! says that the network changed. All three leave the calls under way alone.
//!
//! **There is no warming call.** reqwest cannot put a bare TLS connection into its pool, and a
//! made-up request (`HEAD /`) is one more thing that a bank could count, limit or block. The token
//! call comes first anyway and warms the connection.

mod pool;
mod reason;
mod tls;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};

use crate::http::{HttpRequest, HttpResponse, Method, NoAnswer, NoAnswerReason};
use crate::time::Clock;
use pool::{Plan, Pool};

/// Milliseconds without use after which a connection is not used again: longer than the pause
/// between two questions about a watched operation (15 s), shorter than what mobile networks keep
/// an idle connection for.
pub const IDLE_MS: u64 = 20_000;

/// Milliseconds for name look-up, TCP and TLS together: what takes longer leaves too little of the
/// call's time for an answer, and giving up here is certain not to have sent anything.
pub const CONNECT_LIMIT_MS: u64 = 6_000;

/// How many paths are remembered.
const MOST_URLS: usize = 32;

/// How much longer than the call's own limit the HTTP client waits, should that limit ever fail.
const BACKSTOP: Duration = Duration::from_secs(2);

/// Says where to send and whom to trust.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TransportSettings {
    /// `https://host[:port][/prefix]`.
    pub base_url: String,
    /// Certificates to trust beside the public ones, as PEM.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// `http://[user:password@]host:port`; `None` means a direct connection, whatever the
    /// environment says.
    pub proxy: Option<String>,
    /// The value of the User-Agent header.
    pub user_agent: String,
}

impl fmt::Debug for TransportSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSettings")
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// Says what is wrong with the settings, and what would be right; holds none of their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It cannot be read as a URL with a host.
    #[error("the base URL cannot be read: it is written like https://host/path")]
    BaseUrlUnreadable,
    /// Its scheme is `http`.
    #[error("a plain http:// base URL is refused: it must begin with https://")]
    BaseUrlPlainHttp,
    /// Its scheme is neither `https` nor `http`.
    #[error("the base URL must begin with https://")]
    BaseUrlScheme,
    /// It holds a user name or a password.
    #[error("the base URL must not hold a user name or password: they have settings of their own")]
    BaseUrlUserInfo,
    /// It holds a query or a fragment.
    #[error("the base URL must end before any ? or #: what follows is added to each call's path")]
    BaseUrlTail,
    /// No certificate is in the PEM text.
    #[error("the extra roots hold no certificate: PEM with BEGIN CERTIFICATE is needed")]
    RootsEmpty,
    /// The PEM text is damaged.
    #[error("the extra roots are damaged PEM: whole BEGIN and END lines around base64 are needed")]
    RootsDamaged,
    /// A certificate in the PEM text is none.
    #[error("certificate {0} of the extra roots is not an X.509 certificate")]
    RootUnreadable(usize),
    /// The proxy cannot be used.
    #[error("the proxy cannot be used: it is written like http://host:port")]
    Proxy,
    /// The user agent cannot be a header's value.
    #[error("the user agent cannot be sent: visible ASCII characters and spaces are needed")]
    UserAgent,
    /// The HTTP client or its TLS refused the settings as a whole.
    #[error("the HTTPS client cannot be set up: this build of it lacks something")]
    Client,
}

/// Sends calls to one base URL.
pub struct Transport {
    /// The base URL without a slash at its end.
    base: String,
    /// The base URL's path without a slash at its end.
    prefix: String,
    host: String,
    plan: Plan,
    /// The paths that were checked already, with what they are parsed to.
    urls: Mutex<BTreeMap<String, Url>>,
    pool: Mutex<Arc<Pool>>,
    peer: Mutex<Option<SocketAddr>>,
    clock: Clock,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Transport {
    /// Checks the settings and makes the transport; connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: &TransportSettings) -> Result<Self, TransportError> {
        let TransportSettings { base_url, extra_roots_pem, proxy, user_agent } = settings;
        let base = read_base_url(base_url)?;
        let plan = Plan::new(extra_roots_pem.as_deref(), proxy.as_deref(), user_agent)?;
        let clock = Clock::new();
        let pool = plan.open(clock.now().boot_ms)?;
        Ok(Self {
            host: base.host_str().unwrap_or_default().to_owned(),
            prefix: base.path().trim_end_matches('/').to_owned(),
            base: base.as_str().trim_end_matches('/').to_owned(),
            plan,
            urls: Mutex::default(),
            pool: Mutex::new(Arc::new(pool)),
            peer: Mutex::new(None),
            clock,
        })
    }

    /// Sends a call and reads its answer, whole, within the call's own time limit. Any HTTP status
    /// is an answer, a redirect too. Dropping the future aborts the call, as the limit does.
    ///
    /// # Errors
    /// Why there is no whole answer, and whether any byte of the call may have left.
    pub async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let limit = Duration::from_millis(request.time_limit_ms);
        let prepared = self
            .prepare(request, limit)
            .map_err(|why| NoAnswer { sent: false, why: NoAnswerReason::NotSendable(why) })?;
        let pool = self.pool_at(self.clock.now().boot_ms);
        // The future is gone when this statement ends: only then it is settled what it has sent.
        let outcome = tokio::time::timeout(limit, self.exchange(&pool, prepared)).await;
        let answer = match outcome {
            Ok(answer) => answer,
            Err(_elapsed) => {
                Err(NoAnswer { sent: pool.may_have_sent(), why: NoAnswerReason::TimedOut })
            }
        };
        match answer {
            Ok(_) => pool.touch(self.clock.now().boot_ms),
            Err(_) => self.give_up(&pool),
        }
        answer
    }

    /// Gives up the idle connection: the owner has seen the network change.
    pub fn network_changed(&self) {
        let pool = Arc::clone(&locked(&self.pool));
        self.give_up(&pool);
    }

    /// Gives the base URL's host, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Gives this device's address as it would appear to the bank if nothing translated it: that of
    /// the route to the last peer, or of the default route; `None` means there is no network. Sends
    /// nothing and does not block.
    pub fn local_ip(&self) -> Option<IpAddr> {
        // Addresses of the documentation blocks: the route is looked up, no packet is sent.
        let anywhere = ["192.0.2.1:443", "[2001:db8::1]:443"];
        let peer = *locked(&self.peer);
        peer.into_iter().chain(anywhere.iter().filter_map(|text| text.parse().ok())).find_map(route)
    }

    fn prepare(
        &self,
        request: &HttpRequest,
        limit: Duration,
    ) -> Result<reqwest::Request, &'static str> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut prepared = reqwest::Request::new(method, self.url(&request.path)?);
        if let Some(authorization) = &request.authorization {
            let mut value = HeaderValue::from_str(authorization)
                .map_err(|_| "its authorization has characters that no header may have")?;
            value.set_sensitive(true);
            prepared.headers_mut().insert(AUTHORIZATION, value);
        }
        if request.method != Method::Get {
            let value = HeaderValue::from_str(request.content_type)
                .map_err(|_| "its content type has characters that no header may have")?;
            prepared.headers_mut().insert(CONTENT_TYPE, value);
            *prepared.body_mut() = Some(request.body.clone().into());
        }
        *prepared.timeout_mut() = Some(limit.saturating_add(BACKSTOP));
        Ok(prepared)
    }

    /// Gives the URL of a call's path; most calls go to few paths.
    fn url(&self, path: &str) -> Result<Url, &'static str> {
        if let Some(known) = locked(&self.urls).get(path) {
            return Ok(known.clone());
        }
        let url = self.join(path)?;
        let mut urls = locked(&self.urls);
        if urls.len() >= MOST_URLS {
            urls.clear();
        }
        urls.insert(path.to_owned(), url.clone());
        Ok(url)
    }

    /// Joins the base URL and a call's path; what the URL parser would alter is refused.
    fn join(&self, path: &str) -> Result<Url, &'static str> {
        const NOT_A_PATH: &str = "its path is not one, or not percent-encoded";
        if !path.starts_with('/') {
            return Err(NOT_A_PATH);
        }
        let url = Url::parse(&format!("{}{path}", self.base)).map_err(|_| NOT_A_PATH)?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let kept = format!("{}{query}", url.path()) == format!("{}{path}", self.prefix);
        if kept { Ok(url) } else { Err(NOT_A_PATH) }
    }

    async fn exchange(
        &self,
        pool: &Pool,
        prepared: reqwest::Request,
    ) -> Result<HttpResponse, NoAnswer> {
        let response = pool.client().execute(prepared).await.map_err(|error| NoAnswer {
            sent: pool.may_have_sent() && !error.is_connect(),
            why: reason::before_the_answer(&error, self.plan.has_proxy()),
        })?;
        *locked(&self.peer) = response.remote_addr();
        read(response).await.map_err(|why| NoAnswer { sent: true, why })
    }

    /// Gives the present pool, or a new one if the present one was idle for too long.
    fn pool_at(&self, boot_ms: u64) -> Arc<Pool> {
        let mut present = locked(&self.pool);
        if present.idle_ms(boot_ms) >= IDLE_MS {
            self.replace(&mut present, boot_ms);
        }
        present.touch(boot_ms);
        Arc::clone(&present)
    }

    /// Takes a pool out of use, unless that has happened already.
    fn give_up(&self, pool: &Arc<Pool>) {
        let mut present = locked(&self.pool);
        if Arc::ptr_eq(&present, pool) {
            self.replace(&mut present, self.clock.now().boot_ms);
        }
    }

    fn replace(&self, present: &mut Arc<Pool>, boot_ms: u64) {
        // The plan has made a client before; should it fail now, the present one goes on.
        if let Ok(fresh) = self.plan.open(boot_ms) {
            drop(mem::replace(present, Arc::new(fresh)));
        }
    }
}

fn read_base_url(text: &str) -> Result<Url, TransportError> {
    let url = Url::parse(text).map_err(|_| TransportError::BaseUrlUnreadable)?;
    match url.scheme() {
        "https" => {}
        "http" => return Err(TransportError::BaseUrlPlainHttp),
        _ => return Err(TransportError::BaseUrlScheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TransportError::BaseUrlUserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(TransportError::BaseUrlTail);
    }
    Ok(url)
}

/// Reads the body while it comes, and no further than the longest one allowed.
async fn read(mut response: reqwest::Response) -> Result<HttpResponse, NoAnswerReason> {
    let status = response.status().as_u16();
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > HttpResponse::MAX_BODY {
        return Err(NoAnswerReason::TooLong);
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) =
        response.chunk().await.map_err(|error| reason::within_the_answer(&error))?
    {
        if body.len().saturating_add(chunk.len()) > HttpResponse::MAX_BODY {
            return Err(NoAnswerReason::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpResponse { status, body })
}

fn route(peer: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr =
        if peer.is_ipv4() { "0.0.0.0:0".parse().ok()? } else { "[::]:0".parse().ok()? };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(peer).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is done under these locks can leave a half-changed value behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_replaced_after_too_long_without_use() {
        let settings =
            TransportSettings { base_url: "https://bank.example".to_owned(), ..Default::default() };
        let transport = Transport::new(&settings).unwrap();
        let start = transport.clock.now().boot_ms + IDLE_MS;
        let first = transport.pool_at(start);
        assert!(Arc::ptr_eq(&first, &transport.pool_at(start + IDLE_MS - 1)));
        // Each use counts, and a clock that were to go back counts as none.
        assert!(Arc::ptr_eq(&first, &transport.pool_at(start + 2 * IDLE_MS - 2)));
        assert!(Arc::ptr_eq(&first, &transport.pool_at(start)));
        let second = transport.pool_at(start + 3 * IDLE_MS - 2);
        assert!(!Arc::ptr_eq(&first, &second));

        // Who gives up a pool that is out of use already does not touch the present one.
        transport.give_up(&first);
        assert!(Arc::ptr_eq(&second, &transport.pool_at(start + 3 * IDLE_MS)));
        transport.give_up(&second);
        assert!(!Arc::ptr_eq(&second, &locked(&transport.pool)));
    }
}
