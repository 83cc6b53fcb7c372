//! What is wrong with a compose file, at its lines, in the person's language.

use leptos::prelude::*;
use model::{ComposeProblem, ComposeWrong, Shape, Unsupported, ValueWanted, YamlFeature};

use crate::ui::Icon;
use crate::words::{t, tf, tn};

/// Longer files are not drawn a second time.
const LINES_MAX: usize = 1_200;

/// All of them, each with a link to its line.
pub fn list(problems: &[ComposeProblem]) -> AnyView {
    if problems.is_empty() {
        return ().into_any();
    }
    let count = tn(
        problems.len(),
        "1 problem. Nothing was made.",
        "{n} problems. Nothing was made.",
    );
    let items = problems
        .iter()
        .map(|problem| {
            let href = format!("#line-{}", problem.line);
            let line = tf("Line {n}", &[("n", &problem.line)]);
            view! { <li><a href=href>{line}</a> ": " {words(&problem.what)}</li> }
        })
        .collect_view();
    view! {
        <div class="alert compose-problems" role="alert" id="problems">
            {Icon::Alert.view()}
            <div><p><b>{count}</b></p> <ul>{items}</ul></div>
        </div>
    }
    .into_any()
}

/// The file with its numbers, and what is wrong under each line.
pub fn lines(text: &str, problems: &[ComposeProblem]) -> AnyView {
    if problems.is_empty() {
        return ().into_any();
    }
    let rows = text
        .lines()
        .take(LINES_MAX)
        .enumerate()
        .map(|(n, line)| {
            let number = u32::try_from(n + 1).unwrap_or(u32::MAX);
            let here: Vec<String> = problems
                .iter()
                .filter(|problem| problem.line == number)
                .map(|problem| words(&problem.what))
                .collect();
            let is_wrong = (!here.is_empty()).then_some("wrong");
            let told = (!here.is_empty())
                .then(|| view! { <span class="line-problem">{here.join(" ")}</span> });
            view! {
                <li class=is_wrong id=format!("line-{number}")>
                    <code>{line.to_owned()}</code> {told}
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="more" open>
            <summary>{t("The file, line by line")}</summary>
            <ol class="code-lines" tabindex="0" aria-label=t("The file, line by line")>{rows}</ol>
        </details>
    }
    .into_any()
}

fn words(wrong: &ComposeWrong) -> String {
    match wrong {
        ComposeWrong::Syntax { why } => {
            tf("This is no YAML. The reader says: {why}", &[("why", why)])
        }
        ComposeWrong::YamlFeature { what } => t(feature(*what)).to_owned(),
        ComposeWrong::TooLong => t("This is too much for one file.").to_owned(),
        ComposeWrong::TooDeep => t("This is nested too deep.").to_owned(),
        ComposeWrong::Twice { key } => tf("“{key}” stands here twice.", &[("key", key)]),
        ComposeWrong::Wanted { what } => t(shape(*what)).to_owned(),
        ComposeWrong::Unknown { key, nearest } => match nearest {
            Some(nearest) => tf(
                "Compose knows no “{key}” here. Is “{nearest}” meant?",
                &[("key", key), ("nearest", nearest)],
            ),
            None => tf("Compose knows no “{key}” here.", &[("key", key)]),
        },
        ComposeWrong::Unsupported { key, why } => unsupported(key, why),
        ComposeWrong::Missing { key } => tf("“{key}” is missing.", &[("key", key)]),
        ComposeWrong::Value { value, what } => tf(t_value(*what), &[("value", value)]),
        ComposeWrong::Variable { name } => tf(
            "There are no variables here: write the value of {name} itself. A dollar sign is written $$.",
            &[("name", name)],
        ),
        ComposeWrong::NotDeclared { key } => tf(
            "“{key}” is declared nowhere: add it under networks or volumes at the file's end.",
            &[("key", key)],
        ),
        ComposeWrong::HostPath { path } => tf(
            "“{path}”: files and folders of a machine cannot be mounted (CARINA-1002). Use a volume with a name.",
            &[("path", path)],
        ),
        ComposeWrong::ReservedPort { port } => tf(
            "Port {port} is the cluster's own (CARINA-1017).",
            &[("port", port)],
        ),
        ComposeWrong::ReservedLabel { label } => tf(
            "“{label}”: labels that begin so are kept for the cluster and for Docker (CARINA-1018).",
            &[("label", label)],
        ),
        ComposeWrong::Nothing => t("There is nothing in it.").to_owned(),
    }
}

fn unsupported(key: &str, why: &Unsupported) -> String {
    let key: (&str, &dyn std::fmt::Display) = ("key", &key);
    match why {
        Unsupported::Policy { code } => tf(
            "“{key}” is refused by the cluster's policy (CARINA-{code}).",
            &[key, ("code", code)],
        ),
        Unsupported::Build => tf(
            "“{key}”: images are not built here. Build it with Docker, push it to a registry and name it under image.",
            &[key],
        ),
        Unsupported::File => tf(
            "“{key}” reads files of your machine, which are not here. Write the values into this file, or use docker stack deploy.",
            &[key],
        ),
        Unsupported::Stack => tf(
            "“{key}” means nothing in a stack: Docker's swarm names, orders and restarts by itself. Leave it out; what there is stands under deploy.",
            &[key],
        ),
        Unsupported::Client => tf(
            "“{key}” is not understood here yet. docker stack deploy with the cluster's credentials does it.",
            &[key],
        ),
    }
}

fn feature(what: YamlFeature) -> &'static str {
    match what {
        YamlFeature::Alias | YamlFeature::Anchor => {
            "Anchors and aliases (& and *) are not understood here: write it out."
        }
        YamlFeature::Tag => "Tags (with !) are not understood here.",
        YamlFeature::SecondDocument => "One file has one document: there may be no second ---.",
        YamlFeature::Key => "A key is a single word.",
    }
}

fn shape(what: Shape) -> &'static str {
    match what {
        Shape::Mapping => "Here a mapping is wanted: lines with “key: value”.",
        Shape::List => "Here a list is wanted: lines that begin with “- ”.",
        Shape::Text => "Here a single value is wanted.",
        Shape::MappingOrList => "Here a mapping or a list is wanted.",
        Shape::TextOrList => "Here a single value or a list is wanted.",
    }
}

fn t_value(what: ValueWanted) -> &'static str {
    match what {
        ValueWanted::Name => {
            "“{value}” is no name: letters, digits, hyphens and underscores, at most 40."
        }
        ValueWanted::Image => "“{value}” is no name of an image.",
        ValueWanted::Port => {
            "“{value}” is no port: write 80, 8080:80 or 8080:80/udp. Ranges and addresses are nothing for services."
        }
        ValueWanted::Protocol => "“{value}” is no protocol: tcp, udp or sctp.",
        ValueWanted::Yes => "“{value}” is neither true nor false.",
        ValueWanted::Replicas => "“{value}” is no number from 0 to 100.",
        ValueWanted::Mode => "“{value}” is no mode: replicated or global.",
        ValueWanted::Memory => {
            "“{value}” is no amount of memory of 6m or more: write 512m or 1.5g."
        }
        ValueWanted::Cpus => "“{value}” is no number of CPUs: write \"0.5\" or \"2\".",
        ValueWanted::Restart => "“{value}” is no condition: none, on-failure or any.",
        ValueWanted::Assignment => "“{value}” is no name.",
        ValueWanted::Path => "“{value}” is no absolute path.",
        ValueWanted::Volume => "“{value}” is no volume: write name:/path or name:/path:ro.",
        ValueWanted::Driver => "“{value}” is not there: networks are overlays, volumes local.",
        ValueWanted::PortMode => "“{value}” is no mode of a port: ingress or host.",
        ValueWanted::Quote => "A quotation mark is open in “{value}”.",
        ValueWanted::Duration => "“{value}” is no length of time: write 30s, 1m30s or 500ms.",
        ValueWanted::HealthTest => {
            "A test begins with CMD, CMD-SHELL or NONE, not with “{value}”. A single line is for the shell."
        }
        ValueWanted::Count => "“{value}” is no number from 0 on.",
        ValueWanted::FailureAction => "“{value}” is none of pause, continue and rollback.",
        ValueWanted::UpdateOrder => "“{value}” is no order: stop-first or start-first.",
        ValueWanted::Constraint => {
            "“{value}” is no constraint: write node.hostname==n2 or node.labels.disk!=ssd."
        }
        ValueWanted::Hostname => {
            "“{value}” is no host name: letters, digits and hyphens, at most 63."
        }
        ValueWanted::HostEntry => "“{value}” is no host with its address: write name:10.0.0.5.",
        ValueWanted::Signal => "“{value}” is no signal: write SIGTERM or 15.",
        ValueWanted::FileUse => "“{value}” is neither a name nor a path of a file.",
        ValueWanted::Number => "“{value}” is no number of a user or a group.",
        ValueWanted::FileMode => "“{value}” is no mode of a file: write 0440.",
    }
}
