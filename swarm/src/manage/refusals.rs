//! What the policy refused is told to the panel, for the audit: gathered for a few seconds, the same
//! only once with its count, and never more than the panel takes.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, Method};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wire::PolicyRefusal;
use wire::discovery::{PATH_MAX, REFUSALS_MAX};

use super::gate::Identity;
use super::primary::CLIENT_SERIAL;
use crate::api::Code;
use crate::discovery::Discovery;

/// Between two messages.
const GATHER: Duration = Duration::from_secs(5);
/// Refusals that wait to be gathered; more are only logged.
const WAITING_MAX: usize = 256;

/// Where refusals are noted; the panel is told where there is one.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Option<mpsc::Sender<PolicyRefusal>>);

impl Refusals {
    /// Tells `discovery` of them until `stop`.
    pub fn told_to(discovery: Discovery, stop: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(tell(receiver, discovery, stop));
        Self(Some(sender))
    }

    /// Who was refused what, without what was sent. Never waits.
    pub fn note(&self, code: Code, asked: &Asked) {
        let Asked {
            serial,
            method,
            path,
        } = asked;
        let shown = if serial.is_empty() { "-" } else { serial };
        tracing::info!(code = %code, serial = shown, %method, path, "refused by policy");
        if let Some(sender) = &self.0 {
            let _ = sender.try_send(PolicyRefusal {
                code: code as u16,
                serial: serial.clone(),
                method: method.to_string(),
                path: path.clone(),
                count: 1,
            });
        }
    }
}

/// What is kept of a request until it is known whether it is refused.
pub struct Asked {
    serial: String,
    method: Method,
    path: String,
}

impl Asked {
    pub fn new(identity: &Identity, method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let serial = match identity {
            Identity::Client(peer) => peer.serial.clone(),
            // It speaks for a client of its own.
            Identity::Manager => headers
                .get(CLIENT_SERIAL)
                .and_then(|serial| serial.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            Identity::Anyone => String::new(),
        };
        Self {
            serial,
            method: method.clone(),
            path: path.chars().take(PATH_MAX).collect(),
        }
    }
}

async fn tell(
    mut receiver: mpsc::Receiver<PolicyRefusal>,
    discovery: Discovery,
    stop: CancellationToken,
) {
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return,
            first = receiver.recv() => first,
        };
        let Some(first) = first else { return };
        let mut gathered = Gathered::default();
        gathered.add(first);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(GATHER) => {}
        }
        while let Ok(next) = receiver.try_recv() {
            gathered.add(next);
        }
        if let Some(Err(error)) = discovery.refusals_tell(&gathered.list()).await {
            tracing::debug!(%error, "the panel does not take refusals; they stand in this log");
        }
    }
}

/// The same refusals are one; those beyond the most that is told at once are left out.
#[derive(Default)]
struct Gathered(BTreeMap<(u16, String, String, String), u32>);

impl Gathered {
    fn add(&mut self, one: PolicyRefusal) {
        let key = (one.code, one.serial, one.method, one.path);
        if self.0.len() < REFUSALS_MAX || self.0.contains_key(&key) {
            let count = self.0.entry(key).or_default();
            *count = count.saturating_add(one.count);
        }
    }

    fn list(self) -> Vec<PolicyRefusal> {
        let one = |((code, serial, method, path), count)| PolicyRefusal {
            code,
            serial,
            method,
            path,
            count,
        };
        self.0.into_iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: u16, path: &str) -> PolicyRefusal {
        PolicyRefusal {
            code,
            serial: "0a".into(),
            method: "POST".into(),
            path: path.into(),
            count: 1,
        }
    }

    #[test]
    fn the_same_is_told_once_and_never_more_than_is_taken() {
        let mut gathered = Gathered::default();
        for k in 0..100 {
            gathered.add(refusal(1001, "/containers/create"));
            gathered.add(refusal(1002, &format!("/volumes/v{k}")));
        }
        let list = gathered.list();
        assert_eq!(list.len(), REFUSALS_MAX);
        assert_eq!((list[0].code, list[0].count), (1001, 100));
        assert!(list[1..].iter().all(|one| one.count == 1));
    }

    #[test]
    fn a_manager_speaks_for_its_client() {
        let mut headers = HeaderMap::new();
        headers.insert(CLIENT_SERIAL, "0b".parse().unwrap());
        let asked = |identity| Asked::new(&identity, &Method::POST, "/x", &headers).serial;
        assert_eq!(asked(Identity::Manager), "0b");
        // Whoever is no manager cannot say who they are.
        assert_eq!(asked(Identity::Anyone), "");
        let peer = crate::tls::Peer {
            serial: "0c".into(),
            ..Default::default()
        };
        assert_eq!(asked(Identity::Client(peer)), "0c");
    }
}
