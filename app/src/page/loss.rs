//! What goes with a segment, in words: containers, volumes, and what nobody could be asked.

use leptos::prelude::*;
use model::{SegmentContents, SegmentContentsView};

use crate::format::list;
use crate::scale::{Tasks, lost};
use crate::words::{t, tf};

/// Docker's names of volumes that nobody named are this long.
const ANONYMOUS: usize = 64;

/// As sentences, the worst first.
pub fn sentences(loss: &SegmentContentsView, tasks: Tasks) -> AnyView {
    let Some(found) = &loss.found else {
        let unknown = tf(
            "Removes segment {n} ({address}). It does not answer, so that what is on it cannot be listed: whatever it is goes with it.",
            &[("n", &loss.ordinal), ("address", &loss.address)],
        );
        return view! { <span class="loss">{unknown}</span> }.into_any();
    };
    let containers = lost(found, tasks);
    let text = match containers.is_empty() {
        true => "Removes segment {n} ({address}). No containers of yours are on it.",
        false => "Removes segment {n} ({address}) and with it {containers}.",
    };
    let text = tf(
        text,
        &[
            ("n", &loss.ordinal),
            ("address", &loss.address),
            ("containers", &list(&containers)),
        ],
    );
    let volumes = volumes_text(found);
    let moving = moving_text(found, tasks);
    view! {
        <span class="loss">{text}</span>
        {volumes.map(|text| view! { <span class="loss">{text}</span> })}
        {moving.map(|text| view! { <span>{text}</span> })}
    }
    .into_any()
}

/// Nothing, where there are none.
pub fn volumes_text(found: &SegmentContents) -> Option<String> {
    match &found.volumes {
        None => Some(t("Its volumes could not be listed. They go, too.").to_owned()),
        Some(names) if names.is_empty() => None,
        Some(names) => {
            let names: Vec<String> = names.iter().map(|name| short(name)).collect();
            let names = list(&names);
            Some(tf(
                "Volumes that are only there: {names}.",
                &[("names", &names)],
            ))
        }
    }
}

/// Nothing, where no task moves.
pub fn moving_text(found: &SegmentContents, tasks: Tasks) -> Option<String> {
    (tasks == Tasks::Move && !found.tasks.is_empty()).then(|| {
        tf(
            "Tasks of services start anew on other segments: {names}.",
            &[("names", &list(&found.tasks))],
        )
    })
}

/// A name that Docker made up tells nothing more by its end.
pub fn short(volume: &str) -> String {
    let is_made_up = volume.len() == ANONYMOUS && volume.bytes().all(|b| b.is_ascii_hexdigit());
    match is_made_up {
        true => format!("{}…", &volume[..12]),
        false => volume.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_names_are_short() {
        assert_eq!(short(&"0a".repeat(32)), "0a0a0a0a0a0a…");
        assert_eq!(short("db-data"), "db-data");
    }

    #[test]
    fn volumes_are_named_or_said_to_be_unknown() {
        let found = |volumes: Option<Vec<String>>| SegmentContents {
            volumes,
            ..SegmentContents::default()
        };
        assert_eq!(volumes_text(&found(Some(Vec::new()))), None);
        let named = volumes_text(&found(Some(vec!["a".into(), "b".into()])));
        assert_eq!(named.unwrap(), "Volumes that are only there: a and b.");
        assert!(
            volumes_text(&found(None))
                .unwrap()
                .contains("not be listed")
        );
    }
}
