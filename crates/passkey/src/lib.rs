//! Passkeys: the two ceremonies of WebAuthn, in which a browser and a device make a key for this
//! panel, and prove later that they have it.
//!
//! The only user of `webauthn-rs`. It says whether an answer holds; whose passkey that is, and what
//! it opens, is `control`'s to say. Every key is discoverable and unlocked by the person (user
//! verification), so that it replaces a password and a second factor together.

mod answer;
mod nobody;
mod site;
#[cfg(feature = "testing")]
pub mod testing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

pub use answer::Answer;
pub use site::Site;

/// How long a browser waits for the person and the device.
pub const PATIENCE_MS: i64 = 5 * 60_000;

/// Why an address can have no passkeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// Its host is an IP address: passkeys belong to names.
    Address(String),
    /// Neither https nor this very machine: browsers have no passkeys there.
    Insecure(String),
    /// It is no address at all.
    Unreadable,
}

/// For whom a passkey is made. The device keeps all three and shows the name.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// What the device says later of whose passkey it is. It never changes, and tells nothing.
    pub handle: Uuid,
    pub name: &'a str,
}

/// A passkey's public half, with what has to be remembered of its uses. There is no secret in it.
#[derive(Debug, Clone)]
pub struct Passkey(pub(crate) webauthn_rs::prelude::Passkey);

impl Passkey {
    /// What the device calls it; no other passkey in the world is called so.
    pub fn credential_id(&self) -> String {
        encoded(self.0.cred_id())
    }

    /// As it is stored.
    pub fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(&self.0).map_err(|error| Error::Stored(error.to_string()))
    }

    pub fn from_text(text: &str) -> Result<Self, Error> {
        let read = serde_json::from_str(text);
        read.map(Self)
            .map_err(|error| Error::Stored(error.to_string()))
    }
}

/// A passkey that is being made. Keep it where the browser cannot reach it, for one answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct Registering {
    pub(crate) state: PasskeyRegistration,
}

/// A proof that is asked for. Keep it where the browser cannot reach it, for one answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct Proving {
    pub(crate) state: DiscoverableAuthentication,
    pub(crate) challenge: String,
}

impl Proving {
    /// What the device has to sign. It is random: whoever remembers it of a passkey's last proof
    /// takes no proof twice.
    pub fn challenge(&self) -> &str {
        &self.challenge
    }
}

impl std::fmt::Debug for Registering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registering(…)")
    }
}

impl std::fmt::Debug for Proving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proving(…)")
    }
}

/// What a browser is asked, as JSON for its script, and what is kept until it answers.
#[derive(Debug)]
pub struct Begun<W> {
    pub options: String,
    pub waiting: W,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It answers another question.
    Challenge,
    /// The browser was at another address.
    Origin,
    /// The device made it for another site.
    Site,
    /// The device did not ask the person, or not who it is.
    Person,
    /// The device counts fewer uses than there were: there may be two of it.
    Counter,
    /// Nobody's signature, or somebody else's.
    Signature,
    /// The device did not keep the passkey: it could not be found again at a sign-in.
    Unkept,
    /// It cannot be read, or is of a kind that is not taken.
    Form,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a passkey's question cannot be made: {0}")]
    Setup(String),
    #[error("a stored passkey cannot be read or written: {0}")]
    Stored(String),
    #[error("a passkey's answer does not hold ({flaw:?}): {why}")]
    Answer { flaw: Flaw, why: String },
}

impl Error {
    pub(crate) fn answer(flaw: Flaw, why: impl std::fmt::Display) -> Self {
        Self::Answer {
            flaw,
            why: why.to_string(),
        }
    }
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
