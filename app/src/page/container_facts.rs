//! What a container is made of.

use leptos::prelude::*;
use model::{AttachmentView, ClusterView, ContainerDetailView, MountView, PortView, VariableView};

use crate::format::{bytes, centi};
use crate::page::{docker_words, port};
use crate::ui::{Icon, Time};
use crate::words::t;

pub fn facts(container: &ContainerDetailView) -> AnyView {
    let unlimited = || t("As much as the segment has").to_owned();
    let memory = container.memory_limit_bytes.map_or_else(unlimited, bytes);
    let cpu = container
        .cpu_limit_centi
        .map_or_else(unlimited, |n| format!("{} vCPU", centi(n)));
    let restarts = match container.restart_policy.as_str() {
        "no" => t("Never by itself").to_owned(),
        "always" => t("Always").to_owned(),
        "unless-stopped" => t("Unless it was stopped").to_owned(),
        other => other.to_owned(),
    };
    let user = match container.user.as_str() {
        "" => t("The image's").to_owned(),
        user => user.to_owned(),
    };
    let short = |text: &str| {
        text.trim_start_matches("sha256:")
            .chars()
            .take(12)
            .collect::<String>()
    };
    view! {
        <section class="panel" aria-labelledby="made">
            <h2 id="made">{t("How it was made")}</h2>
            <dl class="facts pairs">
                <div class="wide"><dt>{t("Command")}</dt><dd><code>{spelled(&container.command)}</code></dd></div>
                <div><dt>{t("Created")}</dt><dd><Time at=container.summary.created_at/></dd></div>
                <div><dt>{t("Container")}</dt><dd><code title=container.summary.id.clone()>{short(&container.summary.id)}</code></dd></div>
                <div><dt>{t("Image's id")}</dt><dd><code title=container.image_id.clone()>{short(&container.image_id)}</code></dd></div>
                <div><dt>{t("User")}</dt><dd>{user}</dd></div>
                <div><dt>{t("Restarts")}</dt><dd>{restarts}</dd></div>
                <div><dt>{t("Memory at most")}</dt><dd>{memory}</dd></div>
                <div><dt>{t("CPU at most")}</dt><dd>{cpu}</dd></div>
            </dl>
        </section>
    }
    .into_any()
}

/// As one would type it: words with blanks in quotes.
fn spelled(command: &[String]) -> String {
    let words = command.iter().map(|word| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,+".contains(c);
        match !word.is_empty() && word.chars().all(is_plain) {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', "'\\''")),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A table with a heading, or nothing where there are no rows.
fn section(
    id: &'static str,
    title: &'static str,
    columns: &[&'static str],
    rows: Vec<AnyView>,
    note: AnyView,
) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let head = columns
        .iter()
        .map(|text| view! { <th scope="col">{*text}</th> })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <table class="table">
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            {note}
        </section>
    }
    .into_any()
}

pub fn ports(cluster: &ClusterView, container: &ContainerDetailView) -> AnyView {
    let at = |one: &PortView| {
        let (address, outside) = one.published.as_ref()?;
        Some(match segment_address(cluster, container, address) {
            address if address.contains(':') => format!("[{address}]:{outside}"),
            address => format!("{address}:{outside}"),
        })
    };
    let first = container.ports.iter().find_map(at);
    let rows = container
        .ports
        .iter()
        .map(|port| {
            let outside = match at(port) {
                Some(at) => port::port(&at, &port.inside),
                None => t("not published").into_any(),
            };
            view! {
                <tr>
                    <th scope="row"><code>{port.inside.clone()}</code></th>
                    <td data-label=t("Reached at")>{outside}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section(
        "ports",
        t("Ports"),
        &[t("Inside"), t("Reached at")],
        rows,
        port::reach(cluster, first.as_deref()),
    )
}

/// An engine that publishes at all its addresses names none.
fn segment_address(
    cluster: &ClusterView,
    container: &ContainerDetailView,
    address: &str,
) -> String {
    let node = &container.summary.node;
    let segment = cluster.segments.iter().find(|one| one.node == *node);
    match segment.filter(|_| matches!(address, "" | "0.0.0.0" | "::")) {
        Some(segment) => segment.address.clone(),
        None => address.to_owned(),
    }
}

pub fn mounts(mounts: &[MountView]) -> AnyView {
    let rows = mounts
        .iter()
        .map(|mount| {
            let access = match mount.is_read_only {
                true => t("read only"),
                false => t("read and write"),
            };
            view! {
                <tr>
                    <th scope="row"><code>{mount.target.clone()}</code></th>
                    <td data-label=t("From")><code>{mount.source.clone()}</code></td>
                    <td data-label=t("Kind")>{docker_words::mount(&mount.kind)}</td>
                    <td data-label=t("Use")>{access}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section(
        "mounts",
        t("Mounts"),
        &[t("Path"), t("From"), t("Kind"), t("Use")],
        rows,
        ().into_any(),
    )
}

pub fn networks(networks: &[AttachmentView]) -> AnyView {
    let rows = networks
        .iter()
        .map(|one| {
            let other_names = match one.aliases.is_empty() {
                true => "—".to_owned(),
                false => one.aliases.join(", "),
            };
            view! {
                <tr>
                    <th scope="row">{one.network.clone()}</th>
                    <td data-label=t("Address")><code>{one.address.clone()}</code></td>
                    <td data-label=t("Names there")>{other_names}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section(
        "networks",
        t("Networks"),
        &[t("Network"), t("Address"), t("Names there")],
        rows,
        ().into_any(),
    )
}

/// Names alone; values come when somebody asks who may: the form posts to this very page, `here`. A
/// page that looks again must not take them away.
pub fn environment(
    names: &[String],
    shown: Option<Vec<VariableView>>,
    here: Option<String>,
) -> AnyView {
    if names.is_empty() {
        return ().into_any();
    }
    let is_shown = shown.is_some().then_some("");
    let button = here.filter(|_| shown.is_none()).map(|here| {
        view! {
            <form method="post" action=here data-change>
                <button type="submit" class="button button-quiet button-small" data-pending=t("One moment…")>
                    {Icon::Eye.view()} <span>{t("Show values")}</span>
                </button>
            </form>
        }
    });
    let list = match shown {
        Some(variables) => variables
            .into_iter()
            .map(|one| view! { <div><dt>{one.name}</dt><dd><code>{one.value}</code></dd></div> })
            .collect_view()
            .into_any(),
        None => names
            .iter()
            .map(|name| view! { <div><dt>{name.clone()}</dt><dd class="hint">"••••••"</dd></div> })
            .collect_view()
            .into_any(),
    };
    view! {
        <section class="panel" aria-labelledby="environment">
            <h2 id="environment">{t("Environment")}</h2>
            <p class="hint">{t("Values may be secrets: whoever looks at them is written into the audit log.")}</p>
            <div data-hold=is_shown>
                <dl class="variables">{list}</dl>
                {button}
            </div>
        </section>
    }
    .into_any()
}

pub fn labels(labels: &[(String, String)]) -> AnyView {
    let rows = labels
        .iter()
        .map(|(name, value)| {
            view! {
                <tr>
                    <th scope="row"><code>{name.clone()}</code></th>
                    <td data-label=t("Value")><code>{value.clone()}</code></td>
                </tr>
            }
            .into_any()
        })
        .collect();
    section(
        "labels",
        t("Labels"),
        &[t("Label"), t("Value")],
        rows,
        ().into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn a_command_is_spelled_as_it_is_typed() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            spelled(&words(&["nginx", "-g", "daemon off;"])),
            "nginx -g 'daemon off;'"
        );
        assert_eq!(
            spelled(&words(&["sh", "-c", "echo 'x'"])),
            "sh -c 'echo '\\''x'\\'''"
        );
        assert_eq!(spelled(&words(&["a", ""])), "a ''");
    }
}
