//! A passkey that nobody has: an answer of an unknown one is checked against it, so that it takes
//! the time, and the way, of a known one.

use serde_json::json;

use crate::{Answer, Error, Passkey};

/// A point of P-256 whose private half nobody kept.
const X: &str = "gPCHVmWTqyGWiVpj1Wm-PZYdz9NH0ge0QSgqQzrT_P4";
const Y: &str = "ZBS7UtZaUxal1Dt-2ZCs6Msm-j1sSz_ImkHY-sLUBEA";

impl Passkey {
    /// Called as the answer's, and otherwise like one of the kind that most are.
    pub(crate) fn of_nobody(answer: &Answer) -> Result<Self, Error> {
        let passkey = json!({ "cred": {
            "cred_id": answer.credential_id(),
            "cred": {
                "type_": "ES256",
                "key": { "EC_EC2": { "curve": "SECP256R1", "x": X, "y": Y } },
            },
            "counter": 0,
            "transports": null,
            "user_verified": true,
            "backup_eligible": answer.is_backup_eligible(),
            "backup_state": answer.is_backup_eligible(),
            "registration_policy": "required",
            "extensions": {},
            "attestation": { "data": "None", "metadata": "None" },
            "attestation_format": "none",
        } });
        Self::from_text(&passkey.to_string())
    }
}
