//! Pages in docs/ that are written from what the program says of itself: they are compared with it,
//! and written anew when `CARINA_WRITE_DOCS` is set.

/// `docs/{name}` is `page`. `test` is what `cargo test -p swarm` is told to write it.
pub fn page_compare(name: &str, page: &str, test: &str) {
    compare(name, test, |_| page.to_owned());
}

/// The same for what stands between two lines of the page.
#[allow(dead_code, reason = "most pages are written as a whole")]
pub fn section_compare(name: &str, (begin, end): (&str, &str), section: &str, test: &str) {
    compare(name, test, |kept| {
        let parts = kept.split_once(begin).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(end)?;
            Some((before, after))
        });
        let (before, after) = parts.unwrap_or_else(|| panic!("docs/{name} has no {begin}…{end}"));
        format!("{before}{begin}{section}{end}{after}")
    });
}

fn compare(name: &str, test: &str, page_of: impl FnOnce(&str) -> String) {
    let file = format!("{}/../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let page = page_of(&kept);
    if std::env::var_os("CARINA_WRITE_DOCS").is_some() {
        std::fs::write(&file, page).expect("the page can be written");
    } else {
        assert!(
            kept == page,
            "docs/{name} is old: CARINA_WRITE_DOCS=1 cargo test -p swarm {test}"
        );
    }
}
