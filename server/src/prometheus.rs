//! `GET /metrics` on a listener of its own, in Prometheus's text format 0.0.4 (docs/metrics.md).
//!
//! Off unless the configuration names an address. Whoever can reach it learns the clusters' ids and
//! names and how busy they are, and nothing else.

mod text;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use control::Control;
use tower_http::timeout::TimeoutLayer;

use crate::counts::Counts;

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Watched {
    control: Control,
    counts: Arc<Counts>,
}

pub fn router(control: Control, counts: Arc<Counts>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            DEADLINE,
        ))
        .with_state(Watched { control, counts })
}

async fn metrics(State(watched): State<Watched>) -> Response {
    match watched.control.numbers().await {
        Ok(numbers) => {
            let text = text::write(&numbers, &watched.counts);
            ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
