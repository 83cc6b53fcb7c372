//! TLS configurations: from files, or signed by the panel's own authority.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pki::Authority;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates are signed for a year and made again long before.
const MINTED_FOR: Duration = Duration::from_secs(30 * 86_400);

#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct TlsError {
    what: String,
    why: String,
}

fn wrong(what: impl Into<String>) -> impl FnOnce(&dyn std::fmt::Display) -> TlsError {
    let what = what.into();
    move |why| TlsError {
        what,
        why: why.to_string(),
    }
}

/// Protocols a listener speaks inside TLS.
#[derive(Debug, Clone, Copy)]
pub enum Protocols {
    /// Browsers: many requests on one connection.
    Http2And1,
    Http1,
}

pub fn from_pem(cert: &str, key: &str, protocols: Protocols) -> Result<ServerConfig, TlsError> {
    let chain = CertificateDer::pem_slice_iter(cert.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong("the certificate")(&error))?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|error| wrong("the certificate's key")(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| wrong("the certificate")(&error))?;
    config.alpn_protocols = match protocols {
        Protocols::Http2And1 => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Protocols::Http1 => vec![b"http/1.1".to_vec()],
    };
    Ok(config)
}

pub fn from_files(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| wrong(path.display().to_string())(&error))
    };
    from_pem(&read(cert)?, &read(key)?, Protocols::Http2And1)
}

/// A certificate for whichever local address a connection came to, signed when first needed: the
/// networks of clusters come and go, and every segment knows the panel by its own gateway.
pub struct Minter {
    authority: Arc<Authority>,
    /// Names beside the address, for those who come by name.
    names: Vec<String>,
    protocols: Protocols,
    made: Mutex<HashMap<IpAddr, (Instant, Arc<ServerConfig>)>>,
}

impl Minter {
    pub fn new(authority: Arc<Authority>, names: Vec<String>, protocols: Protocols) -> Self {
        Self {
            authority,
            names,
            protocols,
            made: Mutex::default(),
        }
    }

    /// Only addresses that the kernel accepted a connection at come here, so the map stays small.
    pub fn config_for(&self, local: SocketAddr) -> Option<Arc<ServerConfig>> {
        let address = local.ip().to_canonical();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, config)) = made.get(&address)
            && at.elapsed() < MINTED_FOR
        {
            return Some(Arc::clone(config));
        }
        match self.mint(address) {
            Ok(config) => {
                let config = Arc::new(config);
                made.insert(address, (Instant::now(), Arc::clone(&config)));
                Some(config)
            }
            Err(error) => {
                tracing::error!(error = %error, "a certificate of the panel's could not be made");
                None
            }
        }
    }

    fn mint(&self, address: IpAddr) -> Result<ServerConfig, TlsError> {
        let mut names = vec![address.to_string()];
        names.extend(self.names.iter().cloned());
        let issued = self
            .authority
            .issue_server("Carina panel", &names)
            .map_err(|error| wrong("signing")(&error))?;
        from_pem(&issued.cert_pem, &issued.key_pem.0, self.protocols)
    }
}
