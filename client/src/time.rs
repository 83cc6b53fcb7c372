//! Moments told from now, in the page's language; pointed at, or where they are exact, in the person's
//! own zone.

use js_sys::Intl::RelativeTimeFormat;
use js_sys::{Array, Date, Object, Reflect};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::Element;

use crate::dom::{all, root, window};

/// Clocks of browser and server differ by a little.
const NOW_S: f64 = 2.0;

/// Now, and every second from now on.
pub fn tick() {
    tell_all();
    let closure = Closure::<dyn Fn()>::new(tell_all);
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(
        closure.as_ref().unchecked_ref(),
        1_000,
    );
    closure.forget();
}

pub fn tell_all() {
    tell_exact();
    let times = all("time[data-told]");
    if times.is_empty() {
        return;
    }
    let options = Object::new();
    let _ = Reflect::set(&options, &"numeric".into(), &"auto".into());
    let language = root().get_attribute("lang").unwrap_or_default();
    let words = RelativeTimeFormat::new(&Array::of1(&language.as_str().into()), &options);
    let now = Date::now();
    for time in times {
        tell(&time, &words, &language, now);
    }
}

/// Moments that are not told from now: once, in the person's own zone.
fn tell_exact() {
    let language = root().get_attribute("lang").unwrap_or_default();
    for time in all("time[data-exact]:not([data-zoned])") {
        let at = Date::parse(&time.get_attribute("datetime").unwrap_or_default());
        let options = Object::new();
        for part in ["dateStyle", "timeStyle"] {
            let _ = Reflect::set(&options, &part.into(), &"medium".into());
        }
        let local = Date::new(&at.into()).to_locale_string(&language, &options);
        time.set_text_content(Some(&String::from(local)));
        let _ = time.set_attribute("data-zoned", "");
    }
}

fn tell(time: &Element, words: &RelativeTimeFormat, language: &str, now: f64) {
    let Some(moment) = time.get_attribute("datetime") else {
        return;
    };
    let at = Date::parse(&moment);
    let away = (at - now) / 1_000.0;
    let text = match time.get_attribute("data-late") {
        Some(late) if away <= 0.0 => late,
        _ => {
            let (n, unit) = span(away);
            String::from(words.format(n, unit))
        }
    };
    if time.text_content().as_deref() != Some(text.as_str()) {
        time.set_text_content(Some(&text));
    }
    // Once: what it says does not change.
    if !time.has_attribute("data-zoned") {
        let local = Date::new(&at.into()).to_locale_string(language, &Object::new());
        let _ = time.set_attribute("title", &String::from(local));
        let _ = time.set_attribute("data-zoned", "");
    }
}

/// Seconds away (negative: ago) as a whole number of the largest unit that fits.
fn span(seconds: f64) -> (f64, &'static str) {
    let away = seconds.abs();
    if away <= NOW_S {
        return (0.0, "second");
    }
    let (unit_s, unit) = match away {
        s if s < 60.0 => (1.0, "second"),
        s if s < 3_600.0 => (60.0, "minute"),
        s if s < 86_400.0 => (3_600.0, "hour"),
        s if s < 60.0 * 86_400.0 => (86_400.0, "day"),
        s if s < 730.0 * 86_400.0 => (30.0 * 86_400.0, "month"),
        _ => (365.0 * 86_400.0, "year"),
    };
    ((seconds / unit_s).trunc(), unit)
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_a_whole_number_of_one_unit() {
        for (seconds, expect) in [
            (-1.5, (0.0, "second")),
            (12.0, (12.0, "second")),
            (-60.0, (-1.0, "minute")),
            (-7_300.0, (-2.0, "hour")),
            (-86_400.0, (-1.0, "day")),
            (365.0 * 86_400.0, (12.0, "month")),
            (-800.0 * 86_400.0, (-2.0, "year")),
        ] {
            assert_eq!(span(seconds), expect);
        }
    }
}
