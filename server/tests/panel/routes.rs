//! The panel's routes as its own sources have them, so that a test over all of them misses none.

/// Of the pages: `/clusters/:id`.
pub fn pages() -> Vec<String> {
    let source = include_str!("../../../app/src/root.rs");
    quoted_after(source, "path!(")
}

/// Beside the pages: `/clusters/{id}/bundle`, those for programs included.
pub fn others() -> Vec<String> {
    let mut all = quoted_after(include_str!("../../src/http.rs"), ".route(");
    let api = quoted_after(include_str!("../../src/http/api.rs"), ".route(");
    all.extend(api.into_iter().map(|path| format!("/api/v1{path}")));
    all
}

fn quoted_after(source: &str, mark: &str) -> Vec<String> {
    let rest = source.split(mark).skip(1);
    let text = |rest: &str| {
        Some(
            rest.trim_start()
                .strip_prefix('"')?
                .split_once('"')?
                .0
                .to_owned(),
        )
    };
    rest.filter_map(text).collect()
}

/// What stands in the holes of a route.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    pub cluster: &'a str,
    pub person: &'a str,
    pub team: &'a str,
}

impl Places<'_> {
    /// An address of a route, as pages and the others write them.
    pub fn fill(&self, route: &str) -> String {
        let id = match route.split('/').nth(1) {
            Some("people") => self.person,
            Some("teams") => self.team,
            _ => self.cluster,
        };
        let filled = route.split('/').map(|part| match part {
            ":id" | "{id}" => id,
            ":ordinal" => "1",
            ":container" | "{container}" => "web",
            other => other,
        });
        filled.collect::<Vec<_>>().join("/")
    }
}

#[test]
fn routes_are_found_in_the_sources() {
    let (pages, others) = (pages(), others());
    assert!(pages.len() > 40, "{pages:?}");
    assert!(others.len() > 12, "{others:?}");
    for one in ["/", "/clusters/:id/containers/:container/console", "/audit"] {
        assert!(pages.iter().any(|page| page == one), "{one}");
    }
    for one in [
        "/events",
        "/clusters/{id}/containers/{container}/console/socket",
        "/api/v1/clusters/{id}",
        "/api/v1/clusters/{id}/scale",
    ] {
        assert!(others.iter().any(|other| other == one), "{one}");
    }
    let places = Places {
        cluster: "c",
        person: "p",
        team: "t",
    };
    assert_eq!(places.fill("/people/:id"), "/people/p");
    assert_eq!(
        places.fill("/clusters/:id/segments/:ordinal/replace"),
        "/clusters/c/segments/1/replace"
    );
    assert_eq!(places.fill("/clusters/{id}/bundle"), "/clusters/c/bundle");
}
