//! An identity provider for tests: it speaks OpenID Connect, and lies when it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const CLIENT: &str = "carina";
pub const SECRET: &str = "the panel's secret";
pub const BACK: &str = "http://panel.example:8080/sign-in/provider/back";

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    None,
    Nonce,
    NoNonce,
    Issuer,
    Audience,
    /// Ours among others.
    Audiences,
    Expired,
    Future,
    AlgNone,
    /// Signed with the secret that both know.
    AlgHs256,
    ForeignKey,
    /// A word changed after signing.
    Changed,
    NoGroups,
    NoName,
    NoToken,
    NotFresh,
    NoAuthTime,
    NotJson,
    Endless,
}

/// Whoever signs in there.
#[derive(Clone)]
pub struct Somebody {
    pub subject: &'static str,
    pub name: &'static str,
    pub groups: &'static [&'static str],
}

struct Grant {
    somebody: Somebody,
    nonce: String,
    challenge: String,
    now_s: i64,
}

struct Inner {
    issuer: String,
    key: EcdsaKeyPair,
    key_id: String,
    foreign: EcdsaKeyPair,
    grants: HashMap<String, Grant>,
    lie: Lie,
    is_down: bool,
    /// How often it was asked for what it says of itself.
    discoveries: u32,
    tokens: u32,
}

#[derive(Clone)]
pub struct FakeProvider(Arc<Mutex<Inner>>);

fn key() -> EcdsaKeyPair {
    let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The words of an address's query.
pub fn query(url: &str) -> HashMap<String, String> {
    let (_, query) = url.split_once('?').unwrap_or_default();
    let uri: axum::http::Uri = format!("http://x/?{query}").parse().unwrap();
    axum::extract::Query::try_from_uri(&uri).unwrap().0
}

impl FakeProvider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self(Arc::new(Mutex::new(Inner {
            issuer,
            key: key(),
            key_id: "first".to_owned(),
            foreign: key(),
            grants: HashMap::new(),
            lie: Lie::None,
            is_down: false,
            discoveries: 0,
            tokens: 0,
        })));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    fn inner<T>(&self, read: impl FnOnce(&mut Inner) -> T) -> T {
        read(&mut self.0.lock().unwrap())
    }

    pub fn issuer(&self) -> String {
        self.inner(|inner| inner.issuer.clone())
    }

    pub fn lie(&self, lie: Lie) {
        self.inner(|inner| inner.lie = lie);
    }

    pub fn down(&self, is_down: bool) {
        self.inner(|inner| inner.is_down = is_down);
    }

    /// Signs with another key from now on.
    pub fn new_key(&self) {
        self.inner(|inner| {
            inner.key = key();
            inner.key_id = "second".to_owned();
        });
    }

    pub fn discoveries(&self) -> u32 {
        self.inner(|inner| inner.discoveries)
    }

    /// Asked for, whatever came of it.
    pub fn tokens(&self) -> u32 {
        self.inner(|inner| inner.tokens)
    }

    /// What the browser is sent back with once `somebody` has signed in at `url`: a path of ours.
    pub fn signed_in(&self, url: &str, somebody: &Somebody, now_ms: i64) -> String {
        assert!(
            url.starts_with(&format!("{}/authorize?", self.issuer())),
            "{url}"
        );
        let asked = query(url);
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["redirect_uri"], BACK);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        assert!(asked["state"].len() >= 22 && asked["nonce"].len() >= 22);
        let code = encoded(Sha256::digest(&asked["state"]));
        let grant = Grant {
            somebody: somebody.clone(),
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            now_s: now_ms / 1000,
        };
        self.inner(|inner| inner.grants.insert(code.clone(), grant));
        let back = BACK.trim_start_matches("http://panel.example:8080");
        format!("{back}?code={code}&state={}", asked["state"])
    }
}

async fn discovery(State(fake): State<FakeProvider>) -> Result<Json<Value>, StatusCode> {
    fake.inner(|inner| {
        inner.discoveries += 1;
        if inner.is_down {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let issuer = &inner.issuer;
        Ok(Json(json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        })))
    })
}

async fn keys(State(fake): State<FakeProvider>) -> Json<Value> {
    fake.inner(|inner| {
        let point = inner.key.public_key().as_ref();
        Json(json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": inner.key_id,
            "x": encoded(&point[1..33]), "y": encoded(&point[33..65]),
        }] }))
    })
}

/// Checks what a provider has to check: the client, the code, once, and the proof of PKCE.
async fn token(
    State(fake): State<FakeProvider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, [(HeaderName, &'static str); 1], String) {
    let json_kind = [(CONTENT_TYPE, "application/json")];
    let answer = fake.inner(|inner| {
        inner.tokens += 1;
        let basic = STANDARD.encode(format!(
            "{CLIENT}:{}",
            SECRET.replace(' ', "+").replace('\'', "%27")
        ));
        if headers.get(AUTHORIZATION).map(|value| value.as_bytes())
            != Some(format!("Basic {basic}").as_bytes())
        {
            return Err("invalid_client");
        }
        let grant = inner.grants.remove(&form["code"]).ok_or("invalid_grant")?;
        let proof = encoded(Sha256::digest(&form["code_verifier"]));
        if proof != grant.challenge || form["redirect_uri"] != BACK {
            return Err("invalid_grant");
        }
        Ok((inner.lie, id_token(inner, &grant)))
    });
    let (status, text) = match answer {
        Err(error) => (
            StatusCode::BAD_REQUEST,
            json!({ "error": error }).to_string(),
        ),
        Ok((Lie::NotJson, _)) => (StatusCode::OK, "<html>".to_owned()),
        Ok((Lie::Endless, _)) => (StatusCode::OK, " ".repeat(1_000_000)),
        Ok((lie, id_token)) => {
            let mut answer = json!({ "access_token": "x", "token_type": "Bearer" });
            if lie != Lie::NoToken {
                answer["id_token"] = id_token.into();
            }
            (StatusCode::OK, answer.to_string())
        }
    };
    (status, json_kind, text)
}

fn id_token(inner: &Inner, grant: &Grant) -> String {
    let (lie, now) = (inner.lie, grant.now_s);
    let mut claims = json!({
        "iss": inner.issuer, "sub": grant.somebody.subject, "aud": CLIENT,
        "iat": now, "exp": now + 300, "auth_time": now, "nonce": grant.nonce,
        "preferred_username": grant.somebody.name, "groups": grant.somebody.groups,
        // What a stranger can choose there, and what decides nothing here.
        "email": "ada@example.org", "email_verified": true,
    });
    let (claim, value) = match lie {
        Lie::Nonce => ("nonce", json!("another")),
        Lie::NoNonce => ("nonce", Value::Null),
        Lie::Issuer => ("iss", json!("https://evil.example")),
        Lie::Audience => ("aud", json!("another")),
        Lie::Audiences => ("aud", json!([CLIENT, "another"])),
        Lie::Expired => ("exp", json!(now - 120)),
        Lie::Future => ("iat", json!(now + 3600)),
        Lie::NoGroups => ("groups", Value::Null),
        Lie::NoName => ("preferred_username", Value::Null),
        Lie::NotFresh => ("auth_time", json!(now - 3600)),
        Lie::NoAuthTime => ("auth_time", Value::Null),
        _ => ("iss", json!(inner.issuer)),
    };
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
        value => claims[claim] = value,
    }
    let algorithm = match lie {
        Lie::AlgNone => "none",
        Lie::AlgHs256 => "HS256",
        _ => "ES256",
    };
    let head = json!({ "typ": "JWT", "alg": algorithm, "kid": inner.key_id });
    let signed = format!(
        "{}.{}",
        encoded(head.to_string()),
        encoded(claims.to_string())
    );
    let random = SystemRandom::new();
    let signature = match lie {
        Lie::AlgNone => String::new(),
        Lie::AlgHs256 => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            encoded(ring::hmac::sign(&key, signed.as_bytes()))
        }
        Lie::ForeignKey => encoded(inner.foreign.sign(&random, signed.as_bytes()).unwrap()),
        _ => encoded(inner.key.sign(&random, signed.as_bytes()).unwrap()),
    };
    if lie == Lie::Changed {
        claims["sub"] = json!("administrator");
        return format!(
            "{}.{}.{signature}",
            encoded(head.to_string()),
            encoded(claims.to_string())
        );
    }
    format!("{signed}.{signature}")
}
