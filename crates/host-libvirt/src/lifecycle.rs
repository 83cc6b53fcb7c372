//! libvirt's event loop, and its life-cycle events as [`HostEvent`]s.
//!
//! The only unsafe code of the crate: `virt` has no domain events.
#![expect(
    unsafe_code,
    reason = "virt 0.4 does not wrap virConnectDomainEventRegister"
)]

use std::ffi::{CStr, c_int, c_void};
use std::sync::{Arc, Once};
use std::time::Duration;

use host::{HostEvent, NodeName};
use tokio::sync::broadcast;
use virt::connect::Connect;
use virt_sys as sys;

use crate::connection;

const LOOK_EVERY: Duration = Duration::from_millis(500);
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MOST: Duration = Duration::from_secs(5);

type Sender = broadcast::Sender<HostEvent>;

/// Starts libvirt's one event loop of this process, before the first connection.
pub fn run_event_loop() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        if let Err(error) = virt::event::event_register_default_impl() {
            tracing::error!(
                error = error.message(),
                "libvirt's event loop does not start"
            );
            return;
        }
        let spawned = std::thread::Builder::new()
            .name("libvirt-events".into())
            .spawn(|| {
                loop {
                    if virt::event::event_run_default_impl().is_err() {
                        std::thread::sleep(LOOK_EVERY);
                    }
                }
            });
        if let Err(error) = spawned {
            tracing::error!(%error, "libvirt's event loop does not start");
        }
    });
}

/// Tells what happens on a host for as long as somebody holds `events`' other end.
pub fn watch(host: &Arc<str>, uri: &Arc<str>, events: &Sender) {
    let (host, uri, events) = (Arc::clone(host), Arc::clone(uri), events.downgrade());
    let spawned = std::thread::Builder::new()
        .name("libvirt-watch".into())
        .spawn(move || {
            let mut retry_after = RETRY_FIRST;
            let mut is_known_down = false;
            while let Some(sender) = events.upgrade() {
                match connect(&uri, &sender) {
                    Ok(connection) => {
                        tracing::info!(host.name = %host, "connected to host {host}");
                        // Nobody listens: nobody missed anything.
                        let _ = sender.send(HostEvent::Connected);
                        drop(sender);
                        retry_after = RETRY_FIRST;
                        is_known_down = false;
                        while connection.is_alive().unwrap_or(false) && events.strong_count() > 0 {
                            std::thread::sleep(LOOK_EVERY);
                        }
                        stop_telling(&connection);
                        if let Some(sender) = events.upgrade() {
                            let _ = sender.send(HostEvent::Disconnected);
                        }
                    }
                    Err(error) => {
                        if !is_known_down {
                            tracing::warn!(host.name = %host, error, "host {host} cannot be reached");
                            is_known_down = true;
                        }
                        drop(sender);
                        std::thread::sleep(retry_after);
                        retry_after = (retry_after * 2).min(RETRY_MOST);
                    }
                }
            }
        });
    if let Err(error) = spawned {
        tracing::error!(%error, "events of a host are not watched");
    }
}

fn connect(uri: &str, events: &Sender) -> Result<Connect, String> {
    let connection = connection::open(uri)?;
    // Weak, or an abandoned host would keep itself alive through its own callback.
    let opaque = Box::into_raw(Box::new(events.downgrade())).cast::<c_void>();
    // SAFETY: the connection is open; `opaque` is a boxed weak sender, which libvirt hands to
    // `told` and at last, once, to `freed`.
    let result = unsafe {
        sys::virConnectDomainEventRegister(connection.as_ptr(), Some(told), opaque, Some(freed))
    };
    if result < 0 {
        // SAFETY: libvirt did not take it.
        unsafe { freed(opaque) };
        return Err(virt::error::Error::last_error().message().to_owned());
    }
    Ok(connection)
}

fn stop_telling(connection: &Connect) {
    // SAFETY: the connection is still open, if dead; libvirt frees what was registered.
    unsafe { sys::virConnectDomainEventDeregister(connection.as_ptr(), Some(told)) };
}

unsafe extern "C" fn told(
    _connection: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    _detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: `opaque` is what `connect` registered and lives until `freed`.
    let events = unsafe { &*opaque.cast::<broadcast::WeakSender<HostEvent>>() };
    // SAFETY: libvirt lends a valid domain for the time of the call; its name is a C string.
    let name = unsafe { CStr::from_ptr(sys::virDomainGetName(domain)) };
    let node = name.to_str().ok().and_then(|name| name.parse().ok());
    if let (Some(node), Some(events)) = (node, events.upgrade()) {
        let _ = events.send(event_of(node, event));
    }
    0
}

unsafe extern "C" fn freed(opaque: *mut c_void) {
    // SAFETY: made by `Box::into_raw` in `connect`, freed once.
    drop(unsafe { Box::from_raw(opaque.cast::<broadcast::WeakSender<HostEvent>>()) });
}

fn event_of(node: NodeName, event: c_int) -> HostEvent {
    match sys::virDomainEventType::try_from(event) {
        Ok(sys::VIR_DOMAIN_EVENT_STARTED) => HostEvent::SegmentStarted(node),
        Ok(sys::VIR_DOMAIN_EVENT_STOPPED) => HostEvent::SegmentStopped(node),
        _ => HostEvent::Changed(node.cluster),
    }
}
