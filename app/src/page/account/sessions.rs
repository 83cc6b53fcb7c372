//! Browsers that are signed in.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::SessionView;

use crate::api::{self, SessionEnd};
use crate::page::account::{done, head};
use crate::page::for_members;
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, Time, load_live};
use crate::words::{t, tf};

pub fn sessions() -> AnyView {
    for_members(|| {
        let ending = Change::new(SessionEnd::url());
        let failure = ending.failure.clone();
        let sessions = load_live(api::session_list(), move |list| {
            session_table(list, &ending)
        });
        view! {
            {head("Sessions")}
            {done(&[("session", "That session has ended.")])}
            <section class="panel" aria-labelledby="sessions">
                <h2 id="sessions">{t("Sessions")}</h2>
                <p class="hint">{t("Browsers that are signed in with your account.")}</p>
                <FormError failure/>
                {sessions}
            </section>
        }
        .into_any()
    })
}

fn session_table(sessions: Vec<SessionView>, ending: &Change) -> AnyView {
    let rows = sessions
        .into_iter()
        .map(|session| row(session, ending))
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("Browser")}</th>
                    <th scope="col">{t("Address")}</th>
                    <th scope="col">{t("Signed in")}</th>
                    <th scope="col">{t("Last seen")}</th>
                    <th scope="col"><span class="unseen">{t("End")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(session: SessionView, ending: &Change) -> AnyView {
    let end = if session.is_current {
        view! { <span class="badge good"><i aria-hidden="true"></i>{t("this browser")}</span> }
            .into_any()
    } else {
        let id = session.id.to_string();
        view! {
            <ChangeForm change=ending.clone()>
                <input type="hidden" name="id" value=id/>
                <ChangeButton
                    icon=Icon::Alert text=t("End session") class="button button-quiet button-small"
                />
            </ChangeForm>
        }
        .into_any()
    };
    view! {
        <tr data-key=session.id.to_string()>
            <th scope="row" title=session.agent.clone()>{browser_name(&session.agent)}</th>
            <td data-label=t("Address")><code>{session.address}</code></td>
            <td data-label=t("Signed in")><Time at=session.created_at/></td>
            <td data-label=t("Last seen")><Time at=session.last_seen_at/></td>
            <td class="row-action">{end}</td>
        </tr>
    }
    .into_any()
}

/// “Firefox on Linux”, out of what browsers say about themselves. The order matters: most of them
/// name others, too.
fn browser_name(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => tf(
            "{browser} on {system}",
            &[("browser", &browser), ("system", &system)],
        ),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t("Unknown browser").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser_name;

    #[test]
    fn browsers_are_called_by_their_names() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            ("curl/8.14.1", "curl"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser_name(agent), name);
        }
    }
}
