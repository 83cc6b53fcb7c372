//! Whom a token acts for.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use control::Actor;
use model::UserError;

use super::super::Web;
use super::problem::Problem;

/// What stands behind `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, bearer)| bearer.trim())
}

/// The actor of `Authorization: Bearer`, and never that of a cookie.
pub struct Bearer(pub Actor);

impl FromRequestParts<Web> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(UserError::SignedOut)?;
        Ok(Self(web.control.actor_by_token(token).await?))
    }
}
