//! One line for each shell, as tabs that work without script.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::ClusterView;

use super::label_field;
use crate::ApiError;
use crate::api::{BundleLinkMake, Shell};
use crate::ui::{Change, ChangeButton, ChangeForm, CopyField, FormError, Icon};
use crate::words::t;

/// The form posts to this very page, which is then drawn with the commands in it. A page that looks
/// again must not lose them.
pub fn one_line(
    cluster: &ClusterView,
    made: Result<Option<Vec<(Shell, String)>>, ApiError>,
) -> AnyView {
    let id = cluster.id.to_string();
    let here = format!("/clusters/{id}/access");
    let (made, refused) = match made {
        Ok(made) => (made, None),
        Err(error) => (None, Some(error)),
    };
    let text = match made {
        Some(_) => t("Make another"),
        None => t("Make the command"),
    };
    let change = Change::new(BundleLinkMake::url());
    let failure = refused.or_else(|| change.failure.clone());
    let is_made = made.is_some().then_some("");
    view! {
        <FormError failure/>
        <div class="one-line" data-hold=is_made>{made.map(tabs)}</div>
        <ChangeForm change action=here class="form">
            <input type="hidden" name="id" value=id/>
            {label_field("label-line")}
            <div class="form-actions">
                <ChangeButton icon=Icon::Terminal text class="button button-quiet"/>
            </div>
        </ChangeForm>
    }
    .into_any()
}

/// Its mark in the page, its name, and what to know about it.
fn words(shell: Shell) -> (&'static str, &'static str, &'static str) {
    match shell {
        Shell::Bash => ("bash", "bash, zsh", "Needs curl and unzip."),
        Shell::Fish => ("fish", "fish", "Needs curl and unzip."),
        Shell::PowerShell => ("powershell", "PowerShell", "Needs nothing else."),
        Shell::Cmd => ("cmd", "cmd", "Needs Windows 10 or later, for curl and tar."),
        Shell::Context => (
            "context",
            "Docker context",
            "For any shell but PowerShell. It sets no variables: Docker keeps the cluster under its name.",
        ),
    }
}

fn tabs(made: Vec<(Shell, String)>) -> AnyView {
    let first = match crate::server::browser_agent().contains("Windows") {
        true => Shell::PowerShell,
        false => Shell::Bash,
    };
    let buttons = made
        .iter()
        .map(|(shell, _)| {
            let (key, name, _) = words(*shell);
            view! {
                <label class="tab" for=format!("shell-{key}")>
                    <input type="radio" name="shell" id=format!("shell-{key}") value=key checked={*shell == first}/>
                    <span>{name}</span>
                </label>
            }
        })
        .collect_view();
    let bodies = made
        .into_iter()
        .map(|(shell, line)| {
            let (key, _, note) = words(shell);
            view! {
                <div class="tab-body" data-tab=key>
                    <CopyField text=line label=t("The command")/>
                    <p class="hint">{t(note)}</p>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="tabs">
            <fieldset class="tab-row">
                <legend>{t("Your shell")}</legend>
                {buttons}
            </fieldset>
            {bodies}
            <p class="hint">{t("Whoever has this line can open the cluster: treat it as a password. Of these lines one works, once.")}</p>
        </div>
    }
    .into_any()
}
