//! A chart's numbers, for whoever reads rather than looks.

use leptos::prelude::*;
use model::{Reading, UnixMs};

use super::{Chart, span_words};
use crate::ui::Time;
use crate::words::t;

/// Rows of a table; more are no longer read.
const ROWS: usize = 12;

pub fn view(chart: &Chart) -> AnyView {
    let points = chart.lines.iter().map(|line| line.points.len()).max();
    let points = points.unwrap_or(0);
    let each = points.div_ceil(ROWS).max(1);
    let heads = chart
        .lines
        .iter()
        .map(|line| view! { <th scope="col">{line.label.clone()}</th> })
        .collect_view();
    // The newest first: that is what one came for.
    let rows = (0..points.div_ceil(each))
        .rev()
        .map(|row| {
            let at = chart.from + (row * each) as i64 * chart.step_ms;
            view_row(chart, at, row * each..((row + 1) * each).min(points))
        })
        .collect_view();
    view! {
        <details class="chart-numbers">
            <summary>{t("Numbers")}</summary>
            <table class="table">
                <caption class="unseen">
                    {t(chart.title)} ", " {t(span_words(chart.span))} ": " {t("mean and highest")}
                </caption>
                <thead>
                    <tr><th scope="col">{t("From")}</th>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn view_row(chart: &Chart, at: UnixMs, range: std::ops::Range<usize>) -> AnyView {
    let cells = chart
        .lines
        .iter()
        .map(|line| {
            let part = line.points.get(range.clone()).unwrap_or_default();
            let text = match together(part) {
                Some(reading) => format!(
                    "{} ({})",
                    chart.unit.text(reading.avg),
                    chart.unit.text(reading.max)
                ),
                None => "—".to_owned(),
            };
            view! { <td data-label=line.label.clone()>{text}</td> }
        })
        .collect_view();
    view! { <tr><th scope="row"><Time at/></th>{cells}</tr> }.into_any()
}

/// One reading for several points in a row.
fn together(points: &[Option<Reading>]) -> Option<Reading> {
    let known: Vec<&Reading> = points.iter().flatten().collect();
    let sum: u64 = known.iter().map(|r| r.avg).fold(0, u64::saturating_add);
    Some(Reading {
        min: known.iter().map(|r| r.min).min()?,
        avg: sum / known.len() as u64,
        max: known.iter().map(|r| r.max).max()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_do_not_count() {
        let reading = |avg| {
            Some(Reading {
                min: avg - 1,
                avg,
                max: avg + 1,
            })
        };
        let both = together(&[reading(10), None, reading(20)]);
        assert_eq!(
            both,
            Some(Reading {
                min: 9,
                avg: 15,
                max: 21
            })
        );
        assert_eq!(together(&[None, None]), None);
        assert_eq!(together(&[]), None);
    }
}
