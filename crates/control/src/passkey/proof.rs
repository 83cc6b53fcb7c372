//! What a passkey opens: a sign-in, alone, since it takes the person's finger, face or PIN as well as
//! the device; and what wants a fresh proof.

use std::net::IpAddr;

use model::UnixMs;
use passkey::{Answer, Flaw, Passkey, Proving, Site};
use store::{PasskeyRecord, Tx};

use super::{Asked, PasskeyBegun, PasskeyWaiting, again, credentials, no_answer, told, unfit};
use crate::Actor;
use crate::account::{suspended, view};
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::sign_in::Admitted;

/// Also for passkeys that are not there: which there are is nobody's to find out.
fn unknown() -> Error {
    Error::conflict("This passkey is not known here, or belongs to somebody else.")
}

/// Sign-ins are counted for each address on its own: one of them must not stop everybody's.
fn sign_in_key(from: IpAddr) -> String {
    format!("passkey {from}")
}

/// Nobody's name has a space in it.
fn confirm_key(actor: &Actor) -> String {
    format!("{} passkey", actor.account.name)
}

const NOWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

/// An answer that holds: whose passkey as it was read, and what it is from now on.
struct Proved {
    record: PasskeyRecord,
    passkey: Passkey,
}

impl Panel {
    /// Nobody says yet who they are: the device will.
    pub(crate) async fn passkey_sign_in_begin(
        &self,
        host: &str,
        from: IpAddr,
    ) -> Result<PasskeyBegun, Error> {
        let site = self.passkey_site(host).map_err(unfit)?;
        self.attempts.begin(&sign_in_key(from), from, self.now())?;
        let begun = site.prove_begin(&[])?;
        Ok(PasskeyBegun {
            options: begun.options,
            waiting: self.passkey_waiting(Asked::SignIn(begun.waiting)),
        })
    }

    /// The caller has taken `waiting` out of the session before: it is good for one answer.
    pub(crate) async fn passkey_sign_in(
        &self,
        waiting: Option<&PasskeyWaiting>,
        answer: &str,
        host: &str,
        from: IpAddr,
    ) -> Result<Admitted, Error> {
        if answer.is_empty() {
            self.passkey_sign_in_begin(host, from).await?;
            return Err(no_answer());
        }
        let Asked::SignIn(proving) = self.passkey_asked(waiting)? else {
            return Err(again());
        };
        let site = self.passkey_site(host).map_err(unfit)?;
        let answer = Answer::read(answer).map_err(|error| told(error, unknown))?;
        let is_of = |record: &PasskeyRecord| answer.handle() == Some(record.account_id.0);
        let proved = self.passkey_check(&site, proving, &answer, is_of).await?;
        let mut tx = self.store.write().await?;
        let account = tx.account_by_id(proved.record.account_id).await?;
        let account = account.ok_or_else(unknown)?;
        // Said only to who has the passkey.
        if account.suspended_at.is_some() {
            return Err(suspended());
        }
        self.passkey_used(&mut tx, &proved, proving).await?;
        let admitted = Admitted::new(account);
        let account = &admitted.account;
        let actor = Actor::of(account.clone());
        let how = format!("with the passkey “{}”", proved.record.name);
        let audit = self.audit(&actor, "account_sign_in", account.name.as_str(), how);
        tx.account_signed_in(account.id, self.now()).await?;
        tx.audit_insert(&audit.of(account.id)).await?;
        tx.commit().await?;
        self.attempts.succeeded(&sign_in_key(from), from);
        Ok(admitted)
    }

    pub(crate) async fn passkey_confirm_begin(
        &self,
        actor: &Actor,
        host: &str,
    ) -> Result<PasskeyBegun, Error> {
        actor.permit(Action::OwnAccount)?;
        let site = self.passkey_site(host).map_err(unfit)?;
        let id = actor.account.id;
        let list = self.store.read().await?.passkey_list(id).await?;
        let known = credentials(list, site.name());
        if known.is_empty() {
            return Err(Error::conflict("You have no passkey for this address."));
        }
        self.attempts
            .begin(&confirm_key(actor), NOWHERE, self.now())?;
        let begun = site.prove_begin(&known)?;
        Ok(PasskeyBegun {
            options: begun.options,
            waiting: self.passkey_waiting(Asked::Confirm(id, begun.waiting)),
        })
    }

    /// Answers when it was. The caller has taken `waiting` out of the session before.
    pub(crate) async fn passkey_confirm(
        &self,
        actor: &Actor,
        waiting: Option<&PasskeyWaiting>,
        answer: &str,
        host: &str,
    ) -> Result<UnixMs, Error> {
        if answer.is_empty() {
            self.passkey_confirm_begin(actor, host).await?;
            return Err(no_answer());
        }
        actor.permit(Action::OwnAccount)?;
        let id = actor.account.id;
        let proving = match self.passkey_asked(waiting)? {
            Asked::Confirm(of, proving) if *of == id => proving,
            _ => return Err(again()),
        };
        let site = self.passkey_site(host).map_err(unfit)?;
        let answer = Answer::read(answer).map_err(|error| told(error, unknown))?;
        // Asked for certain passkeys, a device need not say whose they are.
        let is_of = |record: &PasskeyRecord| {
            record.account_id == id && (!answer.has_handle() || answer.handle() == Some(id.0))
        };
        let checked = self.passkey_check(&site, proving, &answer, is_of).await;
        let mut tx = self.store.write().await?;
        let proved = match checked {
            Ok(proved) => proved,
            Err(error) => {
                let name = actor.account.name.as_str();
                let audit = self.audit(actor, "proof_wrong", name, "with a passkey");
                tx.audit_insert(&audit.of(id)).await?;
                tx.commit().await?;
                return Err(error);
            }
        };
        self.still(&mut tx, actor).await?;
        self.passkey_used(&mut tx, &proved, proving).await?;
        tx.commit().await?;
        self.attempts.succeeded(&confirm_key(actor), NOWHERE);
        Ok(self.now())
    }

    /// A passkey that is not there, or not of whom it should be, goes the way of one that is.
    async fn passkey_check(
        &self,
        site: &Site,
        proving: &Proving,
        answer: &Answer,
        is_of: impl Fn(&PasskeyRecord) -> bool,
    ) -> Result<Proved, Error> {
        let mut tx = self.store.read().await?;
        let found = tx.passkey_by_credential(&answer.credential_id()).await?;
        drop(tx);
        let record = found.filter(|record| record.site == site.name() && is_of(record));
        let known = record
            .as_ref()
            .map(|record| Passkey::from_text(&record.data));
        let known = known.transpose()?;
        let checked = site.prove_finish(proving, answer, known.as_ref());
        let is_copied = matches!(
            &checked,
            Err(passkey::Error::Answer {
                flaw: Flaw::Counter,
                ..
            })
        );
        if let Some(record) = record.as_ref().filter(|_| is_copied) {
            self.passkey_refused(record).await?;
        }
        let passkey = checked.map_err(|error| told(error, unknown))?;
        let record = record.ok_or_else(unknown)?;
        Ok(Proved { record, passkey })
    }

    /// Whose passkey may have been copied finds it in the audit.
    async fn passkey_refused(&self, record: &PasskeyRecord) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        if let Some(account) = tx.account_by_id(record.account_id).await? {
            let actor = Actor::of(view(account));
            let detail = format!("{}: its counter went back", record.name);
            let name = actor.account.name.as_str();
            let audit = self.audit(&actor, "passkey_refused", name, detail);
            tx.audit_insert(&audit.of(record.account_id)).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Nothing is taken twice, by whichever of two requests at once.
    async fn passkey_used(
        &self,
        tx: &mut Tx,
        proved: &Proved,
        proving: &Proving,
    ) -> Result<(), Error> {
        let data = proved.passkey.to_text()?;
        let is_first = tx
            .passkey_use(&proved.record, &data, proving.challenge(), self.now())
            .await?;
        match is_first {
            true => Ok(()),
            false => Err(again()),
        }
    }
}
