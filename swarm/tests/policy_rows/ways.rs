//! The known ways round, as data: requests, and what must come of each. The cluster with engines
//! that take notes and the one with real engines are both asked.

pub mod body;
pub mod elsewhere;
pub mod host_config;
pub mod raw;
pub mod request;
pub mod service;
pub mod target;

/// An id, a request that carries a body or none, and what must come of it: a status below 1000, or
/// the number of a CARINA code (then the status is 403).
pub struct Ask {
    pub id: &'static str,
    pub request: String,
    pub body: Vec<u8>,
    pub expect: u16,
}

/// Every id of the list and what it is.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("ways.txt").lines().map(|line| {
        line.split_once(' ')
            .expect("an id and what it is, in every line")
    })
}

/// All that are one whole request with a JSON body or none.
pub fn asks() -> Vec<Ask> {
    let ask = |id, request: &str, body: &[u8], expect| Ask {
        id,
        request: request.to_owned(),
        body: body.to_vec(),
        expect,
    };
    let create = |id, body: String, expect| {
        // To a client "not found" means the image: other things missing are another status.
        let expect = if expect == 404 { 500 } else { expect };
        ask(
            id,
            "POST /v1.45/containers/create?name=x",
            body.as_bytes(),
            expect,
        )
    };
    let mut asks = Vec::new();
    for (id, host_config, expect) in host_config::HOST_CONFIGS {
        let body = format!(r#"{{"Image":"busybox","HostConfig":{host_config}}}"#);
        asks.push(create(id, body, *expect));
    }
    for (id, body, status) in body::BODIES.iter().filter(|(_, _, status)| *status != 200) {
        asks.push(ask(id, "POST /containers/create", body, *status));
    }
    for (id, container, expect) in service::CONTAINERS {
        let task = format!(r#"{{"ContainerSpec":{container}}}"#);
        asks.extend(of_service(id, &task, *expect));
    }
    for (id, task, expect) in service::TASKS {
        asks.extend(of_service(id, task, *expect));
    }
    for (id, request, body, expect) in request::REQUESTS {
        asks.push(ask(id, request, body.as_bytes(), *expect));
    }
    // Those without an id are the readers' own business.
    asks.retain(|ask| ask.id != "-");
    asks
}

/// The same task, in a service to be made and in one to be changed.
fn of_service(id: &'static str, task: &str, expect: u16) -> impl Iterator<Item = Ask> {
    let body = format!(r#"{{"Name":"web","TaskTemplate":{task}}}"#);
    [
        "POST /services/create",
        "POST /services/web/update?version=7",
    ]
    .into_iter()
    .map(move |request| Ask {
        id,
        request: request.to_owned(),
        body: body.clone().into_bytes(),
        expect,
    })
}
