//! The place that passkeys belong to, and the two ceremonies there.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{
    Answer, Begun, Error, Flaw, PATIENCE_MS, Passkey, Person, Proving, Registering, Unfit,
};

/// What devices show beside the site's name.
const CALLED: &str = "Carina";

/// Where browsers find the panel. A passkey belongs to its host name, and works nowhere else.
#[derive(Debug, Clone)]
pub struct Site {
    name: String,
    webauthn: Webauthn,
}

impl Site {
    /// The site of an address of the panel's, as browsers spell it. What stands behind the host and
    /// its port counts for nothing.
    pub fn of(address: &str) -> Result<Self, Unfit> {
        let url = Url::parse(address).map_err(|_| Unfit::Unreadable)?;
        let host = url.host_str().ok_or(Unfit::Unreadable)?.to_owned();
        let Some(name) = url.domain().map(str::to_owned) else {
            return Err(Unfit::Address(host));
        };
        let is_here = name == "localhost" || name.ends_with(".localhost");
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(Unfit::Insecure(host));
        }
        let patience = Duration::from_millis(PATIENCE_MS.unsigned_abs());
        let webauthn = WebauthnBuilder::new(&name, &url)
            .and_then(|builder| builder.rp_name(CALLED).timeout(patience).build())
            .map_err(|_| Unfit::Unreadable)?;
        Ok(Self { name, webauthn })
    }

    /// The host name, which WebAuthn calls the relying party's id.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks for a new passkey of `person`; a device that has one of `known` (their names, by
    /// [`Passkey::credential_id`]) makes no other.
    pub fn register_begin(
        &self,
        person: Person<'_>,
        known: &[String],
    ) -> Result<Begun<Registering>, Error> {
        let begun =
            self.webauthn
                .start_passkey_registration(person.handle, person.name, person.name, None);
        let (question, state) = begun.map_err(setup)?;
        let mut options = value(&question.public_key)?;
        // The library would leave it to the device whether it can be found again without a name.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        options["excludeCredentials"] = descriptors(known);
        Ok(Begun {
            options: options.to_string(),
            waiting: Registering { state },
        })
    }

    /// The passkey that was made. Whether there is one of its name already is for the caller to see.
    pub fn register_finish(&self, waiting: &Registering, answer: &str) -> Result<Passkey, Error> {
        let form = |error| Error::answer(Flaw::Form, error);
        let mut answer: Value = serde_json::from_str(answer).map_err(form)?;
        // Whatever else a browser says of extensions is unsigned, and spelled as each likes.
        if let Some(said) = answer.get_mut("clientExtensionResults")
            && let Some(said) = said.as_object_mut()
        {
            said.retain(|name, _| name == "credProps");
        }
        let answer: RegisterPublicKeyCredential = serde_json::from_value(answer).map_err(form)?;
        let kept = answer
            .extensions
            .cred_props
            .as_ref()
            .and_then(|said| said.rk);
        if kept == Some(false) {
            return Err(Error::answer(Flaw::Unkept, "it is not discoverable"));
        }
        self.webauthn
            .finish_passkey_registration(&answer, &waiting.state)
            .map(Passkey)
            .map_err(refused)
    }

    /// Asks for a proof of any passkey of this site, or of one of `among`.
    pub fn prove_begin(&self, among: &[String]) -> Result<Begun<Proving>, Error> {
        let begun = self.webauthn.start_discoverable_authentication();
        let (question, state) = begun.map_err(setup)?;
        let mut options = value(&question.public_key)?;
        options["allowCredentials"] = descriptors(among);
        let challenge = options["challenge"].as_str().unwrap_or_default().to_owned();
        Ok(Begun {
            options: options.to_string(),
            waiting: Proving { state, challenge },
        })
    }

    /// The passkey as it is after this use. Without one the answer does not hold, which takes as
    /// long to find out as with one.
    pub fn prove_finish(
        &self,
        waiting: &Proving,
        answer: &Answer,
        passkey: Option<&Passkey>,
    ) -> Result<Passkey, Error> {
        let mut checked = match passkey {
            Some(passkey) => passkey.clone(),
            None => Passkey::of_nobody(answer)?,
        };
        let state = waiting.state.clone();
        let proved = self
            .webauthn
            .finish_discoverable_authentication_v2(&answer.0, state, &checked.0);
        let proved = proved.map_err(refused)?;
        if passkey.is_none() {
            return Err(Error::answer(Flaw::Signature, "nobody has this passkey"));
        }
        // The library's own check is asked for by a policy; here it must hold whatever that says.
        if !proved.user_verified() {
            return Err(Error::answer(Flaw::Person, "the person was not verified"));
        }
        checked.0.update_credential(&proved);
        Ok(checked)
    }
}

fn value(options: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(options).map_err(|error| Error::Setup(error.to_string()))
}

fn descriptors(ids: &[String]) -> Value {
    ids.iter()
        .map(|id| json!({ "type": "public-key", "id": id }))
        .collect()
}

fn setup(error: WebauthnError) -> Error {
    Error::Setup(error.to_string())
}

fn refused(error: WebauthnError) -> Error {
    use WebauthnError as E;
    let flaw = match &error {
        E::MismatchedChallenge => Flaw::Challenge,
        E::InvalidRPOrigin | E::CredentialCrossOrigin => Flaw::Origin,
        E::InvalidRPIDHash => Flaw::Site,
        E::UserNotPresent | E::UserNotVerified => Flaw::Person,
        E::CredentialPossibleCompromise => Flaw::Counter,
        E::AuthenticationFailure | E::SignatureInvalid | E::CredentialNotFound => Flaw::Signature,
        _ => Flaw::Form,
    };
    Error::answer(flaw, error)
}
