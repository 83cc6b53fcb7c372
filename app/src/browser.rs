//! What only a browser can do. The server's face has the same functions and does nothing in them,
//! so that no page has to ask which face it is.

#[cfg(feature = "hydrate")]
pub use real::*;
#[cfg(not(feature = "hydrate"))]
pub use stub::*;

#[cfg(feature = "hydrate")]
mod real {
    use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
    use wasm_bindgen::prelude::Closure;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{
        Document, Element, Event, EventSource, FormData, Headers, HtmlDocument, HtmlFormElement,
        HtmlInputElement, KeyboardEvent, Node, RequestInit, Response, SubmitEvent, UrlSearchParams,
        VisibilityState, Window,
    };

    use crate::ApiError;
    use crate::ui::Sent;

    fn window() -> Window {
        web_sys::window().expect("because the page runs in a window")
    }

    fn document() -> Document {
        window()
            .document()
            .expect("because a window has a document")
    }

    pub fn now_ms() -> i64 {
        js_sys::Date::now() as i64
    }

    pub fn is_visible() -> bool {
        document().visibility_state() == VisibilityState::Visible
    }

    fn leave_to(path: &str) {
        let _ = window().location().set_href(path);
    }

    /// The session has ended: signing in leads back here.
    pub fn leave_to_sign_in() {
        let here = window().location().pathname().unwrap_or_default();
        leave_to(&format!("/sign-in?next={here}"));
    }

    /// Sends the form that the event is about, as the browser itself would, and tells what came
    /// of it.
    pub fn send(event: &SubmitEvent, path: &'static str, received: impl FnOnce(Sent) + 'static) {
        let Some(form) = event
            .target()
            .and_then(|form| form.dyn_into::<HtmlFormElement>().ok())
        else {
            return;
        };
        leptos::task::spawn_local(async move {
            let sent = answer(&form, path).await.unwrap_or_else(|_| {
                let error = ServerFnErrorErr::Request(String::new());
                Sent::Refused(ApiError::from_server_fn_error(error))
            });
            received(sent);
        });
    }

    async fn answer(form: &HtmlFormElement, path: &str) -> Result<Sent, JsValue> {
        let fields = FormData::new_with_form(form)?;
        let body = UrlSearchParams::new_with_str_sequence_sequence(&fields)?;
        let request = RequestInit::new();
        request.set_method("POST");
        request.set_body(&body);
        let headers = Headers::new()?;
        headers.set("Accept", "application/json")?;
        request.set_headers(&headers);
        let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
        let response: Response = response.dyn_into()?;
        let text = JsFuture::from(response.text()?)
            .await?
            .as_string()
            .unwrap_or_default();
        Ok(match (response.ok(), response.headers().get("location")?) {
            (true, Some(path)) => Sent::Redirect(path),
            (true, None) => Sent::Done(text),
            (false, _) => Sent::Refused(ApiError::de(text.into_bytes().into())),
        })
    }

    /// A string out of JSON.
    pub fn json_string(json: &str) -> Option<String> {
        js_sys::JSON::parse(json).ok()?.as_string()
    }

    /// Once shown, an error of a form without script need not stand in the address any longer:
    /// loading the page again would show it again.
    pub fn address_forget_error() {
        let location = window().location();
        let search = location.search().unwrap_or_default();
        let Ok(query) = UrlSearchParams::new_with_str(&search) else {
            return;
        };
        if !query.has("__err") {
            return;
        }
        query.delete("__err");
        query.delete("__path");
        let rest: String = query.to_string().into();
        let mark = if rest.is_empty() { "" } else { "?" };
        let address = format!("{}{mark}{rest}", location.pathname().unwrap_or_default());
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        }
    }

    /// Calls back whenever the panel says that something changed, and after each reconnection,
    /// since changes may have been missed. The browser reconnects by itself.
    pub fn on_change(callback: impl Fn() + Clone + 'static) {
        let Ok(source) = EventSource::new("/events") else {
            return;
        };
        for name in ["changed", "open"] {
            let callback = callback.clone();
            let closure = Closure::<dyn Fn(Event)>::new(move |_| callback());
            let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
            closure.forget();
        }
        // The stream lives as long as the page: dropping the handle does not close it.
    }

    /// Puts the field's text into the clipboard. The second way is for pages that came over
    /// plain http, which browsers keep from the first.
    pub fn copy(field: &HtmlInputElement) {
        let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
        if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
            let _ = window().navigator().clipboard().write_text(&field.value());
        } else {
            field.select();
            let _ = document()
                .unchecked_into::<HtmlDocument>()
                .exec_command("copy");
        }
    }

    /// Menus are `<details>`: they open by themselves; this closes them when the person turns to
    /// something else.
    pub fn menus_close_by_themselves() {
        let clicked = Closure::<dyn Fn(Event)>::new(|event: Event| {
            menus_close(
                event
                    .target()
                    .and_then(|target| target.dyn_into().ok())
                    .as_ref(),
            );
        });
        let pressed = Closure::<dyn Fn(KeyboardEvent)>::new(|event: KeyboardEvent| {
            if event.key() == "Escape" {
                menus_close(None);
            }
        });
        let document = document();
        let _ =
            document.add_event_listener_with_callback("click", clicked.as_ref().unchecked_ref());
        let _ =
            document.add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
        clicked.forget();
        pressed.forget();
    }

    fn menus_close(except_around: Option<&Node>) {
        let Ok(menus) = document().query_selector_all("details.menu[open]") else {
            return;
        };
        for n in 0..menus.length() {
            let Some(menu) = menus.get(n) else { continue };
            let is_inside = except_around.is_some_and(|node| menu.contains(Some(node)));
            let is_summary_or_outside = !is_inside || except_around.is_some_and(is_link);
            if is_summary_or_outside {
                let menu: Element = menu.unchecked_into();
                let had_focus = document()
                    .active_element()
                    .is_some_and(|active| menu.contains(Some(&active)));
                let _ = menu.remove_attribute("open");
                if had_focus && except_around.is_none() {
                    focus_summary(&menu);
                }
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
            let _ = summary.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    }

    /// From what is shown to the other of light and dark; kept for the next visit.
    pub fn theme_toggle() {
        let Some(root) = document().document_element() else {
            return;
        };
        let prefers_dark = window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        let is_dark = match root.get_attribute("data-theme").as_deref() {
            Some("dark") => true,
            Some("light") => false,
            _ => prefers_dark,
        };
        let theme = if is_dark { "light" } else { "dark" };
        let _ = root.set_attribute("data-theme", theme);
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item("theme", theme);
        }
    }
}

#[cfg(not(feature = "hydrate"))]
#[expect(
    clippy::missing_const_for_fn,
    reason = "the same signatures as the browser's"
)]
mod stub {
    use leptos::web_sys::{HtmlInputElement, SubmitEvent};

    use crate::ui::Sent;

    pub fn now_ms() -> i64 {
        0
    }
    pub fn is_visible() -> bool {
        false
    }
    pub fn leave_to_sign_in() {}
    pub fn send(_event: &SubmitEvent, _path: &'static str, _received: impl FnOnce(Sent) + 'static) {
    }
    pub fn json_string(_json: &str) -> Option<String> {
        None
    }
    pub fn address_forget_error() {}
    pub fn on_change(_callback: impl Fn() + Clone + 'static) {}
    pub fn copy(_field: &HtmlInputElement) {}
    pub fn menus_close_by_themselves() {}
    pub fn theme_toggle() {}
}
