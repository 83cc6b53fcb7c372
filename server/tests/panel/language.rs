//! Every page in another language: chosen by the browser or by the person, and whole.

use std::collections::{BTreeSet, HashMap};

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::{Method, StatusCode};

use crate::browser::{Answer, Browser};
use crate::routes::{self, Places};
use crate::test_panel::{Options, TestPanel};

const CHOOSE: &str = "/api/language_choose";

async fn get_with(browser: &Browser, path: &str, accept_language: &str, cookie: &str) -> Answer {
    let headers = [
        (ACCEPT, "text/html"),
        (ACCEPT_LANGUAGE, accept_language),
        (COOKIE, cookie),
    ];
    browser
        .send(Method::GET, path, &headers, String::new())
        .await
}

#[tokio::test]
async fn a_choice_is_kept_and_leads_back() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    let page = get_with(&browser, "/sign-in?next=/account", "de-AT, en;q=0.5", "").await;
    assert!(page.text().contains("<html lang=\"de\""), "{}", page.text());
    assert!(page.text().contains("Anmelden"));
    let back = "/sign-in?next=/account";
    assert!(page.text().contains(&format!("value=\"{back}\"")));
    let form = [("language", "en"), ("back", back)];
    let answer = browser.post("/sign-in", CHOOSE, &form).await;
    assert_eq!(answer.location(), back);
    let cookie = answer.header(SET_COOKIE);
    for part in [
        "carina_language=en;",
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=31536000",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = get_with(&browser, "/sign-in", "de", "other=1; carina_language=en").await;
    assert!(page.text().contains("<html lang=\"en\""));
}

#[tokio::test]
async fn nonsense_changes_nothing_and_leads_nowhere_else() {
    let panel = TestPanel::new().await;
    panel.account("ada").await;
    let browser = panel.anonymous();
    for (language, back) in [
        ("xx", "//evil.example"),
        ("de; Domain=x", "https://evil.example"),
    ] {
        let form = [("language", language), ("back", back)];
        let answer = browser.post("/sign-in", CHOOSE, &form).await;
        assert_eq!(answer.location(), "/clusters");
        assert_eq!(browser.cookie(), None, "{language}");
    }
}

/// Attributes that are read out or shown, or that script shows.
const SHOWN: &[&str] = &[
    "alt",
    "aria-label",
    "data-again",
    "data-away",
    "data-button",
    "data-done",
    "data-follows",
    "data-label",
    "data-late",
    "data-lost",
    "data-mark",
    "data-matches",
    "data-open",
    "data-opening",
    "data-other",
    "data-paused",
    "data-pending",
    "data-renew",
    "data-renewed",
    "data-sign-in",
    "data-signed-out",
    "data-trying",
    "data-unreachable",
    "data-words",
    "placeholder",
    "title",
];

/// Elements whose text is no language's: what is typed, measured, or written by programs.
const NO_LANGUAGE: &[&str] = &[
    "code", "pre", "script", "style", "textarea", "time", "noscript",
];

/// What containers wrote, and what the audit recorded, in its words then.
const NOT_OURS: &[&str] = &["log-line", "audit-detail"];

/// What a reader sees or hears of a page: its texts, and the attributes that are told.
fn shown(html: &str) -> BTreeSet<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let body = format!("<body{body}");
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once('<'));
    let mut found: BTreeSet<String> = title
        .map(|(title, _)| title.to_owned())
        .into_iter()
        .collect();
    let mut within: Option<&str> = None;
    for part in body.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let name = tag
            .split([' ', '/'])
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        match within {
            Some(outer) if tag.starts_with('/') && name == outer => within = None,
            None if !tag.starts_with('/') => {
                let is_others = NOT_OURS.iter().any(|class| tag.contains(class));
                within = (is_others || NO_LANGUAGE.contains(&name)).then_some(name);
            }
            _ => {}
        }
        for attribute in SHOWN {
            let value = tag.split_once(&format!(" {attribute}=\""));
            if let Some((value, _)) = value.and_then(|(_, rest)| rest.split_once('"')) {
                found.insert(value.to_owned());
            }
        }
        if within.is_none() {
            found.insert(text.trim().to_owned());
        }
    }
    let plain = |text: String| {
        text.replace("&#x27;", "'")
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    found.into_iter().map(plain).collect()
}

/// Which texts may be the same in both languages.
struct Same {
    /// Lines of the catalogues whose German is their English.
    lines: Vec<String>,
}

/// Names and data of this very panel, and names of things in the world.
const NAMES: &[&str] = &[
    "ada", "bob", "crew", "lab", "ci", "sim", "system", "web", "queue", "worker", "migrate",
    "shop", "bridge", "overlay", "local", "bash", "sh", "LANG", "PATH", "CSV", "JSON", "Carina",
    "Docker", "English", "Deutsch",
];

/// What Docker says of a task's end, in its words.
const DOCKERS: &str = "task: non-zero exit (1)";

/// Between numbers, paths and addresses.
const UNITS: &[&str] = &[
    "B", "KiB", "MiB", "GiB", "GB", "ms", "s", "vCPU", "UTC", "·", "/", "→",
];

impl Same {
    fn read() -> Self {
        let catalogue = [
            include_str!("../../../app/words/de.toml"),
            include_str!("../../../app/words/said.de.toml"),
        ];
        let lines = catalogue
            .iter()
            .flat_map(|file| file.lines())
            .filter_map(|line| toml::from_str::<HashMap<String, String>>(line).ok())
            .flatten()
            .filter(|(english, german)| english == german)
            .map(|(english, _)| english);
        Self {
            lines: lines.collect(),
        }
    }

    fn may(&self, text: &str) -> bool {
        let is_same =
            |part: &str| is_data(part) || self.lines.iter().any(|line| made_of(line, part));
        is_same(text)
            || text == DOCKERS
            || text
                .split(" · ")
                .flat_map(|part| part.split(", "))
                .all(is_same)
    }
}

/// Names, numbers, addresses, and no word of any language.
fn is_data(text: &str) -> bool {
    text.split_whitespace().all(|word| {
        let bare = word.trim_matches(|c: char| ",.:;()“”„".contains(c));
        let is_name = match bare.strip_suffix('…') {
            // A drawing has so much room for a name.
            Some(head) => NAMES.iter().any(|name| name.starts_with(head)),
            None => NAMES.contains(&bare),
        };
        is_name
            || UNITS.contains(&bare)
            || !bare.chars().any(char::is_alphabetic)
            || bare
                .chars()
                .any(|c| c.is_ascii_digit() || "/_=@.:-".contains(c))
    })
}

/// Whether `text` is `line` with data in its holes.
fn made_of(line: &str, text: &str) -> bool {
    let Some((before, rest)) = line.split_once('{') else {
        return line == text;
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let Some(text) = text.strip_prefix(before) else {
        return false;
    };
    let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.any(|end| is_data(&text[..end]) && made_of(after, &text[end..]))
}

#[test]
fn texts_are_told_from_data() {
    let html = "<title>A · B</title><body data-lost=\"Gone\"><p title=\"T &amp; U\">One <b>two</b><code>rm -rf</code></p>";
    let found: Vec<String> = shown(html)
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(found, ["A · B", "Gone", "One", "T & U", "two"]);
    let same = Same {
        lines: vec!["Name".into(), "Segment {n}".into()],
    };
    for (text, expect) in [
        ("Name", true),
        ("Segment 12", true),
        ("Segment twelve", false),
        ("2 GiB", true),
        ("10.84.0.2:8080 → 80/tcp", true),
        ("nginx:1.29-alpine", true),
        ("migra…", true),
        ("Unkno…", false),
        ("Unknown browser", false),
        ("healthy", false),
    ] {
        assert_eq!(same.may(text), expect, "{text}");
    }
}

/// What is as English on the German page, and may not be.
async fn left(browser: &Browser, path: &str, same: &Same) -> Vec<String> {
    let german = get_with(browser, path, "de", "").await;
    assert!(
        !german.status.is_server_error(),
        "{path}: {}",
        german.status
    );
    let english = shown(&get_with(browser, path, "en", "").await.text());
    let german = shown(&german.text());
    let both = german.intersection(&english).filter(|text| !same.may(text));
    both.map(|text| format!("{path}: {text:?}")).collect()
}

/// A panel with something on every page.
async fn inhabited() -> (TestPanel, Browser, Browser, [String; 3]) {
    let options = Options {
        is_status_public: true,
        ..Options::default()
    };
    let panel = TestPanel::with(options).await;
    let ada = panel.signed_in_administrator("ada").await;
    let bob = panel.signed_in("bob").await;
    let cluster = panel.cluster("ada", "lab", 3).await;
    let own = panel.cluster("bob", "lab", 1).await;
    let system = control::Actor::system();
    let team = panel
        .control
        .team_create(&system, "crew", model::QuotaChoice::default());
    let team = team.await.unwrap();
    for (person, role) in [
        ("ada", model::Role::Administrator),
        ("bob", model::Role::Viewer),
    ] {
        let set = panel.control.team_person_set(&system, team, person, role);
        set.await.unwrap();
    }
    let asked = [
        ("clusters", "9"),
        ("segments", "3"),
        ("memory_mib", "30720"),
        ("disk_gib", "300"),
        ("reason", "10"),
    ];
    let team_id = team.to_string();
    let mut of_team = asked.to_vec();
    of_team.push(("team", &team_id));
    let invited = [("make", "invitation"), ("role", "member"), ("days", "7")];
    let token = [
        ("make", "token"),
        ("name", "ci"),
        ("scope-read", "on"),
        ("days", "90"),
    ];
    for (who, path, form) in [
        (&bob, "/api/quota_request_make", &asked[..]),
        (&ada, "/api/quota_request_make", &of_team[..]),
        (&bob, "/api/two_factor_begin", &[][..]),
        (&ada, "/api/hosts_examine", &[][..]),
    ] {
        let answer = who.call(path, form).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    }
    for (who, path, form) in [
        (&ada, "/people/invite", &invited[..]),
        (&bob, "/account/tokens", &token[..]),
    ] {
        let answer = who.post(path, path, form).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    let access = format!("/clusters/{}/bundle", cluster.id);
    assert!(
        ada.post("/clusters", &access, &[])
            .await
            .bytes
            .starts_with(b"PK")
    );
    panel.control.settle().await;
    for _ in 0..13 {
        panel.clock.advance(10_000);
        panel.control.container_metrics_sample().await;
    }
    let ids = [cluster.id.to_string(), own.id.to_string(), team.to_string()];
    (panel, ada, bob, ids)
}

/// Without a list of pages: whatever route there is, is looked at.
#[tokio::test]
async fn no_english_is_left_on_a_german_page() {
    let same = Same::read();
    let (panel, ada, bob, [cluster, own, team]) = inhabited().await;
    let person = panel.actor("bob").await.account.id.to_string();
    let nobody = panel.anonymous();
    let mut found = Vec::new();
    for (who, cluster) in [(&ada, &cluster), (&bob, &own), (&nobody, &own)] {
        let places = Places {
            cluster,
            person: &person,
            team: &team,
        };
        for route in routes::pages() {
            found.extend(left(who, &places.fill(&route), &same).await);
        }
    }
    let more = [
        "/nowhere".to_owned(),
        "/clusters/none".to_owned(),
        format!("/clusters/{cluster}/logs?c=web&c=shop-db"),
        format!("/clusters/{cluster}/containers/shop-db"),
        format!("/clusters/{cluster}/containers/migrate"),
        format!("/clusters/{cluster}/containers?name=nobody"),
        format!("/clusters/{cluster}/metrics?span=1d"),
        "/account/sessions?done=session".to_owned(),
    ];
    for path in more {
        found.extend(left(&ada, &path, &same).await);
    }
    // Before anybody is there.
    let empty = TestPanel::new().await;
    for path in ["/sign-in", "/setup", "/setup?token=none"] {
        found.extend(left(&empty.anonymous(), path, &same).await);
    }
    let found: BTreeSet<String> = found.into_iter().collect();
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn what_is_told_at_run_time_is_told_in_german() {
    let panel = TestPanel::new().await;
    let browser = panel.signed_in("ada").await;
    let empty = get_with(&browser, "/clusters", "de", "").await.text();
    assert!(
        empty.contains("In Sekunden zu Ihrem ersten Cluster"),
        "{empty}"
    );
    let cluster = panel.cluster("ada", "lab", 2).await;
    panel.control.settle().await;
    let page = get_with(&browser, &format!("/clusters/{}", cluster.id), "de", "").await;
    for german in ["Segment 1: Engine läuft", "Anlegen: 2 Segmente", "aktiv"] {
        assert!(page.text().contains(german), "{german}: {}", page.text());
    }
    let form = [("name", "lab"), ("segments", "1")];
    let refused = browser
        .post("/clusters/new", "/api/cluster_create", &form)
        .await;
    let path = refused.location().trim_start_matches(crate::browser::PANEL);
    let page = get_with(&browser, path, "de", "").await;
    assert!(
        page.text().contains("Sie haben schon einen Cluster „lab“."),
        "{}",
        page.text()
    );
    // Beside the pages, too.
    let headers = [(ACCEPT_LANGUAGE, "de")];
    let path = format!("/clusters/{}/logs/text?c=nobody", cluster.id);
    let answer = browser
        .send(Method::GET, &path, &headers, String::new())
        .await;
    assert_eq!(answer.text(), "Diesen Container gibt es nicht.\n");
}
