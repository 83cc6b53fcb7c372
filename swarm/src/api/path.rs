//! From a request target to one canonical path, or a refusal.
//!
//! moby's mux matches the *decoded* path and redirects what it would rather have spelled
//! differently. Here a target is decoded once, and whatever could still mean two things to two
//! readers is refused.

use super::refusal::Refusal;

/// Longest target, query included.
pub const MAX_TARGET: usize = 64 * 1024;

/// An API version, `1.NN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u8,
    pub minor: u8,
}

impl Version {
    /// The oldest we read: docker CLI 20.10 still starts with it, compose v1 used it. What old
    /// versions would default differently is written out by the policy.
    pub const FLOOR: Self = Self::new(1, 24);
    /// The newest we read; above it the meaning of fields is unknown.
    pub const CEILING: Self = Self::new(1, 56);

    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// `1.45` → the version; engines report it so.
    pub fn parse(text: &str) -> Option<Self> {
        let minor = text.strip_prefix("1.")?;
        if minor.len() != 2 || !minor.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self::new(1, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A target taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    pub version: Option<Version>,
    /// Decoded, without the version, beginning with `/`.
    pub path: String,
    /// Still encoded.
    pub query: &'a str,
}

/// The target of a request as HTTP read it. A fragment, which no request should have, HTTP has cut
/// off already: nobody after us sees it.
pub fn origin_form(uri: &http::Uri) -> Result<&str, Refusal> {
    let path_and_query = uri.path_and_query().filter(|_| uri.authority().is_none());
    path_and_query
        .map(http::uri::PathAndQuery::as_str)
        .ok_or_else(|| Refusal::bad_request("only origin-form request targets are accepted"))
}

/// Takes an origin-form target apart.
pub fn parse(target: &str) -> Result<Target<'_>, Refusal> {
    if target.len() > MAX_TARGET {
        return Err(Refusal {
            status: 414,
            ..Refusal::bad_request("the request target is too long")
        });
    }
    if !target.starts_with('/') {
        return Err(Refusal::bad_request(
            "only origin-form request targets are accepted",
        ));
    }
    if !target.bytes().all(|b| b.is_ascii_graphic()) || target.contains('#') {
        return Err(Refusal::bad_request(
            "the request target has characters that must be encoded",
        ));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = canonical(path)?;
    let (version, path) = split_version(&path)?;
    Ok(Target {
        version,
        path: path.to_owned(),
        query,
    })
}

fn canonical(raw: &str) -> Result<String, Refusal> {
    let odd = || Refusal::bad_request("the path is not in its canonical form");
    let path = decode(raw).ok_or_else(odd)?;
    let clean = path
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'%' | b'\\' | b';'))
        && !path.contains("//")
        && path
            .split('/')
            .all(|segment| segment != "." && segment != "..");
    if clean { Ok(path) } else { Err(odd()) }
}

/// Percent-decoding, strict: two hex digits or nothing, UTF-8 or nothing.
pub fn decode(raw: &str) -> Option<String> {
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = raw.get(at + 1..at + 3)?;
            if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push(u8::from_str_radix(hex, 16).ok()?);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

/// Percent-encoding of everything that is not unreserved, and not in `keep`.
pub fn encode(text: &str, keep: &[u8], out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

fn split_version(path: &str) -> Result<(Option<Version>, &str), Refusal> {
    let Some(rest) = path.strip_prefix("/v") else {
        return Ok((None, path));
    };
    let (text, after) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    // `/version` and `/volumes` begin so, too.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok((None, path));
    }
    let version = Version::parse(text)
        .ok_or_else(|| Refusal::bad_request(format!("'{text}' is not an API version")))?;
    if version < Version::FLOOR {
        return Err(Refusal::bad_request(format!(
            "client version {version} is too old. Minimum supported API version is {}, please upgrade your client to a newer version",
            Version::FLOOR
        )));
    }
    if version > Version::CEILING {
        return Err(Refusal::bad_request(format!(
            "client version {version} is too new. Maximum supported API version is {}",
            Version::CEILING
        )));
    }
    if after.is_empty() {
        return Err(Refusal::not_found("page not found"));
    }
    Ok((Some(version), after))
}
