//! A picture of a cluster: its segments as rooms, its containers as blocks in them, as large as
//! the memory they use and coloured by how they are. A list says the same in words.

mod treemap;

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ContainerMemory, ContainerView, SegmentContainersView, SegmentView};

use crate::format::bytes;
use crate::page::container_list::container_page;
use crate::page::containers::silent;
use crate::ui::SegmentBadge;
use crate::words::{t, tf, tn};
use treemap::{Rect, fill};

const ROOM: Rect = Rect {
    x: 0.0,
    y: 0.0,
    width: 320.0,
    height: 176.0,
};
/// Even a container that uses nothing can be seen, as this part of its room.
const LEAST: f64 = 0.02;
/// An empty room is drawn smaller than it is, or nobody would see what is in it: as so many times
/// of what is used.
const FREE_MOST: u64 = 1;
/// Of a block that has room for a name, and of a letter.
const NAMED_HEIGHT: f64 = 18.0;
const LETTER_WIDTH: f64 = 6.6;

struct Block {
    /// Where its page is; None for what is no container.
    page: Option<String>,
    name: String,
    words: String,
    class: &'static str,
    bytes: u64,
}

pub fn picture(
    segments: &[SegmentView],
    containers: &[SegmentContainersView],
    memory: &[ContainerMemory],
) -> AnyView {
    if segments.is_empty() {
        return ().into_any();
    }
    let rooms = segments
        .iter()
        .map(|segment| {
            let here = containers.iter().find(|one| one.ordinal == segment.ordinal);
            let is_silent = here.is_some_and(|one| one.found.is_none());
            let here: Vec<&ContainerView> = here
                .iter()
                .flat_map(|one| one.found.as_deref().unwrap_or_default())
                .filter(|one| !one.is_system)
                .collect();
            room(segment, (!is_silent).then_some(here), memory)
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="picture">
            <h2 id="picture">{t("What is where")}</h2>
            <p class="hint">{t("Each block is a container, as large as the memory it uses without page cache.")}</p>
            <ul class="rooms">{rooms}</ul>
        </section>
    }
    .into_any()
}

fn room(
    segment: &SegmentView,
    found: Option<Vec<&ContainerView>>,
    memory: &[ContainerMemory],
) -> AnyView {
    let nothing = match &found {
        None => Some(silent()),
        Some(found) if found.is_empty() => Some(t("No containers of yours on this segment yet.")),
        Some(_) => None,
    };
    let is_silent = found.is_none();
    let containers = found.unwrap_or_default();
    let mut blocks: Vec<Block> = containers.iter().map(|one| block(one, memory)).collect();
    blocks.sort_by(|a, b| (b.bytes, &a.name).cmp(&(a.bytes, &b.name)));
    let listed = blocks.iter().map(listed).collect_view();
    let used = segment.memory_used_bytes.map(|used| {
        tf(
            "{used} of {limit}",
            &[
                ("used", &bytes(used)),
                ("limit", &bytes(segment.memory_limit_bytes)),
            ],
        )
    });
    let count = match blocks.len() {
        _ if is_silent => t("its containers are not known").to_owned(),
        0 => t("no containers of yours").to_owned(),
        n => tn(n, "1 container", "{n} containers"),
    };
    let label = tf(
        "Segment {n}: {count}",
        &[("n", &segment.ordinal), ("count", &count)],
    );
    let drawing = drawing(segment, blocks);
    view! {
        <li class="room" data-key=segment.ordinal.to_string()>
            <div class="room-head">
                <h3>{tf("Segment {n}", &[("n", &segment.ordinal)])}</h3>
                <SegmentBadge phase=segment.phase/>
                <span class="hint">{used}</span>
            </div>
            <svg
                class="room-plan" viewBox=format!("0 0 {} {}", ROOM.width, ROOM.height)
                role="group" aria-label=label focusable="false"
            >
                {drawing}
            </svg>
            <ul class="room-list">{listed}</ul>
            {nothing.map(|words| view! { <p class="empty">{words}</p> })}
        </li>
    }
    .into_any()
}

fn block(container: &ContainerView, memory: &[ContainerMemory]) -> Block {
    let known = memory.iter().find(|one| one.id == container.id);
    let used = known.map(|one| one.bytes);
    let (class, state) = match container.state.as_str() {
        "running" => ("block-good", t("running")),
        "paused" => ("block-warn", t("paused")),
        "restarting" => ("block-warn", t("restarting")),
        "created" => ("block-free", t("never started")),
        "exited" => ("block-free", t("stopped")),
        "dead" => ("block-bad", t("dead")),
        _ => ("block-free", t("in between")),
    };
    let words = match used {
        Some(used) => format!("{state}, {}", bytes(used)),
        None => state.to_owned(),
    };
    Block {
        page: Some(container_page(container)),
        name: container.name.clone(),
        words,
        class,
        bytes: used.unwrap_or(0),
    }
}

fn listed(block: &Block) -> AnyView {
    let text = block.name.clone();
    let name = match block.page.clone() {
        Some(href) => view! { <A href>{text}</A> }.into_any(),
        None => text.into_any(),
    };
    view! {
        <li data-key=block.page.clone()>
            <i class=block.class aria-hidden="true"></i>
            <b>{name}</b> " " <span>{block.words.clone()}</span>
        </li>
    }
    .into_any()
}

/// What a segment uses beyond its containers is the engine's; the rest of the room is free.
fn drawing(segment: &SegmentView, mut blocks: Vec<Block>) -> AnyView {
    let containers: u64 = blocks.iter().map(|block| block.bytes).sum();
    let engine = segment
        .memory_used_bytes
        .map_or(0, |used| used.saturating_sub(containers));
    if engine > 0 {
        blocks.push(Block {
            page: None,
            name: t("Docker itself").to_owned(),
            words: bytes(engine),
            class: "block-system",
            bytes: engine,
        });
    }
    let used = containers + engine;
    let free = segment.memory_limit_bytes.saturating_sub(used);
    let (drawn_free, words) = match free > used.saturating_mul(FREE_MOST) && used > 0 {
        true => {
            let words = tf("{free}, not to scale", &[("free", &bytes(free))]);
            (used * FREE_MOST, words)
        }
        false => (free, bytes(free)),
    };
    blocks.push(Block {
        page: None,
        name: t("free").to_owned(),
        words,
        class: "block-room",
        bytes: drawn_free,
    });
    let whole = (used + drawn_free).max(1) as f64;
    let weight = |block: &Block| (block.bytes as f64 / whole).max(LEAST);
    blocks.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let weights: Vec<f64> = blocks.iter().map(weight).collect();
    fill(ROOM, &weights)
        .into_iter()
        .zip(&blocks)
        .map(|(rect, block)| drawn(rect, block))
        .collect_view()
        .into_any()
}

fn drawn(rect: Rect, block: &Block) -> AnyView {
    const GAP: f64 = 1.5;
    let number = |value: f64| format!("{value:.1}");
    let (width, height) = ((rect.width - GAP).max(1.0), (rect.height - GAP).max(1.0));
    let letters = ((width - 10.0) / LETTER_WIDTH).max(0.0) as usize;
    let has_name = height >= NAMED_HEIGHT && letters >= 3;
    let name = has_name.then(|| {
        let text = shortened(&block.name, letters);
        view! {
            <text x=number(rect.x + 6.0) y=number(rect.y + 14.0)>{text}</text>
        }
    });
    let words = (has_name && height >= 34.0 && block.words.chars().count() <= letters).then(|| {
        view! {
            <text class="block-words" x=number(rect.x + 6.0) y=number(rect.y + 28.0)>
                {block.words.clone()}
            </text>
        }
    });
    let title = format!("{}: {}", block.name, block.words);
    let shape = view! {
        <title>{title.clone()}</title>
        <rect
            class=block.class x=number(rect.x) y=number(rect.y)
            width=number(width) height=number(height) rx="3"
        />
        {name}
        {words}
    };
    match block.page.clone() {
        Some(href) => view! { <a href=href aria-label=title>{shape}</a> }.into_any(),
        None => view! { <g aria-hidden="true">{shape}</g> }.into_any(),
    }
}

fn shortened(name: &str, letters: usize) -> String {
    if name.chars().count() <= letters {
        return name.to_owned();
    }
    let kept: String = name.chars().take(letters.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_name_is_as_long_as_its_block() {
        assert_eq!(shortened("web", 3), "web");
        assert_eq!(shortened("database", 5), "data…");
        assert_eq!(shortened("größer", 4), "grö…");
    }
}
