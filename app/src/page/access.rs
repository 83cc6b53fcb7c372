//! Ways into a cluster: the zip in three steps, the one line, and who holds certificates.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::{CertificateView, ClusterView};

use crate::ApiError;
use crate::api::{self, BundleLinkMake, CertificateRevoke};
use crate::page::certificates::certificates;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::{cluster_param, for_members, query};
use crate::ui::{
    Change, ChangeButton, ChangeForm, CopyField, FormError, Icon, PageHead, load_live,
};
use crate::words::{t, tf, tv};

pub fn access() -> AnyView {
    for_members(|| {
        let revoke = Change::new(CertificateRevoke::url());
        let link = Change::new(BundleLinkMake::url());
        load_live(found(cluster_param()), move |shown| {
            page(shown, &revoke, link)
        })
    })
}

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    let certificates = api::certificate_list(id.clone()).await?;
    // Made only while the page is drawn as the answer to its own form.
    let command = api::bundle_link_posted(id).await?;
    Ok((cluster, certificates, command))
}

/// With the command that was made for this very page.
type Shown = (ClusterView, Vec<CertificateView>, Option<String>);

fn page((cluster, list, command): Shown, revoke: &Change, link: Change) -> AnyView {
    let back = (
        format!("/clusters/{}", cluster.id),
        cluster.name.to_string(),
    );
    let document_title = tf("Access to {name}", &[("name", &cluster.name)]);
    let body = if cluster.endpoint.is_some() {
        ways(&cluster, command, link)
    } else {
        view! {
            <section class="panel">
                <p>{t("The endpoint does not answer yet. Access is ready as soon as it does.")}</p>
            </section>
        }
        .into_any()
    };
    let is_revoked = query("done").as_deref() == Some("revoked");
    view! {
        <PageHead title=t("Get access") document_title back/>
        <ClusterNav id=cluster.id here=ClusterPage::Access/>
        {is_revoked.then(|| view! { <p class="done" role="status">{Icon::Check.view()} {t("The certificate is revoked. Connections that used it were cut.")}</p> })}
        <FormError failure=revoke.failure.clone()/>
        {body}
        {certificates(&cluster, list, revoke)}
    }
    .into_any()
}

fn ways(cluster: &ClusterView, command: Option<String>, link: Change) -> AnyView {
    let bundle = format!("/clusters/{}/bundle", cluster.id);
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
    view! {
        <div class="ways">
            <section class="panel">
                <h2>{t("With a file")}</h2>
                <ol class="steps">
                    <li>
                        <p>{click}</p>
                        <form method="post" action=bundle>
                            <button type="submit" class="button">{Icon::Download.view()} {t("Download file")}</button>
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
            </section>
            <section class="panel">
                <h2>{t("With one line")}</h2>
                <p>
                    {t("A command for bash or zsh that fetches the same file and points Docker at it. \
                        It works once, within ten minutes.")}
                </p>
                {one_line(cluster, command, link)}
            </section>
        </div>
    }
    .into_any()
}

/// The form posts to this very page, which is then drawn with the command in it. A page that looks
/// again must not lose it.
fn one_line(cluster: &ClusterView, command: Option<String>, link: Change) -> AnyView {
    let id = cluster.id.to_string();
    let here = format!("/clusters/{id}/access");
    let text = if command.is_some() {
        t("Make another")
    } else {
        t("Make the command")
    };
    let failure = link.failure.clone();
    let shown = command.map(|command| {
        view! {
            <CopyField text=command label=t("The command")/>
            <p class="hint">{t("Whoever has this line can open the cluster: treat it as a password.")}</p>
        }
    });
    let is_made = shown.is_some().then_some("");
    view! {
        <FormError failure/>
        <div class="one-line" data-hold=is_made>{shown}</div>
        <ChangeForm change=link action=here>
            <input type="hidden" name="id" value=id/>
            <ChangeButton icon=Icon::Terminal text class="button button-quiet"/>
        </ChangeForm>
    }
    .into_any()
}
