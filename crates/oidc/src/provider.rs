//! What a provider says of itself, the way to it, and the way back.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError,
    Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::reach::{Reach, ReachError, is_good};
use crate::{Begun, Error, Flaw, Identity, Settings, Waiting, is_good_issuer};

/// How long what a provider said of itself holds.
const KNOWN_MS: i64 = 3600 * 1000;
/// After it did not answer, nobody waits for it again so soon.
const SILENT_MS: i64 = 5 * 1000;
/// A token under an unknown key makes us look for new keys, this often at most.
const KEYS_MS: i64 = 60 * 1000;
/// How far clocks may be apart.
const SKEW_MS: i64 = 60 * 1000;
/// The longest word of a provider that is kept, and the most groups.
const WORD_MAX: usize = 256;
const GROUPS_MAX: usize = 1000;

/// Public keys alone: a secret that both know signs nothing here, and nobody's signature neither.
fn algorithms() -> [CoreJwsSigningAlgorithm; 9] {
    use CoreJwsSigningAlgorithm as A;
    [
        A::RsaSsaPkcs1V15Sha256,
        A::RsaSsaPkcs1V15Sha384,
        A::RsaSsaPkcs1V15Sha512,
        A::RsaSsaPssSha256,
        A::RsaSsaPssSha384,
        A::RsaSsaPssSha512,
        A::EcdsaP256Sha256,
        A::EcdsaP384Sha384,
        A::EdDsa,
    ]
}

/// All claims that are not OpenID Connect's own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct OtherClaims(BTreeMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Answer = StandardTokenResponse<Fields, CoreTokenType>;
type ProviderClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What it said of itself, with its keys.
struct Known {
    metadata: CoreProviderMetadata,
    at: i64,
}

#[derive(Default)]
struct Memory {
    known: Option<Arc<Known>>,
    silent: Option<(i64, String)>,
}

/// An identity provider that people may sign in at.
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    reach: Reach,
    memory: Mutex<Memory>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Asks nobody anything yet: a panel starts while its provider is down.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        if !is_good_issuer(&settings.issuer) {
            let why = format!("{} is not an https address", settings.issuer);
            return Err(Error::Setup(why));
        }
        let wrong = |error: openidconnect::url::ParseError| Error::Setup(error.to_string());
        Ok(Self {
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(wrong)?,
            redirect: RedirectUrl::new(settings.redirect_uri.clone()).map_err(wrong)?,
            reach: Reach::new(settings.authorities.as_deref())?,
            memory: Mutex::default(),
            settings,
        })
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// `is_fresh`: the person proves to be there, even if the provider still knows them.
    pub async fn begin(&self, is_fresh: bool, now: i64) -> Result<Begun, Error> {
        let known = self.known(now, now - KNOWN_MS).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&known);
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if is_fresh {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        Ok(Begun {
            url: url.to_string(),
            waiting: Waiting {
                state: state.into_secret(),
                nonce: nonce.secret().clone(),
                verifier: verifier.into_secret(),
                is_fresh,
                at: now,
            },
        })
    }

    /// Who came back with this code, which is good for one try.
    pub async fn finish(&self, waiting: &Waiting, code: &str, now: i64) -> Result<Identity, Error> {
        let known = self.known(now, now - KNOWN_MS).await?;
        let answer = self.exchange(&known, waiting, code).await?;
        let flaw = |flaw, why: &str| Error::Token {
            flaw,
            why: why.to_owned(),
        };
        let token = answer
            .id_token()
            .ok_or_else(|| flaw(Flaw::Form, "no ID token"))?;
        let nonce = Nonce::new(waiting.nonce.clone());
        let check = |known: &Known| {
            let client = self.client(known);
            let verifier = client
                .id_token_verifier()
                .set_allowed_algs(algorithms())
                .set_time_fn(move || time(now - SKEW_MS))
                .set_issue_time_verifier_fn(move |at| match at > time(now + SKEW_MS) {
                    true => Err("it was made in the future".to_owned()),
                    false => Ok(()),
                });
            token.claims(&verifier, &nonce).cloned()
        };
        let claims = match check(&known) {
            Err(error) if is_key_unknown(&error) => {
                // It may have taken new ones since we looked.
                check(&*self.known(now, now - KEYS_MS).await?)
            }
            checked => checked,
        };
        let claims = claims.map_err(|error| Error::Token {
            flaw: flaw_of(&error),
            why: error.to_string(),
        })?;
        if waiting.is_fresh {
            let signed_in = claims.auth_time();
            if signed_in.is_none_or(|at| at < time(waiting.at - SKEW_MS)) {
                return Err(flaw(Flaw::NotFresh, "auth_time is missing, or too old"));
            }
        }
        self.identity(&claims)
    }

    async fn exchange(
        &self,
        known: &Known,
        waiting: &Waiting,
        code: &str,
    ) -> Result<Answer, Error> {
        let verifier = PkceCodeVerifier::new(waiting.verifier.clone());
        let client = self.client(known);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Error::Unavailable(error.to_string()))?
            .set_pkce_verifier(verifier);
        request
            .request_async(&self.reach)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(said) => Error::Code(said.to_string()),
                RequestTokenError::Request(error) => Error::Unavailable(error.to_string()),
                RequestTokenError::Parse(error, _) => Error::Token {
                    flaw: Flaw::Form,
                    why: error.to_string(),
                },
                RequestTokenError::Other(why) => Error::Token {
                    flaw: Flaw::Form,
                    why,
                },
            })
    }

    fn client(&self, known: &Known) -> ProviderClient {
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.0.clone()));
        let id = ClientId::new(self.settings.client_id.clone());
        // Basic is what every provider must take; some say that they take a form's fields alone.
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let is_basic = methods.is_none_or(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
                || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        let kind = match is_basic && secret.is_some() {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        };
        Client::from_provider_metadata(known.metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(kind)
    }

    /// What the provider said of itself since `since`, asked for by one at a time.
    async fn known(&self, now: i64, since: i64) -> Result<Arc<Known>, Error> {
        let mut memory = self.memory.lock().await;
        // A clock that was set back makes nothing young.
        if let Some(known) = &memory.known
            && (since..=now).contains(&known.at)
        {
            return Ok(Arc::clone(known));
        }
        if let Some((at, why)) = &memory.silent
            && (0..SILENT_MS).contains(&(now - at))
        {
            return Err(Error::Unavailable(why.clone()));
        }
        match self.discover().await {
            Ok(metadata) => {
                let known = Arc::new(Known { metadata, at: now });
                *memory = Memory {
                    known: Some(Arc::clone(&known)),
                    silent: None,
                };
                Ok(known)
            }
            Err(why) => {
                memory.silent = Some((now, why.clone()));
                Err(Error::Unavailable(why))
            }
        }
    }

    async fn discover(&self) -> Result<CoreProviderMetadata, String> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.reach).await;
        let metadata = found.map_err(|error| {
            let source = std::error::Error::source(&error);
            let cause = source.map(|cause| format!(": {cause}"));
            format!("{error}{}", cause.unwrap_or_default())
        })?;
        let mut places = vec![metadata.authorization_endpoint().to_string()];
        places.push(metadata.jwks_uri().to_string());
        match metadata.token_endpoint() {
            Some(endpoint) => places.push(endpoint.to_string()),
            None => return Err("it has no token endpoint".to_owned()),
        }
        match places.iter().find(|place| !is_good(place)) {
            Some(place) => Err(ReachError::Address(place.clone()).to_string()),
            None => Ok(metadata),
        }
    }

    fn identity(&self, claims: &Claims) -> Result<Identity, Error> {
        let broken = |why: String| Error::Token {
            flaw: Flaw::Form,
            why,
        };
        let all = serde_json::to_value(claims).map_err(|error| broken(error.to_string()))?;
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > WORD_MAX {
            return Err(broken("a subject that is none".to_owned()));
        }
        let name = all.get(&self.settings.name_claim).and_then(Value::as_str);
        Ok(Identity {
            issuer: self.settings.issuer.clone(),
            subject,
            name: name.map(|name| name.chars().take(WORD_MAX).collect()),
            groups: all.get(&self.settings.groups_claim).and_then(groups),
        })
    }
}

/// A list of words; one word alone is a list, too.
fn groups(claim: &Value) -> Option<Vec<String>> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    match claim {
        Value::Array(all) => Some(all.iter().filter_map(word).take(GROUPS_MAX).collect()),
        Value::String(one) => Some(vec![one.clone()]),
        _ => None,
    }
}

fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

fn is_key_unknown(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)
    )
}

fn flaw_of(error: &ClaimsVerificationError) -> Flaw {
    match error {
        ClaimsVerificationError::Expired(_) => Flaw::Time,
        ClaimsVerificationError::InvalidAudience(_) => Flaw::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Flaw::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Flaw::Nonce,
        ClaimsVerificationError::InvalidAuthTime(_) => Flaw::NotFresh,
        ClaimsVerificationError::SignatureVerification(_) => Flaw::Signature,
        _ => Flaw::Form,
    }
}
