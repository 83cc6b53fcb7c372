//! How long things may take, in one place: no call of a client hangs on somebody who has died.
//!
//! What ends a call is mostly not a clock of its own (a `docker wait` may last a week) but the
//! verdict that the other side is dead; these limits say when that falls.

use std::time::Duration;

/// A silent engine is asked this often whether it lives: a frozen one closes no connection.
pub const ENGINE_PING_EVERY: Duration = Duration::from_secs(5);
/// For the answer to that.
pub const ENGINE_PING_LIMIT: Duration = Duration::from_secs(3);
/// For each of the first answers of an engine that lives. It runs programs to say what it is, and
/// goes on when nobody waits any longer: asked again too soon, a slow host would only get slower.
pub const ENGINE_FACTS_LIMIT: Duration = Duration::from_secs(30);
/// Within this time, three tries included, an engine that has stopped answering is unhealthy. Then
/// every call that waits for it ends with an error, and new ones are refused at once. One whose
/// connections are refused or break is unhealthy within a second.
pub const ENGINE_VERDICT: Duration = Duration::from_secs(15);
/// For a whole answer of an engine to the manager's own questions, `docker create` among them.
pub const ENGINE_CALL: Duration = Duration::from_secs(30);

/// A create whose end is not known holds its name until its engine has said, but no longer than this
/// once it lives: one that makes something all the time is never quiet.
pub const DOUBT: Duration = Duration::from_secs(600);

/// A manager that is not the primary asks this often whether that one lives.
pub const PRIMARY_PING_EVERY: Duration = Duration::from_millis(500);
/// For the answer. One that says nothing is asked once more, and then given up; one whose connections
/// are refused or break at once.
pub const PRIMARY_PING_LIMIT: Duration = Duration::from_millis(800);
/// For an agent to say anything to whoever takes over. One that says that its engine still makes
/// something is waited for until its engine is found dead.
pub const TAKEOVER: Duration = Duration::from_millis(800);
/// After this long an agent says that something of an earlier primary is still under way.
pub const TERM_BUSY: Duration = Duration::from_millis(300);
/// From a primary's loss to the first create that another manager decides.
pub const PRIMARY_GAP: Duration = Duration::from_secs(3);

/// For making a connection, TLS included.
pub const CONNECT: Duration = Duration::from_secs(5);
/// Connections to one engine that are kept for later; one more carries its events. Streams have
/// connections of their own, which end with them.
pub const POOL_IDLE_MAX: usize = 6;
/// And of these after a reading of everything, which has used them all: a manager of a thousand
/// engines has as many more.
pub const POOL_IDLE_READ: usize = 1;
/// After this long an unused connection is closed: before our own servers do it.
pub const POOL_IDLE: Duration = Duration::from_secs(60);

/// Engines that are read from the start at the same moment: a manager of a thousand needs neither
/// their memory nor their processor time all at once.
pub const ENGINES_STARTING: usize = 64;

/// For a client to finish TLS: whoever has not said who he is by then is not going to.
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// For a request's head, and for the pause between two requests on one connection.
pub const HEAD: Duration = Duration::from_secs(90);
/// For a JSON body that is checked before anything else.
pub const BODY: Duration = Duration::from_secs(30);
/// For an order to BuildKit, which carries a whole Dockerfile's plan.
pub const ORDER: Duration = Duration::from_secs(60);
/// So long, and so many bytes, are read for nothing after the last answer on a connection.
pub const LINGER: Duration = Duration::from_secs(5);
pub const LINGER_BYTES: usize = 64 << 20;

/// After this long without a word the other side's kernel is asked whether it is there …
pub const PEER_SILENT: Duration = Duration::from_secs(15);
/// … again after this long, and given up when it has not answered so many times.
pub const PEER_ASK_EVERY: Duration = Duration::from_secs(15);
pub const PEER_ASK_TIMES: u32 = 4;

/// Between two pieces of an image on its way from one segment to another; an engine writes all of
/// it to its disk before the first one.
pub const COPY_PIECE: Duration = Duration::from_secs(120);
/// For the unpacking after the last one.
pub const COPY_UNPACK: Duration = Duration::from_secs(600);

#[cfg(test)]
mod page;
