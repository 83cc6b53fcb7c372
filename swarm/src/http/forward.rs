//! Passing a request on to another server of ours, streams and hijacked connections included.

use std::sync::Arc;

use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::upgrade::OnUpgrade;

use super::pool::{Pool, PoolError};
use super::{Body, Cut, Joined, Mortal, empty, hop_by_hop_remove, is_upgrade, tunnel};

/// What a hijack may turn a connection into.
const UPGRADES: [&str; 3] = ["tcp", "websocket", "h2c"];

/// Takes the upgrade out of a request that came in, if it asks for one that is offered.
pub fn upgrade_take<B>(request: &mut Request<B>) -> Option<Upgrade> {
    if !is_upgrade(request.headers()) {
        return None;
    }
    let protocol = request.headers().get(header::UPGRADE)?.clone();
    let asked = protocol.as_bytes();
    if !UPGRADES
        .iter()
        .any(|offered| asked.eq_ignore_ascii_case(offered.as_bytes()))
    {
        return None;
    }
    Some(Upgrade {
        protocol,
        client: hyper::upgrade::on(request),
    })
}

/// A client's side of a connection to be.
pub struct Upgrade {
    protocol: HeaderValue,
    client: OnUpgrade,
}

/// Sends `request` (origin-form, already checked) and gives the answer back as it comes.
///
/// With an [`Upgrade`] the request goes over a connection of its own, which is never used again,
/// and no byte of the client's passes before the other side has agreed.
pub async fn forward(
    pool: &Arc<Pool>,
    request: Request<Body>,
    upgrade: Option<Upgrade>,
    cut: Cut,
) -> Result<Response<Body>, PoolError> {
    forward_with(pool, request, upgrade, |joined| tunnel(joined, cut, None)).await
}

/// As [`forward`], with `between` in place of the plain tunnel between the two ends.
pub async fn forward_with<F>(
    pool: &Arc<Pool>,
    mut request: Request<Body>,
    upgrade: Option<Upgrade>,
    between: impl FnOnce(Joined) -> F + Send + 'static,
) -> Result<Response<Body>, PoolError>
where
    F: Future<Output = ()> + Send,
{
    hop_by_hop_remove(request.headers_mut());
    request.headers_mut().remove(header::EXPECT);
    request
        .headers_mut()
        .insert(header::HOST, HeaderValue::from_static("docker"));
    let Some(upgrade) = upgrade else {
        let mut response = pool.send(request).await?;
        hop_by_hop_remove(response.headers_mut());
        return Ok(response);
    };
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, upgrade.protocol.clone());
    let mut response = pool.send_alone(request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        hop_by_hop_remove(response.headers_mut());
        return Ok(response.map(super::incoming));
    }
    let engine = hyper::upgrade::on(&mut response);
    let (pool, life) = (Arc::clone(pool), pool.life());
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    tokio::spawn(async move {
        match futures::try_join!(upgrade.client, engine) {
            Ok((client, engine)) => {
                let engine = Mortal::new(engine, life);
                between(Joined {
                    client,
                    engine,
                    kind,
                    pool,
                })
                .await;
            }
            Err(error) => tracing::debug!(%error, "a connection was not handed over"),
        }
    });
    let mut response = response.map(|_| empty());
    hop_by_hop_remove(response.headers_mut());
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, upgrade.protocol);
    Ok(response)
}
