//! What holds for the whole panel: what administrators decide here, and what the configuration says.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{SettingLine, SettingsView};

use crate::api::{self, QuotaDefaultSet, StatusPageSet};
use crate::page::account::done;
use crate::page::for_members;
use crate::page::quota_fields::{QuotaFields, limits_words};
use crate::ui::{Change, ChangeButton, ChangeForm, FormError, Icon, PageHead, load};
use crate::words::{t, tf};

pub fn settings() -> AnyView {
    for_members(|| load(api::settings_get(), page))
}

fn page(settings: SettingsView) -> AnyView {
    view! {
        <PageHead title=t("Settings") document_title=t("Settings of the panel") lead=t("What holds for everybody on this panel.")/>
        {done(&[
            ("quota", "The quota is changed. What is there already stays."),
            ("status", "The setting is changed."),
        ])}
        {quota(&settings)}
        {status_page(settings.is_status_public)}
        {configured(settings.lines)}
        <p class="hint">
            {t("Sign-up, invitations and the quotas of single accounts are under People, drained machines under Hosts.")}
        </p>
    }
    .into_any()
}

fn quota(settings: &SettingsView) -> AnyView {
    let change = Change::new(QuotaDefaultSet::url());
    let failure = change.failure.clone();
    let now = tf(
        "Now: {limits}. Memory and disk follow from the size of a segment. A field that is left empty follows the configuration.",
        &[("limits", &limits_words(settings.quota))],
    );
    let (clusters, segments) = (settings.quota.clusters, settings.quota.segments);
    view! {
        <section class="panel" aria-labelledby="quota">
            <h2 id="quota">{t("Quota of whoever has none of their own")}</h2>
            <p>{now}</p>
            <FormError failure=failure.clone() fields=&["clusters", "segments"]/>
            <ChangeForm change class="form form-below">
                <QuotaFields values=[clusters.to_string(), segments.to_string()] is_optional=true failure/>
                <div class="form-actions">
                    <button type="submit" class="button">{t("Change the quota")}</button>
                </div>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn status_page(is_public: bool) -> AnyView {
    let change = Change::new(StatusPageSet::url());
    let failure = change.failure.clone();
    let (words, button) = if is_public {
        (
            t("Public: everybody sees how many hosts and endpoints answer, and no names."),
            t("Hide the status page"),
        )
    } else {
        (
            t("Hidden: how the whole is, administrators see under Hosts."),
            t("Show the status page to everybody"),
        )
    };
    view! {
        <section class="panel" aria-labelledby="status-page">
            <h2 id="status-page">{t("Status page")}</h2>
            <FormError failure/>
            <p>
                {words}
                {is_public.then(|| view! { " " <a href="/status">{t("Look at it")}</a> })}
            </p>
            <ChangeForm change class="form-below">
                {(!is_public).then(|| view! { <input type="hidden" name="public" value="1"/> })}
                <ChangeButton icon=Icon::Eye text=button class="button button-quiet"/>
            </ChangeForm>
        </section>
    }
    .into_any()
}

fn configured(lines: Vec<SettingLine>) -> AnyView {
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row">{meaning(&line.key)}</th>
                    <td data-label=t("Value")><code>{line.value}</code></td>
                    <td data-label=t("Key")><code>{line.key}</code></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="configured">
            <h2 id="configured">{t("From the configuration file")}</h2>
            <p class="hint">
                {t("These change in the file, on the panel's machine, and count after a restart. This explains every key:")}
                " " <code>"carina config --example"</code>
            </p>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("What")}</th>
                        <th scope="col">{t("Value")}</th>
                        <th scope="col">{t("Key")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn meaning(key: &str) -> &'static str {
    match key {
        "http.public_origin" => t("Address that people type"),
        "oidc.name" => t("Identity provider"),
        "session.idle_minutes" => t("A sign-in ends without a request after"),
        "session.absolute_hours" => t("A sign-in ends in any case after"),
        "segment.memory_mib" => t("Memory of a segment"),
        "segment.vcpus" => t("vCPUs of a segment"),
        "segment.disk_gib" => t("Disk of a segment"),
        "segment.pids" => t("Processes of a segment"),
        "network.pool" => t("Addresses of the clusters"),
        "network.mode" => t("How segments reach the outside"),
        "front_door.public_name" => t("Name of the endpoints"),
        "front_door.ports" => t("Ports of the endpoints"),
        _ => "",
    }
}
