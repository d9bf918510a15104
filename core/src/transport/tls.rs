//! TLS: whom the transport trusts, and what a failed handshake means to an operator.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName,
    Error, PeerIncompatible, RootCertStore, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::TransportError;

/// Is the roots that are trusted, with the cryptography to check them.
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Trust {
    /// Takes the public roots and those of a PEM text.
    pub(super) fn new(extra_roots_pem: Option<&[u8]>) -> Result<Self, TransportError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = extra_roots_pem {
            add(&mut roots, pem)?;
        }
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|_| TransportError::Client)?;
        Ok(Self { provider, verifier })
    }

    /// Makes a configuration that shares no TLS session with any other; `secured` becomes true when
    /// a server's certificate was accepted.
    pub(super) fn config(&self, secured: &Arc<AtomicBool>) -> Result<ClientConfig, Error> {
        let witness = Witness { inner: Arc::clone(&self.verifier), secured: Arc::clone(secured) };
        // rustls calls every verifier of one's own dangerous; this one decides nothing itself.
        Ok(ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth())
    }
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), TransportError> {
    let mut number = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        number += 1;
        let certificate = certificate.map_err(|_| TransportError::RootsDamaged)?;
        roots.add(certificate).map_err(|_| TransportError::RootUnreadable(number))?;
    }
    if number == 0 { Err(TransportError::RootsEmpty) } else { Ok(()) }
}

/// Leaves every decision to the checks of webpki, and notes when a certificate was accepted: before
/// that no byte of HTTP can have been written.
#[derive(Debug)]
pub(super) struct Witness {
    inner: Arc<WebPkiServerVerifier>,
    secured: Arc<AtomicBool>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        self.secured.store(true, Ordering::SeqCst);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.inner.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.inner.root_hint_subjects()
    }
}

/// Puts a failed handshake into an operator's words; nothing that the other side sent is in them.
pub(super) fn in_words(error: &Error) -> &'static str {
    if let Error::InvalidCertificate(why) = error {
        return certificate_in_words(why);
    }
    if matches!(
        error,
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        ) | Error::AlertReceived(AlertDescription::ProtocolVersion)
    ) {
        return "the server offers only an old TLS version";
    }
    if matches!(error, Error::PeerIncompatible(_)) {
        return "the server offers no encryption that is safe enough";
    }
    if matches!(error, Error::AlertReceived(_)) {
        return "the server refused the TLS handshake";
    }
    if matches!(error, Error::InvalidMessage(_)) {
        return "what answered does not speak TLS";
    }
    if matches!(error, Error::NoCertificatesPresented) {
        return "the server showed no certificate";
    }
    "the TLS handshake failed"
}

fn certificate_in_words(why: &CertificateError) -> &'static str {
    use CertificateError as C;
    // A bad signature is that of an authority which only has the name of a trusted one.
    if matches!(why, C::UnknownIssuer | C::BadSignature) {
        return "the server's certificate is not trusted";
    }
    if matches!(why, C::NotValidForName | C::NotValidForNameContext { .. }) {
        return "the server's certificate is for another host";
    }
    if matches!(why, C::Expired | C::ExpiredContext { .. }) {
        return "the server's certificate has expired: check this device's clock";
    }
    if matches!(why, C::NotValidYet | C::NotValidYetContext { .. }) {
        return "the server's certificate is not valid yet: check this device's clock";
    }
    if matches!(why, C::Revoked) {
        return "the server's certificate was revoked";
    }
    "the server's certificate is not acceptable"
}
