//! A device for tests, made of software, with the browser around it: ES256, no attestation. It does
//! everything right until a test bends one of its fields.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::encoded;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

/// One passkey, and where the browser is.
pub struct Device {
    /// What the browser writes into what is signed.
    pub origin: String,
    /// The relying party's id that the device signs for.
    pub site: String,
    /// How often it was used; the next use counts one more, unless it is stuck at zero, as with
    /// passkeys that are copied between devices.
    pub counter: u32,
    pub is_counting: bool,
    /// It asked for a finger, a face or a PIN.
    pub is_verified: bool,
    /// It can be found without a name.
    pub is_kept: bool,
    /// What it calls the passkey.
    pub id: Vec<u8>,
    /// Of whom it says that it is; learned when the passkey was made.
    pub handle: Option<Vec<u8>>,
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Device {
    /// A browser at `origin`, whose host is `site`.
    pub fn new(origin: &str, site: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key =
            EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("because there is randomness");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random)
            .expect("because it was made just now");
        let mut id = vec![0; 32];
        random.fill(&mut id).expect("because there is randomness");
        Self {
            origin: origin.to_owned(),
            site: site.to_owned(),
            counter: 0,
            is_counting: true,
            is_verified: true,
            is_kept: true,
            id,
            handle: None,
            key,
            random,
        }
    }

    /// The browser's answer to a question for a new passkey.
    pub fn made(&mut self, options: &str) -> String {
        let options = read(options);
        let handle = options["user"]["id"].as_str().unwrap_or_default();
        self.handle = URL_SAFE_NO_PAD.decode(handle).ok();
        let client = self.client_data("webauthn.create", &options);
        let mut data = self.data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(length(&self.id));
        data.extend(&self.id);
        data.extend(self.public_key());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(length(&data));
        attestation.extend(&data);
        let answer = json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": encoded(client.as_bytes()),
                "attestationObject": encoded(&attestation),
                "authenticatorData": encoded(&data),
                "transports": ["internal", "hybrid"],
            },
            "clientExtensionResults": { "credProps": { "rk": self.is_kept }, "credProtect": 3 },
        });
        answer.to_string()
    }

    /// The browser's answer to a question for a proof.
    pub fn proof(&mut self, options: &str) -> String {
        let client = self.client_data("webauthn.get", &read(options));
        if self.is_counting {
            self.counter += 1;
        }
        let data = self.data(0);
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature = self
            .key
            .sign(&self.random, &signed)
            .expect("because there is randomness");
        let answer = json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": encoded(client.as_bytes()),
                "authenticatorData": encoded(&data),
                "signature": encoded(signature.as_ref()),
                "userHandle": self.handle.as_deref().map(encoded),
            },
            "clientExtensionResults": {},
        });
        answer.to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string()
    }

    /// What the authenticator itself says of the moment.
    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.is_verified { VERIFIED } else { 0 };
        let mut data = Sha256::digest(self.site.as_bytes()).to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// As COSE has it: kty EC2, alg ES256, crv P-256, x, y.
    fn public_key(&self) -> Vec<u8> {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        [
            b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20",
            x,
            b"\x22\x58\x20",
            y,
        ]
        .concat()
    }
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len())
        .expect("because tests make small things")
        .to_be_bytes()
}

fn read(options: &str) -> Value {
    serde_json::from_str(options).expect("because the question is JSON")
}
