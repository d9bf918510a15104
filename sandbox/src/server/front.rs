//! The HTTPS front: TLS, HTTP/1.1, and the faults between the caller and the bank.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{StatusCode, http};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::accept;
use super::body::FrontBody;
use super::pages;
use super::shared::Shared;
use crate::call::Call;
use crate::fault::{FaultKind, Plan};
use crate::http::{Request, Response};

/// No call of the API is longer.
const REQUEST_MAX: usize = 1 << 20;
/// A caller who has not finished the TLS handshake by then never will.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// What `garbage` answers: not JSON, not text.
const GARBAGE: &[u8] = b"\x00\xff\xfe{\"result\":\x80\x01garbage\x7f\xc3\x28]";

/// The connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Closed,
    Reset,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed by a fault",
            Self::Reset => "reset by a fault",
        })
    }
}

impl std::error::Error for Broken {}

type Answer = Result<http::Response<FrontBody>, Broken>;

/// Serves callers until the server stops.
pub(super) async fn run(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let serve = |stream, peer| connection(stream, peer, acceptor.clone(), shared.clone());
    accept::run(listener, &shared, serve).await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
) {
    let stream = match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake"),
        Err(_) => return tracing::debug!("TLS handshake took too long"),
    };
    let service = service_fn(move |request| -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        Box::pin(serve(request, peer, shared.clone()))
    });
    let mut http = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| http.poll_without_shutdown(context)).await;
    let mut stream = http.into_parts().io.into_inner();
    match ended.as_ref().err().and_then(broken) {
        Some(Broken::Reset) => {
            // With a zero linger the close that follows sends RST instead of FIN.
            if let Err(error) = stream.get_ref().0.set_zero_linger() {
                tracing::debug!(%error, "SO_LINGER");
            }
        }
        Some(Broken::Closed) => {}
        None if ended.is_err() => {}
        None => {
            // The caller may be gone; then there is nobody to say goodbye to.
            let _ = stream.shutdown().await;
        }
    }
}

fn broken(error: &hyper::Error) -> Option<Broken> {
    core::error::Error::source(error)?.downcast_ref().copied()
}

async fn serve(request: http::Request<Incoming>, peer: SocketAddr, shared: Arc<Shared>) -> Answer {
    let (head, body) = request.into_parts();
    let call = Call::of_path(head.uri.path());
    if let Some(call) = call {
        shared.calls.count(call);
    }
    let Ok(body) = axum::body::to_bytes(Body::new(body), REQUEST_MAX).await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "Too large"));
    };
    let plan = call.map(|call| shared.faults.plan(call)).unwrap_or_default();
    tracing::debug!(path = head.uri.path(), ?plan, "call");
    match plan.ending {
        Some(FaultKind::DropRequest) => return Err(Broken::Closed),
        Some(FaultKind::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return Ok(plain(status, "text/html", "<html><body><h1>fault</h1></body></html>"));
        }
        Some(_) | None => {}
    }
    if let Some(page) = pages::page(&head, &body, &shared) {
        sleep(Duration::from_millis(plan.delay_ms)).await;
        return match plan.ending {
            Some(FaultKind::DropAnswer) => Err(Broken::Closed),
            Some(FaultKind::Reset) => Err(Broken::Reset),
            Some(_) | None => Ok(page),
        };
    }
    end(act(head, body, peer, plan, shared).await?, plan)
}

/// Lets the bank act; a call that is delayed reaches the bank even if the caller has gone.
async fn act(
    head: http::request::Parts,
    body: Bytes,
    peer: SocketAddr,
    plan: Plan,
    shared: Arc<Shared>,
) -> Result<Response, Broken> {
    let extra_ms = shared.extra_delay_ms.load(core::sync::atomic::Ordering::Relaxed);
    let there_ms = plan.delay_ms.saturating_add(extra_ms.div_ceil(2));
    let back_ms = extra_ms / 2;
    if there_ms == 0 {
        return Ok(ask(&head, &body, peer, plan, &shared));
    }
    let arrival = tokio::spawn(async move {
        tokio::select! {
            () = shared.stopped() => None,
            () = sleep(Duration::from_millis(there_ms)) => {
                Some(ask(&head, &body, peer, plan, &shared))
            }
        }
    });
    let response = arrival.await.ok().flatten().ok_or(Broken::Closed)?;
    sleep(Duration::from_millis(back_ms)).await;
    Ok(response)
}

fn ask(
    head: &http::request::Parts,
    body: &[u8],
    peer: SocketAddr,
    plan: Plan,
    shared: &Shared,
) -> Response {
    let header = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
    let request = Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        authorization: header(AUTHORIZATION),
        content_type: header(CONTENT_TYPE),
        body,
        peer: Some(peer.ip()),
    };
    shared.answer(&request, if plan.duplicate { 2 } else { 1 })
}

/// Gives the answer, or what the fault makes of it.
fn end(response: Response, plan: Plan) -> Answer {
    let Response { status, content_type, body } = response;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match plan.ending {
        Some(FaultKind::DropRequest | FaultKind::DropAnswer) => Err(Broken::Closed),
        Some(FaultKind::Reset) => Err(Broken::Reset),
        Some(FaultKind::Garbage) => Ok(plain(status, content_type, GARBAGE)),
        Some(FaultKind::Truncate) => {
            let length = body.len() + 1000;
            let mut answer = answer(status, content_type, FrontBody::short(body));
            answer.headers_mut().insert(CONTENT_LENGTH, length.into());
            Ok(answer)
        }
        Some(FaultKind::Huge) => Ok(answer(status, content_type, FrontBody::huge())),
        Some(FaultKind::Type) => Ok(plain(status, "image/png", body)),
        Some(FaultKind::Delay(_) | FaultKind::Status(_) | FaultKind::Duplicate) | None => {
            Ok(plain(status, content_type, body))
        }
    }
}

pub(super) fn plain(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> http::Response<FrontBody> {
    answer(status, content_type, FrontBody::whole(body))
}

fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: FrontBody,
) -> http::Response<FrontBody> {
    let mut answer = http::Response::new(body);
    *answer.status_mut() = status;
    let content_type = http::HeaderValue::from_static(content_type);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
