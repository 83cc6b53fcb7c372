//! Whose a cluster is, and giving it to somebody else.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{ClusterSettingsView, ClusterTeam};

use crate::api::ClusterHandOver;
use crate::page::teams::team_chip;
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon};
use crate::words::{t, tf, tv};

/// Nothing where there is nobody to hand it to.
pub fn hand_over(settings: &ClusterSettingsView, teams: Vec<ClusterTeam>) -> AnyView {
    if teams.is_empty() && settings.team.is_none() {
        return ().into_any();
    }
    let change = Change::new(ClusterHandOver::url());
    let failure = change.failure.clone();
    let tried = failure.as_ref().and_then(|error| error.value_of("team"));
    let tried = tried.unwrap_or_default().to_owned();
    let now = match &settings.team {
        Some(team) => tv("It is {team}'s.", [("team", team_chip(team))]),
        None => t("It is your own.").into_any(),
    };
    let own = settings
        .team
        .is_some()
        .then(|| (String::new(), t("You").to_owned()));
    let of_team = |team: ClusterTeam| {
        let name = tf("Team {name}", &[("name", &team.name)]);
        (team.id.to_string(), name)
    };
    let choices: Vec<_> = own
        .into_iter()
        .chain(teams.into_iter().map(of_team))
        .collect();
    let is_single = choices.len() == 1;
    let choices = choices
        .into_iter()
        .map(|(value, text)| {
            let is_chosen = is_single || value == tried && failure.is_some();
            let id = format!("owner-{value}");
            view! {
                <label class="check" for=id.clone()>
                    <input type="radio" id=id.clone() name="team" value=value checked=is_chosen required/>
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view();
    let id = settings.id.to_string();
    view! {
        <section class="panel" aria-labelledby="hand-over">
            <h2 id="hand-over">{t("Hand over")}</h2>
            <p class="settings-words">
                {now} " "
                {t("With its new owner it counts against that quota. Addresses, containers and what runs stay. Whoever may not use it any more loses their certificates for it at once.")}
            </p>
            <FormError failure/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <fieldset class="field checks">
                    <legend>{t("Its new owner")}</legend>
                    {choices}
                </fieldset>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Hand text=t("Hand it over") class="button button-quiet"/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}
