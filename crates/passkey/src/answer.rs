//! What a browser brings back of a proof, before anything of it is believed.

use uuid::Uuid;
use webauthn_rs::prelude::PublicKeyCredential;

use crate::{Error, Flaw, encoded};

/// The longest name that a device may give a passkey, in bytes.
const CREDENTIAL_MAX: usize = 1023;
/// The authenticator's data begin with the site's hash; then come its flags.
const FLAGS_AT: usize = 32;
const BACKUP_ELIGIBLE: u8 = 0x08;

/// Says which passkey it is of; whether that is so, [`crate::Site::prove_finish`] finds out.
#[derive(Debug)]
pub struct Answer(pub(crate) PublicKeyCredential);

impl Answer {
    /// As the browser's script writes it.
    pub fn read(text: &str) -> Result<Self, Error> {
        let answer: PublicKeyCredential =
            serde_json::from_str(text).map_err(|error| Error::answer(Flaw::Form, error))?;
        match (1..=CREDENTIAL_MAX).contains(&answer.raw_id.len()) {
            true => Ok(Self(answer)),
            false => Err(Error::answer(Flaw::Form, "a passkey's id that is none")),
        }
    }

    /// As [`crate::Passkey::credential_id`] spells it.
    pub fn credential_id(&self) -> String {
        encoded(&self.0.raw_id)
    }

    /// Of whom the device says that it is. It need not when it was asked for certain passkeys.
    pub fn handle(&self) -> Option<Uuid> {
        let bytes = self.0.get_user_unique_id()?;
        Uuid::from_slice(bytes).ok()
    }

    /// Whether the device says anything of whose it is, even what cannot be read.
    pub fn has_handle(&self) -> bool {
        self.0.get_user_unique_id().is_some()
    }

    pub(crate) fn is_backup_eligible(&self) -> bool {
        let data = &self.0.response.authenticator_data;
        data.get(FLAGS_AT)
            .is_some_and(|flags| flags & BACKUP_ELIGIBLE != 0)
    }
}
