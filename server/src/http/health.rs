//! `GET /healthz`: whether the panel can do its work, for whoever watches over it.

use axum::extract::State;
use axum::http::StatusCode;

use super::Web;

pub async fn health(State(web): State<Web>) -> (StatusCode, &'static str) {
    // The smallest question that only the database can answer.
    match web.control.setup_needed().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        ),
    }
}
