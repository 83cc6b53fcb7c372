//! Ways into a cluster: the zip in three steps, one line for each shell, who holds certificates,
//! and what to do when it does not connect.

mod commands;
mod rotate;
mod trouble;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{AccessTestView, CertificatesView, ClusterView, EndingView};

use crate::ApiError;
use crate::api::{self, CertificateRevoke, Shell};
use crate::page::certificates::certificates;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::paging::page_asked;
use crate::page::{cluster_param, for_members, query};
use crate::ui::{Change, FormError, Icon, PageHead, Time, load_live};
use crate::words::{t, tf, tn, tv};

pub use rotate::rotate;

pub fn access() -> AnyView {
    for_members(|| {
        let revoke = Change::new(CertificateRevoke::url());
        let certificates = page_asked("page");
        load_live(found(cluster_param(), certificates), move |shown| {
            page(shown, &revoke)
        })
    })
}

/// `certificates`: which page of them.
async fn found(id: String, certificates: u32) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    Ok(Shown {
        certificates: api::certificate_page(id.clone(), certificates).await?,
        // Made only while the page is drawn as the answer to its own form.
        commands: api::bundle_link_posted(id.clone()).await,
        test: api::access_test_posted(id).await,
        cluster,
    })
}

struct Shown {
    cluster: ClusterView,
    certificates: CertificatesView,
    /// Made for this very page.
    commands: Result<Option<Vec<(Shell, String)>>, ApiError>,
    test: Result<Option<AccessTestView>, ApiError>,
}

fn page(shown: Shown, revoke: &Change) -> AnyView {
    let cluster = shown.cluster;
    let back = (
        format!("/clusters/{}", cluster.id),
        cluster.name.to_string(),
    );
    let document_title = tf("Access to {name}", &[("name", &cluster.name)]);
    let body = if !cluster.may_use {
        view! {
            <section class="panel">
                <p>{t("You may look at this cluster and change nothing: credentials are for those who may.")}</p>
            </section>
        }
        .into_any()
    } else if cluster.endpoint.is_some() {
        ways(&cluster, shown.commands)
    } else {
        view! {
            <section class="panel">
                <p>{t("The endpoint does not answer yet. Access is ready as soon as it does.")}</p>
            </section>
        }
        .into_any()
    };
    view! {
        <PageHead title=t("Get access") document_title back/>
        <ClusterNav id=cluster.id here=ClusterPage::Access/>
        {done().map(|said| view! { <p class="done" role="status">{Icon::Check.view()} {said}</p> })}
        <FormError failure=revoke.failure.clone()/>
        {ending(&cluster)}
        {body}
        {certificates(&cluster, shown.certificates, revoke)}
        {trouble::section(&cluster, shown.test)}
    }
    .into_any()
}

/// What the last change did.
fn done() -> Option<String> {
    if query("done").as_deref() == Some("revoked") {
        let said = "The certificate is revoked. Connections that used it were cut.";
        return Some(t(said).to_owned());
    }
    let count = query("rotated").and_then(|count| count.parse().ok())?;
    Some(tn(
        count,
        "The certificate is revoked and its connections are cut. Get a new one here; so does everybody else who needs one.",
        "{n} certificates are revoked and their connections are cut. Get a new one here; so does everybody else who needs one.",
    ))
}

/// What will close the cluster before long, on its own pages and on its card.
pub fn ending(cluster: &ClusterView) -> AnyView {
    let Some(ending) = cluster.ending else {
        return ().into_any();
    };
    let words = match ending {
        EndingView::Certificates { count: 1, at } => tv(
            "A certificate that is in use ends {time}. Whoever has it downloads a new one before.",
            [("time", view! { <Time at/> }.into_any())],
        ),
        EndingView::Certificates { count, at } => tv(
            "{n} certificates that are in use end soon, the first {time}. Whoever has one downloads a new one before.",
            [
                ("n", count.to_string().into_any()),
                ("time", view! { <Time at/> }.into_any()),
            ],
        ),
        EndingView::Authority { at } => tv(
            "The cluster's authority ends {time}, and with it everything that is signed by it. Make a new cluster before and move to it.",
            [("time", view! { <Time at/> }.into_any())],
        ),
    };
    view! { <p class="reason ending">{Icon::Clock.view()} <span>{words}</span></p> }.into_any()
}

fn ways(
    cluster: &ClusterView,
    commands: Result<Option<Vec<(Shell, String)>>, ApiError>,
) -> AnyView {
    let bundle = format!("/clusters/{}/bundle", cluster.id);
    let context = format!("/clusters/{}/context", cluster.id);
    let name = cluster.name.to_string();
    let click = tv(
        "Click {button} to download a .zip file containing configuration information for this cluster.",
        [("button", view! { <b>{t("Download file")}</b> }.into_any())],
    );
    let source = tv(
        "In a terminal window, type {command}, replacing {path} with the actual path to the file on \
         your system.",
        [
            (
                "command",
                view! { <code>"source $UNZIP_PATH/docker.env"</code> }.into_any(),
            ),
            ("path", view! { <code>"$UNZIP_PATH"</code> }.into_any()),
        ],
    );
    let import =
        format!("docker context import {name} {name}.dockercontext\ndocker context use {name}");
    view! {
        <div class="ways">
            <section class="panel">
                <h2>{t("With a file")}</h2>
                <ol class="steps">
                    <li>
                        <p>{click}</p>
                        <form method="post" action=bundle class="form">
                            {label_field("label-file")}
                            <div class="form-actions">
                                <button type="submit" class="button">{Icon::Download.view()} {t("Download file")}</button>
                            </div>
                        </form>
                    </li>
                    <li>
                        <p>{t("Unzip the file to a location of your choice, and note the name of the folder it creates.")}</p>
                        <pre class="code"><code>{format!("unzip {name}.zip")}</code></pre>
                    </li>
                    <li>
                        <p>{source}</p>
                        <pre class="code"><code>{format!("source {name}/docker.env\ndocker info")}</code></pre>
                    </li>
                </ol>
                <p class="hint">{t("In the folder there are files for fish, PowerShell and cmd, too, and a README that says how to use them.")}</p>
                <details class="more">
                    <summary>{t("As a Docker context")}</summary>
                    <p>{t("One file that Docker itself keeps: no variables, and you switch between clusters by name.")}</p>
                    <form method="post" action=context class="form">
                        {label_field("label-context")}
                        <div class="form-actions">
                            <button type="submit" class="button button-quiet">{Icon::Download.view()} {t("Download context file")}</button>
                        </div>
                    </form>
                    <pre class="code"><code>{import}</code></pre>
                </details>
            </section>
            <section class="panel">
                <h2>{t("With one line")}</h2>
                <p>
                    {t("A command that fetches the same file and points Docker at it. It works once, \
                        within ten minutes.")}
                </p>
                {commands::one_line(cluster, commands)}
            </section>
        </div>
    }
    .into_any()
}

/// What a certificate is for, so that it is known in the list a year later.
fn label_field(id: &'static str) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{t("Which machine is it for? (if you like)")}</label>
            <input id=id name="label" type="text" maxlength="40" autocomplete="off" placeholder=t("laptop")/>
        </div>
    }
    .into_any()
}
