//! Stacks: a compose file, read here, and deployed through the cluster's endpoint in the person's
//! name.

use model::{ClusterId, StackCheckView, StackName, StackOutcome, StackSpec};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// Docker's bound on a service's whole name.
const SERVICE_NAME_MAX: usize = 63;

impl Panel {
    /// Nothing is made, and no engine is asked.
    pub(crate) async fn stack_check(
        &self,
        actor: &Actor,
        id: ClusterId,
        text: &str,
    ) -> Result<StackCheckView, Error> {
        let mut tx = self.store.read().await?;
        self.own_for(&mut tx, actor, id, Action::ClusterUse).await?;
        drop(tx);
        Ok(match compose::read(text) {
            Ok(spec) => StackCheckView {
                spec: Some(spec),
                problems: Vec::new(),
            },
            Err(problems) => StackCheckView {
                spec: None,
                problems,
            },
        })
    }

    pub(crate) async fn stack_deploy(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
        text: &str,
    ) -> Result<StackOutcome, Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let name: StackName = name.parse().map_err(|why| Error::invalid("name", why))?;
        let spec = compose::read(text).map_err(|_| {
            let why = "The file has problems: nothing was made. Check it first.";
            Error::invalid("text", why)
        })?;
        names_fit(&name, &spec)?;
        let outcome = self.endpoint.stack_deploy(&at, &name, &spec).await;
        let what = name.to_string();
        let outcome = self
            .outcome_audit(actor, "stack_deploy", &wish, what, outcome)
            .await;
        // Even after a refusal: what came before it in the file is there.
        self.changed(wish.owner_id, id);
        outcome
    }

    pub(crate) async fn stack_remove(
        &self,
        actor: &Actor,
        id: ClusterId,
        name: &str,
    ) -> Result<(), Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        self.confirmed(actor)?;
        let name: StackName = name.parse().map_err(|_| Error::not_found("stack"))?;
        let outcome = self.endpoint.stack_remove(&at, &name).await;
        let what = name.to_string();
        self.outcome_audit(actor, "stack_remove", &wish, what, outcome)
            .await?;
        self.changed(wish.owner_id, id);
        Ok(())
    }
}

fn names_fit(name: &StackName, spec: &StackSpec) -> Result<(), Error> {
    let most = SERVICE_NAME_MAX - 1 - name.as_str().len();
    let long = spec
        .services
        .iter()
        .find(|service| service.name.len() > most);
    match long {
        None => Ok(()),
        Some(service) => {
            let why = format!(
                "With the service's name “{}” it is too long: use a shorter one.",
                service.name
            );
            Err(Error::invalid("name", why))
        }
    }
}
