//! Ways into a cluster: the zip in three steps, the one line, and who holds certificates.

use leptos::prelude::*;
use model::{CertificateView, ClusterView};

use crate::api::{self, BundleLinkMake, CertificateRevoke};
use crate::page::certificates::certificates;
use crate::page::{cluster_param, for_members, query};
use crate::root::Live;
use crate::ui::{CopyField, Failure, FormError, Icon, Loaded, PageHead, failure};

pub fn access() -> AnyView {
    for_members(|| {
        let live = expect_context::<Live>();
        let id = cluster_param();
        let revoke = ServerAction::<CertificateRevoke>::new();
        let link = ServerAction::<BundleLinkMake>::new();
        let posted = {
            let id = id.clone();
            Resource::new(|| (), move |()| api::bundle_link_posted(id.clone()))
        };
        let shown = Resource::new(
            move || (live.0.get(), id.clone()),
            move |(_, id)| async move {
                let cluster = api::cluster_get(id.clone()).await?;
                let certificates = api::certificate_list(id).await?;
                // Made for this page when it was posted to; asked for once.
                let command = posted.await?;
                Ok((cluster, certificates, command))
            },
        );
        let view = move |shown: Shown| page(shown, revoke, link);
        view! { <Loaded resource=shown view/> }.into_any()
    })
}

type Shown = (ClusterView, Vec<CertificateView>, Option<String>);

fn page(
    (cluster, list, command): Shown,
    revoke: ServerAction<CertificateRevoke>,
    link: ServerAction<BundleLinkMake>,
) -> AnyView {
    let back = (format!("/clusters/{}", cluster.id), cluster.name.to_string());
    let document_title = format!("Access to {}", cluster.name);
    let body = if cluster.endpoint.is_some() {
        ways(&cluster, command, link)
    } else {
        view! {
            <section class="panel">
                <p>"The endpoint does not answer yet. Access is ready as soon as it does."</p>
            </section>
        }
        .into_any()
    };
    let is_revoked = query("done").as_deref() == Some("revoked");
    view! {
        <PageHead title="Get access" document_title back/>
        {is_revoked.then(|| view! { <p class="done" role="status">{Icon::Check.view()} "The certificate is revoked. Connections that used it were cut."</p> })}
        <FormError failure=failure(revoke)/>
        {body}
        {certificates(&cluster, list, revoke)}
    }
    .into_any()
}

fn ways(
    cluster: &ClusterView,
    command: Option<String>,
    link: ServerAction<BundleLinkMake>,
) -> AnyView {
    let bundle = format!("/clusters/{}/bundle", cluster.id);
    let name = cluster.name.to_string();
    view! {
        <div class="ways">
            <section class="panel">
                <h2>"With a file"</h2>
                <ol class="steps">
                    <li>
                        <p>
                            "Click " <b>"Download file"</b>
                            " to download a .zip file containing configuration information for this cluster."
                        </p>
                        <form method="post" action=bundle>
                            <button type="submit" class="button">{Icon::Download.view()} "Download file"</button>
                        </form>
                    </li>
                    <li>
                        <p>"Unzip the file to a location of your choice, and note the name of the folder it creates."</p>
                        <pre class="code"><code>{format!("unzip {name}.zip")}</code></pre>
                    </li>
                    <li>
                        <p>
                            "In a terminal window, type " <code>"source $UNZIP_PATH/docker.env"</code>
                            ", replacing " <code>"$UNZIP_PATH"</code>
                            " with the actual path to the file on your system."
                        </p>
                        <pre class="code"><code>{format!("source {name}/docker.env\ndocker info")}</code></pre>
                    </li>
                </ol>
            </section>
            <section class="panel">
                <h2>"With one line"</h2>
                <p>
                    "A command for bash or zsh that fetches the same file and points Docker at it. \
                     It works once, within ten minutes."
                </p>
                {one_line(cluster, command, link)}
            </section>
        </div>
    }
    .into_any()
}

/// With script the command appears in place. Without it the form posts to this very page, which
/// is then drawn with the command in it.
fn one_line(
    cluster: &ClusterView,
    posted: Option<String>,
    link: ServerAction<BundleLinkMake>,
) -> AnyView {
    let id = cluster.id.to_string();
    let here = format!("/clusters/{id}/access");
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        link.dispatch(BundleLinkMake { id: id.clone() });
    };
    let command = move || link.value().get().and_then(Result::ok).or_else(|| posted.clone());
    let failure: Failure = failure(link);
    let has_command = {
        let command = command.clone();
        move || command().is_some()
    };
    view! {
        <FormError failure/>
        {move || {
            command().map(|command| view! {
                <CopyField text=command label="The command"/>
                <p class="hint">"Whoever has this line can open the cluster: treat it as a password."</p>
            })
        }}
        <form method="post" action=here on:submit=on_submit>
            <button type="submit" class="button button-quiet" disabled=move || link.pending().get()>
                {Icon::Terminal.view()}
                {move || if has_command() { "Make another" } else { "Make the command" }}
            </button>
        </form>
    }
    .into_any()
}
