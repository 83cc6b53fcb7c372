//! What every [`Engine`] has to do, as far as it can be seen without changing anything. The
//! simulator runs it in `cargo test -p host`; what the init of a real segment tells is put through
//! the same in `cargo test -p host-libvirt`.

use std::collections::BTreeSet;

use wire::{CONTAINERS_MAX, ContainerCounters, is_container_id};

use crate::{Engine, EngineError, EngineTarget};

/// A container of this id runs and has done something.
pub async fn containers_tell_what_they_use(engine: &dyn Engine, at: &EngineTarget, id: &str) {
    let first = ok(engine.containers_usage(at).await);
    check_answer(&first);
    let second = ok(engine.containers_usage(at).await);
    check_answer(&second);
    check_growth(of(&first, id), of(&second, id));
}

/// At most so many, each once, by its whole id.
pub fn check_answer(told: &[ContainerCounters]) {
    assert!(told.len() <= CONTAINERS_MAX, "{}", told.len());
    let ids: BTreeSet<&str> = told.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), told.len(), "one is told of twice");
    assert!(ids.iter().all(|id| is_container_id(id)), "{ids:?}");
}

/// Two looks at one container.
pub fn check_growth(first: &ContainerCounters, second: &ContainerCounters) {
    assert!(first.memory_bytes > 0 && first.cpu_us > 0, "{first:?}");
    assert!(second.cpu_us >= first.cpu_us, "{second:?}");
    for counter in [
        |one: &ContainerCounters| one.received_bytes,
        |one: &ContainerCounters| one.sent_bytes,
        |one: &ContainerCounters| one.read_bytes,
        |one: &ContainerCounters| one.written_bytes,
    ] {
        assert!(counter(second) >= counter(first), "{first:?} {second:?}");
    }
}

fn of<'a>(told: &'a [ContainerCounters], id: &str) -> &'a ContainerCounters {
    let found = told.iter().find(|one| one.id == id);
    found.expect("because it runs, it is told of")
}

fn ok<T>(result: Result<T, EngineError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
