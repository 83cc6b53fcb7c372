//! The guide says of the pages what they say: its bold words are theirs, its pictures exist.

use std::collections::BTreeSet;
use std::path::Path;

use super::{catalogue, said};

/// What stands between two `mark`s, white space as one blank.
fn between(text: &str, mark: &str) -> Vec<String> {
    let pieces = text.split(mark).skip(1).step_by(2);
    let one_line = |piece: &str| piece.split_whitespace().collect::<Vec<_>>().join(" ");
    pieces.map(one_line).collect()
}

#[test]
fn the_guide_uses_the_pages_words() {
    let pages = catalogue(include_str!("../../words/de.toml"));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut strange = BTreeSet::new();
    let mut known = 0;
    for entry in std::fs::read_dir(docs.join("guide")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for bold in between(&text, "**") {
            // **Account → Quota** is a way through two pages.
            for word in bold.split(" → ") {
                match pages.contains_key(word) || said::german(word).is_some() {
                    true => known += 1,
                    false => _ = strange.insert(format!("{file}: {word}")),
                }
            }
        }
        for picture in text.split("](../screens/").skip(1) {
            let name = picture.split(')').next().unwrap_or_default();
            if !docs.join("screens").join(name).is_file() {
                strange.insert(format!("{file}: the picture {name}"));
            }
        }
    }
    assert!(known > 20, "the guide is read: {known}");
    assert!(strange.is_empty(), "not of the pages: {strange:#?}");
}
