//! What is happening, step by step: what concerns one segment stands in that segment's lane, since
//! segments are made side by side.

use leptos::prelude::*;
use model::{StepState, StepView};

use crate::format::took;
use crate::words::{say, t, tf};

pub fn timeline(steps: &[StepView]) -> AnyView {
    if steps.is_empty() {
        return ().into_any();
    }
    let is_over = steps.iter().all(|step| step.state == StepState::Done);
    let title = match is_over {
        true => t("What happened"),
        false => t("What is happening"),
    };
    view! {
        <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">{title}</h2>
            <div aria-live="polite">{self::steps(steps)}</div>
        </section>
    }
    .into_any()
}

/// Without what is around them.
pub fn steps(steps: &[StepView]) -> AnyView {
    let stages = stages(steps).into_iter().map(stage).collect_view();
    view! { <div class="stages">{stages}</div> }.into_any()
}

/// Steps of one segment, or of the cluster as a whole.
type Lane = Vec<StepView>;

/// Lanes that run side by side; one stage follows on the other.
fn stages(steps: &[StepView]) -> Vec<Vec<Lane>> {
    let mut stages: Vec<Vec<Lane>> = Vec::new();
    for step in steps {
        let lanes_now = stages
            .last_mut()
            .filter(|lanes| ordinal(&lanes[0][0]).is_some());
        match (ordinal(step), lanes_now) {
            (Some(_), Some(lanes)) => {
                match lanes
                    .iter_mut()
                    .find(|lane| ordinal(&lane[0]) == ordinal(step))
                {
                    Some(lane) => lane.push(step.clone()),
                    None => lanes.push(vec![step.clone()]),
                }
            }
            _ => stages.push(vec![vec![step.clone()]]),
        }
    }
    stages
}

/// The segment a step is about: its key ends in `:1`.
fn ordinal(step: &StepView) -> Option<&str> {
    step.key.split_once(':').map(|(_, ordinal)| ordinal)
}

fn stage(lanes: Vec<Lane>) -> AnyView {
    let lanes = lanes
        .into_iter()
        .map(|lane| {
            let lines = lane.into_iter().map(line).collect_view();
            view! { <ol class="timeline">{lines}</ol> }
        })
        .collect_view();
    view! { <div class="lanes">{lanes}</div> }.into_any()
}

fn line(step: StepView) -> AnyView {
    let (class, word) = match step.state {
        StepState::Waiting => ("waiting", t("waiting")),
        StepState::Running => ("running", t("in progress")),
        StepState::Done => ("done", t("done")),
        StepState::Failed => ("failed", t("failed")),
    };
    // Counted from the moment at which it was asked for.
    let after = step
        .took_ms
        .map(|ms| tf("after {time}", &[("time", &took(u64::from(ms)))]));
    view! {
        <li class=class>
            <i aria-hidden="true"></i>
            <span class="step-label">
                {say(&step.label)} <span class="unseen">{format!(" ({word})")}</span>
            </span>
            <span class="step-took">{after}</span>
            {step.detail.map(|detail| view! { <span class="step-detail">{say(&detail)}</span> })}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[&str], expect: &str) {
        let steps: Vec<StepView> = keys
            .iter()
            .map(|key| StepView {
                key: (*key).to_owned(),
                label: String::new(),
                state: StepState::Done,
                took_ms: None,
                detail: None,
            })
            .collect();
        let lane = |lane: &Lane| {
            lane.iter()
                .map(|s| s.key.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let stage = |lanes: &Vec<Lane>| lanes.iter().map(lane).collect::<Vec<_>>().join(" | ");
        let found = stages(&steps)
            .iter()
            .map(stage)
            .collect::<Vec<_>>()
            .join(" / ");
        assert_eq!(found, expect);
    }

    #[test]
    fn every_segment_has_its_lane() {
        check(
            &[
                "placed", "made:1", "engine:1", "made:2", "engine:2", "endpoint",
            ],
            "placed / made:1 engine:1 | made:2 engine:2 / endpoint",
        );
    }

    #[test]
    fn steps_may_come_in_any_order() {
        check(
            &["made:1", "made:2", "engine:1"],
            "made:1 engine:1 | made:2",
        );
        check(&[], "");
    }
}
