//! Who may come in at 2376: clients of this cluster whose certificate was not revoked, and the
//! cluster's other managers.
//!
//! The endpoint's own certificate is good for clients, too: containers read it out of `swarm-data`.
//! It stands in no list, nobody revokes it and it lasts as long as the cluster, so it is taken from
//! inside alone: carried out it would open the cluster for whoever was once in it.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, SignatureScheme};
use rustls_pki_types::{CertificateDer, UnixTime};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::inside::Inside;
use super::memory::Memory;
use super::seen::Seen;
use crate::discovery::Discovery;
use crate::http::Gate;
use crate::tls::Peer;

/// After a failed poll; the next one waits at the service, not here.
const POLL_RETRY: Duration = Duration::from_secs(2);
const POLL_RETRY_MAX: Duration = Duration::from_secs(30);

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Whoever reaches a manager that asks for no certificate (the archived program's way).
    Anyone,
    Client(Peer),
    /// Another manager of this cluster: the only one that may speak for a client.
    Manager,
}

pub type Revoked = Arc<HashSet<String>>;

pub struct ClientGate {
    pub cluster: Option<String>,
    /// Tells managers from clients; `None` where there are no other managers.
    pub managers: Option<Arc<dyn ClientCertVerifier>>,
    pub verify: bool,
    pub revoked: watch::Receiver<Revoked>,
    /// Whom it let in, for the panel.
    pub seen: Arc<Seen>,
    pub inside: Inside,
}

impl ClientGate {
    pub fn is_revoked(&self, serial: &str) -> bool {
        self.revoked.borrow().contains(serial)
    }

    fn is_manager(&self, certificates: &[CertificateDer<'static>], peer: &Peer) -> bool {
        let Some(managers) = &self.managers else {
            return false;
        };
        peer.common_name == wire::caller::MANAGER
            && (self.cluster.is_none() || self.cluster == peer.cluster)
            && certificates.split_first().is_some_and(|(first, rest)| {
                managers
                    .verify_client_cert(first, rest, UnixTime::now())
                    .is_ok()
            })
    }
}

impl Gate for ClientGate {
    type Identity = Identity;

    fn admit(
        &self,
        certificates: &[CertificateDer<'static>],
        address: Option<IpAddr>,
    ) -> Option<Identity> {
        if !self.verify {
            return Some(Identity::Anyone);
        }
        let peer = Peer::read(certificates.first()?)?;
        if self.is_manager(certificates, &peer) {
            return Some(Identity::Manager);
        }
        let refused = match (&self.cluster, &peer.cluster) {
            (Some(ours), Some(theirs)) if ours != theirs => Some("of another cluster"),
            (Some(_), None) => Some("of no cluster"),
            _ if self.is_revoked(&peer.serial) => Some("revoked"),
            // A plain classic Swarm has certificates of its people's own making, often for both.
            (Some(_), _) if peer.is_server && !address.is_some_and(|ip| self.inside.has(ip)) => {
                Some("the cluster's own, from outside it")
            }
            _ => None,
        };
        if let Some(why) = refused {
            tracing::warn!(
                serial = peer.serial,
                "a client certificate is refused: {why}"
            );
            return None;
        }
        // The panel's own probe, every few seconds, is nobody's news.
        if peer.common_name != wire::caller::PANEL {
            self.seen.note(&peer.serial);
        }
        Some(Identity::Client(peer))
    }

    async fn expelled(&self, identity: &Identity) {
        let Identity::Client(peer) = identity else {
            return std::future::pending().await;
        };
        let mut revoked = self.revoked.clone();
        let known = revoked
            .wait_for(|revoked| revoked.contains(&peer.serial))
            .await
            .is_ok();
        if !known {
            // Nobody tells of revocations any more.
            std::future::pending::<()>().await;
        }
        tracing::info!(
            serial = peer.serial,
            "a connection is cut: its certificate was revoked"
        );
    }
}

/// Follows the panel's list. Serials only ever become more: an answer that lacks one that is known
/// is not believed.
pub async fn revocations_follow(
    discovery: Discovery,
    revoked: watch::Sender<Revoked>,
    memory: Arc<Memory>,
    stop: CancellationToken,
) {
    let (mut version, mut retry) = (0, POLL_RETRY);
    loop {
        let answer = tokio::select! {
            () = stop.cancelled() => return,
            answer = discovery.revocations(version) => answer,
        };
        match answer {
            None => return,
            Some(Ok(list)) => {
                retry = POLL_RETRY;
                let stale = list.version < version;
                version = list.version;
                let new = list
                    .serials
                    .iter()
                    .any(|serial| !revoked.borrow().contains(serial));
                if new {
                    memory.revoked_keep(&list.serials);
                    revoked.send_modify(|revoked| {
                        Arc::make_mut(revoked).extend(list.serials);
                    });
                }
                // A service that does not hold the poll open must not be asked in a tight loop.
                tokio::time::sleep(Duration::from_millis(if stale { 1000 } else { 200 })).await;
            }
            Some(Err(error)) => {
                tracing::debug!(%error, "no list of revocations; the known ones stay");
                tokio::time::sleep(retry).await;
                retry = (retry * 2).min(POLL_RETRY_MAX);
            }
        }
    }
}

/// Accepts what either of two authorities vouches for.
#[derive(Debug)]
pub struct EitherVerifier {
    pub clients: Arc<dyn ClientCertVerifier>,
    pub managers: Arc<dyn ClientCertVerifier>,
    pub hints: Vec<DistinguishedName>,
}

impl EitherVerifier {
    pub fn new(
        clients: Arc<dyn ClientCertVerifier>,
        managers: Arc<dyn ClientCertVerifier>,
    ) -> Self {
        let hints = [&clients, &managers]
            .iter()
            .flat_map(|verifier| verifier.root_hint_subjects())
            .cloned()
            .collect();
        Self {
            clients,
            managers,
            hints,
        }
    }
}

impl ClientCertVerifier for EitherVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.clients
            .verify_client_cert(end_entity, intermediates, now)
            .or_else(|error| {
                // Only managers may come with the other authority: the panel's own engine
                // certificate is no client of the cluster.
                let is_manager = Peer::read(end_entity)
                    .is_some_and(|peer| peer.common_name == wire::caller::MANAGER);
                if !is_manager {
                    return Err(error);
                }
                self.managers
                    .verify_client_cert(end_entity, intermediates, now)
            })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.clients.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.clients.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.clients.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, SanType};

    use super::*;

    const CLUSTER: &str = "0190a5f2-7a3b-7c00-8000-00000000c1a5";

    fn gate(cluster: Option<&str>) -> ClientGate {
        let (_, revoked) = watch::channel(Revoked::default());
        ClientGate {
            cluster: cluster.map(str::to_owned),
            managers: None,
            verify: true,
            revoked,
            seen: Arc::default(),
            inside: Inside::default(),
        }
    }

    /// TLS has verified it by the time that the gate sees it.
    fn certificate(usages: &[ExtendedKeyUsagePurpose]) -> [CertificateDer<'static>; 1] {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "n1");
        let uri = format!("carina:cluster:{CLUSTER}").try_into().unwrap();
        params.subject_alt_names.push(SanType::URI(uri));
        params.extended_key_usages = usages.to_vec();
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        [certificate.der().clone()]
    }

    #[test]
    fn the_cluster_s_own_certificate_opens_from_inside_alone() {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        let inside = Some(IpAddr::from([127, 0, 0, 1]));
        let outside = Some(IpAddr::from([192, 0, 2, 1]));
        let own = certificate(&[ServerAuth, ClientAuth]);
        let unlimited = certificate(&[]);
        let person = certificate(&[ClientAuth]);
        let gate_here = gate(Some(CLUSTER));
        for (what, certificate, address, is) in [
            ("its own", &own, inside, true),
            ("its own", &own, outside, false),
            ("its own, from nowhere", &own, None, false),
            ("one for everything", &unlimited, inside, true),
            ("one for everything", &unlimited, outside, false),
            ("a person's", &person, inside, true),
            ("a person's", &person, outside, true),
        ] {
            let admitted = gate_here.admit(certificate, address);
            assert_eq!(admitted.is_some(), is, "{what} from {address:?}");
        }
        // As docker-machine made them for the archived program.
        assert!(gate(None).admit(&own, outside).is_some());
    }
}
