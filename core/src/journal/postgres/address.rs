//! Where a database is, and the way to it: with TLS as its address says, in libpq's words.

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_rustls::client;

use crate::journal::JournalError;
use crate::secret::Secret;

/// What is said of an address that cannot be used. What is wrong in it is not repeated: a password
/// with a character that has to be escaped ends up in any part.
const WRONG: &str = "the database's address cannot be used; it should be like \
                     postgres://user:password@host/database, with each character of the password \
                     that is no letter or digit as % and its two hexadecimal digits";

/// Is where a database is.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: Tls,
    /// Names it for people, without its password.
    pub(super) database: Arc<str>,
}

impl Address {
    /// Reads an address, and the certificates that it names. `name` names this process there.
    pub(super) fn new(url: &Secret<String>, name: &str) -> Result<Self, JournalError> {
        let wrong = |text: String| JournalError::Unavailable(text);
        // EXPOSE: the connection needs the password.
        let (url, words) = split(url.expose());
        let mut config: Config = url.parse().map_err(|_| wrong(WRONG.to_owned()))?;
        let checked = match words.mode.as_deref() {
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
                false
            }
            None | Some("allow" | "prefer") => {
                config.ssl_mode(SslMode::Prefer);
                false
            }
            Some("require" | "verify-ca" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
                true
            }
            Some(_) => {
                let text = "the database's address: sslmode is one of disable, prefer, require";
                return Err(wrong(text.to_owned()));
            }
        };
        config
            .application_name(name)
            .keepalives_idle(Duration::from_secs(10))
            .tcp_user_timeout(Duration::from_secs(20));
        let roots = words.roots.as_deref().filter(|_| checked);
        let tls = Tls::new(checked, roots.map(Path::new)).map_err(wrong)?;
        let database: Arc<str> = database(&config).into();
        if database.contains('@') {
            return Err(wrong(WRONG.to_owned()));
        }
        Ok(Self { config, tls, database })
    }

    pub(super) async fn connect(
        &self,
    ) -> Result<(Client, Connection<Socket, Stream>), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }
}

/// Names the database without its password.
fn database(config: &Config) -> String {
    let name = config.get_dbname().or(config.get_user()).unwrap_or("postgres");
    let host = config.get_hosts().first().map_or_else(String::new, |host| match host {
        Host::Tcp(host) => format!(" at {host}"),
        Host::Unix(path) => format!(" at {}", path.display()),
    });
    format!("{name}{host}")
}

/// Is what an address says about TLS.
#[derive(Default)]
struct Words {
    mode: Option<String>,
    roots: Option<String>,
}

/// Takes the words about TLS out of an address.
fn split(url: &str) -> (String, Words) {
    let mut words = Words::default();
    // A password may hold a question mark.
    let user = url.find('@').unwrap_or(0);
    let found = url.get(user..).and_then(|rest| rest.find('?')).map(|at| url.split_at(user + at));
    let Some((place, query)) = found else { return (url.to_owned(), words) };
    let query = query.trim_start_matches('?');
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => words.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => words.roots = Some(file.replace("%2F", "/")),
            _ => rest.push(pair),
        }
    }
    (format!("{place}?{}", rest.join("&")), words)
}

/// Makes TLS connections to a database.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// `checked`: the server has to show a certificate of its name, of a public root or of those in
    /// the file; otherwise TLS only hides what is said from whoever listens.
    fn new(checked: bool, file: Option<&Path>) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(file) = file {
            let text = |what: &str| format!("{}: {what}", file.display());
            let none = || text("it holds no certificate that can be trusted: PEM is needed");
            let found = CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| text(&error.to_string()))?;
            if roots.add_parsable_certificates(found).0 == 0 {
                return Err(none());
            }
        }
        let roots = Arc::new(roots);
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = if checked {
            builder.with_webpki_verifier(
                WebPkiServerVerifier::builder_with_provider(roots, provider)
                    .build()
                    .map_err(|error| error.to_string())?,
            )
        } else {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Unchecked(provider)))
        };
        Ok(Self(Arc::new(builder.with_no_client_auth())))
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Handshake;
    type Error = std::convert::Infallible;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, Self::Error> {
        // A socket of the system has no name, and no TLS either.
        let name = ServerName::try_from(domain).ok().map(|name| name.to_owned());
        Ok(Handshake { config: Arc::clone(&self.0), name })
    }
}

/// Is a handshake to be made.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<Stream>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.config);
        Box::pin(async move {
            let name = self.name.ok_or_else(|| std::io::Error::other("no name to check"))?;
            Ok(Stream(connector.connect(name, socket).await?))
        })
    }
}

/// Is a connection in TLS.
pub(super) struct Stream(client::TlsStream<Socket>);

impl TlsStream for Stream {
    // The certificate is checked; who shows it is whom the address names.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, from)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// Believes any certificate: what `sslmode=prefer` promises is no more.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("database", &self.database).finish_non_exhaustive()
    }
}
