//! Request lines: paths and queries, spelled in all ways.

use swarm::api::Row;
use swarm::api::query::Kind;
use swarm::api::route::rows;

use crate::dice::Dice;
use crate::mutate::{Stock, change_bytes};
use crate::shape::Shape;
use crate::tree::Tree;
use crate::words::WORDS;

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "Post", "CONNECT", "TRACE",
    "",
];
const VERSIONS: &[&str] = &[
    "",
    "",
    "/v1.45",
    "/v1.45",
    "/v1.41",
    "/v1.24",
    "/v1.56",
    "/v1.23",
    "/v1.57",
    "/v9",
    "/v1.450",
    "/v1.4",
    "/v",
    "/v...",
    "/V1.45",
    "/v1.45/v1.45",
    "/v01.45",
    "/1.45",
    "/v1.45.",
    "/v2.10",
];
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "web", "a", "n1/web", "a/b/c", "swarm-data", "5", "json", "get", "create", "prune", "registry:5000/a/b:tag",
    "a@sha256:00", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "x.y_z-1", "", "-a", ".",
    "..", "a b", "search", "x/json", "checkpoints", "a/checkpoints/b", "%61", "privileges",
];
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "/", "//", "/./", "/../", "%2f", "%2F", "%2e%2e", "%2e", "%00", "%5c", "\\", ";", "%3b", "+", "%2b", "%20", "#",
    "?", "%3f", "%23", "&", "=", "%", "%zz", "%2", "%25", "%252e", "\u{e9}", "\u{17f}", "%c3%a9", "%ff", "@", ":",
    "\t", "|", "\"", "<", "~", "*", "[", "{", ",", "!",
];
const FLAGS: &[&str] = &[
    "1", "0", "true", "false", "True", "FALSE", "t", "f", "yes", "no", "none", "", "2", "+1", "on",
    "%20", "y",
];
#[rustfmt::skip]
const FILTERS: &[&str] = &[
    r#"{"label":["a"]}"#, r#"{"name":{"web":true}}"#, r#"{"label!":["x"]}"#, r#"{"a":["x"],"b":{"y":true}}"#,
    r#"{"a":{"x":false}}"#, r#"{"a":[]}"#, r#"{}"#, "null", r#"{"dangling":{"true":true},"Dangling":{"false":true}}"#,
    r#"{"a":null}"#, r#"{"a":["x","x"]}"#, r#"{"until":["1h"],"label":["b=c"]}"#,
];
#[rustfmt::skip]
const OUTPUTS: &[&str] = &[
    r#"[{"Type":"local"}]"#, r#"[{"Type":"tar","Attrs":{"dest":"x"}}]"#, r#"[{"Type":"cacheonly"}]"#,
    r#"[{"Type":"image","Attrs":{"push":"true"}}]"#, r#"[{"Type":"moby","Attrs":{"name":"swarm"}}]"#, "[]", "null",
];
#[rustfmt::skip]
const JSON: &[&str] = &[
    r#"{"a":"b"}"#, r#"{"carina.system":"x"}"#, r#"["seccomp=unconfined"]"#, r#"[{"Name":"rtprio","Hard":9,"Soft":9}]"#,
    r#"["busybox"]"#, "[]", "{}", "null", r#"{"A":null}"#, r#""""#, "0",
];
#[rustfmt::skip]
const PLATFORMS: &[&str] = &[
    r#"{"architecture":"amd64","os":"linux"}"#, r#"{"os":"linux","os.version":"1","os.features":["a"],"variant":"v8"}"#,
];
#[rustfmt::skip]
const CHANGES: &[&str] = &[
    "CMD sh", "RUN true", "LABEL a=b", "LABEL carina.system=1", "WORKDIR /proc/self", "ONBUILD RUN x", "USER a\nRUN b",
    "ENV a=b", "workdir /a", "VOLUME /sys", "EXPOSE 80\n\nENTRYPOINT x",
];

pub struct Targets {
    rows: Vec<&'static Row>,
    /// `METHOD target`, as clients and tests send.
    pub seeds: Vec<Vec<u8>>,
    shape: Shape,
}

impl Targets {
    pub fn new() -> Self {
        let rows = rows().collect();
        Self {
            rows,
            seeds: Vec::new(),
            shape: Shape::Map(Box::new(Shape::String)),
        }
    }

    /// A query of one row, spelled as it was found.
    pub fn seed_query(&mut self, row: usize, query: &[u8]) {
        if let Some(row) = self.rows.get(row) {
            let mut line = line_of(row, "a").into_bytes();
            line.push(b'?');
            line.extend_from_slice(query);
            self.seeds.push(line);
        }
    }

    pub fn make(&self, dice: &mut Dice) -> Vec<u8> {
        let mut line = match self.seeds.is_empty() || dice.percent(60) {
            true => self.fresh(dice),
            false => dice.pick(&self.seeds).clone(),
        };
        for _ in 0..*dice.pick(&[0, 1, 1, 1, 2, 3]) {
            self.change(&mut line, dice);
        }
        line
    }

    fn fresh(&self, dice: &mut Dice) -> Vec<u8> {
        // A build has more in its query than all others together.
        let build = self.rows.iter().find(|row| row.pattern == "/build");
        let row = match build.filter(|_| dice.percent(10)) {
            Some(build) => *build,
            None => *dice.pick(&self.rows),
        };
        let line = line_of(row, dice.word(NAMES));
        let (method, path) = line.split_once(' ').unwrap_or(("GET", &line));
        let mut query = String::new();
        if !row.query.is_empty() {
            for _ in 0..dice.below(4 + row.query.len() / 8) {
                let (key, kind) = *dice.pick(row.query);
                self.pair(key, kind, dice, &mut query);
            }
        }
        format!("{method} {}{path}{query}", dice.pick(VERSIONS)).into_bytes()
    }

    fn pair(&self, key: &str, kind: Kind, dice: &mut Dice, query: &mut String) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(key);
        let text = match kind {
            Kind::Flag => (*dice.pick(FLAGS)).to_owned(),
            Kind::Int => (*dice.pick(&[
                "0",
                "1",
                "-1",
                "10",
                "+5",
                "",
                "1x",
                "9999999999999999999",
                "1e3",
            ]))
            .to_owned(),
            Kind::Filters => self.json(FILTERS, dice),
            Kind::Json => self.json(JSON, dice),
            Kind::Outputs => self.json(OUTPUTS, dice),
            Kind::Platform => self.json(PLATFORMS, dice),
            Kind::Many if key == "changes" => (*dice.pick(CHANGES)).to_owned(),
            _ => dice.word(WORDS).to_owned(),
        };
        if dice.percent(3) {
            return;
        }
        query.push('=');
        match dice.percent(90) {
            true => swarm::api::path::encode(&text, b"", query),
            false => query.push_str(&text.replace([' ', '\n'], "+")),
        }
    }

    fn json(&self, list: &[&str], dice: &mut Dice) -> String {
        let text = *dice.pick(list);
        if dice.percent(55) {
            return text.to_owned();
        }
        let value = serde_json::from_str(text).expect("the list is JSON");
        let mut tree = Tree::of(&value);
        let stock = Stock {
            members: ["Type", "type", "Attrs", "push", "a", "Name", "os", "label!"]
                .map(|key| (key, &self.shape))
                .to_vec(),
        };
        stock.change(&mut tree, dice);
        String::from_utf8_lossy(&tree.bytes()).into_owned()
    }

    fn change(&self, line: &mut Vec<u8>, dice: &mut Dice) {
        let space = line.iter().position(|b| *b == b' ').unwrap_or(0);
        let start = (space + 1).min(line.len());
        let question = line
            .iter()
            .position(|b| *b == b'?')
            .unwrap_or(line.len())
            .max(start);
        let at = start + dice.below(line.len() - start + 1);
        match dice.below(12) {
            0..=2 => encode_one(line, at, dice),
            3 | 4 => {
                let piece = dice.pick(PIECES).as_bytes().to_vec();
                line.splice(at..at, piece);
            }
            5 => {
                if at < line.len() && line[at].is_ascii_alphabetic() {
                    line[at] ^= 32;
                }
            }
            6 => {
                let method = dice.pick(METHODS).as_bytes().to_vec();
                line.splice(..space, method);
            }
            7 => {
                let before: &str = dice.word(&[
                    "http://docker",
                    "http://a@b:1",
                    "docker:2375",
                    "/v1.45",
                    "//x",
                    "/v1.44",
                ]);
                line.splice(start..start, before.bytes());
            }
            8 | 9 => self.repeat(line, question, dice),
            10 => {
                line.truncate(at.max(start));
            }
            _ => change_bytes(line, dice),
        }
    }

    /// A pair once more, with another value, another spelling or another separator; or a stranger.
    fn repeat(&self, line: &mut Vec<u8>, question: usize, dice: &mut Dice) {
        let query: Vec<u8> = line.get(question + 1..).unwrap_or_default().to_vec();
        let pairs: Vec<&[u8]> = query
            .split(|b| *b == b'&')
            .filter(|pair| !pair.is_empty())
            .collect();
        let row = *dice.pick(&self.rows);
        let mut pair = match pairs.is_empty() || dice.percent(30) {
            false => dice.pick(&pairs).to_vec(),
            true if row.query.is_empty() => b"x=1".to_vec(),
            true => {
                let (key, kind) = *dice.pick(row.query);
                let mut text = String::from("?");
                self.pair(key, kind, dice, &mut text);
                text.trim_start_matches(['?', '&']).as_bytes().to_vec()
            }
        };
        match dice.below(4) {
            0 => pair.make_ascii_uppercase(),
            1 => {
                let at = dice.below(pair.len());
                encode_one(&mut pair, at, dice);
            }
            _ => {}
        }
        let separator = if query.is_empty() && question == line.len() {
            b'?'
        } else {
            *dice.pick(b"&&&&;?")
        };
        line.push(separator);
        line.extend_from_slice(&pair);
    }
}

fn encode_one(text: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let Some(byte) = text.get(at).copied() else {
        return;
    };
    let put = match dice.below(3) {
        0 => format!("%{byte:02x}"),
        1 => format!("%{byte:02X}"),
        _ => format!("%25{byte:02x}"),
    };
    text.splice(at..=at, put.into_bytes());
}

/// The row's own request, with `name` for what is variable.
fn line_of(row: &Row, name: &str) -> String {
    let mut path = String::new();
    let mut rest = row.pattern;
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str(name);
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    format!("{} {path}{rest}", row.method.as_str())
}
