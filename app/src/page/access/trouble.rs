//! “It doesn't connect?”: what to check, and how far the panel itself comes.

use leptos::prelude::*;
use model::{AccessTestView, ClusterView, ManagerWayView, WayStep, WayStepView};

use crate::ApiError;
use crate::format::took;
use crate::ui::{FormError, Icon};
use crate::words::{t, tf, tv};

pub fn section(cluster: &ClusterView, test: Result<Option<AccessTestView>, ApiError>) -> AnyView {
    let (test, failure) = match test {
        Ok(test) => (test, None),
        Err(error) => (None, Some(error)),
    };
    let here = format!("/clusters/{}/access#trouble", cluster.id);
    let is_held = test.is_some().then_some("");
    let text = match test {
        Some(_) => t("Test again"),
        None => t("Test the way from the panel"),
    };
    view! {
        <section class="panel" aria-labelledby="trouble">
            <h2 id="trouble">{t("It doesn't connect?")}</h2>
            {checklist(cluster)}
            <h3>{t("A live test")}</h3>
            <p>{t("The panel goes the way of a Docker client and says how far it comes. It tells what is wrong here; what is between you and the panel only your machine can tell.")}</p>
            <FormError failure/>
            <div class="way-test" role="status" data-hold=is_held>{test.map(result)}</div>
            <form method="post" action=here data-change>
                <input type="hidden" name="make" value="test"/>
                <button type="submit" class="button button-quiet" data-pending=t("Testing…")>
                    {Icon::Bolt.view()} <span>{text}</span>
                </button>
            </form>
        </section>
    }
    .into_any()
}

/// From what goes wrong most often to what hardly ever does.
fn checklist(cluster: &ClusterView) -> AnyView {
    let endpoint = cluster.endpoint.clone();
    let reach = endpoint.as_deref().map(|endpoint| {
        let address = endpoint.trim_start_matches("tcp://").to_owned();
        let command = format!("curl -k https://{address}/_ping");
        let text = tv(
            "{error}: something between you and {address} keeps the port closed, mostly a firewall. {command} must complain of a certificate at once; if it waits, the port is closed.",
            [
                ("error", quoted("i/o timeout, connection refused")),
                ("address", view! { <code>{address}</code> }.into_any()),
                ("command", view! { <code>{command}</code> }.into_any()),
            ],
        );
        view! { <li>{text}</li> }
    });
    let local = tv(
        "{error}: Docker asks your own machine. The variables hold in one terminal window only: source the file again, or see with {command} which context is in use.",
        [
            (
                "error",
                quoted("Cannot connect to the Docker daemon at unix://…"),
            ),
            ("command", quoted("docker context ls")),
        ],
    );
    let revoked = tv(
        "{error}: your certificate was revoked or has ended, see the list above, or it is another cluster's. Download a new one.",
        [("error", quoted("remote error: tls: bad certificate"))],
    );
    let name = tv(
        "{error}: you came by another name or address than the one in the file. Use the file's, or let whoever runs the panel add the name.",
        [("error", quoted("x509: certificate is valid for …, not …"))],
    );
    let clock = tv(
        "{error}: your machine's clock is wrong.",
        [(
            "error",
            quoted("x509: certificate has expired or is not yet valid"),
        )],
    );
    view! {
        <ul class="checklist">
            <li>{local}</li>
            {reach}
            <li>{revoked}</li>
            <li>{name}</li>
            <li>{clock}</li>
        </ul>
    }
    .into_any()
}

/// What a Docker client says; it says it in English to everybody.
fn quoted(words: &'static str) -> AnyView {
    view! { <code lang="en">{words}</code> }.into_any()
}

fn result(test: AccessTestView) -> AnyView {
    let steps = WayStep::ALL
        .into_iter()
        .map(|step| {
            let outcome = test.front_door.iter().find(|one| one.step == step);
            line(step, test.port, outcome)
        })
        .collect_view();
    let is_open = is_whole(&test.front_door);
    let verdict = match is_open {
        true => t(
            "From here everything works. What keeps you out is between you and the panel: the list above says what to look at.",
        ),
        false => t("The way ends on this side: nothing is wrong with your machine."),
    };
    let managers = test.managers.into_iter().map(manager).collect_view();
    view! {
        <ol class="timeline">{steps}</ol>
        <p><b>{verdict}</b></p>
        <h4>{t("The managers, each by itself")}</h4>
        <ul class="timeline">{managers}</ul>
    }
    .into_any()
}

fn is_whole(steps: &[WayStepView]) -> bool {
    steps.len() == WayStep::ALL.len() && steps.iter().all(|step| step.problem.is_none())
}

/// What the step is, and what to do when it fails.
fn words(step: WayStep, port: u16) -> (String, &'static str) {
    match step {
        WayStep::Connect => (
            tf("The front door listens on port {port}", &[("port", &port)]),
            "Another program may hold the port; the panel's log says so. Tell whoever runs the panel.",
        ),
        WayStep::Secure => (
            t("A manager answers with the cluster's own certificate").to_owned(),
            "No manager takes connections, or one shows a certificate of somebody else. See which one below; Rebuild makes managers and their certificates again.",
        ),
        WayStep::Ping => (
            t("Docker answers").to_owned(),
            "The manager is there but does not answer. It may be starting: test again in a minute. Then Rebuild.",
        ),
    }
}

fn line(step: WayStep, port: u16, outcome: Option<&WayStepView>) -> AnyView {
    let (label, advice) = words(step, port);
    let (class, word) = match outcome {
        None => ("waiting", t("not reached")),
        Some(one) if one.problem.is_none() => ("done", t("done")),
        Some(_) => ("failed", t("failed")),
    };
    let time = outcome.map(|one| took(u64::from(one.took_ms)));
    let detail = outcome.and_then(|one| one.problem.clone()).map(|why| {
        view! { <span class="step-detail"><code lang="en">{why}</code> " " {t(advice)}</span> }
    });
    view! {
        <li class=class>
            <i aria-hidden="true"></i>
            <span class="step-label">{label} <span class="unseen">{format!(" ({word})")}</span></span>
            <span class="step-took">{time}</span>
            {detail}
        </li>
    }
    .into_any()
}

fn manager(way: ManagerWayView) -> AnyView {
    let is_open = is_whole(&way.steps);
    let (class, word) = match is_open {
        true => ("done", t("answers")),
        false => ("failed", t("does not answer")),
    };
    let label = tf(
        "Segment {n}, {address}: {state}",
        &[
            ("n", &way.ordinal),
            ("address", &way.address),
            ("state", &word),
        ],
    );
    let total: u64 = way.steps.iter().map(|step| u64::from(step.took_ms)).sum();
    let why = way.steps.into_iter().find_map(|step| step.problem);
    let why =
        why.map(|why| view! { <span class="step-detail"><code lang="en">{why}</code></span> });
    view! {
        <li class=class>
            <i aria-hidden="true"></i>
            <span class="step-label">{label}</span>
            <span class="step-took">{took(total)}</span>
            {why}
        </li>
    }
    .into_any()
}
