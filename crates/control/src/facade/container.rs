//! Containers, their logs and consoles, and what happens to them. Everything goes through the cluster's endpoint, in the
//! actor's name.

use model::{
    ClusterId, ContainerAction, ContainerDetailView, ContainerRef, ContainerUsageView,
    ContainerView, EventView, LogView, VariableView,
};

use super::{Control, answer};
use crate::{Actor, EventStream, LogStream, PersonConsole, Result, Shell};

impl Control {
    /// Of all segments, the system's included and marked.
    pub async fn container_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<ContainerView>> {
        answer(self.0.container_list(actor, id)).await
    }

    /// Without the values of its environment.
    pub async fn container_get(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<ContainerDetailView> {
        answer(self.0.container_get(actor, id, container)).await
    }

    /// The environment with its values; audited.
    pub async fn container_environment(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<Vec<VariableView>> {
        answer(self.0.container_environment(actor, id, container)).await
    }

    pub async fn container_act(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        action: ContainerAction,
    ) -> Result<()> {
        answer(self.0.container_act(actor, id, container, action)).await
    }

    /// CPU over the time since somebody looked last.
    pub async fn container_usage(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
    ) -> Result<ContainerUsageView> {
        answer(self.0.container_usage(actor, id, container)).await
    }

    /// The newest `tail` lines of up to [`crate::LOG_CONTAINERS_MAX`] containers.
    pub async fn container_log_tail(
        &self,
        actor: &Actor,
        id: ClusterId,
        containers: &[ContainerRef],
        tail: u32,
    ) -> Result<LogView> {
        answer(self.0.container_log_tail(actor, id, containers, tail)).await
    }

    /// Everything after `seen_ns`, which has a moment for each container; then as it is written.
    pub async fn container_log_follow(
        &self,
        actor: &Actor,
        id: ClusterId,
        containers: &[ContainerRef],
        seen_ns: &[i64],
    ) -> Result<LogStream> {
        answer(self.0.container_log_follow(actor, id, containers, seen_ns)).await
    }

    /// What the engines remember, the oldest first.
    pub async fn event_list(&self, actor: &Actor, id: ClusterId) -> Result<Vec<EventView>> {
        answer(self.0.event_list(actor, id)).await
    }

    /// What happened after `after_ns`, then what happens.
    pub async fn event_follow(
        &self,
        actor: &Actor,
        id: ClusterId,
        after_ns: i64,
    ) -> Result<EventStream> {
        answer(self.0.event_follow(actor, id, after_ns)).await
    }

    /// A shell with a terminal of so many columns and rows; audited.
    pub async fn console_open(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        shell: Shell,
        size: (u16, u16),
    ) -> Result<PersonConsole> {
        answer(self.0.console_open(actor, id, container, shell, size)).await
    }
}
