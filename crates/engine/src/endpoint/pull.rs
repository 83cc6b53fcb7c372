//! Pulling an image: the managers' lines of progress, and whether it arrived everywhere.

use std::time::Duration;

use bytes::BytesMut;
use host::EndpointTarget;
use http::StatusCode;
use http_body_util::BodyExt as _;
use model::ImageName;
use serde::Deserialize;

use super::door;
use crate::api;
use crate::door::{DoorError, nonsense, short};

/// Without a word from any segment.
const DEADLINE_LINE: Duration = Duration::from_secs(10 * 60);
const LINE_MAX_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Line {
    /// The segment that says it.
    #[serde(default)]
    id: String,
    #[serde(default)]
    status: String,
    error: Option<String>,
}

pub async fn pull(
    at: &EndpointTarget,
    image: &ImageName,
    told: &(dyn Fn(String) + Send + Sync),
) -> Result<(), DoorError> {
    let (repository, tag) = (image.repository(), image.tag());
    let path = format!(api!("/images/create?fromImage={}&tag={}"), repository, tag);
    let mut body = door(at).await?.open_posted(&path).await?.into_body();
    let mut held = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(DEADLINE_LINE, body.frame())
            .await
            .map_err(|_| DoorError::Late(DEADLINE_LINE))?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| DoorError::Http(error.to_string()))?;
        held.extend_from_slice(&frame.into_data().unwrap_or_default());
        while let Some(end) = held.iter().position(|byte| *byte == b'\n') {
            let line = held.split_to(end + 1);
            if let Some(words) = read(&line)? {
                told(words);
            }
        }
        if held.len() > LINE_MAX_BYTES {
            let what = "a line without an end".to_owned();
            return Err(DoorError::Nonsense(what));
        }
    }
    if let Some(words) = read(&held)? {
        told(words);
    }
    Ok(())
}

/// A line's words, none for an empty one; what went wrong ends it.
fn read(line: &[u8]) -> Result<Option<String>, DoorError> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let line: Line = serde_json::from_slice(line).map_err(|error| nonsense(&error))?;
    if let Some(why) = line.error {
        return Err(DoorError::Refused {
            status: StatusCode::BAD_GATEWAY,
            why: short(&why),
        });
    }
    let words = match line.id.is_empty() {
        true => line.status,
        false => format!("{}: {}", line.id, line.status),
    };
    Ok(Some(short(&words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_progress_or_the_end() {
        let line = br#"{"id":"c-n1","status":"Pulling nginx:latest..."}"#;
        let words = read(line).expect("progress");
        assert_eq!(words.as_deref(), Some("c-n1: Pulling nginx:latest..."));
        assert_eq!(read(b" \r\n").expect("nothing"), None);
        let wrong =
            br#"{"error":"pull access denied","errorDetail":{"message":"pull access denied"}}"#;
        let error = read(wrong).expect_err("the end");
        assert_eq!(error.to_string(), "pull access denied");
        assert!(matches!(read(b"<html>"), Err(DoorError::Nonsense(_))));
    }
}
