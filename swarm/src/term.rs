//! Which manager decides. Names are unique because one manager at a time makes containers; a term
//! is its number, and the agents refuse who comes with a smaller one than they have seen.
//!
//! So a primary that was frozen, or cut off, and does not know yet that another has taken over
//! cannot make anything any more, however late what it sent arrives. Who takes over tells all
//! agents first and waits for what its predecessor has under way there, as long as they live:
//! afterwards what the engines show is all there is.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// The sender's term, on what only one manager may decide. In a refusal: the term that counts.
pub const TERM: HeaderName = HeaderName::from_static("x-carina-term");
/// On a ping: the term begins now. The agent answers itself: [`BEGUN`] when nothing of an earlier
/// term is under way, else [`BUSY`] after [`crate::limits::TERM_BUSY`], and is then asked again. So an
/// engine that only takes its time is told from one that is gone.
pub const FENCE: HeaderName = HeaderName::from_static("x-carina-fence");
/// The fence's value: is nothing at all under way, of the term itself neither?
pub const WHOLE: HeaderValue = HeaderValue::from_static("whole");
pub const BEGUN: StatusCode = StatusCode::NO_CONTENT;
pub const BUSY: StatusCode = StatusCode::ACCEPTED;

/// What an agent refuses an earlier term with.
pub const REFUSED: StatusCode = StatusCode::PRECONDITION_FAILED;

pub fn term_of(headers: &HeaderMap) -> Option<u64> {
    headers.get(TERM)?.to_str().ok()?.parse().ok()
}

/// The term that counts, if this is an agent's refusal. Engines never send the header.
pub fn refused_by(status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    (status == REFUSED).then(|| term_of(headers)).flatten()
}
