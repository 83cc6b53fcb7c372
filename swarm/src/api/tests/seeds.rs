//! What fuzzing begins with: the inputs of the tests, one file each (`scripts/fuzz.sh`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::find;
use super::super::route::{Body, Route, rows};
use super::cases::{ACCEPTED, BODIES, REFUSED};
use super::found;
use super::recorded::recordings;
use crate::policy::tests::{client::PLAIN, create::HOST_CONFIGS};
use crate::schedule::expression::tests::{CASES, MATCHES};

type Seeds = BTreeMap<&'static str, BTreeSet<Vec<u8>>>;

/// By target of `fuzz/fuzz_targets`, whose heads say how an input is read.
fn seeds() -> Seeds {
    let mut seeds = Seeds::new();
    let mut seed = |target, bytes: Vec<u8>| {
        seeds.entry(target).or_default().insert(bytes);
    };
    let accepted = ACCEPTED
        .iter()
        .map(|(method, target, ..)| (*method, *target));
    let refused = REFUSED
        .iter()
        .map(|(_, method, target, _)| (*method, *target));
    for (method, target) in accepted.chain(refused) {
        seed("route", format!("{method} {target}").into_bytes());
    }
    for (method, target) in found::TARGETS {
        seed("route", format!("{method} {target}").into_bytes());
    }
    let create = number_of_model(Route::ContainerCreate);
    for body in found::BODIES {
        seed("json", body.into());
        seed("model", numbered(create, body.as_bytes()));
    }
    for (_, body, _) in BODIES {
        seed("json", body.to_vec());
        seed("model", numbered(create, body));
    }
    for host in HOST_CONFIGS.iter().map(|(_, host, _)| host).chain(PLAIN) {
        seed("policy", format!("{{\"HostConfig\":{host}}}").into_bytes());
    }
    for request in recordings()
        .iter()
        .flat_map(|recording| &recording.requests)
    {
        seed(
            "route",
            format!("{} {}", request.method, request.target).into_bytes(),
        );
        let Ok(matched) = find(&request.method, &request.target) else {
            continue;
        };
        if let Some((_, query)) = request.target.split_once('?') {
            let number = rows().position(|row| row.route == matched.route());
            seed("query", numbered(number.unwrap_or(0), query.as_bytes()));
        }
        if let Some(body) = &request.body
            && matches!(matched.row.body, Body::Json(_))
        {
            let body = body.to_string().into_bytes();
            seed("model", numbered(number_of_model(matched.route()), &body));
            if matched.route() == Route::ContainerCreate {
                seed("policy", body.clone());
            }
            seed("json", body);
        }
    }
    for (text, _) in CASES {
        seed("expression", text.as_bytes().to_vec());
    }
    for (text, values, _) in MATCHES {
        for value in *values {
            seed("expression", format!("{text}\0{value}").into_bytes());
        }
    }
    seeds
}

fn number_of_model(route: Route) -> usize {
    rows()
        .filter(|row| matches!(row.body, Body::Json(_)))
        .position(|row| row.route == route)
        .expect("a row with a model")
}

/// The byte that chooses a row, and what is for it.
fn numbered(number: usize, input: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(number).expect("fewer than 256 rows")];
    bytes.extend_from_slice(input);
    bytes
}

#[test]
fn the_tests_inputs_are_seeds() {
    let seeds = seeds();
    let folder = std::env::var_os("CARINA_WRITE_SEEDS").map(std::path::PathBuf::from);
    for target in ["route", "query", "json", "model", "policy", "expression"] {
        let inputs = seeds.get(target).map_or(0, BTreeSet::len);
        assert!(inputs > 20, "{target} has {inputs}");
    }
    for (target, inputs) in &seeds {
        let Some(folder) = folder.as_ref().map(|folder| folder.join(target)) else {
            continue;
        };
        std::fs::create_dir_all(&folder).expect("a folder");
        for (at, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("{at:04}")), input).expect("a seed");
        }
    }
}
