//! What values are made of: words with a meaning somewhere, and numbers at the edges.

#[rustfmt::skip]
pub const WORDS: &[&str] = &[
    "", "a", "web", "x", "host", "HOST", "container:web", "container:swarm-agent", "container:501",
    "ns:/proc/1/ns/net", "private", "shareable", "none", "default", "bridge", "overlay", "macvlan",
    "null", "mynet", "n1/mynet", "n1/host", "ingress", "docker_gwbridge", "e01b", "cccc",
    "swarm-data", "swarm-data:ro", "swarm-agent", "/swarm-manager", "//swarm-agent", "n2/swarm-agent", "n1//swarm-data", "5", "500aaaa",
    "web:ro", "web:alias", "swarm-agent:a", "/:/h", "/var/run/docker.sock:/s", "data:/x",
    "data:/x:ro", "data:/x:rw,z", "data:/x:rshared", "data:/proc", "evil:/x", "remote:/x", "./a:/x",
    "a/b:/x", "..:/x", "c:\\x:/h", "/anonymous", "/", "/data", "/proc", "/proc/self/fd/7", "/sys/fs",
    "/dev", "/dev/shm", "/x/../proc", "//sys/.", "bind", "Bind", "volume", "tmpfs", "image",
    "cluster", "npipe", "data", "evil", "ALL", "SYS_ADMIN", "NET_RAW", "cap_chown",
    "seccomp=unconfined", "apparmor:unconfined", "label=disable", "no-new-privileges",
    "no-new-privileges:true", "no-new-privileges=false", "systempaths=unconfined", "unconfined",
    "disabled", "runc", "io.containerd.runc.v2", "kata", "hyperv", "local", "nfs", "json-file",
    "syslog", "gelf", "max-size", "10m", "syslog-address", "unix:///x", "path", "rw,noexec,nosuid",
    "exec", "suid", "dev", "size=0", "size=64m", "mode=1777", "uid=0", "net.core.somaxconn",
    "net.ipv4.ip_forward", "kernel.shmmax", "fs.mqueue.msg_max", "com.example.a", "carina.system",
    "carina.segment", "com.docker.swarm.id", "com.docker.swarm.constraints",
    "com.docker.compose.project", "80/tcp", "81/udp", "8080", "2375", "02376", "2370-2380", "+2377",
    "42376", "0", "127.0.0.1", "0.0.0.0", "::", "::1", "10.83.7.11", "10.9.0.0/24", "10.9.0.5",
    "8.8.8.0/24", "10.83.7.0/24", "fd00::/64", "169.254.1.1", "02:42:ac:11:00:02", "db:10.0.0.1",
    "h:host-gateway", "h=host-gateway", "host-gateway h", "10.0.0.1 db", "nofile", "nproc",
    "rtprio", "golang", "plugin", "container", "{{.Service.Name}}", "/{{.Node.Hostname}}",
    "{{env \"A\"}}", "evil{{.Task.Slot}}", "constraint:node==n1", "affinity:container==web",
    "A=b", "manager", "worker", "active", "drain", "always", "no", "on-failure", "unless-stopped",
    "rollback", "continue", "pause", "vip", "dnsrr", "ingress", "tcp", "udp", "sctp",
    "com.docker.network.driver.mtu", "1450", "encrypted", "com.docker.network.bridge.name", "docker0",
    "swarm:latest", "busybox", "docker.io/library/swarm", "index.docker.io/swarm:1", "a:b@sha256:00",
    "YQ==", "a===", "true", "false", "node.role==manager", "node.hostname==n2", "sh", "-c",
    "rprivate", "rshared", "consistent", "on", "1000:1000", "root", "SIGTERM", "linux", "amd64",
    "o", "bind", "device", "type", "upper=/,lower=/", "gpu", "/dev/kmsg", "rwm", "a *:* rwm",
];

/// Numbers, and what a lax reader might take for one.
#[rustfmt::skip]
pub const NUMBERS: &[&str] = &[
    "0", "1", "-1", "2", "9", "64", "1000", "1024", "2375", "2377", "42376", "65535", "65536",
    "1048576", "2147483648", "4294967295", "4294967296", "9000000000", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "-2147483649", "-9223372036854775808", "-9223372036854775809", "0.5", "0.1", "1.0", "1e0", "1e3",
    "1E3", "1e-1", "-0", "-0.0", "1e400", "1e-400", "3.5e38", "0.30000000000000004", "00", "01", "+1",
    ".5", "1.", "0x10", "1_000", "NaN", "Infinity", "-",
];

/// Strings by their text between the quotes, most of them broken.
pub const BROKEN: &[&[u8]] = &[
    b"\\ud800",
    b"\\udc00x",
    b"\\ud83d\\ude00",
    b"\\u0000",
    b"\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\x41",
    b"\\",
    b"\n",
    b"\t",
    b"\\u00",
    b"\\u0068ost",
    b"h\\u006fst",
    b"\\/:\\/h",
    b"\xe2\x80\xa8",
    b"\x7f",
    b"host\\u0000",
    b"ho\xc5\xbft",
    b"\\\"",
    b"\x00",
];

/// Keys that are nobody's.
pub const KEYS: &[&str] = &[
    "",
    " ",
    "HostConfig ",
    "a.b",
    "__proto__",
    "-",
    "x\\u0000",
    "Sysctls",
];

pub const SUFFIXES: &[&[u8]] = &[
    b"}",
    b"]",
    b"{}",
    b" {\"HostConfig\":{\"Privileged\":true}}",
    b"x",
    b"\0",
    b"\n\n",
    b",",
    b"null",
    b"//",
    b"\xef\xbb\xbf",
    b"}}",
];

pub const PREFIXES: &[&[u8]] = &[
    b"\xef\xbb\xbf",
    b" \t\r\n",
    b"\0",
    b"null",
    b"\x0b",
    b"[",
    b"{}",
];
