//! The authorities and certificates that the panel would make.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};

pub struct Certs {
    dir: PathBuf,
    cluster: Authority,
    #[allow(dead_code, reason = "the test of the policy's rows uses it")]
    engine: Authority,
    #[allow(dead_code, reason = "the test of the policy's rows uses it")]
    panel: Authority,
}

/// Who signs.
#[allow(dead_code, reason = "the test of the policy's rows uses it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Cluster,
    Engine,
    Panel,
    /// An authority that nobody here has heard of, of the same name as the cluster's.
    Stranger,
    Itself,
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A person's bundle: a directory for `DOCKER_CERT_PATH`.
pub struct Client {
    pub dir: PathBuf,
    pub serial: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Certificate and key; the serial's first byte is never zero and never negative.
    fn sign(&self, mut params: CertificateParams, serial: &[u8]) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        params.serial_number = Some(SerialNumber::from_slice(serial));
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        (certificate.pem(), key.serialize_pem())
    }
}

pub fn leaf(name: &str, cluster: &str, usages: &[ExtendedKeyUsagePurpose]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, cluster);
    let uri = format!("carina:cluster:{cluster}")
        .try_into()
        .expect("plain text");
    params.subject_alt_names.push(SanType::URI(uri));
    params.extended_key_usages = usages.to_vec();
    params
}

pub fn with_ips(mut params: CertificateParams, ips: &[Ipv4Addr]) -> CertificateParams {
    for ip in ips {
        params
            .subject_alt_names
            .push(SanType::IpAddress(IpAddr::V4(*ip)));
    }
    params
}

fn serial_of(text: &str) -> Vec<u8> {
    let mut serial = vec![1];
    serial.extend(text.bytes());
    serial
}

impl Certs {
    pub fn new(dir: &Path, cluster: &str, ips: &[Ipv4Addr], gateway: Ipv4Addr) -> Self {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        let dir = dir.join("certs");
        fs::create_dir_all(&dir).expect("a directory");
        let put = |name: &str, text: &str| fs::write(dir.join(name), text).expect("a file");
        let put_pair = |name: &str, (cert, key): (String, String)| {
            put(&format!("{name}.pem"), &cert);
            put(&format!("{name}-key.pem"), &key);
        };
        let [authority, engine, panel] = ["cluster", "engine", "panel"].map(Authority::new);
        put("cluster-ca.pem", &authority.pem);
        put("engine-ca.pem", &engine.pem);
        put("panel-ca.pem", &panel.pem);
        let server = with_ips(leaf("server", cluster, &[ServerAuth, ClientAuth]), ips);
        put_pair("server", authority.sign(server, b"\x01server"));
        let manager = leaf(wire::caller::MANAGER, cluster, &[ClientAuth]);
        put_pair("manager", engine.sign(manager, b"\x01manager"));
        let owner = leaf(wire::caller::PANEL, cluster, &[ClientAuth]);
        put_pair("owner", engine.sign(owner, b"\x01panel"));
        let stranger = leaf("stranger", cluster, &[ClientAuth]);
        put_pair("stranger", engine.sign(stranger, b"\x01stranger"));
        for ip in ips {
            let agent = with_ips(leaf("agent", cluster, &[ServerAuth]), &[*ip]);
            put_pair(
                &format!("agent-{ip}"),
                engine.sign(agent, &serial_of(&ip.to_string())),
            );
        }
        let discovery = with_ips(leaf("discovery", "panel", &[ServerAuth]), &[gateway]);
        put_pair("discovery", panel.sign(discovery, b"\x01discovery"));
        Self {
            dir,
            cluster: authority,
            engine,
            panel,
        }
    }

    /// A certificate of any kind, as a bundle: `name` is its directory's.
    #[allow(dead_code, reason = "the test of the policy's rows uses it")]
    pub fn signed(&self, name: &str, by: By, params: CertificateParams) -> Client {
        let serial = serial_of(name);
        let (cert, key) = match by {
            By::Cluster => self.cluster.sign(params, &serial),
            By::Engine => self.engine.sign(params, &serial),
            By::Panel => self.panel.sign(params, &serial),
            By::Stranger => Authority::new("cluster").sign(params, &serial),
            By::Itself => {
                let key = KeyPair::generate().expect("a key");
                let certificate = params.self_signed(&key).expect("signed");
                (certificate.pem(), key.serialize_pem())
            }
        };
        self.bundle_write(name, &serial, &cert, &key)
    }

    /// One that the bundle of `parent`, no authority at all, has signed; its chain goes along.
    #[allow(dead_code, reason = "the test of the policy's rows uses it")]
    pub fn signed_by_leaf(
        &self,
        name: &str,
        parent: CertificateParams,
        params: CertificateParams,
        by: By,
    ) -> Client {
        let key = KeyPair::generate().expect("a key");
        let authority = match by {
            By::Engine => &self.engine,
            _ => &self.cluster,
        };
        let middle = parent.signed_by(&key, &authority.issuer).expect("signed");
        let middle = middle.pem();
        let leaf = Authority {
            issuer: Issuer::new(parent, key),
            pem: String::new(),
        };
        let serial = serial_of(name);
        let (cert, key) = leaf.sign(params, &serial);
        self.bundle_write(name, &serial, &(cert + &middle), &key)
    }

    /// A client certificate under this cluster's authority that says it is of `cluster`.
    pub fn client(&self, name: &str, cluster: &str) -> Client {
        self.bundle(
            name,
            cluster,
            &self.cluster,
            ExtendedKeyUsagePurpose::ClientAuth,
        )
    }

    /// The same, signed by another cluster's authority.
    pub fn client_foreign(&self, name: &str, cluster: &str) -> Client {
        let other = Authority::new("other cluster");
        self.bundle(name, cluster, &other, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// The same, for a server.
    pub fn client_wrong_usage(&self, name: &str, cluster: &str) -> Client {
        self.bundle(
            name,
            cluster,
            &self.cluster,
            ExtendedKeyUsagePurpose::ServerAuth,
        )
    }

    fn bundle(
        &self,
        name: &str,
        cluster: &str,
        authority: &Authority,
        usage: ExtendedKeyUsagePurpose,
    ) -> Client {
        let serial = serial_of(name);
        let (cert, key) = authority.sign(leaf(name, cluster, &[usage]), &serial);
        self.bundle_write(name, &serial, &cert, &key)
    }

    fn bundle_write(&self, name: &str, serial: &[u8], cert: &str, key: &str) -> Client {
        let dir = self.dir.join(name);
        fs::create_dir_all(&dir).expect("a directory");
        fs::write(dir.join("ca.pem"), &self.cluster.pem).expect("a file");
        fs::write(dir.join("cert.pem"), cert).expect("a file");
        fs::write(dir.join("key.pem"), key).expect("a file");
        let serial = serial.iter().map(|byte| format!("{byte:02x}")).collect();
        Client { dir, serial }
    }

    pub fn cluster_ca(&self) -> PathBuf {
        self.dir.join("cluster-ca.pem")
    }
    pub fn engine_ca(&self) -> PathBuf {
        self.dir.join("engine-ca.pem")
    }
    pub fn panel_ca(&self) -> PathBuf {
        self.dir.join("panel-ca.pem")
    }
    pub fn server_cert(&self) -> PathBuf {
        self.dir.join("server.pem")
    }
    pub fn server_key(&self) -> PathBuf {
        self.dir.join("server-key.pem")
    }
    pub fn manager_cert(&self) -> PathBuf {
        self.dir.join("manager.pem")
    }
    pub fn manager_key(&self) -> PathBuf {
        self.dir.join("manager-key.pem")
    }
    pub fn agent_cert(&self, ip: Ipv4Addr) -> PathBuf {
        self.dir.join(format!("agent-{ip}.pem"))
    }
    pub fn agent_key(&self, ip: Ipv4Addr) -> PathBuf {
        self.dir.join(format!("agent-{ip}-key.pem"))
    }
    /// `owner` (the panel), `stranger`, `discovery`.
    pub fn pair(&self, name: &str) -> (PathBuf, PathBuf) {
        (
            self.dir.join(format!("{name}.pem")),
            self.dir.join(format!("{name}-key.pem")),
        )
    }
}
