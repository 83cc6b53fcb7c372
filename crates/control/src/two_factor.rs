//! The second factor: codes that change every thirty seconds (RFC 6238), and recovery codes for
//! whoever lost what shows them. No code is taken twice.

use std::net::IpAddr;

use model::{AccountId, TwoFactorSetup, TwoFactorView, UserError};
use rand::Rng as _;
use store::Tx;
use totp_rs::{Builder, Secret as TotpSecret, Totp};

use crate::Actor;
use crate::account::secret_hash;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;

const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// Eighty random bits each: a plain hash of them cannot be tried through.
const RECOVERY_BYTES: usize = 10;

fn totp(secret: &str) -> Result<Totp, Error> {
    let broken = |why: String| Error::Broken(format!("a second factor cannot be read: {why}"));
    let secret = TotpSecret::try_from_base32(secret).map_err(|why| broken(format!("{why:?}")))?;
    Builder::new()
        .with_secret(secret)
        .build()
        .map_err(|why| broken(format!("{why:?}")))
}

/// `k7qm-2b5x-…`: sixteen characters of base32.
fn recovery_code() -> String {
    let bytes: [u8; RECOVERY_BYTES] = rand::rng().random();
    let text = TotpSecret::from(bytes.to_vec())
        .to_base32()
        .to_ascii_lowercase();
    let groups: Vec<String> = text
        .as_bytes()
        .chunks(4)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect();
    groups.join("-")
}

/// However it was copied from paper.
fn recovery_hash(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(64)
        .collect();
    secret_hash(&plain)
}

fn wrong_code() -> Error {
    Error::invalid(
        "code",
        "This code is not right, or it was used already. Take the next one.",
    )
}

impl Panel {
    /// Is a code asked for at this account's sign-in?
    pub(crate) async fn has_two_factor(&self, id: AccountId) -> Result<bool, Error> {
        let found = self.store.read().await?.two_factor_get(id).await?;
        Ok(found.is_some_and(|found| found.confirmed_at.is_some()))
    }

    pub(crate) async fn two_factor_view(&self, actor: &Actor) -> Result<TwoFactorView, Error> {
        actor.permit(Action::OwnAccount)?;
        let id = actor.account.id;
        let mut tx = self.store.read().await?;
        let found = tx.two_factor_get(id).await?;
        let left = tx.recovery_left(id).await?;
        let setup = found
            .as_ref()
            .filter(|found| found.confirmed_at.is_none() && self.is_confirmed(actor))
            .map(|found| TwoFactorSetup {
                secret: found.secret.clone(),
                uri: format!(
                    "otpauth://totp/Carina:{}?secret={}&issuer=Carina",
                    actor.account.name, found.secret
                ),
            });
        Ok(TwoFactorView {
            on_since: found.and_then(|found| found.confirmed_at),
            setup,
            recovery_codes_left: u32::try_from(left).unwrap_or(0),
        })
    }

    /// A new secret, which counts for nothing until a first code of it was right.
    pub(crate) async fn two_factor_begin(&self, actor: &Actor) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let id = actor.account.id;
        let bytes: [u8; SECRET_BYTES] = rand::rng().random();
        let secret = TotpSecret::from(bytes).to_base32();
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let account = tx.account_by_id(id).await?.ok_or(UserError::SignedOut)?;
        if account.password_hash.is_empty() {
            let why =
                "Your account has no password: where you sign in, a second factor is asked for.";
            return Err(Error::conflict(why));
        }
        let found = tx.two_factor_get(id).await?;
        if found.is_some_and(|found| found.confirmed_at.is_some()) {
            return Err(Error::conflict(
                "Two-factor sign-in is on already. Turn it off to set it up anew.",
            ));
        }
        tx.two_factor_put(id, &secret, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The recovery codes, which nobody sees again. Other sessions end: they came without a code.
    pub(crate) async fn two_factor_finish(
        &self,
        actor: &Actor,
        code: &str,
    ) -> Result<Vec<String>, Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let (id, name) = (actor.account.id, actor.account.name.as_str());
        self.code_attempt(name)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let found = tx.two_factor_get(id).await?;
        let found = found
            .filter(|found| found.confirmed_at.is_none())
            .ok_or_else(|| Error::conflict("Begin with setting it up."))?;
        if !self.totp_take(&mut tx, id, &found.secret, code).await? {
            return Err(wrong_code());
        }
        self.code_right(name);
        let codes = recovery_replace(&mut tx, id).await?;
        tx.two_factor_confirm(id, self.now()).await?;
        tx.session_end_others(id, actor.session).await?;
        tx.audit_insert(&self.audit(actor, "two_factor_on", name, "").of(id))
            .await?;
        tx.commit().await?;
        self.presence_changed(id);
        Ok(codes)
    }

    pub(crate) async fn two_factor_end(&self, actor: &Actor) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let (id, name) = (actor.account.id, actor.account.name.as_str());
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        if tx.two_factor_delete(id).await? {
            tx.audit_insert(&self.audit(actor, "two_factor_off", name, "").of(id))
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ten new ones; the old are void.
    pub(crate) async fn recovery_codes_make(&self, actor: &Actor) -> Result<Vec<String>, Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let (id, name) = (actor.account.id, actor.account.name.as_str());
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let found = tx.two_factor_get(id).await?;
        if found.is_none_or(|found| found.confirmed_at.is_none()) {
            return Err(Error::conflict("Two-factor sign-in is off."));
        }
        let codes = recovery_replace(&mut tx, id).await?;
        let audit = self.audit(actor, "recovery_codes_make", name, "");
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// For somebody who lost both the phone and the recovery codes.
    pub(crate) async fn two_factor_reset(&self, actor: &Actor, id: AccountId) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        if tx.two_factor_delete(id).await? {
            let audit = self.audit(actor, "two_factor_reset", account.name.as_str(), "");
            tx.audit_insert(&audit.of(id)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Counts a try at a code, from wherever it comes: six digits are few.
    fn code_attempt(&self, name: &str) -> Result<(), Error> {
        Ok(self
            .attempts
            .begin(&code_key(name), IpAddr::from([0, 0, 0, 0]), self.now())?)
    }

    fn code_right(&self, name: &str) {
        self.attempts
            .succeeded(&code_key(name), IpAddr::from([0, 0, 0, 0]));
    }

    /// Takes a code of the authenticator or a recovery code, once each. What was tried in vain
    /// stands in the audit.
    pub(crate) async fn code_check(&self, actor: &Actor, code: &str) -> Result<(), Error> {
        let (id, name) = (actor.account.id, actor.account.name.as_str());
        self.code_attempt(name)?;
        let mut tx = self.store.write().await?;
        let found = tx.two_factor_get(id).await?;
        let found = found
            .filter(|found| found.confirmed_at.is_some())
            .ok_or(UserError::SignedOut)?;
        let is_recovery = code.chars().filter(char::is_ascii_alphanumeric).count() > 8;
        let is_right = match is_recovery {
            true => {
                tx.recovery_use(id, &recovery_hash(code), self.now())
                    .await?
            }
            false => self.totp_take(&mut tx, id, &found.secret, code).await?,
        };
        let action = match (is_right, is_recovery) {
            (false, _) => Some("code_wrong"),
            (true, true) => Some("recovery_code_use"),
            (true, false) => None,
        };
        if let Some(action) = action {
            tx.audit_insert(&self.audit(actor, action, name, "").of(id))
                .await?;
        }
        tx.commit().await?;
        if !is_right {
            return Err(wrong_code());
        }
        self.code_right(name);
        Ok(())
    }

    async fn totp_take(
        &self,
        tx: &mut Tx,
        id: AccountId,
        secret: &str,
        code: &str,
    ) -> Result<bool, Error> {
        let digits: String = code.chars().filter(char::is_ascii_digit).take(9).collect();
        let seconds = u64::try_from(self.now() / 1000).unwrap_or(0);
        let Some(step) = totp(secret)?.check(&digits, seconds) else {
            return Ok(false);
        };
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        Ok(tx.two_factor_step(id, step).await?)
    }
}

/// Nobody's name has a space in it.
fn code_key(name: &str) -> String {
    format!("{name} code")
}

async fn recovery_replace(tx: &mut Tx, id: AccountId) -> Result<Vec<String>, Error> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(code)).collect();
    tx.recovery_replace(id, &hashes).await?;
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = TotpSecret::from(b"12345678901234567890".to_vec()).to_base32();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp(&secret).unwrap().generate(time).to_string(), code);
        }
    }

    #[test]
    fn recovery_codes_are_read_from_paper() {
        let code = recovery_code();
        assert_eq!(code.len(), 19);
        let copied = format!(" {} ", code.replace('-', " ").to_uppercase());
        assert_eq!(recovery_hash(&code), recovery_hash(&copied));
        assert_ne!(recovery_hash(&code), recovery_hash(&recovery_code()));
    }
}
