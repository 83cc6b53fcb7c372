//! What can be done with a container, as buttons, and what was done.

use leptos::prelude::*;
use model::{ContainerAction, ContainerView};

use crate::page::container_list::reference;
use crate::ui::{Change, ChangeButton, ChangeForm, Icon};
use crate::words::t;

/// What makes sense in a state; the endpoint decides.
pub fn actions(state: &str) -> &'static [ContainerAction] {
    use ContainerAction::{Kill, Pause, Remove, Restart, Start, Stop, Unpause};
    match state {
        "running" => &[Restart, Stop, Pause, Kill, Remove],
        "paused" => &[Unpause, Stop, Kill, Remove],
        "restarting" => &[Stop, Kill, Remove],
        "removing" => &[],
        _ => &[Start, Remove],
    }
}

pub fn word(action: ContainerAction) -> &'static str {
    match action {
        ContainerAction::Start => t("Start"),
        ContainerAction::Stop => t("Stop"),
        ContainerAction::Restart => t("Restart"),
        ContainerAction::Kill => t("Kill"),
        ContainerAction::Pause => t("Pause"),
        ContainerAction::Unpause => t("Continue"),
        ContainerAction::Remove => t("Remove"),
    }
}

pub fn icon(action: ContainerAction) -> Icon {
    match action {
        ContainerAction::Start | ContainerAction::Unpause => Icon::Play,
        ContainerAction::Stop => Icon::Stop,
        ContainerAction::Restart => Icon::Rebuild,
        ContainerAction::Kill => Icon::Bolt,
        ContainerAction::Pause => Icon::Pause,
        ContainerAction::Remove => Icon::Trash,
    }
}

/// Those that cannot be taken back ask once more.
fn warning(action: ContainerAction) -> Option<&'static str> {
    match action {
        ContainerAction::Remove => Some(t(
            "The container goes, with all that was written in it. Named volumes stay.",
        )),
        ContainerAction::Kill => Some(t(
            "Its processes end at once, without a chance to write anything down.",
        )),
        _ => None,
    }
}

/// A form of its own for each. `back`: where its answer leads.
pub fn act_form(
    cluster: &str,
    container: &ContainerView,
    action: ContainerAction,
    back: &'static str,
    change: &Change,
    class: &'static str,
) -> AnyView {
    let form = {
        // As its page is called, so that the answer is that very page again.
        let (cluster, id, change) = (cluster.to_owned(), reference(container), change.clone());
        move |class: &'static str| {
            view! {
                <ChangeForm change>
                    <input type="hidden" name="id" value=cluster/>
                    <input type="hidden" name="container" value=id/>
                    <input type="hidden" name="action" value=action.as_str()/>
                    <input type="hidden" name="back" value=back/>
                    <ChangeButton icon=icon(action) text=word(action) class=class pending=t("One moment…")/>
                </ChangeForm>
            }
        }
    };
    match warning(action) {
        None => form(class).into_any(),
        Some(warning) => view! {
            <details class="menu confirm" name="act">
                <summary class=class>{icon(action).view()} {word(action)} "…"</summary>
                <div class="menu-list">
                    <p>{warning}</p>
                    {form("button button-danger button-small")}
                </div>
            </details>
        }
        .into_any(),
    }
}

/// What `?done=` says.
pub fn done(done: Option<String>) -> AnyView {
    let said = match done.and_then(|word| word.parse().ok()) {
        Some(ContainerAction::Start) => t("The container was started."),
        Some(ContainerAction::Stop) => t("The container was stopped."),
        Some(ContainerAction::Restart) => t("The container was restarted."),
        Some(ContainerAction::Kill) => t("The container was killed."),
        Some(ContainerAction::Pause) => t("The container is paused."),
        Some(ContainerAction::Unpause) => t("The container goes on."),
        Some(ContainerAction::Remove) => t("The container was removed."),
        None => return ().into_any(),
    };
    view! { <p class="done" role="status">{Icon::Check.view()} {said}</p> }.into_any()
}
