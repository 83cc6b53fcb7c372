//! Signing in at an identity provider. Who somebody is there says [`oidc`]; here stands whose
//! account that is, and what becomes of their role.
//!
//! Accounts are connected by issuer and subject alone: names and addresses change hands.

use std::collections::BTreeMap;
use std::net::IpAddr;

use model::{AccountId, AccountName, Role, UnixMs, UserError, WaysInView};
use oidc::Identity;
use serde::{Deserialize, Serialize};
use store::{AccountRecord, Tx};
use uuid::Uuid;

use crate::Actor;
use crate::account::{suspended, view};
use crate::actor::SYSTEM_NAME;
use crate::error::Error;
use crate::panel::{AuditOf as _, Panel};
use crate::permit::Action;
use crate::sign_in::Admitted;

/// How long somebody may be away at the provider.
const AWAY_MS: i64 = 10 * 60_000;

/// The provider that people may sign in at, and what their groups there are worth.
#[derive(Debug)]
pub struct ProviderSettings {
    pub provider: oidc::Provider,
    /// What the button calls it.
    pub name: String,
    /// Group → role. Without any, roles are given here and not touched.
    pub roles: BTreeMap<String, Role>,
    /// For who is in none of them; `None` lets nobody else in. Without groups: for new accounts.
    pub role_else: Option<Role>,
    /// Whoever signs in for the first time gets an account.
    pub makes_accounts: bool,
}

/// What somebody goes to the provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderPurpose {
    SignIn,
    /// To prove that they are still there, before a dangerous act.
    Confirm,
    /// To connect the account they have here.
    Connect,
}

/// Somebody who is at the provider. It is kept where the browser cannot reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderWaiting {
    waiting: oidc::Waiting,
    pub purpose: ProviderPurpose,
    account: Option<AccountId>,
    /// Where they want to be afterwards.
    pub next: String,
}

/// Where the browser goes now, and what is kept until it is back.
#[derive(Debug)]
pub struct ProviderBegun {
    pub url: String,
    pub waiting: ProviderWaiting,
}

/// What the browser brings back.
#[derive(Clone, Default)]
pub struct ProviderAnswer {
    pub code: String,
    pub state: String,
    pub issuer: String,
    pub error: String,
}

/// What has come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderDone {
    SignedIn(Admitted),
    Confirmed(UnixMs),
    Connected,
}

fn not_allowed(why: impl Into<String>) -> Error {
    UserError::NotAllowed { why: why.into() }.into()
}

/// Attempts are counted for each address on its own: one of them must not stop everybody's.
fn attempts_key(from: IpAddr) -> String {
    format!("provider {from}")
}

impl Panel {
    pub(crate) fn provider_settings(&self) -> Result<&ProviderSettings, Error> {
        let found = self.settings.provider.as_deref();
        found.ok_or_else(|| Error::not_found("page"))
    }

    /// The present provider's; empty without one.
    pub(crate) fn issuer(&self) -> &str {
        let settings = self.settings.provider.as_ref();
        settings.map_or("", |settings| settings.provider.issuer())
    }

    pub(crate) async fn provider_begin(
        &self,
        actor: Option<&Actor>,
        purpose: ProviderPurpose,
        next: &str,
        from: IpAddr,
    ) -> Result<ProviderBegun, Error> {
        let settings = self.provider_settings()?;
        let account = match (purpose, actor) {
            (ProviderPurpose::SignIn, _) => None,
            (_, None) => return Err(UserError::SignedOut.into()),
            (ProviderPurpose::Confirm, Some(actor)) => {
                actor.permit(Action::OwnAccount)?;
                Some(actor.account.id)
            }
            (ProviderPurpose::Connect, Some(actor)) => {
                actor.permit(Action::OwnAccount)?;
                self.confirmed(actor)?;
                Some(actor.account.id)
            }
        };
        self.attempts.begin(&attempts_key(from), from, self.now())?;
        let is_fresh = purpose != ProviderPurpose::SignIn;
        let begun = settings.provider.begin(is_fresh, self.now()).await;
        let begun = begun.map_err(|error| told(settings, &error))?;
        Ok(ProviderBegun {
            url: begun.url,
            waiting: ProviderWaiting {
                waiting: begun.waiting,
                purpose,
                account,
                next: next.to_owned(),
            },
        })
    }

    /// The caller has taken `waiting` out of the session before: it is good for one answer.
    pub(crate) async fn provider_finish(
        &self,
        actor: Option<&Actor>,
        waiting: &ProviderWaiting,
        answer: &ProviderAnswer,
        from: IpAddr,
    ) -> Result<ProviderDone, Error> {
        let settings = self.provider_settings()?;
        let name = &settings.name;
        if !waiting.waiting.is_state(&answer.state) {
            let why = "This answer belongs to another sign-in, or was used already. Begin again.";
            return Err(not_allowed(why));
        }
        if !(0..AWAY_MS).contains(&(self.now() - waiting.waiting.began_at())) {
            return Err(not_allowed("That took too long. Begin again."));
        }
        if !answer.issuer.is_empty() && answer.issuer != settings.provider.issuer() {
            return Err(not_allowed(format!("This answer is not from {name}.")));
        }
        if !answer.error.is_empty() {
            return Err(refused_there(settings, &answer.error));
        }
        let done = settings
            .provider
            .finish(&waiting.waiting, &answer.code, self.now());
        let identity = done.await.map_err(|error| told(settings, &error))?;
        let done = match (waiting.purpose, actor) {
            (ProviderPurpose::SignIn, _) => {
                let account = self.provider_sign_in(settings, &identity).await?;
                ProviderDone::SignedIn(account)
            }
            (_, None) => return Err(UserError::SignedOut.into()),
            (_, Some(actor)) if waiting.account != Some(actor.account.id) => {
                return Err(UserError::SignedOut.into());
            }
            (ProviderPurpose::Confirm, Some(actor)) => {
                self.provider_confirm(settings, actor, &identity).await?;
                ProviderDone::Confirmed(self.now())
            }
            (ProviderPurpose::Connect, Some(actor)) => {
                self.provider_connect(settings, actor, &identity).await?;
                ProviderDone::Connected
            }
        };
        self.attempts.succeeded(&attempts_key(from), from);
        Ok(done)
    }

    async fn provider_sign_in(
        &self,
        settings: &ProviderSettings,
        identity: &Identity,
    ) -> Result<Admitted, Error> {
        let role = role_there(settings, identity)?;
        let mut tx = self.store.write().await?;
        if tx.account_count().await? == 0 {
            let why = "This panel has no account yet. Make the first one by its set-up link.";
            return Err(not_allowed(why));
        }
        let found = tx
            .identity_account(&identity.issuer, &identity.subject)
            .await?;
        let known = match found {
            Some(id) => tx.account_by_id(id).await?,
            None => None,
        };
        let account = match known {
            Some(account) if account.suspended_at.is_some() => return Err(suspended()),
            Some(account) => self.role_follow(&mut tx, settings, account, role).await?,
            None => {
                self.provider_account_make(&mut tx, settings, identity, role)
                    .await?
            }
        };
        let admitted = Admitted::new(account);
        let account = &admitted.account;
        let actor = Actor::of(account.clone());
        let how = format!("at {}", settings.name);
        let audit = self.audit(&actor, "account_sign_in", account.name.as_str(), how);
        tx.account_signed_in(account.id, self.now()).await?;
        tx.audit_insert(&audit.of(account.id)).await?;
        tx.commit().await?;
        // The role may have changed, and with it what other browsers show and certificates open.
        self.revoked_changed();
        self.presence_changed(account.id);
        self.changed_all(account.id);
        Ok(admitted)
    }

    /// Where groups say the role, they say it at every sign-in. The last administrator who can
    /// sign in keeps theirs.
    async fn role_follow(
        &self,
        tx: &mut Tx,
        settings: &ProviderSettings,
        mut account: AccountRecord,
        role: Role,
    ) -> Result<AccountRecord, Error> {
        if settings.roles.is_empty() || account.role == role {
            return Ok(account);
        }
        let actor = Actor::of(view(account.clone()));
        let how = format!(", by groups at {}", settings.name);
        let changed = self
            .role_change_in_tx(tx, &actor, &account, role, &how)
            .await;
        match changed {
            Ok(()) => account.role = role,
            // Nobody else is left: what was done of it is taken back.
            Err(Error::User(_)) => {
                tx.account_role_set(account.id, account.role).await?;
                let name = account.name.as_str();
                let audit = self.audit(&actor, "role_kept", name, "the last administrator");
                tx.audit_insert(&audit.of(account.id)).await?;
            }
            Err(other) => return Err(other),
        }
        Ok(account)
    }

    async fn provider_account_make(
        &self,
        tx: &mut Tx,
        settings: &ProviderSettings,
        identity: &Identity,
        role: Role,
    ) -> Result<AccountRecord, Error> {
        let there = &settings.name;
        if !settings.makes_accounts {
            let why = format!(
                "Nobody here is connected with your account at {there}. If you have an account here, \
                 sign in with its password and connect it on your account's page. If not, ask \
                 whoever runs this panel."
            );
            return Err(not_allowed(why));
        }
        let name = account_name(settings, identity)?;
        if tx.account_by_name(&name).await?.is_some() {
            let why = format!(
                "There is an account “{name}” here already, and it is not connected with yours at \
                 {there}. If it is yours, sign in with its password and connect it on your \
                 account's page. If not, ask whoever runs this panel."
            );
            return Err(Error::conflict(why));
        }
        let account = AccountRecord {
            id: AccountId(Uuid::now_v7()),
            name,
            role,
            password_hash: String::new(),
            created_at: self.now(),
            suspended_at: None,
            last_sign_in_at: None,
            epoch: 0,
            quota: store::QuotaRecord::default(),
        };
        tx.account_insert(&account).await?;
        tx.identity_insert(&identity.issuer, &identity.subject, account.id, self.now())
            .await?;
        let actor = Actor::of(view(account.clone()));
        let detail = format!("{role}, at the first sign-in at {there}");
        let audit = self.audit(&actor, "account_create", account.name.as_str(), detail);
        tx.audit_insert(&audit.of(account.id)).await?;
        Ok(account)
    }

    async fn provider_confirm(
        &self,
        settings: &ProviderSettings,
        actor: &Actor,
        identity: &Identity,
    ) -> Result<(), Error> {
        let mut tx = self.store.write().await?;
        let of = tx
            .identity_account(&identity.issuer, &identity.subject)
            .await?;
        if of != Some(actor.account.id) {
            let name = actor.account.name.as_str();
            let audit = self.audit(actor, "proof_wrong", name, format!("at {}", settings.name));
            tx.audit_insert(&audit.of(actor.account.id)).await?;
            tx.commit().await?;
            let there = &settings.name;
            let why =
                format!("You signed in at {there} as somebody else. Sign out there and try again.");
            return Err(not_allowed(why));
        }
        Ok(())
    }

    async fn provider_connect(
        &self,
        settings: &ProviderSettings,
        actor: &Actor,
        identity: &Identity,
    ) -> Result<(), Error> {
        let (id, there) = (actor.account.id, &settings.name);
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let made = tx
            .identity_insert(&identity.issuer, &identity.subject, id, self.now())
            .await;
        match made {
            Err(store::Error::Taken { .. }) => {
                let why = format!(
                    "This account at {there} is connected already, or yours here is connected with \
                     another one."
                );
                return Err(Error::conflict(why));
            }
            other => other?,
        }
        let name = actor.account.name.as_str();
        let audit = self.audit(actor, "provider_connect", name, format!("with {there}"));
        tx.audit_insert(&audit.of(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Only who can still come in another way.
    pub(crate) async fn provider_disconnect(&self, actor: &Actor) -> Result<(), Error> {
        actor.permit(Action::OwnAccount)?;
        self.confirmed(actor)?;
        let settings = self.provider_settings()?;
        let (id, there) = (actor.account.id, &settings.name);
        let mut tx = self.store.write().await?;
        self.still(&mut tx, actor).await?;
        let account = tx.account_by_id(id).await?.ok_or(UserError::SignedOut)?;
        if tx.identity_delete(id, self.issuer()).await? {
            self.way_in_left(&mut tx, &account).await?;
            let name = actor.account.name.as_str();
            let audit = self.audit(actor, "provider_disconnect", name, format!("from {there}"));
            tx.audit_insert(&audit.of(id)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// By what one's own account can be entered.
    pub(crate) async fn ways_in(&self, actor: &Actor) -> Result<WaysInView, Error> {
        actor.permit(Action::OwnAccount)?;
        let id = actor.account.id;
        let mut tx = self.store.read().await?;
        let account = tx.account_by_id(id).await?.ok_or(UserError::SignedOut)?;
        let provider = self.settings.provider.as_ref();
        Ok(WaysInView {
            has_password: !account.password_hash.is_empty(),
            provider: provider.map(|settings| settings.name.clone()),
            connected_since: tx.identity_since(id, self.issuer()).await?,
            passkeys: self.passkeys_usable(&mut tx, id).await?,
        })
    }
}

/// The best that somebody's groups give; refused where they give nothing.
fn role_there(settings: &ProviderSettings, identity: &Identity) -> Result<Role, Error> {
    let there = &settings.name;
    let nobody = || {
        not_allowed(format!(
            "Your groups at {there} do not let you in here. Ask whoever runs this panel."
        ))
    };
    if settings.roles.is_empty() {
        return settings.role_else.ok_or_else(nobody);
    }
    let groups = identity.groups.as_ref().ok_or_else(|| {
        not_allowed(format!(
            "{there} does not say which groups you are in, and roles here follow them. Tell whoever \
             runs this panel."
        ))
    })?;
    let given: Vec<Role> = groups
        .iter()
        .filter_map(|group| settings.roles.get(group).copied())
        .collect();
    let best = Role::ALL.iter().copied().find(|role| given.contains(role));
    best.or(settings.role_else).ok_or_else(nobody)
}

/// A name of ours from the one there: the part before the @, in small letters, everything else a
/// hyphen.
fn account_name(settings: &ProviderSettings, identity: &Identity) -> Result<AccountName, Error> {
    let there = &settings.name;
    let said = identity.name.as_deref().unwrap_or_default();
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') => c,
        _ => '-',
    };
    let local = said.split('@').next().unwrap_or_default();
    let name: String = local
        .trim()
        .chars()
        .map(plain)
        .take(AccountName::MAX)
        .collect();
    let name = name.trim_matches(['.', '_', '-']);
    name.parse::<AccountName>()
        .ok()
        .filter(|name| name.as_str() != SYSTEM_NAME)
        .ok_or_else(|| {
            not_allowed(format!(
                "{there} gives no name for you that an account here can have. Tell whoever runs this \
                 panel."
            ))
        })
}

/// What the provider sent back instead of a code. Its own words stay outside: whoever makes an
/// address could put any there.
fn refused_there(settings: &ProviderSettings, error: &str) -> Error {
    let there = &settings.name;
    let code: String = error.chars().take(60).collect();
    tracing::warn!(error = code, "a provider sent somebody back without a code");
    match error {
        "access_denied" => not_allowed(format!("{there} did not let you in, or you left it.")),
        "temporarily_unavailable" | "server_error" => {
            let what = there.clone();
            UserError::Unavailable { what }.into()
        }
        _ => not_allowed(format!(
            "{there} sent you back without signing you in. Begin again; if it stays so, tell \
             whoever runs this panel."
        )),
    }
}

/// A provider's failure in a person's words; what exactly it was stands in the log.
fn told(settings: &ProviderSettings, error: &oidc::Error) -> Error {
    use oidc::Flaw;
    let there = &settings.name;
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "signing in at a provider failed"
    );
    let why = match error {
        oidc::Error::Setup(_) | oidc::Error::Unavailable(_) => {
            let what = there.clone();
            return UserError::Unavailable { what }.into();
        }
        oidc::Error::Code(_) => "it does not know the sign-in, or does not know this panel",
        oidc::Error::Token { flaw, .. } => match flaw {
            Flaw::Signature => "its signature is not right",
            Flaw::Issuer => "it is from somebody else",
            Flaw::Audience => "it is meant for another program",
            Flaw::Time => "it is too old, or a clock is wrong",
            Flaw::Nonce => "it belongs to another sign-in",
            Flaw::NotFresh => "it does not say that you signed in just now",
            Flaw::Form => "it cannot be read",
        },
    };
    not_allowed(format!(
        "The answer of {there} does not count: {why}. Begin again; if it stays so, tell whoever \
         runs this panel."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(roles: &[(&str, Role)], role_else: Option<Role>) -> ProviderSettings {
        let provider = oidc::Provider::new(oidc::Settings {
            issuer: "https://login.example.org".to_owned(),
            client_id: "carina".to_owned(),
            client_secret: None,
            redirect_uri: "https://panel.example.org/sign-in/provider/back".to_owned(),
            scopes: Vec::new(),
            name_claim: "preferred_username".to_owned(),
            groups_claim: "groups".to_owned(),
            authorities: None,
        });
        ProviderSettings {
            provider: provider.unwrap(),
            name: "Example".to_owned(),
            roles: roles
                .iter()
                .map(|(group, role)| ((*group).to_owned(), *role))
                .collect(),
            role_else,
            makes_accounts: true,
        }
    }

    fn identity(name: &str, groups: Option<&[&str]>) -> Identity {
        Identity {
            issuer: "https://login.example.org".to_owned(),
            subject: "1".to_owned(),
            name: Some(name.to_owned()),
            groups: groups.map(|all| all.iter().map(|&group| group.to_owned()).collect()),
        }
    }

    #[test]
    fn the_best_of_somebodys_groups_is_their_role() {
        let roles = [("ops", Role::Administrator), ("staff", Role::Member)];
        let check = |roles: &[(&str, Role)], other, groups: Option<&[&str]>, expect| {
            let found = role_there(&settings(roles, other), &identity("ada", groups));
            assert_eq!(found.ok(), expect, "{groups:?}");
        };
        check(
            &roles,
            None,
            Some(&["staff", "ops"]),
            Some(Role::Administrator),
        );
        check(&roles, None, Some(&["staff"]), Some(Role::Member));
        check(&roles, None, Some(&["Staff", "staff2"]), None);
        check(&roles, Some(Role::Viewer), Some(&[]), Some(Role::Viewer));
        // Silence is no group: somebody would lose a role by a slip at the provider.
        check(&roles, Some(Role::Viewer), None, None);
        check(&[], Some(Role::Member), None, Some(Role::Member));
        check(&[], None, Some(&["ops"]), None);
    }

    #[test]
    fn names_become_ours_or_are_refused() {
        let check = |said: &str, expect: Option<&str>| {
            let name = account_name(&settings(&[], None), &identity(said, None)).ok();
            assert_eq!(name.as_ref().map(AccountName::as_str), expect, "{said}");
        };
        check("ada", Some("ada"));
        check("Ada.Lovelace@example.org", Some("ada.lovelace"));
        check("ada lovelace!", Some("ada-lovelace"));
        for bad in ["", "@", "1", "42nd", "system", "漢字"] {
            check(bad, None);
        }
    }
}
