//! The one table of who may do what. Every use-case asks it first; what it does not say is refused.

use model::{Role, Scope, UserError};

use crate::Actor;
use crate::error::Error;

/// Something a use-case does, as far as permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// One's own password, sessions, second factor, quota and part of the audit.
    OwnAccount,
    /// Make tokens that act for one.
    TokenMake,
    /// Ask for a larger quota.
    QuotaAsk,
    ClusterSee,
    ClusterCreate,
    /// Scale, rebuild, retry, and whatever else changes it.
    ClusterChange,
    ClusterDelete,
    /// Credentials and everything that goes through the endpoint: whoever has them is its master.
    ClusterUse,
    /// The teams one is in.
    TeamSee,
    /// Name and people of a team whose administrator one is.
    TeamManage,
    /// Accounts, invitations, teams, quotas of others.
    PeopleManage,
    /// What everybody did.
    AuditAll,
    /// What holds for the whole panel.
    SettingChange,
    /// Machines, what runs where, their health.
    HostManage,
}

/// One row: who may, and the scopes of which a token needs one. Without any no token will do.
pub struct Permit {
    pub action: Action,
    pub roles: &'static [Role],
    pub scopes: &'static [Scope],
}

const EVERYBODY: &[Role] = &[Role::Administrator, Role::Member, Role::Viewer];
const MEMBERS: &[Role] = &[Role::Administrator, Role::Member];
const ADMINISTRATORS: &[Role] = &[Role::Administrator];

const NEVER: &[Scope] = &[];
const DEPLOY: &[Scope] = &[Scope::Deploy];
const ACCESS: &[Scope] = &[Scope::Access];

const fn row(action: Action, roles: &'static [Role], scopes: &'static [Scope]) -> Permit {
    Permit {
        action,
        roles,
        scopes,
    }
}

pub const TABLE: &[Permit] = &[
    row(Action::OwnAccount, EVERYBODY, NEVER),
    row(Action::TokenMake, EVERYBODY, NEVER),
    row(Action::QuotaAsk, MEMBERS, NEVER),
    row(Action::ClusterSee, EVERYBODY, Scope::ALL),
    row(Action::ClusterCreate, MEMBERS, DEPLOY),
    row(Action::ClusterChange, MEMBERS, DEPLOY),
    row(Action::ClusterDelete, MEMBERS, DEPLOY),
    row(Action::ClusterUse, MEMBERS, ACCESS),
    row(Action::TeamSee, EVERYBODY, NEVER),
    row(Action::TeamManage, MEMBERS, NEVER),
    row(Action::PeopleManage, ADMINISTRATORS, NEVER),
    row(Action::AuditAll, ADMINISTRATORS, NEVER),
    row(Action::SettingChange, ADMINISTRATORS, NEVER),
    row(Action::HostManage, ADMINISTRATORS, NEVER),
];

/// Whether a role, by itself, says that it may be done.
pub(crate) fn role_may(role: Role, action: Action) -> bool {
    TABLE
        .iter()
        .any(|permit| permit.action == action && permit.roles.contains(&role))
}

impl Actor {
    /// Refused unless role and, for a token, scope say that it may be done.
    pub(crate) fn permit(&self, action: Action) -> Result<(), Error> {
        self.refusal(action).map_or(Ok(()), |why| {
            let why = why.to_owned();
            Err(UserError::NotAllowed { why }.into())
        })
    }

    /// For pages, which leave out what would be refused.
    pub fn may(&self, action: Action) -> bool {
        self.refusal(action).is_none()
    }

    fn refusal(&self, action: Action) -> Option<&'static str> {
        let permit = TABLE.iter().find(|permit| permit.action == action);
        let Some(permit) = permit else {
            return Some("Nobody may do this.");
        };
        if !permit.roles.contains(&self.account.role) {
            return Some(match permit.roles {
                [Role::Administrator] => "Only administrators may do this.",
                _ => "Your account may look and change nothing. An administrator can change that.",
            });
        }
        // Who is no token has all of the role.
        let scopes = self.scopes.as_ref()?;
        let is_in_scope = permit.scopes.iter().any(|scope| scopes.contains(scope));
        (!is_in_scope).then_some("This token may not do this: its scopes do not say so.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, scopes: Option<Vec<Scope>>) -> Actor {
        let mut actor = Actor::system();
        actor.account.role = role;
        actor.scopes = scopes;
        actor
    }

    /// The whole table, as people think of it.
    #[test]
    fn the_table_says_what_the_documentation_says() {
        let mut lines = Vec::new();
        for permit in TABLE {
            let marks: String = Role::ALL
                .iter()
                .map(|role| match actor(*role, None).may(permit.action) {
                    true => 'x',
                    false => '-',
                })
                .collect();
            let scopes: Vec<&str> = permit.scopes.iter().map(|scope| scope.as_str()).collect();
            lines.push(format!("{:?} {marks} {}", permit.action, scopes.join(" ")));
        }
        assert_eq!(
            lines,
            [
                "OwnAccount xxx ",
                "TokenMake xxx ",
                "QuotaAsk xx- ",
                "ClusterSee xxx read deploy access",
                "ClusterCreate xx- deploy",
                "ClusterChange xx- deploy",
                "ClusterDelete xx- deploy",
                "ClusterUse xx- access",
                "TeamSee xxx ",
                "TeamManage xx- ",
                "PeopleManage x-- ",
                "AuditAll x-- ",
                "SettingChange x-- ",
                "HostManage x-- ",
            ]
        );
    }

    #[test]
    fn a_token_does_what_both_its_scopes_and_its_owner_may() {
        let all = Some(Scope::ALL.to_vec());
        for permit in TABLE {
            let administrator = actor(Role::Administrator, all.clone());
            assert_eq!(administrator.may(permit.action), !permit.scopes.is_empty());
            assert!(!actor(Role::Administrator, Some(vec![])).may(permit.action));
        }
        let reads = actor(Role::Member, Some(vec![Scope::Read]));
        assert!(reads.may(Action::ClusterSee) && !reads.may(Action::ClusterChange));
        assert!(!actor(Role::Viewer, all).may(Action::ClusterDelete));
    }
}
