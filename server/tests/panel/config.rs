//! The configuration as people write it.

use server::config::{Config, Kind, Tls, example};

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, &[]).map_err(|error| error.to_string())
}

fn with(pairs: &[(&str, &str)]) -> Result<Config, String> {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::parse("", &pairs).map_err(|error| error.to_string())
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(parse("").unwrap(), Config::default());
}

#[test]
fn the_example_says_every_key_once() {
    let text = example();
    assert_eq!(parse(&text).unwrap(), Config::default());
    for key in ["listen = ", "# public_name = ", "[[hosts]]", "id_base = "] {
        assert!(text.contains(key), "{key} is missing in:\n{text}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_name() {
    for text in [
        "bogus = 1",
        "[http]\nbogus = 1",
        "[[hosts]]\nbogus = 1",
        "[bogus]\na = 1",
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains("bogus"), "{text}: {error}");
    }
}

#[test]
fn what_cannot_work_is_refused_with_its_key() {
    for (text, key) in [
        (
            "[oidc]\nissuer = \"http://login.example.org\"",
            "oidc.issuer",
        ),
        ("[oidc]\nissuer = \"https://x.example/?a\"", "oidc.issuer"),
        // The provider must know where to send people back to.
        (
            "[oidc]\nissuer = \"https://x.example\"",
            "http.public_origin",
        ),
        ("[oidc]\nroles = { ops = \"king\" }", "king"),
        ("[segment]\nid_base = 65537", "segment.id_base"),
        ("[segment]\nid_base = 0", "segment.id_base"),
        ("[network]\npool = \"10.83.0.0/25\"", "network.pool"),
        ("[network]\npool = \"10.83.0.1/16\"", "network.pool"),
        (
            "[http]\npublic_origin = \"panel.example.org\"",
            "public_origin",
        ),
        (
            "[http]\npublic_origin = \"https://panel.example.org/x/../y\"",
            "public_origin",
        ),
        ("[http]\nlisten = \"nowhere\"", "listen"),
        ("[front_door]\nports = \"9-8\"", "ports"),
        ("[quota]\nsegments = 4", "quota"),
        ("hosts = []", "hosts"),
        ("[http]\nconnections_max = 0", "connections_max"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(key), "{text}: {error}");
    }
}

#[test]
fn tls_is_a_word_or_two_files() {
    assert_eq!(
        parse("[http]\ntls = \"self-signed\"").unwrap().http.tls,
        Tls::SELF_SIGNED
    );
    let files = parse("[http]\ntls = { cert = \"/c\", key = \"/k\" }").unwrap();
    assert!(matches!(files.http.tls, Tls::Files(_)));
    assert!(parse("[http]\ntls = \"on\"").is_err());
    assert!(parse("[http]\ntls = { cert = \"/c\" }").is_err());
}

#[test]
fn the_environment_overrides_the_file() {
    let config = with(&[
        ("CARINA_HTTP_LISTEN", "0.0.0.0:9000"),
        ("CARINA_DATA_DIR", "/tmp/x"),
        ("CARINA_QUOTA_CLUSTERS", "7"),
        ("CARINA_FRONT_DOOR_PUBLIC_NAME", "docker.example.org"),
        ("CARINA_TEST_SOMETHING", "is not the panel's"),
    ])
    .unwrap();
    assert_eq!(config.http.listen.port(), 9000);
    assert_eq!(config.data_dir.to_str(), Some("/tmp/x"));
    assert_eq!(config.quota.clusters, 7);
    assert_eq!(
        config.front_door.public_name.as_deref(),
        Some("docker.example.org")
    );
    assert!(with(&[("CARINA_HTTP_LISTEN", "nowhere")]).is_err());
}

#[test]
fn a_password_in_the_database_url_is_not_shown() {
    let config = parse("database = \"postgres://carina:hunter2@db/carina\"").unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn hosts_are_a_list() {
    let config = parse("[[hosts]]\nname = \"play\"\nkind = \"sim\"\nboot_ms = 0").unwrap();
    assert_eq!(config.hosts.len(), 1);
    assert_eq!(config.hosts[0].kind, Kind::Sim);
}
