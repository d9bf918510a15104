//! Certificates for servers on this machine, from an authority that nobody keeps the key of.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};

/// Is a server's certificate with all that belongs to it, as PEM.
#[derive(Clone)]
pub struct Certificate {
    /// The authority's certificate: what callers have to trust.
    pub ca_pem: String,
    /// The server's certificate.
    pub chain_pem: String,
    /// The server's private key.
    pub key_pem: String,
}

impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// Makes an authority and a certificate for `localhost`, loopback and this address; the authority's
/// key is gone when this returns.
///
/// # Errors
/// The system gives no keys.
pub fn certificate(listen: SocketAddr, name: &str) -> Result<Certificate, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Till sandbox CA (trust it nowhere else)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    let mut addresses: Vec<IpAddr> = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    if !listen.ip().is_unspecified() && !addresses.contains(&listen.ip()) {
        addresses.push(listen.ip());
    }
    params.subject_alt_names.extend(addresses.into_iter().map(SanType::IpAddress));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &ca)?;
    Ok(Certificate { ca_pem: ca.pem(), chain_pem: certificate.pem(), key_pem: key.serialize_pem() })
}
