//! Questions to registries. The engines put them, from inside the cluster's segments: what may be
//! reached from there is for the segments' own rules to say, a name can be made to mean any address.

use super::Manager;
use super::answer::Answer;
use super::dispatch::Call;
use super::proxy::Payload;
use crate::api::{AuthConfig, Refusal, json as strict};

impl Manager {
    /// `docker login`: any healthy engine may try whether the registry takes it.
    pub async fn auth(&self, mut call: Call) -> Answer {
        let auth: AuthConfig = strict::read(&call.json_body().await?)?;
        let payload = Payload::Json(strict::write(&auth));
        self.any_send(&mut call, payload).await
    }

    /// What an engine answers to whom it does not know: any healthy one will do.
    pub async fn any_proxy(&self, mut call: Call) -> Answer {
        let payload = call.payload();
        self.any_send(&mut call, payload).await
    }

    async fn any_send(&self, call: &mut Call, payload: Payload) -> Answer {
        let view = self.cluster.view();
        let first = view.healthy().next();
        let (engine, snapshot) =
            first.ok_or_else(|| Refusal::failed("No healthy node available in the cluster"))?;
        let name = call.matched.name.clone();
        self.send(call, engine, snapshot, &name, payload).await
    }
}
