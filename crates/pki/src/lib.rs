//! Authorities, certificates and bundles: the only user of rcgen.
//!
//! Per cluster there are two authorities, so that nothing a user holds opens an engine's door:
//! the *cluster* authority signs the endpoint's server certificate and the client certificates in
//! bundles, the *engine* authority signs what guards and opens 42376. The panel has a third one
//! for its discovery listener. All keys are P-256.

mod authority;
mod bundle;
mod context;

pub use authority::{AUTHORITY_DAYS, Authority, Issued, Leaf, Usage};
pub use bundle::{BundleSpec, bundle, context_file};

/// Why a certificate or a bundle could not be made; nobody can do anything but report it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("making a certificate")]
    Certificate(#[from] rcgen::Error),
    #[error("packing a bundle")]
    Zip(#[from] zip::result::ZipError),
    #[error("writing a bundle")]
    Io(#[from] std::io::Error),
}

/// The URI in the SAN of every leaf of a cluster: what its manager and agents check beside the
/// signature, so that a certificate can never serve another cluster.
pub fn cluster_uri(cluster: uuid::Uuid) -> String {
    format!("carina:cluster:{cluster}")
}
