//! The configuration: one TOML file, overridden by the environment, read once.
//!
//! Every key is declared once, in [`section`]: the type that is read, the default, and the words
//! that `carina config --example` prints come from the same lines. Nothing reads the environment
//! after this.

mod example;
mod keys;
mod load;
pub(crate) mod section;
mod value;

pub use example::example;
pub use keys::{
    Config, Database, Discovery, FrontDoor, Hosts, Http, Kind, Log, LogFormat, Metrics, Mode,
    Network, Oidc, Quota, RoleElse, Segment, Session,
};
pub use load::{ConfigError, DEFAULT_PATH};
pub use value::{Ports, Tls};
