//! What real clients sent to a real engine: `swarm/tests/fixtures`.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::super::route::Body;
use super::super::*;

/// One command of a client.
#[derive(Debug, Deserialize)]
pub struct Recording {
    pub client: String,
    pub command: String,
    pub requests: Vec<Recorded>,
    /// Without `.json`; what begins with `refused-` asks for something forbidden.
    #[serde(skip)]
    pub file: String,
}

#[derive(Debug, Deserialize)]
pub struct Recorded {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

/// All recordings, in the order of their files.
pub fn recordings() -> Vec<Recording> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    let list = |folder: &Path| {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        paths
    };
    let clients = list(folder).into_iter().filter(|path| path.is_dir());
    let files = clients.flat_map(|client| list(&client));
    let recordings: Vec<Recording> = files
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a recording");
            let recording = serde_json::from_str(&text);
            let file = path.file_stem().unwrap_or_default().to_string_lossy();
            Recording {
                file: file.into_owned(),
                ..recording.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            }
        })
        .collect();
    assert!(recordings.len() > 100, "only {}", recordings.len());
    recordings
}

#[test]
fn everything_that_real_clients_send_is_understood() {
    for recording in recordings() {
        for request in &recording.requests {
            let what = format!(
                "{}/{} ({}): {} {}",
                recording.client, recording.file, recording.command, request.method, request.target
            );
            check(request, &what);
        }
    }
}

fn check(request: &Recorded, what: &str) {
    let matched = match find(&request.method, &request.target) {
        Ok(matched) => matched,
        // What is not offered is refused for that alone.
        Err(refusal) if matches!(refusal.status, 501 | 403) => return,
        Err(refusal) => panic!("{what}: {refusal}"),
    };
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let has_body = headers.iter().any(|(name, value)| {
        *name == "transfer-encoding" || (*name == "content-length" && *value != "0")
    });
    header::check(matched.row, &headers, has_body).expect(what);
    if let (Some(came), Body::Json(model)) = (&request.body, matched.row.body) {
        let sent = model.rewrite(came.to_string().as_bytes()).expect(what);
        assert_eq!(model.rewrite(&sent).expect(what), sent, "{what}");
        let sent = serde_json::from_slice(&sent).expect(what);
        assert!(model::is_same(came, &sent), "{what}: {came} became {sent}");
    }
    let version = matched.version.unwrap_or(Version::new(1, 45));
    let again = find(&request.method, &matched.target(version, &matched.name)).expect(what);
    assert_eq!(
        (again.route(), again.name, again.query),
        (matched.route(), matched.name, matched.query),
        "{what}"
    );
}

/// docker-py's spelling must not let a mode in twice.
#[test]
fn a_services_mode_has_one_spelling_at_a_time() {
    let mode = |body: &str| json::read::<service::ServiceMode>(body.as_bytes());
    let small = mode(r#"{"replicated":{"Replicas":2}}"#).expect("docker-py's");
    assert_eq!(
        mode(r#"{"Replicated":{"Replicas":2}}"#).expect("Docker's"),
        small
    );
    assert!(mode(r#"{"replicated":{"Replicas":2},"Replicated":{"Replicas":1}}"#).is_err());
}

/// What newer engines take and newer clients send, by the version that brought it.
#[test]
fn the_keys_of_newer_versions_are_known() {
    #[rustfmt::skip]
    let keys = [
        (35, Route::ContainerLogs, "until"), (41, Route::ContainerStats, "one-shot"),
        (41, Route::ContainerCreate, "platform"), (41, Route::ServiceList, "status"),
        (42, Route::ContainerStop, "signal"), (42, Route::ContainerRestart, "signal"),
        (42, Route::ImageList, "shared-size"), (42, Route::SystemDf, "type"),
        (42, Route::ImageCreate, "platform"), (46, Route::ImagePush, "platform"),
        (47, Route::ImageList, "manifests"), (48, Route::ImageInspect, "manifests"),
        (48, Route::ImageHistory, "platform"), (48, Route::ImageLoad, "platform"),
        (48, Route::ImageSaveOne, "platform"), (48, Route::ImageSave, "platform"),
        (48, Route::BuildPrune, "reserved-space"), (48, Route::BuildPrune, "max-used-space"),
        (48, Route::BuildPrune, "min-free-space"), (49, Route::ImageInspect, "platform"),
        (50, Route::ImageDelete, "platforms"), (52, Route::SystemDf, "verbose"),
        (54, Route::ImageList, "identity"),
    ];
    for (minor, wanted, key) in keys {
        let row = route::rows().find(|row| row.route == wanted);
        let is_known = row.is_some_and(|row| row.query.iter().any(|(name, _)| *name == key));
        assert!(is_known, "{wanted:?} has no {key} (1.{minor})");
    }
}
