//! A compose file, typed or opened, checked at its lines, and deployed.
//!
//! The forms post to the page itself, without script as with it: a whole file fits in no address.

mod problem;

use leptos::prelude::*;
use model::{ClusterView, StackCheckView, StackName, StackService, StackSpec};

use crate::ApiError;
use crate::api;
use crate::page::cluster_nav::{ClusterNav, ClusterPage};
use crate::page::{cluster_param, for_members, only_looking, query};
use crate::server::posted;
use crate::ui::{FieldError, FormError, Icon, PageHead, TextField, area_text, load};
use crate::words::{t, tf, tn, tv};

/// A larger one would not fit through the panel's door.
const TEXT_MAX: usize = 24_000;

const EXAMPLE: &str = "services:
  web:
    image: nginx:1.27
    ports:
      - \"8080:80\"
    deploy:
      replicas: 2
";

pub fn stack_new() -> AnyView {
    for_members(|| load(found(cluster_param()), page))
}

struct Shown {
    cluster: ClusterView,
    /// A stack that is there is deployed once more, under its name.
    is_again: bool,
    name: String,
    text: String,
    check: Option<StackCheckView>,
    failure: Option<ApiError>,
}

async fn found(id: String) -> Result<Shown, ApiError> {
    let cluster = api::cluster_get(id.clone()).await?;
    if !cluster.may_use {
        return Err(only_looking());
    }
    let again = query("name").filter(|name| !name.is_empty());
    let mut shown = Shown {
        cluster,
        is_again: again.is_some(),
        text: match again {
            // No example in the place of the file that it was.
            Some(_) => String::new(),
            None => EXAMPLE.to_owned(),
        },
        name: again.unwrap_or_else(|| "app".to_owned()),
        check: None,
        failure: None,
    };
    let (field, is_deploying) = match (posted("deploy"), posted("check"), posted("open")) {
        (Some(field), _, _) => (field, true),
        (_, Some(field), _) | (_, _, Some(field)) => (field, false),
        _ => return Ok(shown),
    };
    shown.name = field("name");
    // As a browser's text area has it, whatever machine the file was made on.
    shown.text = field("text").replace("\r\n", "\n");
    let check = api::stack_check(id.clone(), shown.text.clone()).await?;
    let is_good = check.problems.is_empty();
    shown.check = Some(check);
    if is_deploying && is_good {
        let deployed = api::stack_deploy(id, shown.name.clone(), shown.text.clone()).await;
        match deployed {
            Ok(outcome) => leptos_axum::redirect(&format!(
                "/clusters/{}/stacks?done=deployed&made={}&changed={}&left={}",
                shown.cluster.id,
                outcome.made.len(),
                outcome.changed.len(),
                outcome.left.len(),
            )),
            Err(error) => shown.failure = Some(error.typed("name", &shown.name)),
        }
    }
    Ok(shown)
}

fn page(shown: Shown) -> AnyView {
    let id = shown.cluster.id;
    let here = format!("/clusters/{id}/stacks/new");
    let back = (format!("/clusters/{id}/stacks"), t("Stacks").to_owned());
    let document_title = tf(
        "Deploy a compose file on {name}",
        &[("name", &shown.cluster.name)],
    );
    let failure = shown.failure;
    let problems = shown
        .check
        .as_ref()
        .map(|check| check.problems.clone())
        .unwrap_or_default();
    let would = shown
        .check
        .and_then(|check| check.spec)
        .map(|spec| would_make(&shown.name, &spec));
    let again = shown.is_again.then(|| not_kept(&shown.name));
    let open = open_form(here.clone(), shown.name.clone());
    let is_wrong = (!problems.is_empty()).then_some("true");
    let told = problem::list(&problems);
    let lines = problem::lines(&shown.text, &problems);
    let lead = t(
        "What Docker's own stack deploy does, without Docker: services, networks and volumes from one file.",
    );
    view! {
        <PageHead title=t("Deploy a compose file") document_title back lead/>
        <ClusterNav id here=ClusterPage::Stacks/>
        <section class="panel">
            {again}
            <FormError failure=failure.clone() fields=&["name"]/>
            {told}
            <form method="post" action=here.clone() class="form">
                <TextField
                    name="name" label=t("Name of the stack") value=shown.name failure=failure.clone()
                    max_length=StackName::MAX
                    hint=t("It stands before the name of each service. A stack that is there already is brought up to date.")
                />
                <div class="field compose-field">
                    <label for="text">{t("Compose file")}</label>
                    <textarea
                        id="text" name="text" rows="20" maxlength=TEXT_MAX.to_string() required wrap="off"
                        spellcheck="false" autocapitalize="none" autocomplete="off"
                        aria-invalid=is_wrong aria-describedby="text-error"
                    >{area_text(&shown.text)}</textarea>
                    <FieldError name="text" failure/>
                </div>
                <div class="form-actions">
                    <button type="submit" class="button" name="make" value="deploy">{Icon::Play.view()} <span>{t("Deploy the stack")}</span></button>
                    <button type="submit" class="button button-quiet" name="make" value="check">{Icon::Check.view()} <span>{t("Check only")}</span></button>
                </div>
            </form>
            {would}
            {lines}
        </section>
        {open}
        {subset()}
    }
    .into_any()
}

/// Environments and configs have passwords in them more often than not, and the panel is no place for
/// those.
fn not_kept(name: &str) -> AnyView {
    let words = tf(
        "The panel keeps no compose files, since there may be passwords in them. Paste the file of {name} here, or open it below. What it names is brought up to date; services that it no longer names go on until they are removed.",
        &[("name", &name)],
    );
    view! { <p class="hint">{words}</p> }.into_any()
}

fn open_form(here: String, name: String) -> AnyView {
    view! {
        <section class="panel">
            <h2>{t("Open a file")}</h2>
            <form method="post" action=here enctype="multipart/form-data" class="form">
                <input type="hidden" name="make" value="open"/>
                <input type="hidden" name="name" value=name/>
                <div class="field">
                    <label for="file">{t("A compose file of your machine")}</label>
                    <input id="file" name="text" type="file" accept=".yml,.yaml,text/yaml,text/plain" required/>
                </div>
                <div class="form-actions">
                    <button type="submit" class="button button-quiet">{t("Open and check")}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// What the file would make, before anything is made.
fn would_make(stack: &str, spec: &StackSpec) -> AnyView {
    let services = spec
        .services
        .iter()
        .map(|one| service(stack, one))
        .collect_view();
    let networks = spec.networks.iter().filter(|part| !part.is_external);
    let networks: Vec<String> = networks.map(|part| part.full_name(stack)).collect();
    let volumes = spec.volumes.iter().filter(|part| !part.is_external);
    let volumes: Vec<String> = volumes.map(|part| part.full_name(stack)).collect();
    let configs = spec.configs.iter().filter(|file| file.content.is_some());
    let configs: Vec<String> = configs.map(|file| file.part.full_name(stack)).collect();
    let row = |label: &'static str, names: Vec<String>| {
        (!names.is_empty()).then(|| {
            view! { <div><dt>{t(label)}</dt><dd>{names.join(", ")}</dd></div> }
        })
    };
    view! {
        <div class="would" role="status">
            <p class="done">{Icon::Check.view()} {t("The file is good. This is what it makes:")}</p>
            <ul class="ticks">{services}</ul>
            <dl class="facts">
                {row("Networks", networks)}
                {row("Volumes", volumes)}
                {row("Configs", configs)}
            </dl>
        </div>
    }
    .into_any()
}

fn service(stack: &str, service: &StackService) -> AnyView {
    let tasks = match service.replicas {
        Some(replicas) => tn(replicas as usize, "1 task", "{n} tasks"),
        None => t("one task on every segment").to_owned(),
    };
    let ports: Vec<String> = service
        .ports
        .iter()
        .map(|port| match port.published {
            Some(published) => format!("{published}->{}/{}", port.target, port.protocol),
            None => format!("{}/{}", port.target, port.protocol),
        })
        .collect();
    let ports = (!ports.is_empty()).then(|| format!(" · {}", ports.join(", ")));
    let name = format!("{stack}_{}", service.name);
    let image = service.image.clone();
    let words = tv(
        "{name}: {tasks} of {image}",
        [
            ("name", view! { <b>{name}</b> }.into_any()),
            ("tasks", tasks.into_any()),
            ("image", view! { <code>{image}</code> }.into_any()),
        ],
    );
    view! { <li>{Icon::Check.view()} <span>{words} {ports}</span></li> }.into_any()
}

/// Said before somebody finds out line by line.
fn subset() -> AnyView {
    view! {
        <section class="panel">
            <h2>{t("What is understood")}</h2>
            <ul class="checklist">
                <li>{t("Services with image, command, entrypoint, environment, ports, networks, volumes, tmpfs, labels, user, working_dir, hostname, extra_hosts, healthcheck, init, read_only, tty, stdin_open, stop_signal and stop_grace_period, and deploy with mode, replicas, labels, resources, placement, restart_policy and update_config.")}</li>
                <li>{t("Networks and volumes with name, external, labels and driver. Volumes by name only: a path of a segment would reach below your containers.")}</li>
                <li>{t("Configs with their content in the file or external; secrets that are there already, made with docker secret create.")}</li>
                <li>{t("Everything else is refused at its line, so that nothing is left out silently. Docker's own stack deploy knows more: env_file and what else reads other files of your machine.")}</li>
                <li>{t("Images come from public registries, or from those that the segments reach without signing in. Services that a newer file no longer names go on until they are removed.")}</li>
            </ul>
        </section>
    }
    .into_any()
}
