//! What the address of a list asks for: filters are made by the server, and work without script.

use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, PageAt};

use crate::page::container_list::{option, ordinal};
use crate::page::paging::{address, paging};
use crate::page::query;
use crate::words::{t, tf};

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// A part of a name.
    pub name: String,
    /// `used`, `unused`, or nothing for both.
    pub usage: String,
    pub segment: Option<u32>,
    pub stack: String,
}

/// Which fields there are beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    pub has_usage: bool,
    pub has_segment: bool,
}

impl ListFilter {
    pub fn asked() -> Self {
        Self {
            name: query("name").unwrap_or_default(),
            usage: query("use").unwrap_or_default(),
            segment: query("segment").and_then(|text| text.parse().ok()),
            stack: query("stack").unwrap_or_default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `texts`: what it can be found by. `nodes`: where it is; none is everywhere.
    pub fn takes(&self, texts: &[&str], is_used: bool, nodes: &[&str]) -> bool {
        let wanted = self.name.trim().to_lowercase();
        let has = |text: &&str| text.to_lowercase().contains(&wanted);
        let is_there = |segment| {
            let here = |node: &&str| ordinal(node) == Some(segment);
            nodes.is_empty() || nodes.iter().any(here)
        };
        (wanted.is_empty() || texts.iter().any(has))
            && match self.usage.as_str() {
                "used" => is_used,
                "unused" => !is_used,
                _ => true,
            }
            && self.segment.is_none_or(is_there)
    }

    /// To the other pages of what it lets through. `here`: the list's own address.
    pub fn paging(&self, cluster: &ClusterView, here: &str, at: PageAt) -> AnyView {
        let here = format!("/clusters/{}/{here}", cluster.id);
        let segment = self.segment.map(|n| n.to_string()).unwrap_or_default();
        paging(at, t("Pages of the list"), |page| {
            let words = [
                ("name", self.name.as_str()),
                ("use", &self.usage),
                ("segment", &segment),
                ("stack", &self.stack),
                ("page", page),
            ];
            address(&here, &words)
        })
    }

    /// `here`: the list's own address; `label`: what the name is of.
    pub fn form(
        &self,
        cluster: &ClusterView,
        here: &str,
        label: &'static str,
        fields: Fields,
    ) -> AnyView {
        let here = format!("/clusters/{}/{here}", cluster.id);
        let usage = fields.has_usage.then(|| {
            let choices = [("", t("In use or not")), ("used", t("In use")), ("unused", t("Not in use"))]
                .map(|(value, text)| option(value.to_owned(), text.to_owned(), self.usage == value))
                .collect_view();
            view! { <label><span class="unseen">{t("Use")}</span><select name="use">{choices}</select></label> }
        });
        let segment = fields.has_segment.then(|| {
            let all = option(
                String::new(),
                t("All segments").to_owned(),
                self.segment.is_none(),
            );
            let choices = cluster.segments.iter().map(|segment| {
                let n = segment.ordinal;
                let text = tf("Segment {n}", &[("n", &n)]);
                option(n.to_string(), text, self.segment == Some(n))
            });
            let choices = std::iter::once(all).chain(choices).collect_view();
            view! { <label><span class="unseen">{t("Segment")}</span><select name="segment">{choices}</select></label> }
        });
        let stack = (!self.stack.is_empty()).then(|| {
            let text = tf("Only the stack {name}", &[("name", &self.stack)]);
            view! { <input type="hidden" name="stack" value=self.stack.clone()/> <span class="hint">{text}</span> }
        });
        let clear = (!self.is_empty()).then(|| {
            view! { <A href=here.clone() attr:class="button button-quiet button-small">{t("Show all")}</A> }
        });
        view! {
            <form method="get" action=here.clone() class="filters" role="search">
                <label class="filter-name">
                    <span class="unseen">{label}</span>
                    <input type="search" name="name" value=self.name.clone() placeholder=label maxlength="128"/>
                </label>
                {usage}
                {segment}
                {stack}
                <button type="submit" class="button button-quiet button-small">{t("Filter")}</button>
                {clear}
            </form>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::ListFilter;

    #[test]
    fn every_part_of_a_filter_counts() {
        let filter = |name: &str, usage: &str, segment| ListFilter {
            name: name.to_owned(),
            usage: usage.to_owned(),
            segment,
            stack: String::new(),
        };
        for (filter, expect) in [
            (ListFilter::default(), true),
            (filter(" DATA", "", None), true),
            (filter("local", "", None), true),
            (filter("other", "", None), false),
            (filter("", "used", None), true),
            (filter("", "unused", None), false),
            (filter("", "", Some(2)), true),
            (filter("", "", Some(1)), false),
            (filter("", "nonsense", None), true),
        ] {
            let takes = filter.takes(&["web-data", "local"], true, &["c-n2"]);
            assert_eq!(takes, expect, "{filter:?}");
        }
        let everywhere = filter("", "", Some(7));
        assert!(everywhere.takes(&["overlay"], false, &[]));
    }
}
