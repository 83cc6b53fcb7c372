//! An authority and the leaves it signs.

use std::net::IpAddr;
use std::sync::Mutex;

use rand::Rng as _;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use wire::Secret;

use crate::{Error, cluster_uri};

/// How long an authority lives; its cluster will not.
pub const AUTHORITY_DAYS: i64 = 3650;
/// Clocks of clients may be behind ours.
const SKEW: Duration = Duration::hours(1);

/// Signs certificates. `Debug` shows no key.
pub struct Authority {
    cert_pem: String,
    key_pem: Secret,
    // rcgen's issuer is not `Sync` by promise; signing takes microseconds.
    issuer: Mutex<Issuer<'static, KeyPair>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}

/// What a leaf may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    Server,
    Client,
    /// The endpoint's certificate: a container that mounts it is a client of the manager too.
    Both,
}

/// A leaf to be signed.
#[derive(Debug, Clone)]
pub struct Leaf<'a> {
    pub common_name: &'a str,
    /// The cluster's id for clients.
    pub organization: Option<&'a str>,
    pub usage: Usage,
    /// Host names and addresses; an address is recognized as one.
    pub names: &'a [String],
    pub cluster: Option<Uuid>,
    pub days: i64,
}

/// A leaf certificate with its key, PEM.
#[derive(Debug, Clone)]
pub struct Issued {
    pub cert_pem: String,
    pub key_pem: Secret,
    /// Lower-case hex of the serial's sixteen bytes; the first is never 0 nor above 0x7f, so that
    /// no encoder pads or strips it.
    pub serial: String,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

impl Authority {
    /// A new one, self-signed.
    pub fn make(common_name: &str) -> Result<Self, Error> {
        let now = OffsetDateTime::now_utc();
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(common_name, None);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = now - SKEW;
        params.not_after = now + Duration::days(AUTHORITY_DAYS);
        params.serial_number = Some(SerialNumber::from_slice(&serial()));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let cert_pem = params.self_signed(&key)?.pem();
        Self::from_pem(&cert_pem, &Secret(key.serialize_pem()))
    }

    /// One that was made before.
    pub fn from_pem(cert_pem: &str, key_pem: &Secret) -> Result<Self, Error> {
        let issuer = Issuer::from_ca_cert_pem(cert_pem, KeyPair::from_pem(&key_pem.0)?)?;
        Ok(Self {
            cert_pem: cert_pem.to_owned(),
            key_pem: key_pem.clone(),
            issuer: Mutex::new(issuer),
        })
    }

    /// The authority's certificate, PEM.
    pub fn cert_pem(&self) -> &str {
        &self.cert_pem
    }

    /// The authority's key, PEM: for the panel's database alone.
    pub fn key_pem(&self) -> &Secret {
        &self.key_pem
    }

    /// Signs a leaf with a new key.
    pub fn issue(&self, leaf: &Leaf<'_>) -> Result<Issued, Error> {
        let now = OffsetDateTime::now_utc();
        let expires = now + Duration::days(leaf.days);
        let serial = serial();
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(leaf.common_name, leaf.organization);
        params.subject_alt_names = alt_names(leaf)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = match leaf.usage {
            Usage::Server => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Usage::Client => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Usage::Both => {
                vec![
                    ExtendedKeyUsagePurpose::ServerAuth,
                    ExtendedKeyUsagePurpose::ClientAuth,
                ]
            }
        };
        params.use_authority_key_identifier_extension = true;
        params.not_before = now - SKEW;
        params.not_after = expires;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuer = self
            .issuer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let cert_pem = params.signed_by(&key, &issuer)?.pem();
        Ok(Issued {
            cert_pem,
            key_pem: Secret(key.serialize_pem()),
            serial: hex::encode(serial),
            expires_at: expires.unix_timestamp() * 1000,
        })
    }

    /// A server certificate for these names and addresses, of no cluster, for a year.
    pub fn issue_server(&self, common_name: &str, names: &[String]) -> Result<Issued, Error> {
        self.issue(&Leaf {
            common_name,
            organization: None,
            usage: Usage::Server,
            names,
            cluster: None,
            days: 365,
        })
    }
}

fn subject(common_name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, organization);
    }
    name
}

fn alt_names(leaf: &Leaf<'_>) -> Result<Vec<SanType>, Error> {
    let mut out = Vec::with_capacity(leaf.names.len() + 1);
    for name in leaf.names {
        let san = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        };
        if !out.contains(&san) {
            out.push(san);
        }
    }
    if let Some(cluster) = leaf.cluster {
        out.push(SanType::URI(cluster_uri(cluster).as_str().try_into()?));
    }
    Ok(out)
}

fn serial() -> [u8; 16] {
    let mut bytes: [u8; 16] = rand::rng().random();
    bytes[0] = rand::rng().random_range(0x01..=0x7f);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::*;

    fn parsed<T>(pem: &str, read: impl FnOnce(&X509Certificate<'_>) -> T) -> T {
        let (_, block) = parse_x509_pem(pem.as_bytes()).unwrap();
        let certificate = block.parse_x509().unwrap();
        read(&certificate)
    }

    fn client(authority: &Authority, cluster: Uuid) -> Issued {
        let organization = cluster.to_string();
        authority
            .issue(&Leaf {
                common_name: "ada",
                organization: Some(&organization),
                usage: Usage::Client,
                names: &[],
                cluster: Some(cluster),
                days: 365,
            })
            .unwrap()
    }

    #[test]
    fn a_client_certificate_names_its_cluster_and_its_serial() {
        let cluster = Uuid::new_v4();
        let authority = Authority::make("Carina cluster").unwrap();
        let issued = client(&authority, cluster);
        parsed(&issued.cert_pem, |certificate| {
            assert_eq!(hex::encode(certificate.raw_serial()), issued.serial);
            assert!(!certificate.is_ca());
            let usage = certificate.extended_key_usage().unwrap().unwrap().value;
            assert!(usage.client_auth && !usage.server_auth);
            let names = &certificate
                .subject_alternative_name()
                .unwrap()
                .unwrap()
                .value;
            let uri = cluster_uri(cluster);
            assert_eq!(names.general_names, vec![GeneralName::URI(&uri)]);
            assert!(
                certificate
                    .subject()
                    .to_string()
                    .contains(&cluster.to_string())
            );
            let left = certificate.validity().not_after.timestamp() * 1000;
            assert_eq!(left, issued.expires_at);
        });
    }

    #[test]
    fn a_reloaded_authority_signs_for_the_same_certificate() {
        let made = Authority::make("Carina cluster").unwrap();
        let again = Authority::from_pem(made.cert_pem(), made.key_pem()).unwrap();
        let issued = again.issue_server("panel", &["10.1.0.1".into(), "panel.example".into()]);
        let issued = issued.unwrap();
        let (_, authority) = parse_x509_pem(made.cert_pem().as_bytes()).unwrap();
        let authority = authority.parse_x509().unwrap();
        assert!(authority.is_ca());
        parsed(&issued.cert_pem, |certificate| {
            assert_eq!(certificate.issuer(), authority.subject());
            let names = &certificate
                .subject_alternative_name()
                .unwrap()
                .unwrap()
                .value;
            assert!(
                names
                    .general_names
                    .contains(&GeneralName::IPAddress(&[10, 1, 0, 1]))
            );
            assert!(
                names
                    .general_names
                    .contains(&GeneralName::DNSName("panel.example"))
            );
        });
    }

    #[test]
    fn serials_are_thirty_two_digits_that_no_encoder_pads() {
        let authority = Authority::make("Carina cluster").unwrap();
        for _ in 0..50 {
            let serial = client(&authority, Uuid::new_v4()).serial;
            assert_eq!(serial.len(), 32);
            let first = u8::from_str_radix(&serial[..2], 16).unwrap();
            assert!((1..=0x7f).contains(&first));
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let authority = Authority::make("Carina cluster").unwrap();
        let issued = client(&authority, Uuid::new_v4());
        assert!(!format!("{authority:?} {issued:?}").contains("PRIVATE"));
    }
}
