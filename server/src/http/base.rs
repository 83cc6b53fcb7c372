//! The panel below a path of somebody else's address (`https://example.org/carina`), behind a reverse
//! proxy.
//!
//! Inside, the panel lives at `/` and knows of no path before that. Here, at its outermost edge, the path
//! is taken off whatever comes in (a proxy may have done so itself) and put before every address of the
//! panel's own that goes out: in pages and in `Location`.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Pages are far smaller.
const PAGE_MAX_BYTES: usize = 16 << 20;
/// Attributes of our pages whose values are addresses.
const ADDRESSES: [&str; 8] = [
    "href",
    "src",
    "action",
    "formaction",
    "data-events",
    "data-log",
    "data-console",
    "data-passkey",
];

/// Where the panel is, by `http.public_origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// `https://example.org`
    origin: String,
    /// `/carina`
    path: String,
}

impl Base {
    /// None where the panel has an address to itself.
    pub fn of(public_origin: &str) -> Option<Self> {
        let path = path_of(public_origin)?;
        let origin = public_origin.strip_suffix(path)?;
        Some(Self {
            origin: origin.to_owned(),
            path: path.to_owned(),
        })
    }

    /// What is left of a path below ours; one that is not below it stays.
    fn inner<'p>(&self, path: &'p str) -> &'p str {
        match path.strip_prefix(&self.path) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            Some(rest) if rest.starts_with('?') => rest,
            _ => path,
        }
    }

    /// An address of the panel's own as the world has it; any other stays. `asked` is the origin that
    /// the page was asked from, which may be another way to the same panel.
    fn outer(&self, address: &str, asked: Option<&str>) -> Option<String> {
        let is_below = |path: &str| self.inner(path).len() != path.len();
        for origin in [Some(self.origin.as_str()), asked].into_iter().flatten() {
            if let Some(path) = address.strip_prefix(origin) {
                let is_ours = path.starts_with('/') && !is_below(path);
                return is_ours.then(|| format!("{origin}{}{path}", self.path));
            }
        }
        let is_ours = address.starts_with('/') && !address.starts_with("//") && !is_below(address);
        is_ours.then(|| format!("{}{address}", self.path))
    }

    fn uri_inner(&self, uri: &Uri) -> Option<Uri> {
        let inner = self.inner(uri.path());
        let whole = match uri.query() {
            Some(query) => format!("{inner}?{query}"),
            None => inner.to_owned(),
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(whole.parse::<PathAndQuery>().ok()?);
        Uri::from_parts(parts).ok()
    }

    /// A page with the path before each of its addresses. The pages are ours: every attribute stands
    /// in double quotes, and `<` in a text is written as an entity.
    fn page(&self, page: &str) -> String {
        let mut out = String::with_capacity(page.len() + page.len() / 16);
        let mut rest = page;
        while let Some(at) = rest.find('<') {
            let (before, tag) = rest.split_at(at);
            out.push_str(before);
            let end = tag_end(tag);
            self.tag(&tag[..end], &mut out);
            rest = &tag[end..];
        }
        out.push_str(rest);
        out
    }

    fn tag(&self, tag: &str, out: &mut String) {
        let mut rest = tag;
        while let Some(at) = rest.find("=\"") {
            let (name, value) = (&rest[..at], &rest[at + 2..]);
            out.push_str(&rest[..at + 2]);
            let Some(end) = value.find('"') else {
                rest = value;
                break;
            };
            let name = name.rsplit(|c: char| c.is_ascii_whitespace()).next();
            let is_address = name.is_some_and(|name| ADDRESSES.contains(&name));
            match self.outer(&value[..end], None).filter(|_| is_address) {
                Some(outer) => out.push_str(&outer),
                None => out.push_str(&value[..end]),
            }
            out.push('"');
            rest = &value[end + 1..];
        }
        out.push_str(rest);
    }
}

/// The path of `https://example.org/carina`, if it has one.
pub fn path_of(public_origin: &str) -> Option<&str> {
    let (_, rest) = public_origin.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

/// The origin alone.
pub fn origin_of(public_origin: &str) -> &str {
    let path = path_of(public_origin).unwrap_or_default();
    public_origin.strip_suffix(path).unwrap_or(public_origin)
}

/// The length of the tag that `text` begins with: a `>` in an attribute's value does not end it.
fn tag_end(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

pub async fn below(State(base): State<Arc<Base>>, mut request: Request, next: Next) -> Response {
    if let Some(uri) = base.uri_inner(request.uri()) {
        *request.uri_mut() = uri;
    }
    let referer = request.headers().get(REFERER);
    let referer: Option<Uri> = referer.and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(uri) = &referer
        && let Some(inner) = base.uri_inner(uri)
        && let Ok(value) = HeaderValue::try_from(inner.to_string())
    {
        request.headers_mut().insert(REFERER, value);
    }
    let asked = referer.and_then(|uri| {
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        Some(format!("{scheme}://{authority}"))
    });
    let path = app::server::BasePath(base.path.clone());
    request.extensions_mut().insert(path);
    let mut response = next.run(request).await;
    let location = response.headers().get(LOCATION);
    if let Some(outer) =
        location.and_then(|value| base.outer(value.to_str().ok()?, asked.as_deref()))
        && let Ok(value) = HeaderValue::try_from(outer)
    {
        response.headers_mut().insert(LOCATION, value);
    }
    let kind = response.headers().get(CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, PAGE_MAX_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = base.page(&String::from_utf8_lossy(&bytes));
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base::of("https://example.org/carina").unwrap()
    }

    #[test]
    fn an_origin_without_a_path_has_no_base() {
        assert_eq!(Base::of("https://example.org"), None);
        assert_eq!(origin_of("https://example.org"), "https://example.org");
        assert_eq!(origin_of("https://e.org:8443/a/b"), "https://e.org:8443");
        assert_eq!(path_of("https://e.org/a/b"), Some("/a/b"));
    }

    #[test]
    fn the_path_is_taken_off_once() {
        for (outer, inner) in [
            ("/carina", "/"),
            ("/carina/", "/"),
            ("/carina/clusters", "/clusters"),
            ("/carina/carina/x", "/carina/x"),
            // A proxy took it off.
            ("/clusters", "/clusters"),
            ("/carinae", "/carinae"),
        ] {
            assert_eq!(base().inner(outer), inner);
        }
    }

    #[test]
    fn addresses_of_our_own_get_it() {
        let outer = |address| {
            base()
                .outer(address, Some("http://10.0.0.1:8080"))
                .unwrap_or_else(|| String::from(address))
        };
        for (inner, expect) in [
            ("/clusters?a=/b", "/carina/clusters?a=/b"),
            ("/", "/carina/"),
            // What a browser has told us is below it already.
            ("/carina/clusters", "/carina/clusters"),
            (
                "https://example.org/clusters",
                "https://example.org/carina/clusters",
            ),
            (
                "https://example.org/carina/x",
                "https://example.org/carina/x",
            ),
            ("https://example.org.evil/x", "https://example.org.evil/x"),
            ("http://10.0.0.1:8080/x", "http://10.0.0.1:8080/carina/x"),
            ("http://10.0.0.1:80801/x", "http://10.0.0.1:80801/x"),
            ("//evil.example/x", "//evil.example/x"),
            ("https://elsewhere.example/", "https://elsewhere.example/"),
            ("#main", "#main"),
        ] {
            assert_eq!(outer(inner), expect);
        }
    }

    #[test]
    fn a_page_is_changed_in_its_addresses_alone() {
        let page = r#"<!DOCTYPE html><html><body data-events="/events"><a class="x" href="/a?b=&quot;c&quot;&amp;d=>e">href="/text"</a>
<form action="/api/x" data-change><input name="next" value="/clusters"><button formaction="/y">/z</button></form>
<a href="//evil.example">x</a><a href="https://example.com/">y</a></body></html>"#;
        let expect = r#"<!DOCTYPE html><html><body data-events="/carina/events"><a class="x" href="/carina/a?b=&quot;c&quot;&amp;d=>e">href="/text"</a>
<form action="/carina/api/x" data-change><input name="next" value="/clusters"><button formaction="/carina/y">/z</button></form>
<a href="//evil.example">x</a><a href="https://example.com/">y</a></body></html>"#;
        assert_eq!(base().page(page), expect);
    }
}
