//! Published ports: where they answer, from where that is reached, and which of them a browser opens.

use leptos::prelude::*;
use model::ClusterView;

use crate::ui::Icon;
use crate::words::{t, tf, tv};

/// `10.83.4.11:8080->80/tcp`, apart: where it answers, and what listens there.
pub fn parted(port: &str) -> Option<(&str, &str)> {
    port.split_once("->")
}

/// How a browser opens what listens at a port inside of a container. The published one may be any, and
/// what is known for no web page gets no link: databases and mail answer no browser.
fn scheme(inside: &str) -> Option<&'static str> {
    let port: u16 = inside.strip_suffix("/tcp")?.parse().ok()?;
    match port {
        443 | 4443 | 8443 | 9443 => Some("https"),
        80
        | 81
        | 1313
        | 2368
        | 3000..=3010
        | 4000
        | 4173
        | 4200
        | 5000
        | 5001
        | 5173
        | 5601
        | 7474
        | 8000..=8099
        | 8161
        | 8180
        | 8200
        | 8384
        | 8500
        | 8888
        | 8983
        | 9000
        | 9001
        | 9090
        | 9091
        | 9093
        | 9100
        | 9200
        | 15672
        | 19999 => Some("http"),
        _ => None,
    }
}

/// One port: a link where a browser can open it, else its address to take along.
pub fn port(at: &str, inside: &str) -> AnyView {
    if let Some(scheme) = scheme(inside) {
        let href = format!("{scheme}://{at}/");
        let text = format!("{at} → {inside}");
        return view! { <a href=href rel="noreferrer">{text}</a> }.into_any();
    }
    let label = tf("Address of port {port}", &[("port", &inside)]);
    view! {
        <span class="port-copy">
            <input type="text" readonly value=at.to_owned() size=at.len().to_string() aria-label=label spellcheck="false"/>
            <button type="button" class="button button-quiet button-small awake-only" data-copy>
                {Icon::Copy.view()}
                <span aria-live="polite" data-done=t("Copied")>{t("Copy")}</span>
            </button>
            <span>"→ " {inside.to_owned()}</span>
        </span>
    }
    .into_any()
}

/// Said once, where ports are shown: who reaches them, and what those do who do not. `at` is one of
/// them.
pub fn reach(cluster: &ClusterView, at: Option<&str>) -> AnyView {
    let Some(at) = at else {
        return ().into_any();
    };
    if cluster.is_routed {
        return view! { <p class="hint">{t("Ports answer at the segments' own addresses, wherever your network routes to them.")}</p> }
            .into_any();
    }
    let outside = at.rsplit_once(':').map_or("", |(_, port)| port);
    let panel = crate::server::browser_host().unwrap_or_default();
    let command = format!("ssh -L {outside}:{at} {panel}");
    let command = view! { <code>{command}</code> }.into_any();
    view! {
        <p class="hint">
            {tv(
                "Only the panel's own machine reaches these ports: the cluster's network is behind its address. From another machine bring one to yours, like this: {command}. Or ask whoever runs the panel for the network mode “routed”.",
                [("command", command)],
            )}
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{parted, scheme};

    #[test]
    fn only_what_may_be_a_page_is_a_link() {
        for (inside, expect) in [
            ("80/tcp", Some("http")),
            ("8080/tcp", Some("http")),
            ("443/tcp", Some("https")),
            ("8443/tcp", Some("https")),
            ("22/tcp", None),
            ("3306/tcp", None),
            ("5432/tcp", None),
            ("6379/tcp", None),
            ("80/udp", None),
            ("nonsense", None),
        ] {
            assert_eq!(scheme(inside), expect, "{inside}");
        }
        let port = "10.83.4.11:8080->80/tcp";
        assert_eq!(parted(port), Some(("10.83.4.11:8080", "80/tcp")));
        assert_eq!(parted("80/tcp"), None);
    }
}
