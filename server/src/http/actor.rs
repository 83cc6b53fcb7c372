//! Turns a session into the [`Actor`] of a request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use control::Actor;
use model::{AccountId, SessionId};
use store::session_key;
use tower_sessions::Session;

use super::Web;

/// Puts the actor into the request's extensions when somebody is signed in. A session whose
/// account is gone is nobody.
pub async fn actor(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    if let Some(session) = request.extensions().get::<Session>().cloned()
        && let Some(actor) = actor_of(&web, &session).await
    {
        request.extensions_mut().insert(actor);
    }
    next.run(request).await
}

async fn actor_of(web: &Web, session: &Session) -> Option<Actor> {
    let account: AccountId = match session.get(session_key::ACCOUNT).await {
        Ok(account) => account?,
        Err(error) => {
            // Nobody, rather than a broken page: the sign-in says what is wrong.
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a session could not be read"
            );
            return None;
        }
    };
    let account = web.control.account_by_id(account).await.ok().flatten()?;
    // Without its handle nobody could end it: then it is no session.
    let id: SessionId = session.get(session_key::SESSION).await.ok().flatten()?;
    let confirmed_at = session.get(session_key::CONFIRMED).await.ok().flatten();
    Some(Actor {
        session: Some(id),
        confirmed_at,
        ..Actor::of(account)
    })
}
