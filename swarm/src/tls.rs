//! Certificates: who we are, whom we believe, and who the other side says it is.

mod peer;

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    CipherSuite, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use crate::cli::TlsFiles;

pub use peer::Peer;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}: {reason}")]
    File { path: String, reason: String },
    #[error("no usable certificate in {0}")]
    Empty(String),
    #[error("certificate or key refused")]
    Refused(#[source] rustls::Error),
    #[error("cannot verify with this authority")]
    Verifier(#[source] io::Error),
}

/// Must run before anything of TLS.
pub fn install_provider() {
    let mut provider = rustls::crypto::ring::default_provider();
    // As Go's clients and servers choose where the processor has AES: 10 rounds and not 14, on what
    // is encrypted twice between agent and client. The sort is stable: nothing else moves.
    let aes_128 = CipherSuite::TLS13_AES_128_GCM_SHA256;
    provider
        .cipher_suites
        .sort_by_key(|suite| suite.suite() != aes_128);
    // Err means that it was installed before, which is as good.
    let _ = provider.install_default();
}

/// A certificate with its chain, and its key.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Identity {
    pub fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_file(&files.key)
            .map_err(|error| file_error(&files.key, &error))?;
        Ok(Self {
            chain: certificates_read(&files.cert)?,
            key,
        })
    }
}

pub fn certificates_read(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file_error(path, &error))?;
    if certificates.is_empty() {
        return Err(TlsError::Empty(path.display().to_string()));
    }
    Ok(certificates)
}

pub fn roots_read(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates_read(path)?);
    if roots.is_empty() {
        return Err(TlsError::Empty(path.display().to_string()));
    }
    Ok(roots)
}

/// What the public web is verified with: `SSL_CERT_FILE`, else where distributions keep it.
pub fn system_roots() -> RootCertStore {
    const PLACES: [&str; 4] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    if let Some(file) = std::env::var_os("SSL_CERT_FILE") {
        return roots_read(Path::new(&file)).unwrap_or_else(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "SSL_CERT_FILE is no use"
            );
            RootCertStore::empty()
        });
    }
    PLACES
        .iter()
        .find_map(|place| roots_read(Path::new(place)).ok())
        .unwrap_or_else(RootCertStore::empty)
}

/// Refuses whoever shows no certificate of `roots`; client certificates only (EKU, not a CA).
pub fn client_verifier(roots: RootCertStore) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .map_err(|error| TlsError::Verifier(io::Error::other(error)))
}

/// `verifier` is absent only for the archived program's `--tls` without `--tlsverify`.
pub fn server_config(
    identity: Identity,
    verifier: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder();
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(identity.chain, identity.key)
        .map_err(TlsError::Refused)?;
    // Only HTTP/1.1: on HTTP/2 an engine would answer gRPC past every check.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would skip looking at the certificate again; handshakes are cheap.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

pub fn client_config(
    roots: RootCertStore,
    identity: Option<Identity>,
) -> Result<ClientConfig, TlsError> {
    let verifier = WebPkiServerVerifier::builder(Arc::new(roots))
        .build()
        .map_err(|error| TlsError::Verifier(io::Error::other(error)))?;
    client_config_with(verifier, identity)
}

/// The archived program's `--tls` without `--tlsverify`: encrypted, not verified.
pub fn client_config_unverified(identity: Option<Identity>) -> Result<ClientConfig, TlsError> {
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()));
    client_config_with(Arc::new(Unverified(provider)), identity)
}

fn client_config_with(
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<Identity>,
) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder()
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        Some(identity) => builder
            .with_client_auth_cert(identity.chain, identity.key)
            .map_err(TlsError::Refused)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn file_error(path: &Path, error: &dyn std::fmt::Display) -> TlsError {
    TlsError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

/// Takes any certificate, but still checks that the other side holds its key.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
