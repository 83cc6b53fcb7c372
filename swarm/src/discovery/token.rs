//! Hosted token discovery: the archived protocol, served by the panel.

use std::time::Duration;

use super::https::{Https, Target};
use super::{DiscoveryError, nodes};

/// The archived program's own service, shut down years ago; kept because it is the default.
const DEFAULT_BASE: &str = "discovery.hub.docker.com/v1";
/// Long enough for a busy panel, short enough to try again soon.
const CALL_LIMIT: Duration = Duration::from_secs(10);
/// The service holds a revocation poll open for 30 s.
const POLL_LIMIT: Duration = Duration::from_secs(45);

/// `token://[base/]TOKEN`.
#[derive(Debug, Clone)]
pub struct Token {
    base: Target,
    token: String,
}

impl Token {
    /// Everything before the last slash is the base; https is the only way to it.
    pub fn parse(rest: &str) -> Result<Self, DiscoveryError> {
        let (base, token) = rest.rsplit_once('/').unwrap_or((DEFAULT_BASE, rest));
        if token.is_empty() {
            return Err(DiscoveryError::TokenEmpty);
        }
        if !token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        {
            return Err(DiscoveryError::Url(rest.to_owned()));
        }
        let base = Target::parse(base).ok_or_else(|| DiscoveryError::Url(rest.to_owned()))?;
        Ok(Self {
            base,
            token: token.to_owned(),
        })
    }

    pub async fn fetch(&self) -> Result<Vec<String>, DiscoveryError> {
        let path = format!("/clusters/{}", self.token);
        let (status, body) = Https::shared().get(&self.base, &path, CALL_LIMIT).await?;
        if status != 200 {
            return Err(DiscoveryError::Status(status));
        }
        let entries: Vec<String> = serde_json::from_slice(&body).map_err(DiscoveryError::Answer)?;
        nodes::file_parse(&entries.join("\n"))
    }

    /// The body is the raw `ip:port`, though its type says JSON: that is the protocol.
    pub async fn register(&self, entry: &str, ttl: Duration) -> Result<(), DiscoveryError> {
        let path = format!("/clusters/{}?ttl={}", self.token, ttl.as_secs());
        self.post(&path, entry.to_owned()).await
    }

    pub async fn refusals_tell(&self, list: &[wire::PolicyRefusal]) -> Result<(), DiscoveryError> {
        let path = format!("/{}/{}", wire::discovery::REFUSALS, self.token);
        let body = serde_json::to_string(list).map_err(DiscoveryError::Answer)?;
        self.post(&path, body).await
    }

    async fn post(&self, path: &str, body: String) -> Result<(), DiscoveryError> {
        let (status, body) = Https::shared()
            .post(&self.base, path, body, CALL_LIMIT)
            .await?;
        if (200..300).contains(&status) {
            return Ok(());
        }
        Err(DiscoveryError::Refused {
            status,
            text: String::from_utf8_lossy(&body)
                .trim()
                .chars()
                .take(200)
                .collect(),
        })
    }

    pub async fn revocations(&self, after: u64) -> Result<wire::Revocations, DiscoveryError> {
        let path = format!(
            "/{}/{}?after={after}",
            wire::discovery::REVOCATIONS,
            self.token
        );
        let (status, body) = Https::shared().get(&self.base, &path, POLL_LIMIT).await?;
        if status != 200 {
            return Err(DiscoveryError::Status(status));
        }
        serde_json::from_slice(&body).map_err(DiscoveryError::Answer)
    }

    pub async fn seen(&self, serials: Vec<String>) -> Result<(), DiscoveryError> {
        let path = format!("/{}/{}", wire::discovery::SEEN, self.token);
        let body =
            serde_json::to_string(&wire::Seen { serials }).map_err(DiscoveryError::Answer)?;
        self.post(&path, body).await
    }
}

pub async fn cluster_create() -> Result<String, DiscoveryError> {
    let base =
        Target::parse(DEFAULT_BASE).ok_or_else(|| DiscoveryError::Url(DEFAULT_BASE.into()))?;
    let (_, body) = Https::shared()
        .post(&base, "/clusters", String::new(), CALL_LIMIT)
        .await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_stands_before_the_last_slash() {
        let token = Token::parse("disco.example.org:8443/v1/TOKEN").expect("good");
        assert_eq!(token.token, "TOKEN");
        assert_eq!(token.base.to_string(), "https://disco.example.org:8443/v1");
        let token = Token::parse("abc").expect("good");
        assert_eq!(
            token.base.to_string(),
            "https://discovery.hub.docker.com/v1"
        );
    }

    #[test]
    fn wrong_urls_are_refused() {
        assert_eq!(
            Token::parse("host/v1/").expect_err("empty").to_string(),
            "token is empty"
        );
        for rest in ["", "host/v1/a?b", "/v1/a", "ho st/v1/a", "host:0x/v1/a"] {
            assert!(Token::parse(rest).is_err(), "{rest}");
        }
    }
}
