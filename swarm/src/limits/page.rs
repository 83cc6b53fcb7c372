//! docs/timeouts.md, written from the limits.

use super::*;

const INTRODUCTION: &str = "\
# How long a call may take

A call of Docker's ends for one of two reasons: it is done, or somebody whom it needs is found dead.
There is no clock over a whole call, because a `docker wait` may last a week and a build an hour. This
page says who is found dead when, and what the person at the client then sees. The numbers are the
program's own (`swarm/src/limits.rs`; a test compares), and each fault is tried with each kind of call
by `swarm/tests/engines/scenarios/matrix.rs`.

";

/// Of every kind of call: what limits it, and what is seen then.
fn rows() -> Vec<(&'static str, String, &'static str)> {
    let s = |limit: Duration| match limit.as_millis() {
        ms if ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{} s", ms as f64 / 1000.0),
    };
    vec![
        (
            "`ps`, `images`, `info`, `volume ls`, …",
            "none: answered from what the manager knows".into(),
            "containers of a segment that does not answer as `Host Down`",
        ),
        (
            "any call about a segment that is known not to answer",
            "at once".into(),
            "`Container … running on unhealthy node …`",
        ),
        (
            "`create`, `inspect`, `rm`, `network create`, … (one question, one answer)",
            format!(
                "{} for the whole answer; {} where the segment is silent",
                s(ENGINE_CALL),
                s(ENGINE_VERDICT)
            ),
            "`segment n2 (…) has not answered within …` or `… has stopped answering: whether this \
             was still done is not known, look before you try again`",
        ),
        (
            "`logs -f`, `attach`, `exec`, `run`",
            format!("the segment's silence: {}", s(ENGINE_VERDICT)),
            "a last line on standard error: `segment n2 has stopped answering: this stream ends \
             here, the container may go on; docker info shows when it is back`",
        ),
        (
            "`wait`",
            format!("the segment's silence: {}", s(ENGINE_VERDICT)),
            "exit code 125 and `segment n2 has stopped answering: …`",
        ),
        (
            "`build`, `buildx build`, `push`",
            format!("the segment's silence: {}", s(ENGINE_VERDICT)),
            "the error `segment n2 has stopped answering: this build is lost; build again, and \
             another segment does it`",
        ),
        (
            "`pull`",
            format!("the silence of each segment: {}", s(ENGINE_VERDICT)),
            "a line for each segment; what one could not get from the registry it gets from \
             another. Only when none has it the command fails",
        ),
        (
            "`load`, `import`",
            format!("the silence of each segment: {}", s(ENGINE_VERDICT)),
            "the segments that do not have it by name; the others have it. Load it again",
        ),
        (
            "`create` of an image that another segment has",
            format!(
                "{} without a byte on the way, {} to unpack",
                s(COPY_PIECE),
                s(COPY_UNPACK)
            ),
            "`nothing moved for … s`; the container then goes to the image, unless it was pinned",
        ),
        (
            "any call when the first manager dies",
            format!("{} until another one decides", s(PRIMARY_GAP)),
            "nothing, unless it had begun to change something: then `the cluster's first manager \
             (…) has stopped answering: …`",
        ),
        (
            "any call when the manager that the client is connected to dies",
            "at once".into(),
            "the client's own words (`EOF`, `error during connect`): nobody is left to say more. \
             The next call goes to another manager",
        ),
        (
            "an engine that was started again",
            format!(
                "it is back within {} of answering",
                s(Duration::from_secs(3))
            ),
            "`Status: Healthy` in `docker info`, without anybody's doing",
        ),
    ]
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("| call | at most | what you see then |\n|---|---|---|\n");
    for (call, limit, seen) in rows() {
        page.push_str(&format!("| {call} | {limit} | {seen} |\n"));
    }
    let secs = |limit: Duration| limit.as_secs();
    page.push_str(&format!(
        "
## When somebody is found dead

* **An engine that is killed** breaks its connections: calls under way end within a second, and new
  ones are told that it is being started again. Of a classic build that it did not survive it keeps the
  stopped container of the step, as an engine alone does; `docker container prune` takes it.
* **An engine, or a whole segment, that is frozen or cut off** says nothing. A manager asks every engine
  every {ping_every} s and waits {ping_limit} s for the answer; after three misses in a row, within
  {verdict} s, the segment is unhealthy: every call that waits for it ends, everything kept for it is let
  go, and new calls are refused at once. A manager goes on asking, at least every 3 s, and when the
  segment answers it is read anew and is back.
* **An engine that is only slow** is waited for: {facts} s for each answer about itself.
* **A manager** is asked by the others every {primary_every_ms} ms; one that misses two answers of
  {primary_ms} ms, or whose connections break, is passed over, and {gap} s after its end another one
  decides. An engine that is still making a container for the dead one is waited for first, as long as
  it lives, and for at most {call} s: a name is given once. A client is told to try again after {verdict} s.
* **A create whose end is not known**, because its engine was lost or took too long, keeps its name and
  its place until the engine was read anew and has nothing under way any more, or has left the cluster;
  where an engine that lives always has something under way, for {doubt_minutes} minutes. Until then the
  name is refused, and the refusal says so.
* **A client that goes away** ends what it asked for: its stream, its build, its pull and its load are
  broken off at the engines. A create is finished, so that no container is half made and no name is
  held. A program that `docker exec` started goes on, as with a single engine.
* **A client whose cable was pulled** sends no word of it: the kernel asks a silent one after {silent} s,
  {times} times every {ask} s, so after {dead} s it is gone. One to which something was being sent is
  given up by the kernel after a quarter of an hour; a terminal stopped with Ctrl-S is not cut off.

## At the door

* A client has {handshake} s for TLS, {head} s for a request's head and between two requests, {body} s for
  a JSON body and {order} s for an order to BuildKit.
* After the last answer on a connection up to {linger_mib} MiB that the client still sends are read for
  nothing, for at most {linger} s: so a refused build shows why, and not a broken pipe.
",
        ping_every = secs(ENGINE_PING_EVERY),
        ping_limit = secs(ENGINE_PING_LIMIT),
        verdict = secs(ENGINE_VERDICT),
        facts = secs(ENGINE_FACTS_LIMIT),
        primary_every_ms = PRIMARY_PING_EVERY.as_millis(),
        primary_ms = PRIMARY_PING_LIMIT.as_millis(),
        gap = secs(PRIMARY_GAP),
        call = secs(ENGINE_CALL),
        doubt_minutes = DOUBT.as_secs() / 60,
        silent = secs(PEER_SILENT),
        times = PEER_ASK_TIMES,
        ask = secs(PEER_ASK_EVERY),
        dead = secs(PEER_SILENT + PEER_ASK_EVERY * PEER_ASK_TIMES),
        handshake = secs(HANDSHAKE),
        head = secs(HEAD),
        body = secs(BODY),
        order = secs(ORDER),
        linger_mib = LINGER_BYTES >> 20,
        linger = secs(LINGER),
    ));
    page
}

#[test]
fn the_page_is_what_the_limits_say() {
    crate::compare::page_compare("timeouts.md", &page(), "--lib limits");
}
