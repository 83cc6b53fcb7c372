//! A console in a container. The one page that is nothing without script: a terminal needs it.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_router::components::A;
use model::{ClusterView, ContainerDetailView};

use crate::ApiError;
use crate::api;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::container_list::{away, option, reference};
use crate::page::{cluster_param, container_param, for_members, only_looking, query};
use crate::ui::{Icon, PageHead, load};
use crate::words::{t, tf};

type Shown = (ClusterView, Result<ContainerDetailView, ApiError>);

pub fn console() -> AnyView {
    for_members(|| {
        let shell = query("shell").filter(|shell| matches!(shell.as_str(), "sh" | "bash"));
        let nonce = use_nonce();
        load(found(cluster_param(), container_param()), move |shown| {
            page(shown, shell, nonce)
        })
    })
}

async fn found(id: String, container: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    if !cluster.may_use {
        return Err(only_looking());
    }
    let found = match api::container_get(id, container).await {
        Err(error) if error.error.status() == 404 => return Err(error),
        other => other,
    };
    Ok((cluster, found))
}

fn page(
    (cluster, found): Shown,
    shell: Option<String>,
    nonce: Option<leptos::nonce::Nonce>,
) -> AnyView {
    let id = cluster.id;
    let container = match found {
        Ok(container) => container,
        Err(error) => {
            let back = (
                format!("/clusters/{id}/containers"),
                t("Containers").to_owned(),
            );
            return view! {
                <PageHead title=t("Console") back/>
                <ClusterNav id=id here=ClusterPage::Containers/>
                {away(&error)}
            }
            .into_any();
        }
    };
    let summary = &container.summary;
    let here = format!("/clusters/{id}/containers/{}", reference(summary));
    let back = (here.clone(), summary.name.clone());
    let document_title = tf("Console of {name}", &[("name", &summary.name)]);
    let body = match (summary.is_system, summary.state.as_str()) {
        (true, _) => refused(t("Carina runs this container itself: nobody works in it.")),
        (_, "running") => terminal(&here, shell.unwrap_or_default(), &summary.id, nonce),
        _ => refused(t("The container does not run. Start it first.")),
    };
    view! {
        <PageHead title=t("Console") document_title back/>
        <ClusterNav id=id here=ClusterPage::Containers/>
        {body}
    }
    .into_any()
}

fn refused(why: &'static str) -> AnyView {
    view! { <section class="panel"><p>{why}</p></section> }.into_any()
}

fn terminal(here: &str, shell: String, id: &str, nonce: Option<leptos::nonce::Nonce>) -> AnyView {
    let shells = [("", t("bash, or sh")), ("bash", "bash"), ("sh", "sh")]
        .map(|(value, text)| option(value.to_owned(), text.to_owned(), value == shell))
        .collect_view();
    let command = format!(
        "docker exec -it {} sh",
        id.chars().take(12).collect::<String>()
    );
    let socket = format!("{here}/console/socket?shell={shell}");
    view! {
        <link rel="stylesheet" href="/pkg/console/xterm.css"/>
        <section class="panel console-panel" aria-labelledby="console-title">
            <h2 id="console-title" class="unseen">{t("Terminal")}</h2>
            <div class="log-bar">
                {state()}
                <form method="get" class="filters">
                    <label>{t("Shell")} " "<select name="shell">{shells}</select></label>
                    <button type="submit" class="button button-quiet button-small">{t("Open again")}</button>
                </form>
            </div>
            {next()}
            <div class="console" data-console=socket></div>
            <label class="check console-reader awake-only">
                <input type="checkbox" data-console-reader/>
                <span>{t("Screen reader mode: the terminal's lines can be read out, and new ones are announced.")}</span>
            </label>
            <noscript>
                <p>{t("A terminal in the browser needs script. With your Docker client:")}</p>
                <pre class="code"><code>{command}</code></pre>
            </noscript>
            <p class="hint awake-only">
                {t("Ctrl+Shift+C copies, Ctrl+Shift+V pastes. Tab belongs to the terminal; Ctrl+Shift+E leaves it. After fifteen minutes without a key it is closed.")}
            </p>
            <p class="hint"><A href=here.to_owned()>{Icon::Back.view()} {t("Back to the container")}</A></p>
        </section>
        <script type="module" nonce=nonce src="/pkg/console/console.js"></script>
    }
    .into_any()
}

/// How the console is; its script finds the words here.
fn state() -> AnyView {
    view! {
        <p class="console-state awake-only" role="status" data-console-state
            data-opening=t("Opening…") data-open=t("Connected")
            data-lost=t("The connection to the panel was lost. The container goes on. A new shell is opened as soon as the panel answers.")
            data-renewed=t("Connected again, with a new shell in the same container. What stands above is from the one before; what ran in it may have ended.")
            data-mark=t("a new shell")
        >{t("Opening…")}</p>
    }
    .into_any()
}

/// What comes after an ending. Only the state above is announced: nobody wants every second read out.
fn next() -> AnyView {
    view! {
        <p class="console-next" hidden data-console-next>
            <span data-console-count data-words=t("Next try in {n} s") data-trying=t("Trying…")></span>
            <button
                type="button" class="button button-quiet button-small" data-console-now
                data-again=t("Reconnect now") data-renew=t("Open a new shell")
            >{t("Reconnect now")}</button>
        </p>
    }
    .into_any()
}
