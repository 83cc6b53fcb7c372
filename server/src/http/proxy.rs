//! Whose address a request has when a reverse proxy stands in front.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use super::Web;

/// Replaces the peer's address by what a trusted proxy says of it.
pub async fn believe(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let trusted = &web.settings.trusted_proxies;
    if let Some(ConnectInfo(peer)) = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .copied()
        && let Some(client) = client(peer.ip(), request.headers(), trusted)
    {
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    }
    next.run(request).await
}

/// Reads the list from its end: every trusted hop vouches for the one before it, and what a client
/// wrote itself stands further to the left.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let mut client = peer.to_canonical();
    if !trusted.contains(&client) {
        return (client != peer).then_some(client);
    }
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in hops.iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else {
            break;
        };
        client = address;
        if !trusted.contains(&client) {
            break;
        }
    }
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let peer = peer.parse().unwrap();
        client(peer, &headers, &trusted).unwrap_or(peer).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(client_of("192.0.2.7", &["203.0.113.1"]), "192.0.2.7");
    }

    #[test]
    fn a_trusted_proxy_says_who_came() {
        assert_eq!(client_of("10.0.0.1", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(
            client_of("10.0.0.1", &["6.6.6.6, 203.0.113.1"]),
            "203.0.113.1"
        );
        assert_eq!(
            client_of("10.0.0.1", &["203.0.113.1", "10.0.0.2"]),
            "203.0.113.1"
        );
        assert_eq!(client_of("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client_of("10.0.0.1", &[]), "10.0.0.1");
    }
}
