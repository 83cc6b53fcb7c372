//! A client with one kept connection, and what its calls took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use swarm::http::{Pool, Target};

use crate::lab::{Certs, Client as Person, bundle_tls, request as build};

pub struct Client {
    pub pool: Arc<Pool>,
}

impl Client {
    pub fn plain(target: Target) -> Self {
        Self {
            pool: Pool::new(target),
        }
    }

    /// Over mTLS, as a person with a bundle.
    pub fn with_bundle(entry: String, certs: &Certs, person: &Person) -> Self {
        Self::with_tls(entry, bundle_tls(certs, person))
    }

    /// Over mTLS.
    pub fn with_tls(entry: String, config: rustls::ClientConfig) -> Self {
        Self::plain(Target::Tcp {
            entry,
            tls: Some(Arc::new(config)),
        })
    }

    /// Status and body. `request` is method and target.
    pub async fn call(&self, request: &str, body: &str) -> (u16, Vec<u8>) {
        let response = self
            .pool
            .send(build(request, body.to_owned()))
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("it is whole");
        (status, body.to_bytes().to_vec())
    }

    /// As [`Self::call`], reading without keeping; gives back how long it took, and how much came.
    pub async fn time(&self, request: &str, body: &str) -> (Duration, usize) {
        let request = build(request, body.to_owned());
        let began = Instant::now();
        let response = self.pool.send(request).await.expect("an answer");
        let status = response.status();
        let mut body = response.into_body();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            length += frame
                .expect("it is whole")
                .data_ref()
                .map_or(0, bytes::Bytes::len);
        }
        let took = began.elapsed();
        assert!(status.is_success(), "{status}");
        (took, length)
    }

    /// `n` calls one after another, after some that do not count.
    pub async fn times(&self, n: usize, request: &str) -> Times {
        let mut times = Times::default();
        for k in 0..n + n / 10 + 1 {
            let (took, length) = self.time(request, "").await;
            if k > n / 10 {
                times.list.push(took);
            }
            times.bytes = length;
        }
        times
    }
}

#[derive(Default)]
pub struct Times {
    pub list: Vec<Duration>,
    /// Of the last answer.
    pub bytes: usize,
}

impl Times {
    pub fn at(&self, share: usize) -> Duration {
        let mut sorted = self.list.clone();
        sorted.sort();
        let at = (sorted.len() * share / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }

    /// p50/p90/p99 in milliseconds.
    pub fn ms(&self) -> String {
        let ms = |share| format!("{:.2}", self.at(share).as_secs_f64() * 1e3);
        format!("{} / {} / {}", ms(50), ms(90), ms(99))
    }

    pub fn us(&self, share: usize) -> i128 {
        i128::try_from(self.at(share).as_micros()).unwrap_or(i128::MAX)
    }
}
