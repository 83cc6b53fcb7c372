//! The host contract on real libvirt LXC, with real segments. Needs root and a prepared host, so
//! it runs with `CARINA_TEST_LIBVIRT=1` only, and says so when it does not.

use std::sync::Arc;

use host::contract::{ALL, Ground, check};
use host::{Host, HostError};
use host_libvirt::LibvirtHost;
use model::ClusterId;
use uuid::Uuid;

const URI: &str = "lxc:///";
const SWITCH: &str = "CARINA_TEST_LIBVIRT";

/// The newest image on this machine.
fn image() -> String {
    let images = std::fs::read_dir(format!("{}/images", wire::STATE_DIR))
        .expect("a prepared host: run carina host prepare");
    let newest = images
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .max_by_key(|entry| entry.metadata().and_then(|m| m.modified()).ok())
        .expect("an image: run carina host prepare");
    newest
        .file_name()
        .into_string()
        .expect("a name of hex digits")
}

fn ground(image: &str) -> Ground {
    let cluster = Uuid::from_bytes(*b"carina-contract!");
    Ground {
        cluster: ClusterId(cluster),
        subnet: "10.84.251.0/24".parse().expect("a subnet"),
        // 16 bits above the pool of the other tests.
        id_base: 2_100_035_584,
        image: image.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libvirt_keeps_the_contract() {
    if std::env::var(SWITCH).as_deref() != Ok("1") {
        eprintln!("skipped: set {SWITCH}=1 on a prepared host to run it");
        return;
    }
    let host = Arc::new(LibvirtHost::new("test", URI));
    let image = image();
    for (name, test) in ALL {
        let began = std::time::Instant::now();
        check(Arc::clone(&host) as Arc<dyn Host>, ground(&image), *test).await;
        eprintln!("{name}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable() {
    let host = LibvirtHost::new("nowhere", "lxc+unix:///?socket=/nonexistent/libvirt-sock");
    let result = host.clusters().await;
    assert!(
        matches!(result, Err(HostError::Unreachable { .. })),
        "{result:?}"
    );
}
