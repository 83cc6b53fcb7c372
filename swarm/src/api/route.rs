//! Which row of the table a request belongs to.

use super::model::Model;
use super::path::{self, encode};
use super::query::{Keys, Query, is_name, is_qualified_name};
use super::refusal::{Code, Refusal};
use super::table::GROUPS;

pub use super::path::Version;
pub use super::table::Route;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
}

impl Method {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// The manager, out of what it knows.
    Local,
    /// The manager, out of all engines' answers or its own state of them.
    Aggregated,
    /// The engine that has the container.
    ContainerNode,
    /// The engine that has the exec.
    ExecNode,
    /// One engine that has the image.
    ImageNode,
    /// Every engine concerned.
    AllNodes,
    /// Any one engine; for create, the one the scheduler chooses.
    OneNode,
    /// An engine that manages the Docker swarm.
    SwarmManager,
    /// The engine chosen for this build.
    BuildNode,
    /// Nobody; [`find`] never returns such a row.
    Refused(Reason),
}

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A later version may have it.
    NotYet,
    /// It would open the cluster's own doors.
    Never,
    /// The part of Docker that it belongs to is not there.
    Unsupported,
}

/// What a request to this route carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Nothing, and what comes nevertheless is not sent on.
    Empty,
    /// A typed model.
    Json(Model),
    /// A tar archive, passed through in bounded pieces.
    Tar,
}

/// What a person finds who is used to one engine, in words for them: Markdown, without a full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Works,
    /// How.
    Differs(&'static str),
    /// Why, and what to do instead.
    Refused(&'static str),
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub route: Route,
    pub method: Method,
    /// In moby's spelling.
    pub pattern: &'static str,
    pub treatment: Treatment,
    /// The connection becomes a raw stream after the answer's head.
    pub hijack: bool,
    pub body: Body,
    pub query: Keys,
    pub outcome: Outcome,
    /// What in the answer is not the engine's own.
    pub answer: Option<&'static str>,
}

impl Row {
    /// What the connection may be turned into, if anything.
    pub fn upgrade(&self) -> Option<&'static str> {
        if !self.hijack {
            return None;
        }
        Some(match self.route {
            // HTTP/2, over which BuildKit speaks gRPC: nowhere else.
            Route::Session | Route::Grpc => "h2c",
            Route::ContainerAttachWs => "websocket",
            _ => "tcp",
        })
    }

    /// Without its upgrade such a request means nothing; the others have an older form without.
    pub fn is_upgrade_only(&self) -> bool {
        matches!(self.upgrade(), Some("h2c" | "websocket"))
    }
}

/// A request that may go on.
#[derive(Debug, Clone)]
pub struct Matched {
    pub row: &'static Row,
    /// `None`: the newest that all engines speak.
    pub version: Option<Version>,
    /// The pattern's parameter, decoded and checked; empty when it has none. For containers,
    /// networks and volumes it may be `node/name`.
    pub name: String,
    pub query: Query,
}

impl Matched {
    pub fn route(&self) -> Route {
        self.row.route
    }

    /// The target for an engine, canonical, with `name` in place of the client's spelling.
    pub fn target(&self, version: Version, name: &str) -> String {
        let mut target = format!("/v{version}");
        match parts(self.row.pattern) {
            Parts {
                prefix,
                suffix: Some(suffix),
            } => {
                target.push_str(prefix);
                encode(name, b"/:@", &mut target);
                target.push_str(suffix);
            }
            Parts {
                prefix,
                suffix: None,
            } => target.push_str(prefix),
        }
        let query = self.query.encode();
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        target
    }
}

/// Every row there is.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    GROUPS.iter().flat_map(|(_, rows)| rows.iter())
}

/// Finds the row of a request, or says why there is none. `target` is what stands in the request
/// line: path and query, still encoded.
pub fn find(method: &str, target: &str) -> Result<Matched, Refusal> {
    let target = path::parse(target)?;
    let method = Method::parse(method)
        .ok_or_else(|| Refusal::method(format!("the method {method} is not offered")))?;
    let mut other_method = false;
    for row in rows() {
        let Some(name) = matches(row, &target.path) else {
            continue;
        };
        if row.method != method {
            other_method |= row.route != Route::Options;
            continue;
        }
        if let Treatment::Refused(reason) = row.treatment {
            return Err(refused(row, reason));
        }
        let query = Query::parse(row.query, target.query)?;
        return Ok(Matched {
            row,
            version: target.version,
            name: name.to_owned(),
            query,
        });
    }
    if other_method {
        return Err(Refusal::method("the method is not offered for this path"));
    }
    Err(Refusal::not_found("page not found"))
}

fn refused(row: &Row, reason: Reason) -> Refusal {
    let what = format!("{} {}", row.method.as_str(), row.pattern);
    let why = match row.outcome {
        Outcome::Refused(why) => format!(": {}", why.replace('`', "")),
        Outcome::Works | Outcome::Differs(_) => String::new(),
    };
    match reason {
        Reason::NotYet => Refusal::not_offered(format!("{what} is not offered yet{why}")),
        Reason::Unsupported => Refusal::not_offered(format!("{what} is not supported here{why}")),
        Reason::Never => Refusal::policy(Code::Route, format!("{what} not allowed by policy{why}")),
    }
}

struct Parts {
    prefix: &'static str,
    /// `None` when the pattern is a literal.
    suffix: Option<&'static str>,
}

/// Patterns have at most one parameter, but for the checkpoints', which are only ever refused:
/// there the first one takes the rest.
fn parts(pattern: &'static str) -> Parts {
    match (pattern.find('{'), pattern.rfind('}')) {
        (Some(open), Some(close)) => Parts {
            prefix: &pattern[..open],
            suffix: Some(&pattern[close + 1..]),
        },
        _ => Parts {
            prefix: pattern,
            suffix: None,
        },
    }
}

fn matches<'a>(row: &Row, path: &'a str) -> Option<&'a str> {
    let Parts { prefix, suffix } = parts(row.pattern);
    let Some(suffix) = suffix else {
        return (path == prefix).then_some("");
    };
    let name = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
    accepts(row, name).then_some(name)
}

fn accepts(row: &Row, name: &str) -> bool {
    match row.pattern.split('/').nth(1) {
        Some("images" | "distribution") => is_image_reference(name),
        Some("containers") if row.pattern.contains("{checkpoint}") => name
            .split_once("/checkpoints/")
            .is_some_and(|(name, id)| is_qualified_name(name) && is_name(id)),
        Some("containers" | "networks" | "volumes") => is_qualified_name(name),
        Some("plugins") => is_image_reference(name),
        _ if row.route == Route::Options => true,
        _ => is_name(name),
    }
}

/// `registry:5000/path/name:tag@sha256:…`; what exactly is right the engine knows, here only the
/// characters matter, so that nothing else can hide in it.
pub fn is_image_reference(name: &str) -> bool {
    name.len() <= 512
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-:@/".contains(&b))
        && !name.ends_with('/')
}
