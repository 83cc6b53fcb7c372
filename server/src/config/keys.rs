//! All keys of the configuration.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::Ipv4Net;
use model::Role;
use serde::{Deserialize, Serialize};

use super::section::section;
use super::value::{Ports, Tls};

/// A database's URL. `Debug` does not show the password that may be in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Database(pub String);

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = self.0.split("://").next().unwrap_or_default();
        write!(f, "{scheme}://…")
    }
}

section! {
    /// The whole file.
    pub struct Config {
        /// Where the panel keeps its database and the set-up link.
        pub data_dir: PathBuf = "/var/lib/carina/panel".into();
        /// The database: a `postgres://` or `sqlite://` URL. Without one: `carina.db` (SQLite) in
        /// `data_dir`.
        pub database: Option<Database> = None,
            for example Some(Database("postgres://carina@localhost/carina".into()));
        /// The page's files (`pkg/`, icons). Without one: `site` beside the folder of this program.
        pub site_dir: Option<PathBuf> = None, for example Some("/usr/lib/carina/site".into());
        /// The static programs `swarm`, `segment-init` and `segment-hook`. Without one: where a
        /// build or an installation puts them, beside the folder of this program.
        pub programs_dir: Option<PathBuf> = None, for example Some("/usr/lib/carina/programs".into());
        /// The panel's own address: people, and the links it prints.
        pub http: Http = Http::default();
        /// How long a sign-in lasts.
        pub session: Session = Session::default();
        /// Signing in at an identity provider by OpenID Connect, beside here. Off until it has an
        /// `issuer` (docs/operations.md).
        pub oidc: Oidc = Oidc::default();
        /// Where segments find each other's addresses (https, reached from segments alone).
        pub discovery: Discovery = Discovery::default();
        /// One TCP port per cluster on this machine, passed on to its endpoint.
        pub front_door: FrontDoor = FrontDoor::default();
        /// The clusters' networks.
        pub network: Network = Network::default();
        /// The size of a segment. Segments that exist keep theirs.
        pub segment: Segment = Segment::default();
        /// What one account may have.
        pub quota: Quota = Quota::default();
        /// What the panel tells about itself, on standard error.
        pub log: Log = Log::default();
        /// What a monitoring program may read about the panel (docs/metrics.md).
        pub metrics: Metrics = Metrics::default();
        /// The machines that hold segments. Without any: this one, by libvirt.
        pub hosts: Vec<Hosts> = vec![Hosts::default()];
    }
}

section! {
    pub struct Http {
        /// Address and port that browsers connect to.
        pub listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
        /// `"off"`, `"self-signed"` (by the panel's own authority), or
        /// `{ cert = "/path/chain.pem", key = "/path/key.pem" }`.
        pub tls: Tls = Tls::OFF;
        /// The origin people type, when it is not the address above: behind a reverse proxy, or
        /// with a name. With a path, `https://example.org/carina`, the panel is below that.
        /// Passkeys belong to its host name for good.
        pub public_origin: Option<String> = None,
            for example Some("https://panel.example.org".into());
        /// Reverse proxies whose `X-Forwarded-For` is believed.
        pub trusted_proxies: Vec<IpAddr> = Vec::new();
        /// Connections at once; more wait.
        pub connections_max: u32 = 1024;
        /// Whether everybody may see `/status`: how many hosts and endpoints answer, and no names.
        pub status_page: bool = false;
    }
}

section! {
    pub struct Session {
        /// Minutes without a request after which one has to sign in again.
        pub idle_minutes: u32 = 720;
        /// Hours after which one has to sign in again in any case.
        pub absolute_hours: u32 = 336;
    }
}

section! {
    pub struct Oidc {
        /// The provider, exactly as it spells itself. https, or http on this machine. It wants
        /// `http.public_origin`, and sends people back to that with `/sign-in/provider/back`.
        pub issuer: Option<String> = None,
            for example Some("https://login.example.org/realms/main".into());
        /// What the provider calls this panel.
        pub client_id: String = "carina".into();
        /// A file with the secret that it gave for that. Without one: a public client, with PKCE
        /// alone.
        pub client_secret_file: Option<PathBuf> = None,
            for example Some("/etc/carina/oidc-secret".into());
        /// A file with the authorities (PEM) that alone may vouch for the provider's address.
        /// Without one: those that this machine trusts.
        pub ca_file: Option<PathBuf> = None, for example Some("/etc/carina/oidc-ca.pem".into());
        /// What people call the provider; it stands on the button.
        pub name: String = "your organization".into();
        /// What is asked for beside `openid`, so that the claims below are among what is told.
        pub scopes: Vec<String> = vec!["profile".into()];
        /// The claim with a person's short name, for the account that is made at the first sign-in.
        pub name_claim: String = "preferred_username".into();
        /// The claim that lists a person's groups. It must be in the ID token.
        pub groups_claim: String = "groups".into();
        /// Roles by group, such as `{ operators = "administrator", staff = "member" }`. With any,
        /// roles follow the groups at every sign-in; without, they are given in the panel.
        pub roles: BTreeMap<String, Role> = BTreeMap::new();
        /// The role of who is in none of these groups; without groups, of a new account. `"none"`
        /// lets nobody else in.
        pub role_else: RoleElse = RoleElse::Viewer;
        /// Whether the first sign-in makes an account. If not, people connect the one they have.
        pub make_accounts: bool = true;
    }
}

/// A role, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleElse {
    Administrator,
    Member,
    Viewer,
    None,
}

impl RoleElse {
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Administrator => Some(Role::Administrator),
            Self::Member => Some(Role::Member),
            Self::Viewer => Some(Role::Viewer),
            Self::None => None,
        }
    }
}

section! {
    pub struct Discovery {
        /// Address that the discovery service listens on; segments reach it on their gateway.
        pub listen: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        /// Its port. It stands in the command of every `swarm-manager`: do not change it while
        /// clusters exist.
        pub port: u16 = 17_946;
        /// Addresses that may register any segment beside the segment itself (for tests).
        pub trusted: Vec<IpAddr> = Vec::new();
        /// Connections at once; more wait.
        pub connections_max: u32 = 1024;
    }
}

section! {
    pub struct FrontDoor {
        /// Address that the clusters' ports listen on.
        pub listen: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        /// The ports to give to clusters, one each.
        pub ports: Ports = Ports(12_376..=12_975);
        /// Host name or address by which people reach these ports; it goes into the bundles.
        /// Without one: what their browser used for the panel.
        pub public_name: Option<String> = None, for example Some("docker.example.org".into());
        /// More names and addresses for the endpoints' certificates. The addresses of this machine
        /// are in them anyway.
        pub names: Vec<String> = Vec::new();
        /// Connections at once, per cluster; more are closed.
        pub connections_max: u32 = 512;
    }
}

section! {
    pub struct Network {
        /// Addresses for the clusters' networks; every cluster takes a /24 of it.
        pub pool: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 83, 0, 0), 16);
        /// `"nat"`: segments reach out by the host's address, people come in by the front door.
        /// `"routed"`: your router knows the way to the pool.
        pub mode: Mode = Mode::Nat;
        /// Where segments may not connect, beside this machine and other clusters. From the next
        /// start of any segment on, for all. Without it: everything that is not the internet.
        pub egress_deny: Vec<Ipv4Net> = wire::HostRules::default().egress_deny;
        /// Where they may all the same, such as one server of your own network:
        /// `["192.168.1.20/32"]`.
        pub egress_allow: Vec<Ipv4Net> = Vec::new();
    }
}

/// Between segments and the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Nat,
    Routed,
}

section! {
    pub struct Segment {
        /// Memory, MiB.
        pub memory_mib: u64 = 2048;
        /// Virtual processors.
        pub vcpus: u32 = 2;
        /// Disk, GiB. It takes room on the host only as it fills.
        pub disk_gib: u64 = 20;
        /// Processes and threads at once.
        pub pids: u32 = 4096;
        /// Swap beyond the memory, MiB. This and the limits below hold for segments that exist,
        /// too, from their next start on.
        pub swap_mib: u64 = wire::HostRules::default().swap_mib;
        /// Speed of its disk, MiB per second, reading and writing each; 0 is no limit.
        pub disk_mib_per_s: u64 = wire::HostRules::default().disk_mib_per_s;
        /// The same in operations per second.
        pub disk_iops: u64 = wire::HostRules::default().disk_iops;
        /// Connections through the host at once.
        pub connections: u32 = wire::HostRules::default().connections;
        /// Whether programs may use io_uring: a large part of the kernel, with a history.
        pub io_uring: bool = false;
        /// Memory, MiB, that a host must have left for each new segment, else it is given none.
        /// Segments take memory as they use it, so more may be promised than there is.
        pub room_mib: u64 = control::Settings::default().room.memory_mib;
        /// The same for its disk, GiB.
        pub room_disk_gib: u64 = control::Settings::default().room.disk_bytes >> 30;
        /// First user id on the host that segments may use; a multiple of 65536. Every segment
        /// takes 65,536 ids from there on.
        pub id_base: u32 = control::Settings::default().id_base;
    }
}

section! {
    pub struct Quota {
        /// Clusters per account, and per team.
        pub clusters: u32 = model::MAX_CLUSTERS;
        /// Segments per cluster, at most 3.
        pub segments: u32 = model::MAX_SEGMENTS;
    }
}

section! {
    pub struct Log {
        /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as
        /// `info,control=debug`.
        pub level: String = "info".into();
        /// `"text"` for people, `"json"` for machines.
        pub format: LogFormat = LogFormat::Text;
    }
}

section! {
    pub struct Metrics {
        /// Address and port of `GET /metrics`, in Prometheus's text format. Whoever reaches it
        /// reads it: keep it to the machine or to a network of your own. Without it: off.
        pub listen: Option<SocketAddr> = None,
            for example Some(SocketAddr::from(([127, 0, 0, 1], 9_479)));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

section! {
    pub struct Hosts {
        /// What the panel calls it.
        pub name: String = "local".into();
        /// `"libvirt"`, or `"sim"`: segments that exist in memory only, to look at the panel.
        pub kind: Kind = Kind::Libvirt;
        /// libvirt's connection, for `kind = "libvirt"`.
        pub uri: String = "lxc:///".into();
        /// Milliseconds that a segment takes to start, for `kind = "sim"`.
        pub boot_ms: u64 = 800;
        /// A file that says what is broken, for `kind = "sim"`: `away`, `silent`, `memory 100`,
        /// `stopped 2`, `fail SegmentEnsureRunning no space left`, a line each.
        pub faults: Option<PathBuf> = None, for example Some("/tmp/faults".into());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Libvirt,
    Sim,
}
