//! Segments as domains.

use std::collections::{BTreeMap, BTreeSet};

use host::{HostError, NodeName, SegmentObserved, SegmentSpec, SegmentState};
use model::ClusterId;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::ErrorNumber;
use virt_sys as sys;
use wire::xml::Element;

use crate::{existing, failed, volume, xml};

/// Names of our domains with their states.
pub fn list(connect: &Connect) -> Result<BTreeMap<NodeName, SegmentState>, HostError> {
    const VERB: &str = "segment_list";
    let mut segments = BTreeMap::new();
    for domain in connect.list_all_domains(0).map_err(failed(VERB))? {
        let name = domain.get_name().map_err(failed(VERB))?;
        let Ok(node) = name.parse::<NodeName>() else {
            continue;
        };
        match is_ours(&domain, &node, VERB) {
            Ok(true) => {}
            Ok(false) => continue,
            // It went while we looked.
            Err(_) if existing(Domain::lookup_by_name(connect, &name), VERB)?.is_none() => continue,
            Err(error) => return Err(error),
        }
        let (state, _) = domain.get_state().map_err(failed(VERB))?;
        segments.insert(node, state_of(state));
    }
    Ok(segments)
}

pub fn observe(
    connect: &Connect,
    cluster: ClusterId,
) -> Result<BTreeMap<u32, SegmentObserved>, HostError> {
    let volumes = volume::list(connect)?;
    let domains = list(connect)?;
    let nodes = domains.keys().chain(&volumes.disks).chain(&volumes.seeds);
    let nodes: BTreeSet<_> = nodes.filter(|node| node.cluster == cluster).collect();
    let mut segments = BTreeMap::new();
    for node in nodes {
        let state = domains.get(node);
        let observed = SegmentObserved {
            is_defined: state.is_some(),
            state: state.copied().unwrap_or(SegmentState::Stopped),
            disk_bytes: match volumes.disks.contains(node) {
                true => volume::disk_bytes(connect, node)?,
                false => None,
            },
            has_seed: volumes.seeds.contains(node),
        };
        segments.insert(node.ordinal, observed);
    }
    Ok(segments)
}

pub fn ensure_defined(connect: &Connect, spec: &SegmentSpec, seed: &[u8]) -> Result<(), HostError> {
    const VERB: &str = "segment_ensure_defined";
    // Ours or nobody's, before a volume is made for it.
    find(connect, &spec.node, VERB)?;
    volume::disk_ensure(connect, &spec.node, spec.disk_bytes)?;
    volume::seed_ensure(connect, &spec.node, seed)?;
    let text = xml::domain(spec, has_apparmor(connect)?);
    let domain = Domain::define_xml(connect, &text).map_err(failed(VERB))?;
    if !domain.get_autostart().map_err(failed(VERB))? {
        domain.set_autostart(true).map_err(failed(VERB))?;
    }
    Ok(())
}

pub fn seed_ensure(connect: &Connect, node: &NodeName, seed: &[u8]) -> Result<(), HostError> {
    defined(connect, node, "seed_ensure")?;
    volume::seed_ensure(connect, node, seed)
}

pub fn disk_ensure_grown(connect: &Connect, node: &NodeName, bytes: u64) -> Result<(), HostError> {
    const VERB: &str = "disk_ensure_grown";
    let domain = defined(connect, node, VERB)?;
    if domain.is_active().map_err(failed(VERB))? {
        return Err(HostError::Failed {
            verb: VERB,
            why: format!("{node} is running"),
        });
    }
    volume::disk_ensure_grown(connect, node, bytes)
}

pub fn ensure_running(connect: &Connect, node: &NodeName) -> Result<(), HostError> {
    const VERB: &str = "segment_ensure_running";
    let domain = defined(connect, node, VERB)?;
    match domain.create() {
        Ok(_) => Ok(()),
        // Somebody was faster, or it ran all the time.
        Err(error) if error.code() == ErrorNumber::OperationInvalid => {
            if domain.is_active().map_err(failed(VERB))? {
                Ok(())
            } else {
                Err(failed(VERB)(error))
            }
        }
        Err(error) => Err(failed(VERB)(error)),
    }
}

/// Asks for an orderly stop; false when there is nothing to stop.
pub fn ask_to_stop(connect: &Connect, node: &NodeName) -> Result<bool, HostError> {
    const VERB: &str = "segment_ensure_stopped";
    let Some(domain) = find(connect, node, VERB)? else {
        return Ok(false);
    };
    if !domain.is_active().map_err(failed(VERB))? {
        return Ok(false);
    }
    match domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_SIGNAL) {
        Ok(_) => Ok(true),
        // Between the question and the answer it stopped by itself.
        Err(error) if error.code() == ErrorNumber::OperationInvalid => Ok(false),
        Err(error) => Err(failed(VERB)(error)),
    }
}

pub fn is_running(connect: &Connect, node: &NodeName) -> Result<bool, HostError> {
    const VERB: &str = "segment_ensure_stopped";
    match find(connect, node, VERB)? {
        Some(domain) => domain.is_active().map_err(failed(VERB)),
        None => Ok(false),
    }
}

pub fn ensure_destroyed(connect: &Connect, node: &NodeName) -> Result<(), HostError> {
    const VERB: &str = "segment_ensure_stopped";
    match find(connect, node, VERB)? {
        Some(domain) => destroy(&domain, VERB),
        None => Ok(()),
    }
}

pub fn ensure_gone(connect: &Connect, node: &NodeName) -> Result<(), HostError> {
    const VERB: &str = "segment_ensure_gone";
    if let Some(domain) = find(connect, node, VERB)? {
        // First, or a crash of ours here would let the host start it again.
        if domain.get_autostart().unwrap_or(false) {
            domain.set_autostart(false).map_err(failed(VERB))?;
        }
        destroy(&domain, VERB)?;
        match domain.undefine() {
            Ok(()) => {}
            Err(error) if error.code() == ErrorNumber::NoDomain => {}
            Err(error) => return Err(failed(VERB)(error)),
        }
    }
    volume::ensure_gone(connect, node)
}

fn destroy(domain: &Domain, verb: &'static str) -> Result<(), HostError> {
    if !domain.is_active().map_err(failed(verb))? {
        return Ok(());
    }
    match domain.destroy() {
        Ok(()) => Ok(()),
        Err(error) if error.code() == ErrorNumber::OperationInvalid => Ok(()),
        Err(error) => Err(failed(verb)(error)),
    }
}

/// Our domain, if it is there; one without our mark is an error.
fn find(
    connect: &Connect,
    node: &NodeName,
    verb: &'static str,
) -> Result<Option<Domain>, HostError> {
    let name = node.to_string();
    let Some(domain) = existing(Domain::lookup_by_name(connect, &name), verb)? else {
        return Ok(None);
    };
    if is_ours(&domain, node, verb)? {
        Ok(Some(domain))
    } else {
        Err(HostError::Foreign {
            what: format!("the domain {name}"),
        })
    }
}

fn defined(connect: &Connect, node: &NodeName, verb: &'static str) -> Result<Domain, HostError> {
    find(connect, node, verb)?.ok_or_else(|| HostError::Failed {
        verb,
        why: format!("{node} is not defined"),
    })
}

fn is_ours(domain: &Domain, node: &NodeName, verb: &'static str) -> Result<bool, HostError> {
    let text = domain.get_xml_desc(0).map_err(failed(verb))?;
    let mark = Element::parse(&text)
        .ok()
        .and_then(|xml| xml.domain_mark().ok().flatten());
    Ok(mark.is_some_and(|mark| mark.node() == node.to_string()))
}

fn state_of(state: sys::virDomainState) -> SegmentState {
    match state {
        sys::VIR_DOMAIN_RUNNING | sys::VIR_DOMAIN_BLOCKED => SegmentState::Running,
        sys::VIR_DOMAIN_SHUTOFF | sys::VIR_DOMAIN_CRASHED => SegmentState::Stopped,
        _ => SegmentState::Changing,
    }
}

fn has_apparmor(connect: &Connect) -> Result<bool, HostError> {
    let text = connect
        .get_capabilities()
        .map_err(failed("host_capabilities"))?;
    Ok(Element::parse(&text).is_ok_and(|capabilities| {
        capabilities.one("host").is_some_and(|host| {
            host.all("secmodel")
                .filter_map(|model| model.one("model"))
                .any(|model| model.text == "apparmor")
        })
    }))
}
