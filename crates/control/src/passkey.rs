//! Passkeys: whose they are, making and removing them. Whether an answer holds says [`passkey`];
//! what a proof opens stands in `proof`.
//!
//! A passkey belongs to the host name that it was made at. Where `http.public_origin` is set that
//! is its name; else whatever name the browser came by, if browsers have passkeys there.

mod proof;

use model::{
    AccountId, AccountName, PasskeyId, PasskeyObstacle, PasskeyView, PasskeysView, UnixMs,
    UserError,
};
use passkey::{Flaw, PATIENCE_MS, Passkey, Person, Proving, Registering, Site, Unfit};
use serde::{Deserialize, Serialize};
use store::{AccountRecord, PasskeyRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::people::administrator_left;
use crate::permit::Action;

const PASSKEYS_MAX: usize = 20;
const NAME_MAX: usize = 60;
/// The browser gives up before.
const AWAY_MS: i64 = PATIENCE_MS + 60_000;
/// Where there can be none: no host is called so.
const NOWHERE: &str = "-";

/// A browser that was asked for a passkey. It is kept where that cannot reach it, for one answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasskeyWaiting {
    asked: Asked,
    at: UnixMs,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Asked {
    SignIn(Proving),
    Confirm(AccountId, Proving),
    Add(AccountId, Registering),
}

/// What the browser's script is told, as JSON, and what is kept until it answers.
#[derive(Debug)]
pub struct PasskeyBegun {
    pub options: String,
    pub waiting: PasskeyWaiting,
}

fn again() -> Error {
    Error::conflict("This answer belongs to another try, or was used already. Begin again.")
}

fn no_answer() -> Error {
    Error::conflict(
        "Your browser sent no passkey. Passkeys need script: allow it for this page and try again.",
    )
}

fn unfit(_: Unfit) -> Error {
    Error::conflict("There can be no passkeys at this address. The account's page says why.")
}

/// What is wrong with an answer, in a person's words; exactly what stands in the log. `otherwise`:
/// what nobody may learn more of.
fn told(error: passkey::Error, otherwise: fn() -> Error) -> Error {
    let passkey::Error::Answer { flaw, .. } = &error else {
        return error.into();
    };
    let flaw = *flaw;
    let error = &error as &dyn std::error::Error;
    tracing::warn!(error, "a passkey's answer was refused");
    match flaw {
        Flaw::Challenge => again(),
        Flaw::Origin | Flaw::Site => Error::conflict(
            "Your browser is at another address than the passkey is for. Open the panel at its own \
             address; if you did, whoever runs it sets http.public_origin to that.",
        ),
        Flaw::Person => Error::conflict(
            "Your device did not ask who you are. Use one that unlocks passkeys by a fingerprint, a \
             face or a PIN.",
        ),
        Flaw::Unkept => Error::conflict(
            "Your device did not keep the passkey, so it could not sign you in. Use another one, or \
             a password manager.",
        ),
        Flaw::Counter => Error::conflict(
            "This passkey has been used elsewhere since, so it may have been copied: it is not \
             taken. Sign in another way and remove it.",
        ),
        Flaw::Signature | Flaw::Form => otherwise(),
    }
}

fn name_check(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    let is_good = (1..=NAME_MAX).contains(&name.chars().count());
    match is_good && !name.chars().any(char::is_control) {
        true => Ok(name),
        false => {
            let why = format!("Give it a name of 1 to {NAME_MAX} characters.");
            Err(Error::invalid("name", why))
        }
    }
}

fn room_check(list: &[PasskeyRecord]) -> Result<(), Error> {
    match list.len() < PASSKEYS_MAX {
        true => Ok(()),
        false => Err(Error::conflict(format!(
            "You have {PASSKEYS_MAX} passkeys. Remove one first."
        ))),
    }
}

impl Panel {
    /// Where browsers find the panel: where it is said to be, else at `host`, by which this one came.
    pub(crate) fn passkey_site(&self, host: &str) -> Result<Site, Unfit> {
        if let Some(origin) = &self.settings.public_origin {
            return Site::of(origin);
        }
        let scheme = match self.settings.is_https {
            true => "https",
            false => "http",
        };
        Site::of(&format!("{scheme}://{host}"))
    }

    pub(crate) fn passkey_obstacle(&self, host: &str) -> Option<PasskeyObstacle> {
        match self.passkey_site(host) {
            Ok(_) => None,
            Err(Unfit::Address(host)) => Some(PasskeyObstacle::Address { host }),
            Err(Unfit::Insecure(host)) => Some(PasskeyObstacle::Insecure { host }),
            Err(Unfit::Unreadable) => Some(PasskeyObstacle::Insecure {
                host: host.to_owned(),
            }),
        }
    }

    /// The host name whose passkeys are ways in; empty where the browser's address decides.
    pub(crate) fn passkey_place(&self) -> String {
        let Some(origin) = &self.settings.public_origin else {
            return String::new();
        };
        Site::of(origin).map_or_else(|_| NOWHERE.to_owned(), |site| site.name().to_owned())
    }

    /// An account's passkeys that are ways in.
    pub(crate) async fn passkeys_usable(&self, tx: &mut Tx, id: AccountId) -> Result<u32, Error> {
        let place = self.passkey_place();
        let list = tx.passkey_list(id).await?;
        let usable = list
            .iter()
            .filter(|one| place.is_empty() || one.site == place);
        Ok(u32::try_from(usable.count()).unwrap_or(u32::MAX))
    }

    /// Said after something was taken away, inside its transaction, which is dropped then.
    pub(crate) async fn way_in_left(
        &self,
        tx: &mut Tx,
        account: &AccountRecord,
    ) -> Result<(), Error> {
        let is_left = !account.password_hash.is_empty()
            || tx
                .identity_since(account.id, self.issuer())
                .await?
                .is_some()
            || self.passkeys_usable(tx, account.id).await? > 0;
        match is_left {
            true => Ok(()),
            false => Err(Error::conflict(
                "It is your last way in: you could not sign in any more.",
            )),
        }
    }

    pub(crate) async fn passkeys(&self, actor: &Actor, host: &str) -> Result<PasskeysView, Error> {
        actor.permit(Action::OwnAccount)?;
        let mut tx = self.store.read().await?;
        let list = tx.passkey_list(actor.account.id).await?;
        let view = |record: PasskeyRecord| PasskeyView {
            id: record.id,
            name: record.name,
            site: record.site,
            made_at: record.made_at,
            last_used_at: record.last_used_at,
        };
        Ok(PasskeysView {
            list: list.into_iter().map(view).collect(),
            site: self
                .passkey_site(host)
                .ok()
                .map(|site| site.name().to_owned()),
            obstacle: self.passkey_obstacle(host),
        })
    }

    pub(crate) async fn passkey_add_begin(
        &self,
        actor: &Actor,
        name: &str,
        host: &str,
    ) -> Result<PasskeyBegun, Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        name_check(name)?;
        let site = self.passkey_site(host).map_err(unfit)?;
        let id = actor.account.id;
        let list = self.store.read().await?.passkey_list(id).await?;
        room_check(&list)?;
        let begun = site.register_begin(
            person(id, &actor.account.name),
            &credentials(list, site.name()),
        )?;
        Ok(PasskeyBegun {
            options: begun.options,
            waiting: self.passkey_waiting(Asked::Add(id, begun.waiting)),
        })
    }

    /// The caller has taken `waiting` out of the session before: it is good for one answer.
    pub(crate) async fn passkey_add(
        &self,
        actor: &Actor,
        waiting: Option<&PasskeyWaiting>,
        name: &str,
        answer: &str,
        host: &str,
    ) -> Result<(), Error> {
        if answer.is_empty() {
            self.passkey_add_begin(actor, name, host).await?;
            return Err(no_answer());
        }
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let name = name_check(name)?;
        let id = actor.account.id;
        let registering = match self.passkey_asked(waiting)? {
            Asked::Add(of, registering) if *of == id => registering,
            _ => return Err(again()),
        };
        let site = self.passkey_site(host).map_err(unfit)?;
        let made = site.register_finish(registering, answer);
        let made = made.map_err(|error| {
            told(error, || {
                Error::conflict("The passkey could not be made: its answer does not hold.")
            })
        })?;
        let record = self.passkey_record(id, &site, name, &made)?;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        room_check(&tx.passkey_list(id).await?)?;
        match tx.passkey_insert(&record).await {
            Err(store::Error::Taken { .. }) => {
                return Err(Error::conflict("This passkey is registered already."));
            }
            other => other?,
        }
        let detail = format!("{name}, for {}", site.name());
        let audit = self.audit(actor, "passkey_add", actor.account.name.as_str(), detail);
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    fn passkey_record(
        &self,
        account: AccountId,
        site: &Site,
        name: &str,
        made: &Passkey,
    ) -> Result<PasskeyRecord, Error> {
        Ok(PasskeyRecord {
            id: PasskeyId(Uuid::now_v7()),
            account_id: account,
            credential_id: made.credential_id(),
            site: site.name().to_owned(),
            name: name.to_owned(),
            data: made.to_text()?,
            last_proof: String::new(),
            made_at: self.now(),
            last_used_at: None,
        })
    }

    pub(crate) async fn passkey_remove(&self, actor: &Actor, id: PasskeyId) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let of = actor.account.id;
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let account = tx.account_by_id(of).await?.ok_or(UserError::SignedOut)?;
        let list = tx.passkey_list(of).await?;
        let removed = list
            .into_iter()
            .find(|one| one.id == id)
            .ok_or_else(|| Error::not_found("passkey"))?;
        tx.passkey_delete(of, id).await?;
        self.way_in_left(&mut tx, &account).await?;
        let name = account.name.as_str();
        let audit = self.audit(actor, "passkey_remove", name, removed.name);
        tx.audit_insert(&audit.of(of)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// For somebody who lost their device: all of their passkeys go, and whoever is signed in there
    /// is not any more.
    pub(crate) async fn passkey_reset(&self, actor: &Actor, id: AccountId) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let account = self.person_for_change(&mut tx, actor, id).await?;
        let n = tx.passkey_clear(id).await?;
        if n == 0 {
            return Ok(());
        }
        administrator_left(self, &mut tx, account.role).await?;
        tx.session_end_others(id, actor.session).await?;
        let audit = self.audit(actor, "passkey_reset", account.name.as_str(), n.to_string());
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        self.presence_changed(id);
        self.changed_all(id);
        Ok(())
    }

    fn passkey_waiting(&self, asked: Asked) -> PasskeyWaiting {
        PasskeyWaiting {
            asked,
            at: self.now(),
        }
    }

    fn passkey_asked<'w>(&self, waiting: Option<&'w PasskeyWaiting>) -> Result<&'w Asked, Error> {
        let waiting = waiting.ok_or_else(again)?;
        match (0..AWAY_MS).contains(&(self.now() - waiting.at)) {
            true => Ok(&waiting.asked),
            false => Err(Error::conflict("That took too long. Begin again.")),
        }
    }
}

fn person(id: AccountId, name: &AccountName) -> Person<'_> {
    Person {
        handle: id.0,
        name: name.as_str(),
    }
}

/// What devices call those of them that work at this site.
fn credentials(list: Vec<PasskeyRecord>, site: &str) -> Vec<String> {
    list.into_iter()
        .filter(|one| one.site == site)
        .map(|one| one.credential_id)
        .collect()
}
