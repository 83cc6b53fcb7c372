//! What pages show of a cluster, out of its rows.

use host::NetworkMode;
use model::{
    ClusterId, ClusterView, OperationKind, OperationState, OperationView, Phase, SegmentPhase,
    SegmentView,
};
use store::{ClusterWish, OperationRecord, SegmentWish, Tx};

use crate::Actor;
use crate::desired::{Rows, network_mode_word};
use crate::error::Error;
use crate::gate::Places;
use crate::metric::Latest;
use crate::panel::Panel;
use crate::permit::Action;
use crate::steps;
use crate::usage::Usage;

impl Panel {
    pub(crate) async fn cluster_list(&self, actor: &Actor) -> Result<Vec<ClusterView>, Error> {
        actor.permit(Action::ClusterSee)?;
        let mut tx = self.store.read().await?;
        let places = Places::of(&mut tx, actor).await?;
        let mut views = Vec::new();
        for wish in tx.cluster_seen(actor.account.id).await? {
            if let Some(rows) = Rows::load(&mut tx, wish.id).await? {
                views.push(self.cluster_view(&mut tx, actor, &places, &rows).await?);
            }
        }
        Ok(views)
    }

    /// With fresh usage, if that takes no time.
    pub(crate) async fn cluster_get(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.read().await?;
        let rows = self.rows_own(&mut tx, actor, id).await?;
        drop(tx);
        if rows.wish.deleting_since.is_none() {
            self.usage_refresh(&rows).await;
        }
        self.cluster_after(actor, id).await
    }

    /// As a wish left it.
    pub(crate) async fn cluster_after(
        &self,
        actor: &Actor,
        id: ClusterId,
    ) -> Result<ClusterView, Error> {
        let mut tx = self.store.read().await?;
        let rows = self.rows_own(&mut tx, actor, id).await?;
        let places = Places::of(&mut tx, actor).await?;
        self.cluster_view(&mut tx, actor, &places, &rows).await
    }

    /// All of a cluster that the actor may see.
    async fn rows_own(&self, tx: &mut Tx, actor: &Actor, id: ClusterId) -> Result<Rows, Error> {
        self.own(tx, actor, id).await?;
        Rows::load(tx, id)
            .await?
            .ok_or_else(|| Error::not_found("cluster"))
    }

    pub(crate) async fn cluster_view(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        places: &Places,
        rows: &Rows,
    ) -> Result<ClusterView, Error> {
        let (wish, fact) = (&rows.wish, rows.fact.as_ref());
        let operations = tx.operation_list(wish.id).await?;
        let steps = match operations.first() {
            Some(newest) => steps::views(rows, newest, &tx.step_list(newest.id).await?),
            None => Vec::new(),
        };
        let usage = self.usage.get(wish.id);
        let drained = self.drained.get(wish.id);
        let segments = rows.segments.iter().map(|segment| {
            let view = SegmentView {
                is_drained: drained.contains(&segment.ordinal),
                ..segment_view(rows, segment)
            };
            let view = match usage.get(&segment.ordinal) {
                Some(usage) => with_usage(view, usage),
                None => view,
            };
            // As the charts have it, where the last sample is fresh.
            match self.rings.latest((wish.id, segment.ordinal), self.now()) {
                Some(latest) => with_latest(view, latest),
                None => view,
            }
        });
        let phase = match (wish.deleting_since, fact) {
            (Some(_), _) => Phase::Deleting,
            // Asked for since the last round looked: what was `active` is not the whole truth.
            (None, Some(fact)) if fact.phase == Phase::Active => {
                asked_for(rows, operations.first())
            }
            (None, Some(fact)) => fact.phase,
            (None, None) => Phase::New,
        };
        let limits = self.limits_of(tx, wish.owner_id).await?;
        let is_answering = rows.segment_facts.values().any(|fact| fact.is_answering);
        let has_endpoint = is_answering && phase != Phase::Deleting;
        Ok(ClusterView {
            id: wish.id,
            name: wish.name.clone(),
            team: places.team(wish.owner_id).cloned(),
            host: self.has_host_choice().then(|| wish.host.clone()),
            may_change: places.may(actor, wish.owner_id, Action::ClusterChange),
            may_use: places.may(actor, wish.owner_id, Action::ClusterUse),
            phase,
            reason: fact.and_then(|fact| fact.reason.clone()),
            next_try_at: fact.and_then(|fact| fact.next_try_at),
            generation: wish.desired_generation,
            was_active: fact.is_some_and(|fact| fact.first_active_at.is_some()),
            autoscale: wish.autoscale.then(|| self.autoscales.get(wish)),
            disk_gib: self.disk_bytes(wish).div_ceil(1 << 30),
            segments_wanted: wish.segments,
            segments_max: limits.segments,
            segments: segments.collect(),
            created_at: wish.created_at,
            endpoint: has_endpoint.then(|| self.endpoint(wish)),
            is_routed: wish.network_mode == network_mode_word(NetworkMode::Routed),
            ending: self.ending(tx, wish).await?,
            steps,
            operations: operations.into_iter().map(operation_view).collect(),
        })
    }

    fn endpoint(&self, wish: &ClusterWish) -> String {
        let host = self.endpoint_host(None, &self.settings.public_names);
        match host.contains(':') {
            true => format!("tcp://[{host}]:{}", wish.front_door_port),
            false => format!("tcp://{host}:{}", wish.front_door_port),
        }
    }

    /// Where people reach front doors: what the configuration says, else what the browser used,
    /// if the certificate knows it, else the panel's best address.
    pub(crate) fn endpoint_host(&self, browser: Option<&str>, certified: &[String]) -> String {
        let browser = browser.map(|host| host.trim_start_matches('[').trim_end_matches(']'));
        let browser = browser.filter(|host| certified.iter().any(|name| name == host));
        let settings = &self.settings;
        let configured = settings.public_name.as_deref();
        let best = || settings.public_names.first().map(String::as_str);
        configured
            .or(browser)
            .or_else(best)
            .unwrap_or("127.0.0.1")
            .to_owned()
    }
}

pub(crate) fn operation_view(operation: OperationRecord) -> OperationView {
    OperationView {
        id: operation.id,
        kind: operation.kind,
        summary: operation.summary,
        state: operation.state,
        by: operation.by_name,
        started_at: operation.started_at,
        ended_at: operation.ended_at,
    }
}

/// The phase of a cluster that has all it had, with an operation that perhaps just began.
fn asked_for(rows: &Rows, newest: Option<&OperationRecord>) -> Phase {
    match newest.filter(|operation| operation.state == OperationState::Running) {
        None => Phase::Active,
        Some(operation) => match operation.kind {
            OperationKind::Create => Phase::Building,
            OperationKind::Rebuild => Phase::Rebuilding,
            OperationKind::Delete => Phase::Deleting,
            OperationKind::Scale if rows.segments.iter().any(|s| s.removing_since.is_some()) => {
                Phase::Shrinking
            }
            OperationKind::Scale => Phase::Growing,
        },
    }
}

fn segment_view(rows: &Rows, segment: &SegmentWish) -> SegmentView {
    let fact = rows.segment_facts.get(&segment.ordinal);
    SegmentView {
        node: format!("{}-n{}", segment.cluster_id, segment.ordinal),
        ordinal: segment.ordinal,
        address: segment.address.to_string(),
        phase: match segment.removing_since {
            Some(_) => SegmentPhase::Removing,
            None => fact.map_or(SegmentPhase::Placed, |fact| fact.phase),
        },
        reason: fact.and_then(|fact| fact.reason.clone()),
        engine_version: fact.and_then(|fact| fact.engine_version.clone()),
        memory_used_bytes: None,
        memory_limit_bytes: segment.memory_mib << 20,
        cpu_used_centi: None,
        vcpus: segment.vcpus,
        disk_used_bytes: None,
        disk_limit_bytes: segment.disk_bytes,
        containers_running: None,
        containers_total: None,
        is_drained: false,
    }
}

fn with_usage(view: SegmentView, usage: &Usage) -> SegmentView {
    SegmentView {
        memory_used_bytes: Some(usage.memory_bytes),
        cpu_used_centi: usage.cpu_centi,
        disk_used_bytes: usage.disk_bytes,
        containers_running: usage.containers.map(|(running, _)| running),
        containers_total: usage.containers.map(|(_, total)| total),
        ..view
    }
}

fn with_latest(view: SegmentView, latest: Latest) -> SegmentView {
    let cpu = latest.cpu_centi.and_then(|centi| u32::try_from(centi).ok());
    SegmentView {
        memory_used_bytes: latest.memory_bytes.or(view.memory_used_bytes),
        cpu_used_centi: cpu.or(view.cpu_used_centi),
        disk_used_bytes: latest.disk_used_bytes.or(view.disk_used_bytes),
        ..view
    }
}
