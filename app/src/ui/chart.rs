//! Charts, drawn by the server: lines of what was measured, with nothing where nothing was.
//!
//! The drawing is stretched to whatever room there is, lines keep their width, and words stand
//! beside it as text. All its numbers can be read in a table below.

mod axis;
mod path;
mod spark;
mod table;

use leptos::prelude::*;
use model::{Reading, Span, UnixMs};

pub use axis::Unit;
pub use spark::Spark;

use crate::words::{t, tf};

/// One line of a chart.
pub struct Line {
    pub label: String,
    pub points: Vec<Option<Reading>>,
}

pub struct Chart {
    /// Stable, for the page's own marks.
    pub key: &'static str,
    pub title: &'static str,
    /// Of a part of the page that has a heading: its own is one below that.
    pub is_part: bool,
    /// What a person has to know to read it.
    pub note: Option<String>,
    pub unit: Unit,
    pub span: Span,
    pub from: UnixMs,
    /// From one point to the next, milliseconds.
    pub step_ms: i64,
    pub lines: Vec<Line>,
}

impl Chart {
    fn max(&self) -> Option<u64> {
        let points = self.lines.iter().flat_map(|line| line.points.iter());
        points.flatten().map(|reading| reading.max).max()
    }

    pub fn view(self) -> AnyView {
        let title_id = format!("chart-{}", self.key);
        let max = self.max();
        let top = self.unit.ceiling(max.unwrap_or(0));
        let marks = [top, top / 2, 0]
            .map(|value| view! { <li>{self.unit.text(value)}</li> })
            .collect_view();
        let times = times(self.span)
            .map(|text| view! { <li>{t(text)}</li> })
            .collect_view();
        let lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(n, line)| drawing(n, line, top))
            .collect_view();
        let legend = self
            .lines
            .iter()
            .enumerate()
            .map(|(n, line)| self.legend_entry(n, line))
            .collect_view();
        let width = self.lines.first().map_or(1, |line| line.points.len());
        let empty = max.is_none().then(|| {
            view! { <p class="chart-empty">{t("Nothing was measured in this time.")}</p> }
        });
        let table = table::view(&self);
        let title = match self.is_part {
            true => view! { <h3 id=title_id.clone()>{t(self.title)}</h3> }.into_any(),
            false => view! { <h2 id=title_id.clone()>{t(self.title)}</h2> }.into_any(),
        };
        view! {
            <figure class="chart" aria-labelledby=title_id.clone() data-key=self.key>
                <figcaption>
                    {title}
                    {self.note.clone().map(|note| view! { <p class="hint">{note}</p> })}
                </figcaption>
                <div class="chart-plot">
                    <ol class="chart-y" aria-hidden="true">{marks}</ol>
                    <div class="chart-field">
                        <svg
                            viewBox=format!("0 0 {} {}", width * path::STEP, path::HEIGHT)
                            preserveAspectRatio="none" role="img" aria-label=self.summary() focusable="false"
                        >
                            {lines}
                        </svg>
                        {empty}
                    </div>
                    <ol class="chart-x" aria-hidden="true">{times}</ol>
                </div>
                <ul class="legend">{legend}</ul>
                {table}
            </figure>
        }
        .into_any()
    }

    fn legend_entry(&self, n: usize, line: &Line) -> AnyView {
        let last = line.points.iter().rev().flatten().next();
        let peak = line.points.iter().flatten().map(|r| r.max).max();
        let words = match (last, peak) {
            (Some(last), Some(peak)) => tf(
                "{last}, at most {peak}",
                &[
                    ("last", &self.unit.text(last.avg)),
                    ("peak", &self.unit.text(peak)),
                ],
            ),
            _ => t("not measured").to_owned(),
        };
        view! {
            <li>
                <svg class="swatch" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
                    <path class=line_class(n) d="M1 4H23"/>
                </svg>
                <b>{line.label.clone()}</b> " " <span>{words}</span>
            </li>
        }
        .into_any()
    }

    /// What a person who does not see the drawing should know of it at once.
    fn summary(&self) -> String {
        match self.max() {
            Some(max) => tf(
                "{title}, {span}: at most {peak}. The numbers are in the table below.",
                &[
                    ("title", &t(self.title)),
                    ("span", &t(span_words(self.span))),
                    ("peak", &self.unit.text(max)),
                ],
            ),
            None => t("Nothing was measured in this time.").to_owned(),
        }
    }
}

/// Told apart without colour, too: by their dashes.
fn line_class(n: usize) -> String {
    format!("line line-{}", n % 3 + 1)
}

fn drawing(n: usize, line: &Line, top: u64) -> AnyView {
    let number = n % 3 + 1;
    view! {
        <path class=format!("band band-{number}") d=path::band(&line.points, top)/>
        <path class=line_class(n) d=path::line(&line.points, top)/>
    }
    .into_any()
}

pub fn span_words(span: Span) -> &'static str {
    match span {
        Span::Hour => "the last hour",
        Span::Day => "the last day",
        Span::Week => "the last 7 days",
        Span::Month => "the last 30 days",
    }
}

/// Below a chart, from left to right.
fn times(span: Span) -> [&'static str; 4] {
    match span {
        Span::Hour => ["60 min ago", "40 min", "20 min", "now"],
        Span::Day => ["24 h ago", "16 h", "8 h", "now"],
        Span::Week => ["6 days ago", "4 days", "2 days", "now"],
        Span::Month => ["30 days ago", "20 days", "10 days", "now"],
    }
}
