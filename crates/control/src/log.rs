//! Logs of one or several containers, in the order in which their lines were written.

use std::pin::Pin;

use futures::future::join_all;
use futures::stream::select_all;
use futures::{Stream, StreamExt as _};
use host::{EndpointError, EndpointTarget, LogLines, LogOrder};
use model::{ClusterId, ContainerRef, ContainerView, LogLine, LogView, UserError};

use crate::Actor;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// Containers in one view.
pub const LOG_CONTAINERS_MAX: usize = 8;
/// Of one container, for a page or a file: a line may be long.
const TEXT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Lines with the position of their container, as they come. It ends when all containers have
/// ended; whoever comes again after what was seen misses nothing.
pub type LogStream = Pin<Box<dyn Stream<Item = (usize, LogLine)> + Send>>;

impl Panel {
    /// The newest `tail` lines. Containers that are gone meanwhile have none.
    pub(crate) async fn container_log_tail(
        &self,
        actor: &Actor,
        id: ClusterId,
        wanted: &[ContainerRef],
        tail: u32,
    ) -> Result<LogView, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let containers = self.log_containers(&at, wanted).await?;
        let order = LogOrder {
            tail: Some(tail),
            after_ns: 0,
            is_following: false,
        };
        let read = containers.iter().map(|container| async {
            let name: ContainerRef = container.id.parse().ok()?;
            let lines = self.endpoint.container_log(&at, &name, order).await.ok()?;
            Some(collected(lines, tail).await)
        });
        let all: Vec<Vec<LogLine>> = join_all(read)
            .await
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect();
        let seen_ns = all
            .iter()
            .map(|lines| lines.last().map_or(0, |line| line.at_ns))
            .collect();
        let mut lines: Vec<(usize, LogLine)> = all
            .into_iter()
            .enumerate()
            .flat_map(|(from, lines)| lines.into_iter().map(move |line| (from, line)))
            .collect();
        // Stable: lines without a moment of their own stay where they were.
        lines.sort_by_key(|(_, line)| line.at_ns);
        let extra = lines.len().saturating_sub(tail as usize);
        Ok(LogView {
            containers,
            lines: lines.split_off(extra),
            seen_ns,
        })
    }

    /// What is written after the moments seen, one for each container, from now on.
    pub(crate) async fn container_log_follow(
        &self,
        actor: &Actor,
        id: ClusterId,
        wanted: &[ContainerRef],
        seen_ns: &[i64],
    ) -> Result<LogStream, Error> {
        let (_, at) = self.endpoint_of(actor, id, Action::ClusterSee).await?;
        let containers = self.log_containers(&at, wanted).await?;
        let opened = containers.iter().enumerate().map(|(from, container)| {
            let order = LogOrder {
                tail: None,
                after_ns: seen_ns.get(from).copied().unwrap_or(0),
                is_following: true,
            };
            let at = &at;
            async move {
                let name: ContainerRef = container.id.parse().ok()?;
                let lines = self.endpoint.container_log(at, &name, order).await.ok()?;
                Some(streamed(from, lines))
            }
        });
        let streams: Vec<LogStream> = join_all(opened).await.into_iter().flatten().collect();
        if streams.is_empty() {
            let why = "none of the logs can be read".to_owned();
            return Err(EndpointError::Unreachable { why }.into());
        }
        Ok(select_all(streams).boxed())
    }

    /// In the order asked for; what does not exist is not found.
    async fn log_containers(
        &self,
        at: &EndpointTarget,
        wanted: &[ContainerRef],
    ) -> Result<Vec<ContainerView>, Error> {
        if wanted.len() > LOG_CONTAINERS_MAX {
            let why = format!("Choose at most {LOG_CONTAINERS_MAX} containers.");
            return Err(UserError::invalid("c", why).into());
        }
        let all = self.endpoint.container_list(at).await?;
        let find = |name: &ContainerRef| {
            let is_it = |one: &&ContainerView| one.id == name.as_str() || one.name == name.as_str();
            all.iter().find(is_it).cloned()
        };
        wanted
            .iter()
            .map(|name| find(name).ok_or_else(|| Error::not_found("container")))
            .collect()
    }
}

/// Bounded by what was asked for as well as by size: a lying engine's empty lines have no end.
async fn collected(mut lines: LogLines, tail: u32) -> Vec<LogLine> {
    let mut all = Vec::new();
    let mut size = 0;
    while all.len() < tail as usize
        && let Some(Ok(line)) = lines.recv().await
    {
        size += line.text.len();
        if size > TEXT_MAX_BYTES {
            break;
        }
        all.push(line);
    }
    all
}

fn streamed(from: usize, lines: LogLines) -> LogStream {
    futures::stream::unfold(lines, move |mut lines| async move {
        match lines.recv().await {
            Some(Ok(line)) => Some(((from, line), lines)),
            // Whoever follows comes again by itself.
            Some(Err(_)) | None => None,
        }
    })
    .boxed()
}
