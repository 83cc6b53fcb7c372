//! Which headers pass, and which make a request unacceptable.

use super::refusal::{Code, Refusal};
use super::route::{Body, Route, Row};

/// Largest head of a request, all headers together.
pub const MAX_HEAD: usize = 32 * 1024;

/// Request headers that are handed on to an engine. Those that frame the message, and those that
/// upgrade it, are written by the proxy itself.
const REQUEST: &[&str] = &[
    "accept",
    "user-agent",
    "x-registry-auth",
    "x-registry-config",
];

/// Which session of BuildKit's a connection is, and what the client answers to in it.
const SESSION: &[&str] = &[
    "x-docker-expose-session-grpc-method",
    "x-docker-expose-session-name",
    "x-docker-expose-session-sharedkey",
    "x-docker-expose-session-uuid",
];

/// A websocket's opening. Its origin is looked at here and goes no further.
const WEBSOCKET: &[&str] = &[
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
];

/// Answer headers that are handed back.
const RESPONSE: &[&str] = &[
    "api-version",
    "builder-version",
    "cache-control",
    "content-type",
    "date",
    "docker-experimental",
    "ostype",
    "pragma",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "server",
    "warning",
    "x-content-type-options",
    "x-docker-container-path-stat",
];

/// Whether a request header of this name goes on to an engine, on this route.
pub fn request_passes(route: Route, name: &str) -> bool {
    let more = match route {
        Route::Session => SESSION,
        Route::ContainerAttachWs => WEBSOCKET,
        _ => &[],
    };
    let mut known = REQUEST.iter().chain(more);
    known.any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether an answer's header of this name goes back to the client.
pub fn response_passes(name: &str) -> bool {
    RESPONSE
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Refuses what would let two readers see two requests. `headers` are all that came, as they came;
/// `has_body` is whether its framing says that a body follows.
pub fn check(row: &Row, headers: &[(&str, &str)], has_body: bool) -> Result<(), Refusal> {
    let size: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    if size > MAX_HEAD {
        return Err(Refusal {
            status: 431,
            ..Refusal::bad_request("the headers are too large")
        });
    }
    let values = |wanted: &'static str| {
        headers
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, v)| *v)
    };
    for single in ["content-length", "host", "transfer-encoding", "upgrade"] {
        if values(single).count() > 1 {
            return Err(Refusal::bad_request(format!(
                "the header {single} comes twice"
            )));
        }
    }
    let encoding = values("transfer-encoding").next();
    if encoding.is_some() && values("content-length").next().is_some() {
        return Err(Refusal::bad_request(
            "Content-Length and Transfer-Encoding together",
        ));
    }
    if encoding.is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("chunked")) {
        return Err(Refusal::bad_request(
            "only chunked is accepted as Transfer-Encoding",
        ));
    }
    if values("content-encoding").any(|value| !value.trim().eq_ignore_ascii_case("identity")) {
        return Err(unsupported("encoded bodies are not accepted"));
    }
    upgrade(row, values("upgrade").next(), values("connection"))?;
    if row.route == Route::ContainerAttachWs {
        origin(values("origin"), values("host").next())?;
    }
    // None is handed on, and whichever a reader would take is accepted: bollard sends two with archives.
    let mut types = values("content-type").peekable();
    if types.peek().is_none() {
        return content_type(row, None, has_body);
    }
    types.try_for_each(|value| content_type(row, Some(value), has_body))
}

/// Raw streams are for the routes that have one, and only to the protocols that they speak.
fn upgrade<'a>(
    row: &Row,
    protocol: Option<&str>,
    mut connection: impl Iterator<Item = &'a str>,
) -> Result<(), Refusal> {
    let asks = connection.any(|value| {
        value
            .split(',')
            .any(|token| token.trim().eq_ignore_ascii_case("upgrade"))
    });
    match protocol {
        Some(protocol)
            if !row
                .upgrade()
                .is_some_and(|offered| protocol.trim().eq_ignore_ascii_case(offered)) =>
        {
            Err(Refusal::bad_request(format!(
                "an upgrade to {protocol:?} is not offered here"
            )))
        }
        _ if row.is_upgrade_only() && !(asks && protocol.is_some()) => {
            Err(Refusal::bad_request(format!(
                "this route is only for connections that are upgraded to {}",
                row.upgrade().unwrap_or_default()
            )))
        }
        None if asks => Err(Refusal::bad_request("Connection: upgrade, but to what?")),
        _ => Ok(()),
    }
}

/// A page that somebody else wrote can make a browser open a websocket here, with the certificate
/// that the browser holds, and the same-origin rule does not stop it. Programs send no origin.
fn origin<'a>(
    mut origins: impl Iterator<Item = &'a str>,
    host: Option<&str>,
) -> Result<(), Refusal> {
    let is_own = |origin: &str| {
        let authority = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        authority.is_some_and(|authority| {
            host.is_some_and(|host| authority.eq_ignore_ascii_case(host.trim()))
        })
    };
    if origins.all(|origin| is_own(origin.trim())) {
        return Ok(());
    }
    Err(Refusal::policy(
        Code::Route,
        "Attaching from a page of another origin not allowed by policy",
    ))
}

fn content_type(row: &Row, value: Option<&str>, has_body: bool) -> Result<(), Refusal> {
    let media = value.map(|value| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    });
    let media = media.as_deref();
    // Go reads form fields out of a body of these types, past the query.
    if matches!(media, Some("application/x-www-form-urlencoded"))
        || media.is_some_and(|media| {
            media.starts_with("multipart/") || media.starts_with("application/grpc")
        })
    {
        return Err(unsupported("this content type is not accepted"));
    }
    match row.body {
        Body::Json(_) if has_body && media != Some("application/json") => {
            Err(unsupported("the body must be application/json"))
        }
        // docker CLI 20.10 sends none with `docker load`, others one of these.
        Body::Tar
            if !matches!(
                media,
                None | Some(
                    "" | "application/x-tar"
                        | "application/tar"
                        | "application/octet-stream"
                        | "application/json"
                        | "text/plain"
                )
            ) =>
        {
            Err(unsupported("the body must be a tar archive"))
        }
        _ => Ok(()),
    }
}

fn unsupported(message: &str) -> Refusal {
    Refusal {
        status: 415,
        ..Refusal::bad_request(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::route::rows;

    fn row(route: Route) -> &'static Row {
        rows()
            .find(|row| row.route == route)
            .expect("a row for every route")
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        const JSON: (&str, &str) = ("Content-Type", "application/json");
        type Case = (
            &'static str,
            Route,
            &'static [(&'static str, &'static str)],
            bool,
            u16,
        );
        #[rustfmt::skip]
        let cases: &[Case] = &[
            ("N", Route::ContainerCreate, &[JSON, ("Content-Length", "2")], true, 200),
            ("N", Route::ContainerCreate, &[("content-type", "application/json; charset=utf-8")], true, 200),
            ("N", Route::ContainerStart, &[("Content-Length", "0")], false, 200),
            // The docker client sends this type with empty posts.
            ("N", Route::ContainerStart, &[("Content-Type", "text/plain")], false, 200),
            ("N", Route::ContainerAttach, &[ ("Connection", "Upgrade"), ("Upgrade", "tcp"), ("Content-Type", "text/plain"), ], false, 200),
            ("N", Route::ImageLoad, &[ ("Content-Type", "application/x-tar"), ("Transfer-Encoding", "chunked"), ], true, 200),
            ("A3", Route::ContainerCreate, &[("Content-Type", "text/plain")], true, 415),
            ("A3", Route::ContainerCreate, &[], true, 415),
            ("A3", Route::ContainerCreate, &[JSON, ("Content-Type", "text/plain")], true, 415),
            ("A3", Route::ContainerCreate, &[("Content-Type", "text/plain"), JSON], true, 415),
            ("N", Route::ContainerCreate, &[JSON, JSON], true, 200),
            // As bollard sends an archive.
            ("N", Route::ContainerArchivePut, &[("Content-Type", "application/x-tar"), JSON], true, 200),
            ("A3", Route::ContainerCreate, &[("Content-Type", "application/jsonx")], true, 415),
            ("A5", Route::ContainerCreate, &[ JSON, ("Content-Length", "2"), ("Transfer-Encoding", "chunked"), ], true, 400),
            ("A5", Route::ContainerCreate, &[JSON, ("Content-Length", "2"), ("content-length", "3")], true, 400),
            ("A5", Route::ContainerCreate, &[JSON, ("Transfer-Encoding", "gzip, chunked")], true, 400),
            ("A6", Route::ContainerCreate, &[JSON, ("Content-Encoding", "gzip")], true, 415),
            ("A7", Route::ContainerCreate, &[("Content-Type", "application/grpc")], true, 415),
            ("A7", Route::Info, &[ ("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ], false, 400),
            ("A8", Route::Info, &[("Connection", "Upgrade"), ("Upgrade", "tcp")], false, 400),
            ("A8", Route::ContainerCreate, &[JSON, ("Upgrade", "tcp")], true, 400),
            ("A8", Route::ExecStart, &[JSON, ("Connection", "Upgrade"), ("Upgrade", "h2c")], true, 400),
            ("A8", Route::ContainerLogs, &[("Connection", "upgrade")], false, 400),
            ("A7", Route::Grpc, &[("Connection", "Upgrade"), ("Upgrade", "h2c")], false, 200),
            ("A7", Route::Session, &[("Connection", "Upgrade"), ("Upgrade", "H2C")], false, 200),
            ("A7", Route::Grpc, &[], false, 400),
            ("A7", Route::Grpc, &[("Connection", "Upgrade"), ("Upgrade", "h2c"), ("Content-Type", "application/grpc")], true, 415),
            ("A7", Route::Session, &[("Upgrade", "h2c")], false, 400),
            ("A7", Route::Session, &[("Connection", "Upgrade"), ("Upgrade", "tcp")], false, 400),
            ("A7", Route::BuildImage, &[("Connection", "Upgrade"), ("Upgrade", "h2c")], true, 400),
            ("A8", Route::ContainerAttach, &[("Connection", "Upgrade"), ("Upgrade", "websocket")], false, 400),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket")], false, 200),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Host", "a:2376"), ("Origin", "https://a:2376")], false, 200),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Host", "a:2376"), ("Origin", "https://b")], false, 403),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Host", "a:2376"), ("Origin", "https://a:2376"), ("Origin", "https://b")], false, 403),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Host", "a:2376"), ("Origin", "null")], false, 403),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Origin", "https://a:2376")], false, 403),
            ("A13", Route::ContainerAttachWs, &[("Connection", "Upgrade"), ("Upgrade", "tcp")], false, 400),
            ("A13", Route::ContainerAttachWs, &[], false, 400),
            ("B20", Route::ImageLoad, &[("Content-Type", "application/x-www-form-urlencoded")], true, 415),
            ("B20", Route::ContainerStart, &[("Content-Type", "Application/X-WWW-Form-Urlencoded")], false, 415),
            ("B20", Route::ImageLoad, &[JSON, ("Content-Type", "application/x-www-form-urlencoded")], true, 415),
            ("B21", Route::ContainerArchivePut, &[("Content-Type", "multipart/form-data; boundary=x")], true, 415),
        ];
        for (id, route, headers, has_body, expect) in cases {
            let got = check(row(*route), headers, *has_body).map_or_else(|r| r.status, |()| 200);
            assert_eq!(got, *expect, "{id} {route:?} {headers:?}");
        }
    }

    #[test]
    fn a14_a_head_has_a_limit() {
        let long = "x".repeat(MAX_HEAD);
        let got = check(row(Route::Info), &[("X-Long", &long)], false);
        assert_eq!(got.expect_err("too large").status, 431);
    }

    #[test]
    fn a12_only_known_headers_pass() {
        for name in ["X-Registry-Auth", "accept"] {
            assert!(request_passes(Route::ImageCreate, name), "{name}");
        }
        for (name, route) in [
            ("X-Docker-Expose-Session-Uuid", Route::Session),
            ("Sec-WebSocket-Key", Route::ContainerAttachWs),
        ] {
            assert!(request_passes(route, name), "{name}");
            assert!(!request_passes(Route::BuildImage, name), "{name}");
        }
        for name in [
            "Connection",
            "Host",
            "Upgrade",
            "Expect",
            "Trailer",
            "X-HTTP-Method-Override",
            "Cookie",
            "Authorization",
            "Content-Length",
            "Origin",
        ] {
            for route in [Route::Session, Route::ContainerAttachWs, Route::Info] {
                assert!(!request_passes(route, name), "{name}");
            }
        }
        for name in ["Connection", "Transfer-Encoding", "Location", "Set-Cookie"] {
            assert!(!response_passes(name), "{name}");
        }
    }
}
