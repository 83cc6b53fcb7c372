//! What a browser with script adds to the panel's pages, which are whole without it.
//!
//! It knows no page. It finds its work by `data-` attributes that pages carry, and listens at the
//! document, so that parts of a page can be replaced at any time without being woken anew:
//!
//! | attribute | what it does |
//! |---|---|
//! | `body[data-events]`, `data-since` | the stream that says when something changed, and since when |
//! | `data-live` | this page is drawn again whenever something changed |
//! | `#waiting` | … and on any page this, in the bar, when something waits for the person |
//! | `data-door`, `body[data-account]` | a page on the way to another one; whose page it is |
//! | `form[data-again]` | what was kept is in it |
//! | `data-key` | what an element is known by among its siblings, as `id` is in the page |
//! | `data-hold` | … but this part of it is left as it is |
//! | `form[data-change]` | sent in the background, its answer put in the page's place |
//! | `button[data-pending]` | what the button says meanwhile |
//! | `input[data-check]` | judged while it is being typed, by a rule of `model`; `data-words`: in these words |
//! | `input[data-fragment]` | filled in with what stands behind the `#` of the address, which goes |
//! | `input[data-button]` | chosen, it gives the form's button this text (`data-danger`: and colour) |
//! | `time[data-told]` | told from now; `data-late`: what to say once it is over |
//! | `time[data-exact]` | told in the person's own zone |
//! | `data-copy` | copies the field before it |
//! | `data-log`, `data-seen` | the stream of the log in it, and what was seen of it |
//! | `data-log-pause`, `-toggle`, `-search`, `-state` | … how it is shown, and how it is |
//! | `data-theme-toggle` | light or dark |

mod copy;
mod dom;
mod field;
mod form;
mod keep;
mod live;
mod log;
mod menu;
mod morph;
mod source;
mod theme;
mod time;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once, when the page's module was loaded.
#[wasm_bindgen(start)]
pub fn wake() {
    console_error_panic_hook::set_once();
    form::address_forget_error();
    time::tick();
    menu::listen();
    copy::listen();
    theme::listen();
    field::listen();
    field::fragment_take();
    keep::listen();
    form::listen();
    live::listen();
    log::listen();
    keep::wake();
    // Styles show what only works from now on.
    let _ = dom::root().class_list().add_1("awake");
}
