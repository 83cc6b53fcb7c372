//! Logs: Docker's frames and time stamps, made into lines.

use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use host::{EndpointError, LogLines, LogOrder};
use http::Response;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use model::{ContainerRef, LogLine, LogSource};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;

use crate::api;

/// Docker cuts longer lines itself.
const LINE_MAX_BYTES: usize = 16 * 1024;
/// A frame is a line; whatever says it is longer than this is not a log.
const FRAME_MAX_BYTES: usize = 1024 * 1024;
/// Of a log that is not followed, the next piece comes at once.
pub(super) const DEADLINE_PIECE: Duration = Duration::from_secs(10);
/// Lines that wait for a slow reader.
const WAITING: usize = 64;

pub fn path(container: &ContainerRef, order: LogOrder) -> String {
    let mut path = format!(
        api!("/containers/{}/logs?stdout=true&stderr=true&timestamps=true"),
        container
    );
    if order.is_following {
        path.push_str("&follow=true");
    }
    if let Some(tail) = order.tail {
        path.push_str(&format!("&tail={tail}"));
    }
    if order.after_ns > 0 {
        let (s, ns) = (
            order.after_ns / 1_000_000_000,
            order.after_ns % 1_000_000_000,
        );
        path.push_str(&format!("&since={s}.{ns:09}"));
    }
    path
}

pub fn lines(response: Response<Incoming>, order: LogOrder) -> LogLines {
    // A container with a terminal has no frames.
    let is_raw = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().ends_with(b"raw-stream"));
    let (sender, receiver) = mpsc::channel(WAITING);
    let reader = Reader {
        held: BytesMut::new(),
        is_raw,
        after_ns: order.after_ns,
    };
    tokio::spawn(read(response.into_body(), reader, order, sender));
    receiver
}

async fn read(
    mut body: Incoming,
    mut reader: Reader,
    order: LogOrder,
    sender: mpsc::Sender<Result<LogLine, EndpointError>>,
) {
    let broke = |why: String| Err(EndpointError::Unreachable { why });
    loop {
        let piece = tokio::select! {
            // Nobody reads any more.
            () = sender.closed() => return,
            () = tokio::time::sleep(DEADLINE_PIECE), if !order.is_following => {
                let _ = sender.send(broke("the log ended in the middle".to_owned())).await;
                return;
            }
            piece = body.frame() => piece,
        };
        let data = match piece {
            None => break,
            Some(Err(error)) => {
                let _ = sender.send(broke(error.to_string())).await;
                return;
            }
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        reader.held.extend_from_slice(&data);
        loop {
            match reader.next() {
                Ok(Some(line)) => {
                    if sender.send(Ok(line)).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(why) => {
                    let _ = sender.send(broke(why.to_owned())).await;
                    return;
                }
            }
        }
    }
    if let Some(line) = reader.rest() {
        let _ = sender.send(Ok(line)).await;
    }
}

struct Reader {
    held: BytesMut,
    is_raw: bool,
    after_ns: i64,
}

impl Reader {
    /// The next line there is all of.
    fn next(&mut self) -> Result<Option<LogLine>, &'static str> {
        loop {
            let taken = if self.is_raw {
                self.raw()
            } else {
                self.framed()?
            };
            match taken {
                None => return Ok(None),
                Some((source, bytes)) => {
                    if let Some(line) = self.line(source, &bytes) {
                        return Ok(Some(line));
                    }
                }
            }
        }
    }

    /// Of a terminal that ended without a line's end.
    fn rest(&mut self) -> Option<LogLine> {
        let rest = self.held.split();
        (self.is_raw && !rest.is_empty())
            .then(|| self.line(LogSource::Output, &rest))
            .flatten()
    }

    fn raw(&mut self) -> Option<(LogSource, BytesMut)> {
        let end = match self.held.iter().position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if self.held.len() >= LINE_MAX_BYTES => LINE_MAX_BYTES,
            None => return None,
        };
        Some((LogSource::Output, self.held.split_to(end)))
    }

    /// `[stream, 0, 0, 0, length (4 bytes)]` and so many bytes.
    fn framed(&mut self) -> Result<Option<(LogSource, BytesMut)>, &'static str> {
        let Some((head, _)) = self.held.split_first_chunk::<8>() else {
            return Ok(None);
        };
        let source = match head[0] {
            0 | 1 => LogSource::Output,
            2 => LogSource::Errors,
            _ => return Err("this is not a log"),
        };
        let length = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if length > FRAME_MAX_BYTES {
            return Err("a line of the log is too long");
        }
        if self.held.len() < 8 + length {
            return Ok(None);
        }
        self.held.advance(8);
        Ok(Some((source, self.held.split_to(length))))
    }

    /// None: what was seen before. `since` means that moment itself, too.
    fn line(&self, source: LogSource, bytes: &[u8]) -> Option<LogLine> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let (at_ns, text) = text
            .split_once(' ')
            .and_then(|(moment, rest)| Some((nanoseconds(moment)?, rest)))
            .unwrap_or((0, text));
        let mut end = text.len().min(LINE_MAX_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        (at_ns == 0 || at_ns > self.after_ns).then(|| LogLine {
            at_ns,
            source,
            text: text[..end].to_owned(),
        })
    }
}

fn nanoseconds(moment: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(moment, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(is_raw: bool, after_ns: i64) -> Reader {
        Reader {
            held: BytesMut::new(),
            is_raw,
            after_ns,
        }
    }

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let mut out = vec![stream, 0, 0, 0];
        out.extend((text.len() as u32).to_be_bytes());
        out.extend(text.as_bytes());
        out
    }

    #[test]
    fn frames_become_lines_wherever_they_are_cut() {
        let mut bytes = frame(1, "1970-01-01T00:00:01.000000002Z hello world\n");
        bytes.extend(frame(2, "1970-01-01T00:00:02Z \n"));
        for size in 1..bytes.len() {
            let mut reader = reader(false, 0);
            let mut lines = Vec::new();
            for piece in bytes.chunks(size) {
                reader.held.extend_from_slice(piece);
                while let Ok(Some(line)) = reader.next() {
                    lines.push(line);
                }
            }
            assert_eq!(lines.len(), 2, "{size}");
            assert_eq!(lines[0].at_ns, 1_000_000_002);
            assert_eq!(lines[0].text, "hello world");
            assert_eq!(
                (lines[1].source, lines[1].text.as_str()),
                (LogSource::Errors, "")
            );
        }
    }

    #[test]
    fn what_was_seen_is_not_told_again() {
        let mut reader = reader(false, 1_000_000_000);
        reader
            .held
            .extend_from_slice(&frame(1, "1970-01-01T00:00:01Z old\n"));
        reader
            .held
            .extend_from_slice(&frame(1, "1970-01-01T00:00:01.000000001Z new\n"));
        assert_eq!(
            reader
                .next()
                .ok()
                .flatten()
                .map(|line| line.text)
                .as_deref(),
            Some("new")
        );
        assert_eq!(reader.next(), Ok(None));
    }

    #[test]
    fn a_terminals_lines_have_no_frames() {
        let mut reader = reader(true, 0);
        reader
            .held
            .extend_from_slice(b"1970-01-01T00:00:01Z a b\r\n1970-01-01T00:00:02Z rest");
        assert_eq!(
            reader
                .next()
                .ok()
                .flatten()
                .map(|line| line.text)
                .as_deref(),
            Some("a b")
        );
        assert_eq!(reader.next(), Ok(None));
        assert_eq!(reader.rest().map(|line| line.text).as_deref(), Some("rest"));
    }

    #[test]
    fn an_endless_frame_is_no_log() {
        let mut reader = reader(false, 0);
        reader
            .held
            .extend_from_slice(&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, b'x']);
        assert!(reader.next().is_err());
    }

    #[test]
    fn a_moment_keeps_its_nanoseconds() {
        let container = "web".parse().expect("a name");
        let order = LogOrder {
            tail: Some(5),
            after_ns: 1_000_000_002,
            is_following: true,
        };
        assert_eq!(
            path(&container, order),
            "/v1.44/containers/web/logs?stdout=true&stderr=true&timestamps=true&follow=true\
             &tail=5&since=1.000000002"
        );
    }
}
