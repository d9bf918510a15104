//! A certificate authority that lives as long as the server, and the server's own certificate.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::StartError;
use crate::certificate::{Certificate, certificate};

/// The PEM of the authority's certificate, and what accepts TLS in its name.
pub(super) struct Identity {
    pub(super) ca_pem: String,
    pub(super) acceptor: TlsAcceptor,
}

/// Makes both anew.
pub(super) fn identity(listen: SocketAddr) -> Result<Identity, StartError> {
    let Certificate { ca_pem, chain_pem, key_pem } = certificate(listen, "Till sandbox bank")?;
    let unreadable = |_| rustls::Error::General("its own certificate cannot be read".to_owned());
    let chain = CertificateDer::from_pem_slice(chain_pem.as_bytes()).map_err(unreadable)?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(unreadable)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity { ca_pem, acceptor: TlsAcceptor::from(Arc::new(config)) })
}
