//! The interface for programs, `/api/v1`: JSON, `Authorization: Bearer`, the same use-cases as the
//! pages. No cookie counts here, so no page elsewhere can make a browser use it (docs/api.md).

pub(super) mod bearer;
mod clusters;
mod problem;

use axum::Router;
use axum::routing::{get, post};

use super::Web;
use problem::Problem;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/clusters", get(clusters::list).post(clusters::create))
        .route(
            "/clusters/{id}",
            get(clusters::show).delete(clusters::delete),
        )
        .route("/hosts", get(clusters::hosts))
        .route("/clusters/{id}/scale", post(clusters::scale))
        .route("/clusters/{id}/bundle", post(clusters::bundle))
        .fallback(async || Problem::not_found("address in this interface"))
        .method_not_allowed_fallback(async || Problem::not_found("method at this address"))
}
