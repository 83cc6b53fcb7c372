//! What the listeners count: requests and how long they took, connections at the front doors.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Upper bounds of the latency buckets, milliseconds.
pub const BOUNDS_MS: [u64; 10] = [1, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000];
/// First digits of a status.
const CLASSES: usize = 5;

/// Since the panel started.
#[derive(Debug, Default)]
pub struct Counts {
    reads: Requests,
    changes: Requests,
    pub doors: Doors,
}

/// One kind of requests.
#[derive(Debug, Default)]
pub struct Requests {
    by_class: [AtomicU64; CLASSES],
    /// Not cumulative; the last one is beyond all bounds.
    by_time: [AtomicU64; BOUNDS_MS.len() + 1],
    total_us: AtomicU64,
}

#[derive(Debug, Default)]
pub struct Doors {
    pub open: AtomicU64,
    pub taken: AtomicU64,
    /// Closed at once: the cluster had as many as it may have.
    pub refused: AtomicU64,
    /// No endpoint of the cluster took the connection.
    pub unanswered: AtomicU64,
}

/// A connection that is open until this is dropped.
pub struct DoorOpen(Arc<Counts>);

impl Counts {
    /// `read` for requests that change nothing, `change` for the others.
    pub fn kinds(&self) -> [(&'static str, &Requests); 2] {
        [("read", &self.reads), ("change", &self.changes)]
    }

    fn requests(&self, method: &Method) -> &Requests {
        match *method {
            Method::GET | Method::HEAD | Method::OPTIONS => &self.reads,
            _ => &self.changes,
        }
    }

    pub fn door_open(self: &Arc<Self>) -> DoorOpen {
        self.doors.taken.fetch_add(1, Ordering::Relaxed);
        self.doors.open.fetch_add(1, Ordering::Relaxed);
        DoorOpen(Arc::clone(self))
    }
}

impl Drop for DoorOpen {
    fn drop(&mut self) {
        self.0.doors.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Requests {
    fn add(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES) - 1;
        self.by_class[class].fetch_add(1, Ordering::Relaxed);
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS_MS.iter().position(|bound| us <= bound * 1_000);
        self.by_time[place.unwrap_or(BOUNDS_MS.len())].fetch_add(1, Ordering::Relaxed);
        self.total_us.fetch_add(us, Ordering::Relaxed);
    }

    /// `2xx` and how many.
    pub fn classes(&self) -> impl Iterator<Item = (String, u64)> {
        let counts = self.by_class.iter().enumerate();
        counts.map(|(n, count)| (format!("{}xx", n + 1), count.load(Ordering::Relaxed)))
    }

    /// How many took at most so many milliseconds; at last, none: all of them.
    pub fn cumulated(&self) -> Vec<(Option<u64>, u64)> {
        let bounds = BOUNDS_MS.iter().copied().map(Some).chain([None]);
        let counts = self.by_time.iter();
        let mut so_far = 0;
        bounds
            .zip(counts)
            .map(|(bound, count)| {
                so_far += count.load(Ordering::Relaxed);
                (bound, so_far)
            })
            .collect()
    }

    pub fn total_us(&self) -> u64 {
        self.total_us.load(Ordering::Relaxed)
    }
}

/// Until an answer begins: streams of events go on for minutes.
pub async fn count(State(counts): State<Arc<Counts>>, request: Request, next: Next) -> Response {
    let (method, begun) = (request.method().clone(), Instant::now());
    let response = next.run(request).await;
    let requests = counts.requests(&method);
    requests.add(response.status().as_u16(), begun.elapsed());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_in_every_bucket_above_it() {
        let requests = Requests::default();
        requests.add(200, Duration::from_millis(7));
        requests.add(404, Duration::from_secs(60));
        let told: Vec<u64> = requests.cumulated().iter().map(|(_, n)| *n).collect();
        assert_eq!(told, [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
        let classes: Vec<_> = requests.classes().filter(|(_, n)| *n > 0).collect();
        assert_eq!(classes, [("2xx".into(), 1), ("4xx".into(), 1)]);
        assert_eq!(requests.total_us(), 60_007_000);
    }

    #[test]
    fn a_connection_is_open_until_it_is_dropped() {
        let counts = Arc::new(Counts::default());
        let open = counts.door_open();
        assert_eq!(counts.doors.open.load(Ordering::Relaxed), 1);
        drop(open);
        assert_eq!(counts.doors.open.load(Ordering::Relaxed), 0);
        assert_eq!(counts.doors.taken.load(Ordering::Relaxed), 1);
    }
}
