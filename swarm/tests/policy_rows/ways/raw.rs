//! A and B: bytes as no client sends them. 0 stands for no answer at all.

const CREATE: &str = "{\"Image\":\"busybox\"}";

/// An id, bytes, and what must come of them: one of these statuses.
#[rustfmt::skip]
pub const RAW: &[(&str, &str, &[u16])] = &[
    ("A5", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", &[400]),
    ("A5", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", &[400]),
    ("A5", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400]),
    ("A5", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", &[400]),
    ("A5", "POST /containers/web/kill HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400]),
    ("A5", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: +19\r\n\r\n{\"Image\":\"busybox\"}", &[400]),
    ("A7", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 400]),
    ("A7", "POST /moby.buildkit.v1.Control/Solve HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/grpc\r\nTE: trailers\r\n\r\n", &[404]),
    ("A7", "GET /info HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", &[400]),
    ("A11", "POST containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("A11", "POST moby.buildkit.v1.Control/Solve HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("A14", "POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", &[400, 413]),
    ("A14", "POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999999\r\n\r\n", &[400]),
    ("B13", "POST /containers/./web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("B14", "POST http://docker/containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("B14", "CONNECT docker:2375 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("B12", "POST /containers/web%2500/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("B12", "POST /containers/web\t/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[400]),
    ("B23", "post /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[405]),
    ("B23", "TRACE /containers/web/kill HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[405]),
    ("B23", "POST /containers/web/kill/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[404]),
    ("A12", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n", &[400]),
    ("A12", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nX-Registry-Auth : y\r\nConnection: close\r\n\r\n", &[400]),
    ("A12", "POST /containers/web/kill HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\nConnection: close\r\n\r\n", &[400]),
];

/// An id, headers, and the status.
pub type Headers = (&'static str, &'static [(&'static str, &'static str)], u16);

/// Of a create whose body is fine.
#[rustfmt::skip]
pub const HEADERS: &[Headers] = &[
    ("A3", &[("Content-Type", "text/plain")], 415),
    ("A3", &[("Content-Type", "application/jsonx")], 415),
    ("A3", &[("Content-Type", "application/vnd.x+json")], 415),
    ("A3", &[], 415),
    ("A6", &[JSON, ("Content-Encoding", "gzip")], 415),
    ("A6", &[JSON, ("Content-Encoding", "identity, br")], 415),
    ("A7", &[("Content-Type", "application/grpc")], 415),
    ("A7", &[("Content-Type", "application/grpc+proto")], 415),
    ("A8", &[JSON, ("Connection", "Upgrade, close"), ("Upgrade", "tcp")], 400),
    ("A8", &[JSON, ("Connection", "Upgrade, close"), ("Upgrade", "h2c")], 400),
    ("A8", &[JSON, ("Connection", "upgrade,close"), ("Upgrade", "websocket")], 400),
    ("A8", &[JSON, ("Connection", "Upgrade, close")], 400),
    ("A8", &[JSON, ("Connection", "Upgrade, close"), ("Upgrade", "tcp"), ("Upgrade", "h2c")], 400),
    ("B20", &[("Content-Type", "application/x-www-form-urlencoded")], 415),
    ("B20", &[("Content-Type", "Application/X-WWW-Form-URLencoded; charset=utf-8")], 415),
    ("B21", &[("Content-Type", "multipart/form-data; boundary=x")], 415),
];

/// The body that goes with [`HEADERS`]: fine but for them.
pub const BODY: &str = CREATE;
pub const JSON: (&str, &str) = ("Content-Type", "application/json");
