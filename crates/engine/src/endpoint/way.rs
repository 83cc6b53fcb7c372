//! A client's way to Docker, gone step by step.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use host::{Way, WayOutcome};
use http::Method;
use model::WayStep;

use crate::door::{Door, DoorError};

/// For each step.
const DEADLINE: Duration = Duration::from_secs(3);

pub async fn walk(way: &Way) -> Vec<WayOutcome> {
    let mut gone = Vec::new();
    let Some(tcp) = step(&mut gone, WayStep::Connect, Door::reach(way.address)).await else {
        return gone;
    };
    // Every manager's certificate has this name; which of them is behind the front door is not said.
    let name = match way.is_front_door {
        true => IpAddr::V4(Ipv4Addr::LOCALHOST),
        false => way.address.ip(),
    };
    let opening = Door::over(tcp, name, &way.identity);
    let Some(mut door) = step(&mut gone, WayStep::Secure, opening).await else {
        return gone;
    };
    step(
        &mut gone,
        WayStep::Ping,
        door.call(Method::GET, "/_ping", Bytes::new()),
    )
    .await;
    gone
}

async fn step<T>(
    gone: &mut Vec<WayOutcome>,
    step: WayStep,
    work: impl Future<Output = Result<T, DoorError>>,
) -> Option<T> {
    let began = Instant::now();
    let outcome = match tokio::time::timeout(DEADLINE, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(DoorError::Late(DEADLINE)),
    };
    let (result, got) = match outcome {
        Ok(got) => (Ok(()), Some(got)),
        Err(error) => (Err(error.to_string()), None),
    };
    gone.push(WayOutcome {
        step,
        took: began.elapsed(),
        result,
    });
    got
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use host::ClientIdentity;
    use model::ClusterId;
    use tokio::net::TcpListener;

    use super::*;

    fn way(address: SocketAddr) -> Way {
        Way {
            cluster: ClusterId(uuid::Uuid::nil()),
            address,
            is_front_door: true,
            identity: Arc::new(ClientIdentity {
                ca_pem: String::new(),
                cert_pem: String::new(),
                key_pem: wire::Secret("nothing".into()),
            }),
        }
    }

    #[tokio::test]
    async fn it_ends_where_it_does_not_go_on() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let told = walk(&way(address)).await;
        let steps: Vec<_> = told
            .iter()
            .map(|one| (one.step, one.result.is_ok()))
            .collect();
        assert_eq!(steps, [(WayStep::Connect, true), (WayStep::Secure, false)]);
        drop(listener);
        let told = walk(&way(address)).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].result.is_err());
    }
}
