//! Who a verified certificate says its bearer is.

use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The fields of a client's certificate that decide what it may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    pub common_name: String,
    /// Lower-case hex, two digits a byte, as in [`wire::Revocations`].
    pub serial: String,
    /// The UUID in the SAN `carina:cluster:<uuid>`. One that names two clusters is of none.
    pub cluster: Option<String>,
    /// A server may show it, too: of a cluster's people's none is such a one, its own leaf is. One
    /// that says nothing of its use is good for all.
    pub is_server: bool,
}

/// Prefix of the SAN URI that binds a certificate to its cluster.
const CLUSTER_URI: &str = "carina:cluster:";

impl Peer {
    /// Reads a certificate that the handshake has verified already. `None` for one that cannot be
    /// read, which nobody should be let in with.
    pub fn read(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let subject = certificate.subject();
        let common_name = subject.iter_common_name().next()?.as_str().ok()?.to_owned();
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map(|names| names.value.general_names.as_slice());
        let mut clusters = names
            .unwrap_or_default()
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => uri.strip_prefix(CLUSTER_URI),
                _ => None,
            });
        let cluster = match (clusters.next(), clusters.next()) {
            (Some(cluster), None) => Some(cluster.to_owned()),
            _ => None,
        };
        // What says its use in a way that cannot be read is believed to say the most.
        let usage = certificate.extended_key_usage().ok().flatten();
        let is_server = usage.is_none_or(|usage| usage.value.server_auth || usage.value.any);
        Some(Self {
            common_name,
            serial: serial_spell(certificate.raw_serial()),
            cluster,
            is_server,
        })
    }
}

/// DER puts a zero byte before a serial whose first bit is set; it is no part of the number.
fn serial_spell(raw: &[u8]) -> String {
    let digits = match raw {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_spelled_without_its_padding() {
        assert_eq!(serial_spell(&[0, 0x80, 1]), "8001");
        assert_eq!(serial_spell(&[0x7f, 0]), "7f00");
        assert_eq!(serial_spell(&[0]), "00");
    }
}
