//! What a client is told when it does not get what it asked for.

use std::fmt;

/// Why the policy said no. The first seven are the original service's, texts included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Code {
    SecurityOpt = 1000,
    Privileged = 1001,
    HostMount = 1002,
    CapAdd = 1003,
    CapDrop = 1004,
    /// A container, volume or image of the cluster's own is touched.
    System = 1005,
    IpcMode = 1006,
    /// Another namespace than IPC: pid, uts, userns, cgroupns, network.
    Namespace = 1007,
    Device = 1008,
    CgroupParent = 1009,
    Sysctl = 1010,
    Runtime = 1011,
    LogDriver = 1012,
    MaskedPaths = 1013,
    VolumeDriver = 1014,
    Network = 1015,
    /// Something new would be called as the cluster's own is.
    ReservedName = 1016,
    ReservedPort = 1017,
    ReservedLabel = 1018,
    Resource = 1020,
    MountOption = 1021,
    Exec = 1022,
    Build = 1023,
    Route = 1024,
    HostGateway = 1025,
    Import = 1026,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CARINA-{}", *self as u16)
    }
}

/// An answer that is an error: status and Docker's JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub status: u16,
    /// Only when the policy refused; the message then begins with it.
    pub code: Option<Code>,
    pub message: String,
}

impl Refusal {
    fn plain(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            code: None,
            message: message.into(),
        }
    }

    /// 403 by policy. `text` is what follows the code.
    pub fn policy(code: Code, text: impl fmt::Display) -> Self {
        Self {
            status: 403,
            code: Some(code),
            message: format!("{code}: {text}"),
        }
    }

    /// 400: the request was not understood.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::plain(400, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::plain(404, message)
    }

    /// 405: the path exists, the method does not.
    pub fn method(message: impl Into<String>) -> Self {
        Self::plain(405, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::plain(409, message)
    }

    pub fn too_large(message: impl Into<String>) -> Self {
        Self::plain(413, message)
    }

    /// 500, as classic Swarm answered when nothing could be placed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::plain(500, message)
    }

    /// 501: Docker has it, this cluster does not.
    pub fn not_offered(message: impl Into<String>) -> Self {
        Self::plain(501, message)
    }

    /// 503: what it needs is not there at the moment.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::plain(503, message)
    }

    /// `{"message":"…"}`, as every docker client prints it.
    pub fn body(&self) -> String {
        serde_json::json!({ "message": self.message }).to_string()
    }
}
