//! The page's files, and the page that says a page does not exist.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use super::Web;
use super::refused::told;

/// Files by GET (compressed ones beside them are taken), else the 404 page. Other methods on what
/// is not there: 404, without drawing a page.
pub fn files_or_not_found(web: &Web, provide: impl Fn() + Clone + Send + Sync + 'static) -> Router {
    let options = web.options.clone();
    let not_found =
        leptos_axum::render_app_async_with_context(provide, move || app::shell(options.clone()));
    let files = ServeDir::new(&web.settings.site_dir)
        .precompressed_br()
        .append_index_html_on_directories(false);
    Router::new().fallback_service(any(move |request: Request| {
        let files = files.clone();
        let not_found = not_found.clone();
        async move {
            if !matches!(*request.method(), Method::GET | Method::HEAD) {
                return told(StatusCode::NOT_FOUND, "There is no such page.");
            }
            let (parts, body) = request.into_parts();
            let file = Request::from_parts(parts.clone(), axum::body::Body::empty());
            match files.oneshot(file).await {
                Ok(response) if response.status() != StatusCode::NOT_FOUND => {
                    revalidated(response.map(axum::body::Body::new))
                }
                _ => {
                    let mut page = not_found(Request::from_parts(parts, body)).await;
                    *page.status_mut() = StatusCode::NOT_FOUND;
                    page
                }
            }
        }
    }))
}

/// File names carry no hash, so browsers ask each time whether theirs is still good.
fn revalidated(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
