//! What every [`Endpoint`] has to do. The simulator runs them in `cargo test -p host`; real
//! segments are put through the same paths by the live browser test.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use model::{ContainerAction, ContainerRef, ContainerView, EventKind, EventView, Happening};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{ConsoleOrder, Endpoint, EndpointError, EndpointTarget, LogOrder};

/// How long a line of a log, or an answer in a console, may take.
const WITHIN: Duration = Duration::from_secs(10);

/// An endpoint with a container that runs, writes now and then, and has a shell.
pub struct EndpointGround {
    pub target: EndpointTarget,
    pub container: ContainerRef,
}

type Test = for<'a> fn(
    &'a dyn Endpoint,
    &'a EndpointGround,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Every test with its name. In this order on one ground, the last one takes the container away.
pub const ALL: &[(&str, Test)] = &[
    ("containers_are_listed_and_described", |endpoint, ground| {
        Box::pin(containers_are_listed_and_described(endpoint, ground))
    }),
    ("what_is_not_there_is_not_found", |endpoint, ground| {
        Box::pin(what_is_not_there_is_not_found(endpoint, ground))
    }),
    ("the_systems_containers_are_kept", |endpoint, ground| {
        Box::pin(the_systems_containers_are_kept(endpoint, ground))
    }),
    ("a_log_goes_on_where_it_was", |endpoint, ground| {
        Box::pin(a_log_goes_on_where_it_was(endpoint, ground))
    }),
    ("a_console_echoes", |endpoint, ground| {
        Box::pin(a_console_echoes(endpoint, ground))
    }),
    ("events_are_remembered_and_go_on", |endpoint, ground| {
        Box::pin(events_are_remembered_and_go_on(endpoint, ground))
    }),
    ("a_container_stops_starts_and_goes", |endpoint, ground| {
        Box::pin(a_container_stops_starts_and_goes(endpoint, ground))
    }),
];

async fn containers_are_listed_and_described(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let own = one(endpoint, ground).await.expect("it is in the list");
    assert_eq!(own.state, "running");
    assert!(!own.is_system && !own.node.is_empty() && own.created_at > 0);
    let (view, variables) = ok(endpoint
        .container_get(&ground.target, &ground.container)
        .await);
    assert_eq!((&view.summary.id, &view.summary.node), (&own.id, &own.node));
    let names: Vec<_> = variables.iter().map(|one| one.name.clone()).collect();
    assert_eq!(view.environment, names);
    let sample = ok(endpoint
        .container_usage(&ground.target, &ground.container)
        .await);
    assert!(sample.usage.memory_bytes > 0 && sample.usage.pids > 0);
    let by_id: ContainerRef = own.id.parse().expect("an id is a reference");
    let (again, _) = ok(endpoint.container_get(&ground.target, &by_id).await);
    assert_eq!(again.summary.name, own.name);
}

async fn what_is_not_there_is_not_found(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let nobody: ContainerRef = "nobody-has-this-name".parse().expect("a name");
    let at = &ground.target;
    let got = endpoint.container_get(at, &nobody).await.err();
    assert!(matches!(got, Some(EndpointError::NotFound { .. })));
    let got = endpoint
        .container_act(at, &nobody, ContainerAction::Start)
        .await;
    assert!(matches!(got, Err(EndpointError::NotFound { .. })));
    let order = LogOrder {
        tail: Some(1),
        after_ns: 0,
        is_following: false,
    };
    let got = endpoint.container_log(at, &nobody, order).await.err();
    assert!(matches!(got, Some(EndpointError::NotFound { .. })));
    let nowhere = EndpointTarget {
        managers: Vec::new(),
        ..at.clone()
    };
    let got = endpoint.container_list(&nowhere).await.err();
    assert!(matches!(got, Some(EndpointError::Unreachable { .. })));
}

async fn the_systems_containers_are_kept(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let all = ok(endpoint.container_list(&ground.target).await);
    let system: Vec<_> = all.iter().filter(|one| one.is_system).collect();
    assert!(system.len() >= 3, "every segment has three");
    for one in system {
        let id: ContainerRef = one.id.parse().expect("an id is a reference");
        for action in [ContainerAction::Stop, ContainerAction::Remove] {
            let got = endpoint.container_act(&ground.target, &id, action).await;
            let Err(EndpointError::Refused { why }) = got else {
                panic!("{} {action}: {got:?}", one.name);
            };
            assert!(why.starts_with("CARINA-1005"), "{why}");
        }
        let got = endpoint
            .console_open(&ground.target, &id, &shell())
            .await
            .err();
        assert!(matches!(got, Some(EndpointError::Refused { .. })));
    }
}

async fn a_log_goes_on_where_it_was(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let read = |order| endpoint.container_log(&ground.target, &ground.container, order);
    let mut tail = ok(read(LogOrder {
        tail: Some(2),
        after_ns: 0,
        is_following: false,
    })
    .await);
    let mut seen = Vec::new();
    while let Some(line) = tail.recv().await {
        seen.push(ok(line));
    }
    assert!((1..=2).contains(&seen.len()), "{}", seen.len());
    assert!(seen.windows(2).all(|two| two[0].at_ns < two[1].at_ns));
    let last = seen.last().expect("there is one").at_ns;
    let mut rest = ok(read(LogOrder {
        tail: None,
        after_ns: last,
        is_following: true,
    })
    .await);
    let next = tokio::time::timeout(WITHIN, rest.recv()).await;
    let next = ok(next.expect("a line in time").expect("it is followed"));
    assert!(next.at_ns > last, "nothing is told twice");
}

async fn a_console_echoes(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let opened = endpoint
        .console_open(&ground.target, &ground.container, &shell())
        .await;
    let mut console = ok(opened);
    ok(endpoint
        .console_resize(&ground.target, &console.id, 100, 30)
        .await);
    console
        .terminal
        .write_all(b"echo so-$((1+1))\r")
        .await
        .expect("it can be typed into");
    let mut told = Vec::new();
    let mut piece = [0; 256];
    while !String::from_utf8_lossy(&told).contains("\nso-") {
        let read = tokio::time::timeout(WITHIN, console.terminal.read(&mut piece)).await;
        let n = read.expect("an answer in time").expect("it is read");
        assert!(n > 0, "it ended: {}", String::from_utf8_lossy(&told));
        told.extend_from_slice(&piece[..n]);
    }
}

async fn events_are_remembered_and_go_on(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    let at = &ground.target;
    let own = one(endpoint, ground).await.expect("it is in the list");
    let is_own = |event: &EventView| event.kind == EventKind::Container && event.name == own.name;
    let mut past = ok(endpoint.events(at, 0, false).await);
    let mut seen_ns = 0;
    let mut all = Vec::new();
    while let Some(event) = past.recv().await {
        let event = ok(event);
        assert!(event.at_ns >= seen_ns, "the oldest first");
        seen_ns = event.at_ns;
        all.push(event);
    }
    let begun = all.iter().filter(|event| is_own(event));
    let begun: Vec<_> = begun.map(|event| event.what.clone()).collect();
    assert!(
        begun.starts_with(&[Happening::Made, Happening::Started]),
        "{begun:?}"
    );
    let mut live = ok(endpoint.events(at, seen_ns, true).await);
    let action = ContainerAction::Pause;
    ok(endpoint.container_act(at, &ground.container, action).await);
    let action = ContainerAction::Unpause;
    ok(endpoint.container_act(at, &ground.container, action).await);
    for expected in [Happening::Paused, Happening::Continued] {
        let event = loop {
            let next = tokio::time::timeout(WITHIN, live.recv()).await;
            let next = ok(next.expect("in time").expect("it goes on"));
            assert!(next.at_ns > seen_ns, "nothing is told twice");
            if is_own(&next) {
                break next;
            }
        };
        assert_eq!(event.what, expected);
        assert_eq!(event.node, own.node);
    }
}

async fn a_container_stops_starts_and_goes(endpoint: &dyn Endpoint, ground: &EndpointGround) {
    use ContainerAction::{Pause, Remove, Restart, Start, Stop, Unpause};
    for (action, state) in [
        (Stop, "exited"),
        (Stop, "exited"),
        (Start, "running"),
        (Start, "running"),
        (Pause, "paused"),
        (Unpause, "running"),
        (Restart, "running"),
    ] {
        ok(endpoint
            .container_act(&ground.target, &ground.container, action)
            .await);
        let (view, _) = ok(endpoint
            .container_get(&ground.target, &ground.container)
            .await);
        assert_eq!(view.summary.state, state, "{action}");
    }
    ok(endpoint
        .container_act(&ground.target, &ground.container, Remove)
        .await);
    assert_eq!(one(endpoint, ground).await, None);
}

fn shell() -> ConsoleOrder {
    ConsoleOrder {
        command: vec!["/bin/sh".to_owned()],
        columns: 80,
        rows: 24,
    }
}

async fn one(endpoint: &dyn Endpoint, ground: &EndpointGround) -> Option<ContainerView> {
    let wanted = ground.container.as_str();
    let all = ok(endpoint.container_list(&ground.target).await);
    all.into_iter()
        .find(|one| one.name == wanted || one.id == wanted)
}

fn ok<T>(result: Result<T, EndpointError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
