//! One person, for administrators: role, quota, a new password, keeping out, the end.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::components::A;
use model::PersonView;

use crate::ApiError;
use crate::api::{
    self, PasskeyReset, PersonDelete, PersonSuspend, PersonUnsuspend, QuotaSet, RoleSet,
    TwoFactorReset,
};
use crate::page::account::{done, role_word};
use crate::page::for_members;
use crate::page::people::{RoleChoice, two_factor_badge};
use crate::page::quota_fields::choice_form;
use crate::root::Me;
use crate::ui::{
    Change, ChangeButton, ChangeForm, CopyField, Failure, FormError, Icon, PageHead, TextField,
    Time, load,
};
use crate::words::{t, tf, tn};

type Shown = (PersonView, Option<String>, Failure);

async fn found(id: String) -> Result<Shown, ApiError> {
    let person = api::person_get(id.clone()).await?;
    Ok(match api::reset_link_posted(id).await {
        Ok(link) => (person, link, None),
        Err(error) => (person, None, Some(error)),
    })
}

pub fn person() -> AnyView {
    for_members(|| load(found(crate::page::cluster_param()), page))
}

fn page((person, link, failure): Shown) -> AnyView {
    let back = ("/people".to_owned(), t("People").to_owned());
    let is_me = expect_context::<Me>()
        .0
        .is_some_and(|me| me.id == person.id);
    let audit = format!("/audit?person={}", person.name);
    view! {
        <PageHead title=person.name.to_string() back>
            <A href=audit attr:class="button button-quiet">{Icon::Clock.view()} {t("What they did")}</A>
        </PageHead>
        {done(&[
            ("role", "The role is changed. It holds from now on."),
            ("quota", "The quota is changed."),
            ("suspend", "The person is kept out. Their sessions and tokens are dead, their clusters go on."),
            ("unsuspend", "The person can sign in again."),
            ("two-factor", "Two-factor sign-in is off for this person."),
            ("passkeys", "The person's passkeys are removed, and their sessions have ended."),
        ])}
        {facts(&person)}
        {role(&person)}
        {quota(&person)}
        {ways_in(&person, link, failure)}
        {(!is_me).then(|| keep_out(&person))}
        {(!is_me).then(|| delete(&person))}
    }
    .into_any()
}

fn facts(person: &PersonView) -> AnyView {
    let seen = match person.last_sign_in_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t("never").into_any(),
    };
    let state = match person.suspended_at {
        Some(at) => {
            view! { <span class="badge bad"><i aria-hidden="true"></i>{t("suspended")} " " <Time at/></span> }
                .into_any()
        }
        None => {
            view! { <span class="badge good"><i aria-hidden="true"></i>{t("active")}</span> }
                .into_any()
        }
    };
    view! {
        <section class="panel">
            <dl class="facts">
                <div><dt>{t("Status")}</dt><dd>{state}</dd></div>
                <div><dt>{t("Role")}</dt><dd>{role_word(person.role)}</dd></div>
                <div><dt>{t("Clusters")}</dt><dd>{person.clusters.to_string()}</dd></div>
                <div><dt>{t("Two-factor")}</dt><dd>{two_factor_badge(person.has_two_factor)}</dd></div>
                <div><dt>{t("Passkeys")}</dt><dd>{person.passkeys.to_string()}</dd></div>
                <div><dt>{t("Last sign-in")}</dt><dd>{seen}</dd></div>
                <div><dt>{t("Made")}</dt><dd><Time at=person.created_at/></dd></div>
            </dl>
        </section>
    }
    .into_any()
}

fn role(person: &PersonView) -> AnyView {
    let change = Change::new(RoleSet::url());
    let failure = change.failure.clone();
    let (id, chosen) = (person.id.to_string(), person.role);
    view! {
        <section class="panel" aria-labelledby="role">
            <h2 id="role">{t("Role")}</h2>
            <FormError failure=failure.clone() fields=&["role"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <RoleChoice chosen failure is_titled=true/>
                <div class="form-actions">
                    <ChangeButton icon=Icon::Check text=t("Change the role") class="button button-quiet"/>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn quota(person: &PersonView) -> AnyView {
    let change = Change::new(QuotaSet::url());
    let form = choice_form(change, person.id.to_string(), person.choice, person.limits);
    view! {
        <section class="panel" aria-labelledby="quota">
            <h2 id="quota">{t("Quota")}</h2>
            {form}
        </section>
    }
    .into_any()
}

fn ways_in(person: &PersonView, link: Option<String>, failure: Failure) -> AnyView {
    let id = person.id.to_string();
    let page = format!("/people/{id}");
    let reset = Change::new(TwoFactorReset::url());
    let passkeys = Change::new(PasskeyReset::url());
    let made = link.map(|link| {
        view! {
            <p class="done" role="status">{Icon::Check.view()} {t("The link is made. It works once, within a day, and is not shown again.")}</p>
            <CopyField text=link label=t("The link")/>
        }
    });
    let two_factor = person.has_two_factor.then(|| {
        let id = id.clone();
        view! {
            <FormError failure=reset.failure.clone()/>
            <ChangeForm change=reset class="form-below">
                <input type="hidden" name="id" value=id/>
                <ChangeButton icon=Icon::Alert text=t("Turn their two-factor sign-in off") class="button button-quiet"/>
            </ChangeForm>
        }
    });
    let passkeys = (person.passkeys > 0).then(|| {
        view! {
            <FormError failure=passkeys.failure.clone()/>
            <ChangeForm change=passkeys class="form-below">
                <input type="hidden" name="id" value=id/>
                <ChangeButton icon=Icon::Alert text=t("Remove their passkeys") class="button button-quiet"/>
            </ChangeForm>
        }
    });
    view! {
        <section class="panel" aria-labelledby="ways-in">
            <h2 id="ways-in">{t("Locked out?")}</h2>
            <p>{t("A link by which the person chooses a new password. The old one holds until then; sessions end with it.")}</p>
            <FormError failure/>
            {made}
            <form method="post" action=page class="form-below">
                <input type="hidden" name="make" value="reset"/>
                <button type="submit" class="button button-quiet">{Icon::Key.view()} {t("Make a link for a new password")}</button>
            </form>
            {two_factor}
            {passkeys}
        </section>
    }
    .into_any()
}

fn keep_out(person: &PersonView) -> AnyView {
    let id = person.id.to_string();
    let is_out = person.suspended_at.is_some();
    let (path, words, button, icon) = if is_out {
        let words = t("The person cannot sign in. Their clusters go on.");
        (
            PersonUnsuspend::url(),
            words,
            t("Let them in again"),
            Icon::Check,
        )
    } else {
        let words = t(
            "Ends their sessions and tokens at once, refuses their sign-in and revokes the credentials they downloaded. Their clusters go on.",
        );
        (PersonSuspend::url(), words, t("Suspend"), Icon::Alert)
    };
    let change = Change::new(path);
    view! {
        <section class="panel" aria-labelledby="keep-out">
            <h2 id="keep-out">{t("Keep out")}</h2>
            <FormError failure=change.failure.clone()/>
            <p>{words}</p>
            <ChangeForm change class="form-below">
                <input type="hidden" name="id" value=id/>
                <ChangeButton icon text=button class="button button-quiet"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn delete(person: &PersonView) -> AnyView {
    let change = Change::new(PersonDelete::url());
    let failure = change.failure.clone();
    let (id, name) = (person.id.to_string(), person.name.to_string());
    let body = if person.clusters > 0 {
        let words = tf(
            "An account is deleted once it owns nothing. {name} still has {n}.",
            &[
                ("name", &name),
                (
                    "n",
                    &tn(person.clusters as usize, "1 cluster", "{n} clusters"),
                ),
            ],
        );
        view! { <p>{words}</p> }.into_any()
    } else {
        view! {
            <FormError failure=failure.clone() fields=&["confirm_name"]/>
            <ChangeForm change class="form">
                <input type="hidden" name="id" value=id/>
                <TextField
                    name="confirm_name" failure
                    label=tf("Type {name} to confirm", &[("name", &name)])
                />
                <div class="form-actions">
                    <ChangeButton icon=Icon::Trash text=t("Delete the account") class="button button-danger"/>
                </div>
            </ChangeForm>
        }
        .into_any()
    };
    view! {
        <section class="panel danger-zone" aria-labelledby="delete">
            <h2 id="delete">{t("Delete")}</h2>
            {body}
        </section>
    }
    .into_any()
}
