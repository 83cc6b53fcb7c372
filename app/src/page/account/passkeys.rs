//! One's passkeys: which there are, another one, and taking one away.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{PasskeyView, PasskeysView};

use crate::api::{self, PasskeyAdd, PasskeyRemove};
use crate::page::account::{done, head};
use crate::page::for_confirmed;
use crate::page::passkey::{Purpose, obstacle, passkey_form};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, TextField, Time, load};
use crate::words::{t, tf};

pub fn passkeys() -> AnyView {
    for_confirmed(|| {
        let nonce = use_nonce();
        load(api::passkey_list(), move |found| page(found, nonce))
    })
}

fn page(found: PasskeysView, nonce: Option<leptos::nonce::Nonce>) -> AnyView {
    let remove = Change::new(PasskeyRemove::url());
    let failure = Change::new(PasskeyAdd::url()).failure;
    let new = match &found.obstacle {
        Some(why) => obstacle(why),
        None => {
            let name = view! {
                <TextField
                    name="name" label=t("Name of the passkey") failure=failure.clone() max_length=60
                    hint=t("So that you know later which one to remove: the device that keeps it, say.")
                />
            };
            view! {
                <FormError failure fields=&["name"]/>
                {passkey_form(Purpose::Add, name.into_any(), nonce)}
            }
            .into_any()
        }
    };
    view! {
        {head("Passkeys")}
        {done(&[
            ("add", "The passkey is yours. It signs you in from now on, alone."),
            ("remove", "The passkey is removed. Delete it on its device, too."),
        ])}
        <section class="panel" aria-labelledby="passkeys">
            <h2 id="passkeys">{t("Passkeys")}</h2>
            <p class="hint narrow">
                {t("A key that your device keeps and unlocks by a fingerprint, a face or a PIN. It signs \
                    you in without password and code, and there is nothing about it that anybody could \
                    learn from you. Password and second factor stay as they are.")}
            </p>
            <FormError failure=remove.failure.clone()/>
            {table(&found, &remove)}
        </section>
        <section class="panel" aria-labelledby="new-passkey">
            <h2 id="new-passkey">{t("New passkey")}</h2>
            {new}
        </section>
    }
    .into_any()
}

fn table(found: &PasskeysView, remove: &Change) -> AnyView {
    if found.list.is_empty() {
        return view! { <p class="empty">{t("None yet.")}</p> }.into_any();
    }
    let rows = found
        .list
        .iter()
        .map(|passkey| row(passkey, found.site.as_deref(), remove))
        .collect_view();
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{t("Name")}</th>
                    <th scope="col">{t("Made")}</th>
                    <th scope="col">{t("Last used")}</th>
                    <th scope="col"><span class="unseen">{t("Remove")}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(passkey: &PasskeyView, site: Option<&str>, remove: &Change) -> AnyView {
    let used = match passkey.last_used_at {
        Some(at) => view! { <Time at/> }.into_any(),
        None => t("never").into_any(),
    };
    let elsewhere = (site != Some(passkey.site.as_str())).then(|| {
        let words = tf("works at {site} alone", &[("site", &passkey.site)]);
        view! { <br/><span class="hint">{words}</span> }
    });
    let (key, id) = (passkey.id.to_string(), passkey.id.to_string());
    let name = passkey.name.clone();
    let title = tf("Remove {name}", &[("name", &name)]);
    view! {
        <tr data-key=key>
            <th scope="row">{name}{elsewhere}</th>
            <td data-label=t("Made")><Time at=passkey.made_at/></td>
            <td data-label=t("Last used")>{used}</td>
            <td class="row-action">
                <ChangeForm change=remove.clone()>
                    <input type="hidden" name="id" value=id/>
                    <ChangeButton icon=Icon::Trash text=title class="button button-quiet button-small"/>
                </ChangeForm>
            </td>
        </tr>
    }
    .into_any()
}
