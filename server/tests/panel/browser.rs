//! A browser without script: it keeps cookies, says where a form comes from, follows redirects.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderName, LOCATION, ORIGIN, REFERER, SET_COOKIE,
};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

pub const HOST_NAME: &str = "panel.example:8080";
pub const PANEL: &str = "http://panel.example:8080";

pub struct Browser {
    router: Router,
    cookie: Mutex<Option<String>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers
            .get(name.as_ref())
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION)
    }
}

pub fn encoded(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(b).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    form.iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookie: Mutex::new(None),
        }
    }

    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub fn with_cookie(&self, cookie: Option<String>) -> Self {
        Self {
            router: self.router.clone(),
            cookie: Mutex::new(cookie),
        }
    }

    /// The beginning of what is open until one side ends it. No clock of the test's ends it.
    pub async fn open(&self, path: &str) -> Body {
        let mut request = Request::get(path).header(HOST, HOST_NAME);
        if let Some(cookie) = self.cookie() {
            request = request.header(COOKIE, cookie);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.into_body()
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, HOST_NAME);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if let Some(cookie) = self.cookie() {
            request = request.header(COOKIE, cookie);
        }
        let mut request = request.body(body.into()).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 9], 4711))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let is_stream = parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let bytes = if is_stream {
            Bytes::new()
        } else {
            body.collect().await.unwrap().to_bytes()
        };
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let is_gone = pair.ends_with('=');
            *self.cookie.lock().unwrap() = (!is_gone).then(|| pair.to_owned());
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[(ACCEPT, "text/html")], String::new())
            .await
    }

    /// A form on the page `from`, sent without script.
    pub async fn post(&self, from: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let referer = format!("{PANEL}{from}");
        let headers = [
            (ACCEPT, "text/html"),
            (ORIGIN, PANEL),
            (REFERER, referer.as_str()),
            (CONTENT_TYPE, "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, encoded(form)).await
    }

    /// A server function called by script.
    pub async fn call(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let headers = [
            (ACCEPT, "application/json"),
            (ORIGIN, PANEL),
            (CONTENT_TYPE, "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, encoded(form)).await
    }

    /// The page that a redirect leads to.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        assert!(answer.status.is_redirection(), "{}", answer.status);
        let path = answer.location().trim_start_matches(PANEL);
        self.get(path).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) {
        let form = [("name", name), ("password", password)];
        let answer = self.post("/sign-in", "/api/sign_in", &form).await;
        assert_eq!(answer.location(), "/clusters", "{}", answer.text());
        assert!(self.cookie().is_some());
    }
}
