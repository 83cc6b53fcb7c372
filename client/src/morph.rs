//! Makes what is shown into what the server drew just now, touching only what differs: focus,
//! selection, opened menus and whatever a person is typing stay as they are.

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, Node};

use crate::dom::{self, all, document};

/// What the new page is: the same one again, or the answer to what the person just did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Refresh,
    Answer,
}

/// Puts `new`'s title and content in place of what is shown.
pub fn page(new: &Document, why: Why) {
    let had_focus = dom::has_focus();
    document().set_title(&new.title());
    let old = document().get_element_by_id("main");
    if let (Some(old), Some(new)) = (old, new.get_element_by_id("main")) {
        element(&old, &new, why);
    }
    waiting(new);
    // In the person's own zone at once, not at the next tick.
    crate::time::tell_all();
    focus_keep(had_focus, why);
}

/// What waits for the person, in the bar above every page, and only that.
pub fn waiting(new: &Document) {
    let old = document().get_element_by_id("waiting");
    if let (Some(old), Some(new)) = (old, new.get_element_by_id("waiting")) {
        element(&old, &new, Why::Refresh);
    }
}

/// Whoever works with the keyboard goes on where they were. Where that went away, as a row that was
/// removed takes its button along, they go on at the answer, or at the beginning of the content.
fn focus_keep(had_focus: bool, why: Why) {
    let main = document().get_element_by_id("main");
    // The news of a change may come before its answer, and have led to the beginning.
    let is_lost = match document().active_element() {
        Some(active) => {
            active.tag_name() == "BODY" || (why == Why::Answer && main.as_ref() == Some(&active))
        }
        None => true,
    };
    if !had_focus || !is_lost {
        return;
    }
    let answer = (why == Why::Answer).then(|| all("[role=alert], p.done").into_iter().next());
    if let Some(place) = answer.flatten().or(main) {
        if !place.has_attribute("tabindex") {
            let _ = place.set_attribute("tabindex", "-1");
        }
        dom::focus(&place);
    }
}

fn element(old: &Element, new: &Element, why: Why) {
    if is_left_alone(old, why) || old.is_equal_node(Some(new)) {
        return;
    }
    attributes(old, new);
    children(old, new, why);
}

/// `noscript` holds text in a page with script and elements in a parsed one; they never match.
fn is_left_alone(old: &Element, why: Why) -> bool {
    old.tag_name() == "NOSCRIPT" || (why == Why::Refresh && old.has_attribute("data-hold"))
}

/// A field's `value` and `checked` are its first ones: one that nobody touched follows them by
/// itself, and what was typed or chosen is the person's.
fn attributes(old: &Element, new: &Element) {
    for name in names(new) {
        let value = new.get_attribute(&name).unwrap_or_default();
        if old.get_attribute(&name).as_deref() != Some(value.as_str()) {
            let _ = old.set_attribute(&name, &value);
        }
    }
    for name in names(old) {
        let is_persons = name == "open" && old.tag_name() == "DETAILS";
        // It holds the focus that was put there.
        let is_ours = name == "tabindex";
        if !new.has_attribute(&name) && !is_persons && !is_ours {
            let _ = old.remove_attribute(&name);
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
        .collect()
}

fn children(old: &Element, new: &Element, why: Why) {
    let olds = nodes(old);
    let news = nodes(new);
    let pairs = align(&signatures(&olds), &signatures(&news));
    for (n, old_child) in olds.iter().enumerate() {
        if !pairs
            .iter()
            .any(|pair| pair.is_some_and(|pair| pair.old == n))
        {
            let _ = old.remove_child(old_child);
        }
    }
    // From the end, so that what comes after is in its place already.
    let mut after: Option<Node> = None;
    for (new_child, pair) in news.iter().zip(&pairs).rev() {
        match pair {
            Some(pair) => {
                let old_child = &olds[pair.old];
                if pair.is_moved {
                    let _ = old.insert_before(old_child, after.as_ref());
                }
                node(old_child, new_child, why);
                after = Some(old_child.clone());
            }
            None => after = insert(old, new_child, after.as_ref()).or(after),
        }
    }
}

fn nodes(parent: &Element) -> Vec<Node> {
    let list = parent.child_nodes();
    (0..list.length()).filter_map(|n| list.get(n)).collect()
}

/// What two states of the same node have in common: a key where there is one, or the kind.
fn signatures(nodes: &[Node]) -> Vec<String> {
    nodes
        .iter()
        .map(|node| match key(node) {
            Some(key) => format!("{}#{key}", node.node_name()),
            None => node.node_name(),
        })
        .collect()
}

/// What an element is known by among its siblings.
fn key(node: &Node) -> Option<String> {
    let element: &Element = node.dyn_ref()?;
    element
        .get_attribute("data-key")
        .or_else(|| element.get_attribute("id"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    old: usize,
    /// It stands elsewhere now. Moving takes the focus away, so as few as possible move.
    is_moved: bool,
}

/// For every new node the old one that it is the newer state of: the longest common row stays in
/// place, and what else has a key is found again.
fn align(old: &[String], new: &[String]) -> Vec<Option<Pair>> {
    // longest[o][n]: of old[o..] and new[n..].
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for o in (0..old.len()).rev() {
        for n in (0..new.len()).rev() {
            longest[o * width + n] = if old[o] == new[n] {
                longest[(o + 1) * width + n + 1] + 1
            } else {
                longest[(o + 1) * width + n].max(longest[o * width + n + 1])
            };
        }
    }
    let mut pairs = vec![None; new.len()];
    let (mut o, mut n) = (0, 0);
    while o < old.len() && n < new.len() {
        if old[o] == new[n] {
            pairs[n] = Some(Pair {
                old: o,
                is_moved: false,
            });
            (o, n) = (o + 1, n + 1);
        } else if longest[(o + 1) * width + n] >= longest[o * width + n + 1] {
            o += 1;
        } else {
            n += 1;
        }
    }
    for n in 0..new.len() {
        let has_key = new[n].find('#').is_some_and(|at| at > 0);
        if pairs[n].is_none() && has_key {
            let found = old.iter().position(|old| *old == new[n]);
            let taken = |o: usize| pairs.iter().flatten().any(|pair: &Pair| pair.old == o);
            pairs[n] = found.filter(|o| !taken(*o)).map(|old| Pair {
                old,
                is_moved: true,
            });
        }
    }
    pairs
}

fn node(old: &Node, new: &Node, why: Why) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => element(old, new, why),
        _ if old.node_value() != new.node_value() => {
            old.set_node_value(new.node_value().as_deref())
        }
        _ => {}
    }
}

fn insert(parent: &Element, new: &Node, before: Option<&Node>) -> Option<Node> {
    // Its refresh would be obeyed here.
    if new.node_name() == "NOSCRIPT" {
        return None;
    }
    let own = document().import_node_with_deep(new, true).ok()?;
    parent.insert_before(&own, before).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `old -> new`, words: what stays, `+` what is new, `~` what moves.
    fn check(old: &str, new: &str, expect: &str) {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let (old, new) = (words(old), words(new));
        let told: Vec<String> = align(&old, &new)
            .iter()
            .zip(&new)
            .map(|(pair, word)| match pair {
                None => format!("+{word}"),
                Some(pair) if pair.is_moved => format!("~{word}"),
                Some(pair) => {
                    assert_eq!(old[pair.old], *word);
                    word.clone()
                }
            })
            .collect();
        assert_eq!(told.join(" "), expect, "{old:?} -> {new:?}");
    }

    #[test]
    fn as_much_as_possible_stays_in_place() {
        check("T N D U", "T D U", "T D U");
        check("D S", "S D S", "+S D S");
        check("LI#a LI#b", "LI#c LI#a LI#b", "+LI#c LI#a LI#b");
        check("LI#a LI#b LI#c", "LI#c LI#a LI#b", "~LI#c LI#a LI#b");
        check("#text P", "P #text", "P +#text");
    }

    #[test]
    fn keys_never_take_each_other_s_place() {
        check("LI#a", "LI#b", "+LI#b");
        check("LI", "LI#b", "+LI#b");
    }
}
