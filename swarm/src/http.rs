//! HTTP as both roles use it: bodies, answers, the accept loop and tunnels.

mod alive;
mod body;
mod forward;
mod mortal;
mod pool;
mod served;
mod server;
mod tunnel;

pub use body::{Body, BodyError, bytes_body, collect, empty, incoming, json, stream_body};
pub use forward::{Upgrade, forward, forward_with, upgrade_take};
pub use mortal::Mortal;
pub use pool::{Pool, PoolError, Target};
pub use server::{Caller, Connection, Cut, Gate, Listener, Serve, serve};
pub use tunnel::{Joined, is_upgrade, tunnel};

use http::{HeaderMap, HeaderName, header};

/// As much as is read and passed on at once, and the longest head: several records of TLS, and
/// what rustls takes in before it has to write.
const PIECE: usize = 64 * 1024;

/// Headers that belong to one connection and must not travel.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Takes away what belongs to the connection, the names listed in `Connection` included.
pub fn hop_by_hop_remove(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&listed) {
        headers.remove(name);
    }
}
