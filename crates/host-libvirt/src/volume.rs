//! A segment's two volumes in our pool: its disk and its seed.

use std::collections::BTreeSet;

use host::{Capacity, HostError, NodeName};
use virt::connect::Connect;
use virt::storage_pool::StoragePool;
use virt::storage_vol::StorageVol;
use virt::stream::Stream;

use crate::{POOL, existing, failed, xml};

/// Every seed volume has this size, so that a newer seed fits into an older one's place.
const SEED_BYTES: usize = 128 * 1024;

/// Nodes with a disk, nodes with a seed; by name alone.
#[derive(Debug, Default)]
pub struct Volumes {
    pub disks: BTreeSet<NodeName>,
    pub seeds: BTreeSet<NodeName>,
}

/// What is in the pool. No pool is an empty pool: there is nothing to remove from it.
pub fn list(connect: &Connect) -> Result<Volumes, HostError> {
    const VERB: &str = "volume_list";
    let mut volumes = Volumes::default();
    let Some(pool) = existing(StoragePool::lookup_by_name(connect, POOL), VERB)? else {
        return Ok(volumes);
    };
    if !pool.is_active().map_err(failed(VERB))? {
        return Ok(volumes);
    }
    for name in pool.list_volumes().map_err(failed(VERB))? {
        let parsed = name
            .rsplit_once('.')
            .and_then(|(node, kind)| Some((node.parse().ok()?, kind)));
        match parsed {
            Some((node, "disk")) => drop(volumes.disks.insert(node)),
            Some((node, "seed")) => drop(volumes.seeds.insert(node)),
            _ => {}
        }
    }
    Ok(volumes)
}

/// An existing disk is kept: it holds what people put there.
pub fn disk_ensure(connect: &Connect, node: &NodeName, bytes: u64) -> Result<(), HostError> {
    const VERB: &str = "disk_ensure";
    let pool = pool(connect, VERB)?;
    let name = format!("{node}.disk");
    if existing(StorageVol::lookup_by_name(&pool, &name), VERB)?.is_none() {
        StorageVol::create_xml(&pool, &xml::volume(&name, bytes), 0).map_err(failed(VERB))?;
    }
    Ok(())
}

/// How large a disk is; none where there is none, or it went while we looked.
pub fn disk_bytes(connect: &Connect, node: &NodeName) -> Result<Option<u64>, HostError> {
    const VERB: &str = "disk_bytes";
    let Some(pool) = existing(StoragePool::lookup_by_name(connect, POOL), VERB)? else {
        return Ok(None);
    };
    let name = format!("{node}.disk");
    let Some(volume) = existing(StorageVol::lookup_by_name(&pool, &name), VERB)? else {
        return Ok(None);
    };
    let info = existing(volume.get_info(), VERB)?;
    Ok(info.map(|info| info.capacity))
}

/// Sparse, as it was made: what is gained takes room on the host when it is written.
pub fn disk_ensure_grown(connect: &Connect, node: &NodeName, bytes: u64) -> Result<(), HostError> {
    const VERB: &str = "disk_ensure_grown";
    let pool = pool(connect, VERB)?;
    let name = format!("{node}.disk");
    let volume = existing(StorageVol::lookup_by_name(&pool, &name), VERB)?;
    let volume = volume.ok_or_else(|| HostError::Failed {
        verb: VERB,
        why: format!("{node} has no disk"),
    })?;
    if volume.get_info().map_err(failed(VERB))?.capacity < bytes {
        // Without a flag libvirt itself refuses to make it smaller.
        volume.resize(bytes, 0).map_err(failed(VERB))?;
    }
    Ok(())
}

/// Writes the seed over whatever the volume held.
pub fn seed_ensure(connect: &Connect, node: &NodeName, seed: &[u8]) -> Result<(), HostError> {
    const VERB: &str = "seed_ensure";
    if seed.len() > SEED_BYTES {
        return Err(HostError::Failed {
            verb: VERB,
            why: format!("the seed of {node} has more than {SEED_BYTES} bytes"),
        });
    }
    let pool = pool(connect, VERB)?;
    let name = format!("{node}.seed");
    let volume = match existing(StorageVol::lookup_by_name(&pool, &name), VERB)? {
        Some(volume) => volume,
        None => StorageVol::create_xml(&pool, &xml::volume(&name, SEED_BYTES as u64), 0)
            .map_err(failed(VERB))?,
    };
    let mut padded = seed.to_vec();
    padded.resize(SEED_BYTES, 0);
    let stream = Stream::new(connect, 0).map_err(failed(VERB))?;
    volume
        .upload(&stream, 0, SEED_BYTES as u64, 0)
        .map_err(failed(VERB))?;
    let mut left = padded.as_slice();
    while !left.is_empty() {
        match stream.send(left) {
            Ok(sent) => left = &left[sent..],
            Err(error) => {
                // The connection would keep it open.
                let _ = stream.abort();
                return Err(failed(VERB)(error));
            }
        }
    }
    stream.finish().map_err(failed(VERB))
}

pub fn ensure_gone(connect: &Connect, node: &NodeName) -> Result<(), HostError> {
    const VERB: &str = "volume_ensure_gone";
    let Some(pool) = existing(StoragePool::lookup_by_name(connect, POOL), VERB)? else {
        return Ok(());
    };
    for kind in ["seed", "disk"] {
        let name = format!("{node}.{kind}");
        if let Some(volume) = existing(StorageVol::lookup_by_name(&pool, &name), VERB)? {
            volume.delete(0).map_err(failed(VERB))?;
        }
    }
    Ok(())
}

pub fn capacity(connect: &Connect, is_local: bool) -> Result<Capacity, HostError> {
    const VERB: &str = "capacity";
    let node = connect.get_node_info().map_err(failed(VERB))?;
    let available = is_local.then(memory_available_mib).flatten();
    let memory_free_mib = match available {
        Some(mib) => mib,
        // libvirt counts the page cache as used.
        None => connect.get_free_memory().map_err(failed(VERB))? / (1024 * 1024),
    };
    let pool = pool(connect, VERB)?;
    let disk = pool.get_info().map_err(failed(VERB))?;
    Ok(Capacity {
        memory_total_mib: node.memory / 1024,
        memory_free_mib,
        cpus: node.cpus,
        disk_total_bytes: disk.capacity,
        disk_free_bytes: disk.available,
    })
}

fn memory_available_mib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}

fn pool(connect: &Connect, verb: &'static str) -> Result<StoragePool, HostError> {
    let not_prepared = |why: &str| HostError::NotPrepared {
        host: connect.get_hostname().unwrap_or_default(),
        why: format!("{why}; carina host prepare mends that"),
    };
    let pool = existing(StoragePool::lookup_by_name(connect, POOL), verb)?
        .ok_or_else(|| not_prepared("there is no storage pool named carina"))?;
    if pool.is_active().map_err(failed(verb))? {
        Ok(pool)
    } else {
        Err(not_prepared("the storage pool named carina is not started"))
    }
}
