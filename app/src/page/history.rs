//! What was asked for lately, by whom, and how long it took.

use leptos::prelude::*;
use model::{ClusterId, OperationState, OperationView};

use crate::format::took;
use crate::ui::Time;
use crate::words::{say, t};

/// How many of them an overview has; the others are on a page of their own.
const SHOWN: usize = 3;

pub fn history(cluster: ClusterId, operations: &[OperationView]) -> AnyView {
    if operations.is_empty() {
        return ().into_any();
    }
    let rows = operations
        .iter()
        .take(SHOWN)
        .cloned()
        .map(row)
        .collect_view();
    let all = format!("/clusters/{cluster}/changes");
    view! {
        <section class="panel" aria-labelledby="history">
            <h2 id="history">{t("Recent changes")}</h2>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("Change")}</th>
                        <th scope="col">{t("By")}</th>
                        <th scope="col">{t("When")}</th>
                        <th scope="col">{t("Took")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="panel-more"><a href=all>{t("All changes, step by step")}</a></p>
        </section>
    }
    .into_any()
}

fn row(operation: OperationView) -> AnyView {
    let length = match (operation.state, operation.ended_at) {
        (OperationState::Running, _) | (_, None) => t("in progress").to_owned(),
        (OperationState::Superseded, _) => t("replaced by a newer change").to_owned(),
        (OperationState::Done, Some(end)) => {
            took(u64::try_from(end - operation.started_at).unwrap_or(0))
        }
    };
    view! {
        <tr data-key=operation.id.to_string()>
            <th scope="row">{say(&operation.summary)}</th>
            <td data-label=t("By")>{operation.by}</td>
            <td data-label=t("When")><Time at=operation.started_at/></td>
            <td data-label=t("Took")>{length}</td>
        </tr>
    }
    .into_any()
}
