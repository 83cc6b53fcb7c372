//! What is happening, step by step.

use leptos::prelude::*;
use model::{StepState, StepView};

use crate::format::took;
use crate::ui::IntoWhole;

pub fn timeline(steps: &[StepView]) -> AnyView {
    if steps.is_empty() {
        return ().whole();
    }
    let lines = steps.iter().cloned().map(line).collect_view();
    view! {
        <section class="panel">
            <h2>"What is happening"</h2>
            <ol class="timeline" aria-live="polite">{lines}</ol>
        </section>
    }
    .whole()
}

fn line(step: StepView) -> AnyView {
    let (class, word) = match step.state {
        StepState::Waiting => ("waiting", "waiting"),
        StepState::Running => ("running", "in progress"),
        StepState::Done => ("done", "done"),
        StepState::Failed => ("failed", "failed"),
    };
    view! {
        <li class=class>
            <i aria-hidden="true"></i>
            <span class="step-label">{step.label} <span class="unseen">{format!(" ({word})")}</span></span>
            <span class="step-took">{step.took_ms.map(|ms| took(u64::from(ms)))}</span>
            {step.detail.map(|detail| view! { <span class="step-detail">{detail}</span> })}
        </li>
    }
    .whole()
}
