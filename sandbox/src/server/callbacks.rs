//! Sends ecommpay's callbacks, and lets its platform's time pass.

use core::time::Duration;
use std::sync::Arc;

use hyper::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::shared::Shared;
use crate::call::Call;
use crate::ecommpay::Callback;
use crate::fault::{FaultKind, Plan};

/// A receiver that takes longer has not answered.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// What `huge` sends.
const HUGE: usize = 4 << 20;

/// Makes the client. It believes any certificate: a receiver on a developer's machine has one of
/// its own making, and a callback holds no secret.
pub(super) fn client() -> reqwest::Result<Client> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .map(|builder| {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust::Everyone::new()))
            .with_no_client_auth()
    });
    let builder = Client::builder().redirect(Policy::none()).timeout(TIME_LIMIT).no_proxy();
    match tls {
        Ok(tls) => builder.tls_backend_preconfigured(tls).build(),
        Err(_) => builder.build(),
    }
}

/// Sends what is due until the server stops.
pub(super) async fn run(client: Client, shared: Arc<Shared>) {
    let mut sending = JoinSet::new();
    loop {
        let due = shared.change_platform(|platform, now_ms| platform.take_callbacks(now_ms));
        for callback in due {
            sending.spawn(attempt(client.clone(), callback, shared.clone()));
        }
        let now_ms = shared.now_ms();
        let next_ms = shared.lock_platform().next_ms();
        let pause = next_ms.map(|at_ms| u64::try_from(at_ms - now_ms).unwrap_or(0));
        let next = async {
            match pause {
                Some(ms) => sleep(Duration::from_millis(ms)).await,
                None => core::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stopped() => break,
            () = shared.callbacks.notified() => {}
            Some(_) = sending.join_next() => {}
            () = next => {}
        }
    }
    sending.shutdown().await;
}

async fn attempt(client: Client, callback: Callback, shared: Arc<Shared>) {
    shared.calls.count(Call::Callback);
    let plan = shared.faults.plan(Call::Callback);
    sleep(Duration::from_millis(plan.delay_ms)).await;
    let id = callback.id;
    let ok = match plan.ending {
        Some(FaultKind::DropRequest | FaultKind::Status(_)) => false,
        _ if plan.duplicate => {
            let (one, other) =
                tokio::join!(post(&client, &callback, plan), post(&client, &callback, plan));
            one && other
        }
        _ => post(&client, &callback, plan).await,
    };
    tracing::debug!(id, attempt = callback.attempt, ok, "callback");
    shared.change_platform(|platform, now_ms| platform.callback_answered(now_ms, id, ok));
}

async fn post(client: &Client, callback: &Callback, plan: Plan) -> bool {
    let mut body = callback.body.clone();
    let mut content_type = "application/json";
    match plan.ending {
        Some(FaultKind::Garbage) => body = b"\x00\xff{\"payment\":\x80garbage}".to_vec(),
        Some(FaultKind::Truncate) => body.truncate(body.len() / 2),
        Some(FaultKind::Huge) => body.resize(HUGE, b' '),
        Some(FaultKind::Type) => content_type = "image/png",
        Some(_) | None => {}
    }
    let request = client.post(&callback.url).header(CONTENT_TYPE, content_type).body(body);
    let answer = request.send().await;
    if let Err(error) = &answer {
        tracing::debug!(error = %error, "callback");
    }
    let heard = !matches!(plan.ending, Some(FaultKind::DropAnswer | FaultKind::Reset));
    heard && answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

mod trust {
    //! Believes every certificate.

    use std::sync::Arc;

    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::{DigitallySignedStruct, Error, SignatureScheme};
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

    #[derive(Debug)]
    pub(super) struct Everyone(Arc<CryptoProvider>);

    impl Everyone {
        pub(super) fn new() -> Self {
            Self(Arc::new(rustls::crypto::ring::default_provider()))
        }
    }

    impl ServerCertVerifier for Everyone {
        fn verify_server_cert(
            &self,
            _certificate: &CertificateDer<'_>,
            _between: &[CertificateDer<'_>],
            _name: &ServerName<'_>,
            _ocsp: &[u8],
            _now: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.0.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}
