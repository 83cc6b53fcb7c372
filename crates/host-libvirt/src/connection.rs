//! A few threads, each with a connection of its own, and a queue of calls before them.
//!
//! Several, so that the segments of a cluster start side by side: a start blocks its connection
//! for a quarter of a second. A thread connects when it has something to do, drops a connection
//! that died, and does not try again for a moment after a failure.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use host::HostError;
use tokio::sync::oneshot;
use virt::connect::Connect;

const THREADS: usize = 4;
/// After a failed try callers hear of that failure instead of causing another one.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// A call that takes longer is given up by its caller (libvirt may still finish it).
const CALL_WITHIN: Duration = Duration::from_secs(120);

type Job = Box<dyn FnOnce(Result<&Connect, String>) + Send>;

pub struct Connections {
    host: Arc<str>,
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    is_closed: bool,
}

impl Connections {
    pub fn new(host: &Arc<str>, uri: &Arc<str>) -> Self {
        let queue = Arc::new(Queue::default());
        for number in 0..THREADS {
            let (queue, uri) = (Arc::clone(&queue), Arc::clone(uri));
            std::thread::Builder::new()
                .name(format!("libvirt-{number}"))
                .spawn(move || work(&queue, &uri))
                .expect("because a process that cannot start threads cannot run the panel");
        }
        Self {
            host: Arc::clone(host),
            queue,
        }
    }

    pub async fn run<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&Connect) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, HostError> {
        let (answer, answered) = oneshot::channel();
        let host = Arc::clone(&self.host);
        let unreachable = move |why| HostError::Unreachable {
            host: host.to_string(),
            why,
        };
        let unreachable_here = unreachable.clone();
        self.queue.push(Box::new(move |connect| {
            let result = match connect {
                Ok(connect) => verb(connect).map_err(|error| match connect.is_alive() {
                    Ok(true) => error,
                    _ => unreachable(error.to_string()),
                }),
                Err(why) => Err(unreachable(why)),
            };
            // Its caller may have given up.
            let _ = answer.send(result);
        }));
        match tokio::time::timeout(CALL_WITHIN, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(unreachable_here("the call was lost".into())),
            Err(_) => Err(unreachable_here("the call took too long".into())),
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.changed.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) {
        self.lock().jobs.push_back(job);
        self.changed.notify_one();
    }

    /// Waits for a job; `None` when there will be none any more.
    fn pop(&self) -> Option<Job> {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| {
                state.jobs.is_empty() && !state.is_closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.jobs.pop_front()
    }
}

fn work(queue: &Queue, uri: &str) {
    let mut connection: Option<Connect> = None;
    let mut failure: Option<(Instant, String)> = None;
    while let Some(job) = queue.pop() {
        if connection
            .as_ref()
            .is_some_and(|connection| !connection.is_alive().unwrap_or(false))
        {
            connection = None;
        }
        let is_fresh = |(at, _): &&(Instant, String)| at.elapsed() < RETRY_AFTER;
        if let (None, Some((_, why))) = (&connection, failure.as_ref().filter(is_fresh)) {
            job(Err(why.clone()));
            continue;
        }
        if connection.is_none() {
            match open(uri) {
                Ok(opened) => {
                    connection = Some(opened);
                    failure = None;
                }
                Err(why) => failure = Some((Instant::now(), why)),
            }
        }
        match (&connection, &failure) {
            (Some(connection), _) => job(Ok(connection)),
            (None, Some((_, why))) => job(Err(why.clone())),
            (None, None) => job(Err("not connected".into())),
        }
    }
}

/// A connection that notices when the other side is gone.
pub fn open(uri: &str) -> Result<Connect, String> {
    let connection = Connect::open(Some(uri)).map_err(|error| error.message().to_owned())?;
    // Not every driver has it; then the operating system notices, later.
    let _ = connection.set_keep_alive(5, 3);
    Ok(connection)
}
