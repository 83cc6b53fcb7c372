//! The init's own socket: status, what containers use, and rebuild, for the agent, which passes on
//! what the panel asks.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::UnixListener;
use wire::{INIT_SOCKET, route};

use super::seed::{MAX_SEED, Unfit};
use super::system::System;
use super::{Error, containers, log, status};

/// For a request's head; nobody keeps the door busy.
const HEAD_WITHIN: Duration = Duration::from_secs(5);

pub fn listen() -> Result<UnixListener, Error> {
    let listener = UnixListener::bind(INIT_SOCKET)?;
    std::fs::set_permissions(INIT_SOCKET, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Never returns.
pub async fn serve(listener: UnixListener, system: Arc<System>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let system = Arc::clone(&system);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&system), request));
            // A caller that hangs up is its own affair.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    system: Arc<System>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, route::STATUS) => tell(&status::read(&system).await),
        (&Method::GET, route::CONTAINERS) => tell(&containers::read(&system.seeds.current().node)),
        (&Method::POST, route::REBUILD) => rebuild(system, request).await,
        (_, route::STATUS | route::CONTAINERS | route::REBUILD) => {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "another method is meant")
        }
        _ => refuse(StatusCode::NOT_FOUND, "there is nothing here"),
    })
}

/// Takes the seed, answers, and only then makes the containers again: the answer travels through
/// one of them.
async fn rebuild(system: Arc<System>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let body = match Limited::new(request.into_body(), MAX_SEED).collect().await {
        Ok(body) => body.to_bytes(),
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why.to_string()),
    };
    if let Err(why) = system.seeds.replace(&body) {
        let status = match why.downcast_ref::<Unfit>() {
            Some(Unfit::Malformed(_) | Unfit::Version(_)) => StatusCode::BAD_REQUEST,
            Some(Unfit::Foreign | Unfit::Older { .. }) => StatusCode::CONFLICT,
            None => StatusCode::INTERNAL_SERVER_ERROR,
        };
        return refuse(status, &why.to_string());
    }
    tokio::spawn(async move {
        if let Err(why) = system.rebuild().await {
            // The next look finds what is missing.
            log(&format!("rebuilding: {why}"));
        }
    });
    reply(StatusCode::ACCEPTED, b"{}".to_vec())
}

fn tell(what: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(what) {
        Ok(body) => reply(StatusCode::OK, body),
        Err(why) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &why.to_string()),
    }
}

fn refuse(status: StatusCode, why: &str) -> Response<Full<Bytes>> {
    reply(
        status,
        serde_json::json!({ "message": why })
            .to_string()
            .into_bytes(),
    )
}

fn reply(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    response
}
