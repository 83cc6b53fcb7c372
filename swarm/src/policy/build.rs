//! Builds, and the Dockerfile instructions that commit and import take.

use super::Verdict;
use super::names::{is_kernel_path, labels, working_dir};
use crate::api::{Code, Query, Refusal};

/// What a commit may change: nothing that runs something elsewhere or by itself.
const INSTRUCTIONS: [&str; 9] = [
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "LABEL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// `POST /build`.
pub fn query(query: &Query) -> Verdict {
    let refused = |what: &str| {
        Err(Refusal::policy(
            Code::Build,
            format!("Building with {what} not allowed by policy"),
        ))
    };
    match query.text("networkmode").unwrap_or_default() {
        "" | "default" | "bridge" | "none" => {}
        mode => return refused(&format!("network={mode}")),
    }
    let is_buildkit = match query.text("version") {
        None | Some("1") => false,
        Some("2") => true,
        Some(_) => return refused("this builder version"),
    };
    if query.text("cgroupparent").is_some() {
        return refused("cgroupparent");
    }
    if query
        .text("isolation")
        .is_some_and(|kind| kind != "default")
    {
        return refused("isolation");
    }
    match query.text("remote") {
        None | Some("default") => {}
        // What the client itself has: over its session, or in a second request.
        Some("client-session" | "upload-request") if is_buildkit => {}
        Some(_) => return refused("remote"),
    }
    match query.json("outputs") {
        None => {}
        Some(outputs) if is_nothing(outputs) || is_buildkit && go_to_client(outputs) => {}
        Some(_) => return refused("outputs"),
    }
    if !query.many("securityopt").is_empty() {
        return refused("securityopt");
    }
    if query
        .json("ulimits")
        .is_some_and(|value| !is_nothing(value))
    {
        return refused("ulimits");
    }
    if query.flag("squash") {
        return refused("squash");
    }
    if query
        .int("shmsize")
        .is_some_and(|size| !(0..=(2 << 30)).contains(&size))
    {
        return refused("this shmsize");
    }
    if query.int("memswap").is_some_and(|swap| swap < 0) {
        return refused("memswap=-1");
    }
    if query
        .many("extrahosts")
        .iter()
        .any(|host| host.ends_with("host-gateway"))
    {
        return Err(Refusal::policy(
            Code::HostGateway,
            "Naming the segment as a host not allowed by policy",
        ));
    }
    if query.text("session").is_some() && !is_buildkit {
        return refused("a session");
    }
    let own = query.json("labels").and_then(serde_json::Value::as_object);
    labels(own.into_iter().flatten().map(|(key, _)| key.as_str()))?;
    query
        .many("t")
        .iter()
        .try_for_each(|tag| super::names::image(tag))
}

/// Results that are files for the client, or none at all: an image is named in `t`, where it is
/// looked at.
fn go_to_client(outputs: &serde_json::Value) -> bool {
    outputs.as_array().is_some_and(|outputs| {
        outputs
            .iter()
            .all(|output| matches!(output["Type"].as_str(), Some("local" | "tar" | "cacheonly")))
    })
}

/// `changes`, of commit and import.
pub fn changes(changes: &[String]) -> Verdict {
    for line in changes.iter().flat_map(|change| change.lines()) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (instruction, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let instruction = instruction.to_ascii_uppercase();
        let is_fine = INSTRUCTIONS.contains(&instruction.as_str())
            && match instruction.as_str() {
                "WORKDIR" => working_dir(Some(rest.trim())).is_ok(),
                "VOLUME" => !volumes(rest).any(|path| is_kernel_path(&path)),
                "LABEL" => labels(label_keys(rest).iter().map(String::as_str)).is_ok(),
                _ => true,
            };
        // A line that goes on could be read otherwise by the engine than here.
        if !is_fine || line.ends_with('\\') {
            return Err(Refusal::policy(
                Code::Build,
                format!("The change {line:?} not allowed by policy"),
            ));
        }
    }
    Ok(())
}

fn volumes(rest: &str) -> impl Iterator<Item = String> + '_ {
    rest.split(|c: char| c.is_whitespace() || "[],\"'".contains(c))
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}

/// Every word that could be read as a key, quoted or not: rather one too many.
fn label_keys(rest: &str) -> Vec<String> {
    rest.split_whitespace()
        .map(|word| {
            let key = word.split('=').next().unwrap_or_default();
            key.chars().filter(|c| !"\"'\\".contains(*c)).collect()
        })
        .collect()
}

fn is_nothing(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(map) => map.is_empty(),
        serde_json::Value::String(text) => text.is_empty(),
        _ => false,
    }
}
