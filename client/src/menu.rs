//! Menus are `<details>`: they open by themselves; this closes them when the person turns to
//! something else.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};

use crate::dom::{all, document, on};

pub fn listen() {
    on("click", |event| {
        let clicked: Option<Node> = event.target().and_then(|target| target.dyn_into().ok());
        close(clicked.as_ref());
    });
    on("keydown", |event| {
        if event
            .dyn_ref::<KeyboardEvent>()
            .is_some_and(|event| event.key() == "Escape")
        {
            close(None);
        }
    });
}

fn close(except_around: Option<&Node>) {
    for menu in all("details.menu[open]") {
        let is_inside = except_around.is_some_and(|node| menu.contains(Some(node)));
        if is_inside && !except_around.is_some_and(is_link) {
            continue;
        }
        let had_focus = document()
            .active_element()
            .is_some_and(|active| menu.contains(Some(&active)));
        let _ = menu.remove_attribute("open");
        if had_focus && except_around.is_none() {
            focus_summary(&menu);
        }
    }
}

fn is_link(node: &Node) -> bool {
    node.dyn_ref::<Element>()
        .or(node.parent_element().as_ref())
        .is_some_and(|element| matches!(element.closest("a"), Ok(Some(_))))
}

fn focus_summary(menu: &Element) {
    if let Ok(Some(summary)) = menu.query_selector("summary") {
        let _ = summary.unchecked_into::<HtmlElement>().focus();
    }
}
