//! What a client is told when an engine is lost in the middle of an answer (or the manager
//! that it was passed on to): wherever Docker's
//! protocol has a place for it, it says who was lost and what to do, and not only that something
//! ended.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::stream;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::json;

use crate::api::path::Version;
use crate::api::route::Route;
use crate::http::{Body, BodyError};

/// Since then the content type tells a stream in frames from a terminal's.
const KINDS_SINCE: Version = Version::new(1, 42);
const IN_FRAMES: &[u8] = b"application/vnd.docker.multiplexed-stream";
const RAW: &[u8] = b"application/vnd.docker.raw-stream";
/// The number of standard error in a frame.
const STDERR: u8 = 2;
/// For the words to leave before the break that follows them.
const WORDS_PAUSE: Duration = Duration::from_millis(100);
/// gRPC's number for it.
const UNAVAILABLE: &str = "14";

/// Where in an answer there is a place for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Frames of standard output and error, told apart by a head each.
    Frames,
    /// A terminal.
    Terminal,
    /// Lines of JSON, of which the last may be an error.
    Lines,
    /// The one line that `wait` says.
    Wait,
}

impl Place {
    fn of(route: Route, version: Version, kind: Option<&HeaderValue>) -> Option<Self> {
        match route {
            Route::BuildImage | Route::ImagePush | Route::ImageCreate | Route::ImageLoad => {
                Some(Self::Lines)
            }
            Route::ContainerWait => Some(Self::Wait),
            Route::ContainerLogs
            | Route::ServiceLogs
            | Route::TaskLogs
            | Route::ContainerAttach
            | Route::ExecStart => match kind?.as_bytes() {
                IN_FRAMES => Some(Self::Frames),
                RAW if version >= KINDS_SINCE => Some(Self::Terminal),
                _ => None,
            },
            _ => None,
        }
    }

    fn words(self, text: &str) -> Bytes {
        let mut bytes = BytesMut::new();
        match self {
            Self::Frames => {
                let text = format!("{text}\n");
                bytes.put_u8(STDERR);
                bytes.put_bytes(0, 3);
                bytes.put_u32(u32::try_from(text.len()).unwrap_or(0));
                bytes.put_slice(text.as_bytes());
            }
            Self::Terminal => bytes.put_slice(format!("\r\n{text}\r\n").as_bytes()),
            Self::Lines => {
                let line = json!({"error": text, "errorDetail": {"message": text}});
                bytes.put_slice(format!("{line}\r\n").as_bytes());
            }
            // As the client itself ends when it cannot know.
            Self::Wait => {
                let line = json!({"StatusCode": 125, "Error": {"Message": text}});
                bytes.put_slice(format!("{line}\r\n").as_bytes());
            }
        }
        bytes.freeze()
    }

    /// After the words: do they stand for the end, or must a break follow, since an end without
    /// one would be the container's?
    fn is_broken_off(self) -> bool {
        matches!(self, Self::Frames | Self::Terminal)
    }
}

/// What is to be said, should the one who answers `route` be lost meanwhile.
pub struct LastWords {
    /// As people call it.
    who: String,
    route: Route,
    version: Version,
}

impl LastWords {
    pub fn new(who: String, route: Route, version: Version) -> Self {
        Self {
            who,
            route,
            version,
        }
    }

    fn text(&self) -> String {
        text(&self.who, self.route)
    }

    /// In a hijacked stream of this content type.
    pub fn in_stream(&self, kind: Option<&HeaderValue>) -> Option<Bytes> {
        if self.route == Route::Session {
            // There is no place for words, but a moment, so that the build's other connection,
            // which has one, ends before.
            return Some(Bytes::new());
        }
        let place = Place::of(self.route, self.version, kind)?;
        Some(place.words(&self.text()))
    }

    /// The answer, with words in place of a break.
    pub fn in_answer(self, response: Response<Body>) -> Response<Body> {
        let headers = response.headers();
        let kind = headers.get(header::CONTENT_TYPE);
        let place = Place::of(self.route, self.version, kind);
        let is_streamed = !headers.contains_key(header::CONTENT_LENGTH);
        match place.filter(|_| is_streamed && response.status().is_success()) {
            None => response,
            Some(place) => response.map(|body| {
                mended(body, place.is_broken_off(), move || {
                    Frame::data(place.words(&self.text()))
                })
            }),
        }
    }
}

/// Who was lost, and what to do.
pub fn text(who: &str, route: Route) -> String {
    let advice = match route {
        Route::BuildImage | Route::Grpc | Route::Session => {
            "this build is lost; build again, and another segment does it"
        }
        Route::ImageCreate | Route::ImageLoad => "the image may not be everywhere; try again",
        Route::ImagePush => "push again once it is back, which docker info shows",
        Route::ContainerWait => {
            "whether the container goes on is shown by docker ps -a once it is back"
        }
        _ => "this stream ends here, the container may go on; docker info shows when it is back",
    };
    format!("{who} has stopped answering: {advice}")
}

/// The body; where it breaks, `last` and then an end or the break.
pub fn mended(
    body: Body,
    is_broken_off: bool,
    last: impl FnOnce() -> Frame<Bytes> + Send + 'static,
) -> Body {
    enum At<L> {
        Body(Body, L),
        Break(BodyError),
        End,
    }
    let stream = stream::unfold(At::Body(body, last), move |at| async move {
        match at {
            At::Body(mut body, last) => match body.frame().await? {
                Ok(frame) => Some((Ok(frame), At::Body(body, last))),
                Err(error) if is_broken_off => Some((Ok(last()), At::Break(error))),
                Err(_) => Some((Ok(last()), At::End)),
            },
            At::Break(error) => {
                tokio::time::sleep(WORDS_PAUSE).await;
                Some((Err(error), At::End))
            }
            At::End => None,
        }
    });
    StreamBody::new(stream).boxed_unsync()
}

/// gRPC's end of an answer that goes on no more.
pub fn trailers(text: &str) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(UNAVAILABLE));
    if let Ok(message) = HeaderValue::try_from(grpc_text(text)) {
        trailers.insert("grpc-message", message);
    }
    Frame::trailers(trailers)
}

/// As gRPC writes a message into a header.
pub fn grpc_text(text: &str) -> String {
    let mut message = String::new();
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => message.push(char::from(byte)),
            _ => message.push_str(&format!("%{byte:02X}")),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{collect, stream_body};

    fn broken() -> Body {
        stream_body(stream::iter([
            Ok(Bytes::from_static(b"line\r\n")),
            Err(BodyError("lost".into())),
        ]))
    }

    #[test]
    fn words_stand_where_the_protocol_has_a_place() {
        let new = Version::new(1, 45);
        let (frames, raw) = (
            HeaderValue::from_bytes(IN_FRAMES).expect("a value"),
            HeaderValue::from_bytes(RAW).expect("a value"),
        );
        let of = |route, version, kind| Place::of(route, version, kind);
        assert_eq!(of(Route::BuildImage, new, None), Some(Place::Lines));
        assert_eq!(
            of(Route::ContainerLogs, new, Some(&frames)),
            Some(Place::Frames)
        );
        assert_eq!(of(Route::ExecStart, new, Some(&raw)), Some(Place::Terminal));
        // Before that every stream was called raw.
        assert_eq!(of(Route::ExecStart, Version::new(1, 41), Some(&raw)), None);
        assert_eq!(of(Route::ContainerArchiveGet, new, Some(&raw)), None);
        assert_eq!(
            &Place::Frames.words("lost")[..],
            b"\x02\0\0\0\0\0\0\x05lost\n"
        );
        let line = Place::Wait.words("lost");
        let line: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        assert_eq!(line["Error"]["Message"], "lost");
    }

    #[tokio::test]
    async fn a_break_is_told_of_and_not_taken_for_an_end() {
        let last = || Frame::data(Bytes::from_static(b"words"));
        let whole = collect(mended(broken(), false, last), 100).await;
        assert_eq!(&whole.expect("it ends")[..], b"line\r\nwords");
        let mut body = mended(broken(), true, last);
        let mut said = Vec::new();
        let end = loop {
            match body.frame().await {
                Some(Ok(frame)) => said.extend(frame.into_data().expect("data")),
                other => break other,
            }
        };
        assert_eq!(said, b"line\r\nwords");
        assert!(matches!(end, Some(Err(_))), "a break");
    }
}
