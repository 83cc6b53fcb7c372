//! One's own account: password, sessions, leaving.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{PASSWORD_MAX, PASSWORD_MIN, Role, SessionView};

use crate::api::{self, PasswordChange, SessionEnd};
use crate::page::{for_members, query};
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, SignOutForm, TextField, Time,
    load_live,
};

pub fn account() -> AnyView {
    for_members(|| {
        let ending = Change::new(SessionEnd::url());
        let me = expect_context::<Me>().0;
        let lead = me.map(|me| {
            let role = match me.role {
                Role::Administrator => "administrator",
                Role::Member => "member",
            };
            format!("Signed in as {}, {role}", me.name)
        });
        let done = {
            let text = match query("done").as_deref() {
                Some("password") => "Your password is changed. Other browsers were signed out.",
                Some("session") => "That session has ended.",
                _ => "",
            };
            (!text.is_empty())
                .then(|| view! { <p class="done" role="status">{Icon::Check.view()} {text}</p> })
        };
        let failure = ending.failure.clone();
        let sessions = load_live(api::session_list(), move |list| {
            session_table(list, &ending)
        });
        view! {
            <PageHead title="Account" lead=lead.unwrap_or_default()/>
            {done}
            <section class="panel">
                <h2>"Password"</h2>
                {password_form()}
            </section>
            <section class="panel" aria-labelledby="sessions">
                <h2 id="sessions">"Sessions"</h2>
                <p class="hint">"Browsers that are signed in with your account."</p>
                <FormError failure/>
                {sessions}
            </section>
            <section class="panel">
                <h2>"Leave"</h2>
                <SignOutForm class="button button-quiet"/>
            </section>
        }
        .into_any()
    })
}

/// A plain form also with script: the new page has empty fields.
fn password_form() -> AnyView {
    let failure = Change::new(PasswordChange::url()).failure;
    view! {
        <FormError failure=failure.clone() fields=&["current", "new"]/>
        <form method="post" action=PasswordChange::url() class="form narrow">
            <TextField
                name="current" label="Current password" failure=failure.clone() kind="password"
                autocomplete="current-password" max_length=PASSWORD_MAX
            />
            <TextField
                name="new" label="New password" failure kind="password" autocomplete="new-password"
                hint=format!("At least {PASSWORD_MIN} characters.") min_length=PASSWORD_MIN
                max_length=PASSWORD_MAX
            />
            <div class="form-actions">
                <button type="submit" class="button">"Change password"</button>
            </div>
        </form>
    }
    .into_any()
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
                    <th scope="col">"Browser"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col">"Signed in"</th>
                    <th scope="col">"Last seen"</th>
                    <th scope="col"><span class="unseen">"End"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(session: SessionView, ending: &Change) -> AnyView {
    let end = if session.is_current {
        view! { <span class="badge good"><i aria-hidden="true"></i>"this browser"</span> }
            .into_any()
    } else {
        let id = session.id.to_string();
        view! {
            <ChangeForm change=ending.clone()>
                <input type="hidden" name="id" value=id/>
                <ChangeButton
                    icon=Icon::Alert text="End session" class="button button-quiet button-small"
                />
            </ChangeForm>
        }
        .into_any()
    };
    view! {
        <tr data-key=session.id.to_string()>
            <th scope="row" title=session.agent.clone()>{browser_name(&session.agent)}</th>
            <td data-label="Address"><code>{session.address}</code></td>
            <td data-label="Signed in"><Time at=session.created_at/></td>
            <td data-label="Last seen"><Time at=session.last_seen_at/></td>
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
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
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
