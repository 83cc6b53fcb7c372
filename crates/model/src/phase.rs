//! Status words for people, each with who acts on it.

/// A word that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word “{0}”")]
pub struct UnknownWord(pub String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the page, in the database and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::UnknownWord;
            fn try_from(text: String) -> Result<Self, $crate::UnknownWord> {
                text.parse().map_err(|()| $crate::UnknownWord(text))
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|x| x.as_str() == text).ok_or(())
            }
        }
    };
}

words!(
    /// The state of a cluster.
    Phase {
        /// Wished for; no round has looked yet.
        New = "new",
        /// The first segments are being made.
        Building = "building",
        /// More segments are being made.
        Growing = "growing",
        /// Segments are being removed.
        Shrinking = "shrinking",
        /// The management containers are being made again.
        Rebuilding = "rebuilding",
        /// Everything wished for answers.
        Active = "active",
        /// The endpoint answers, something else does not; the reconciler is mending it.
        Degraded = "degraded",
        /// The last round failed; the reason and the next try's time stand beside it.
        Error = "error",
        /// Wished away; the row goes when nothing of it is left.
        Deleting = "deleting",
    }
);
words!(
    /// The state of a segment.
    SegmentPhase {
        /// Address and ids are taken, nothing is made.
        Placed = "placed",
        /// Defined at the host, not running yet.
        Made = "made",
        /// Running; the engine does not answer yet.
        Starting = "starting",
        /// The engine answers; it is joining its cluster.
        Joining = "joining",
        Active = "active",
        /// It should run and does not.
        Down = "down",
        Removing = "removing",
    }
);
words!(
    /// What somebody asked for.
    OperationKind {
        Create = "create",
        Scale = "scale",
        Rebuild = "rebuild",
        Delete = "delete",
    }
);
words!(
    /// How far an operation is.
    OperationState {
        Running = "running",
        Done = "done",
        /// A newer wish took its place.
        Superseded = "superseded",
    }
);
words!(
    /// How far one step of the live timeline is.
    StepState {
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Failed = "failed",
    }
);
words!(
    /// What an account may do; `control` has the table.
    Role {
        /// Everything a member may, and people, quotas, settings and the whole audit.
        Administrator = "administrator",
        /// Makes and changes clusters of its own.
        Member = "member",
        /// Looks, and changes nothing but its own account.
        Viewer = "viewer",
    }
);
words!(
    /// How far a request for a larger quota is.
    RequestState {
        Open = "open",
        Granted = "granted",
        Declined = "declined",
        /// The person took it back.
        Withdrawn = "withdrawn",
    }
);
words!(
    /// What an API token may be used for.
    Scope {
        /// Look at clusters.
        Read = "read",
        /// Make, change and delete clusters.
        Deploy = "deploy",
        /// Get credentials of clusters.
        Access = "access",
    }
);
words!(
    /// What people do with a container.
    ContainerAction {
        Start = "start",
        Stop = "stop",
        Restart = "restart",
        /// SIGKILL, at once.
        Kill = "kill",
        Pause = "pause",
        Unpause = "unpause",
        /// By force, with the volumes that have no name.
        Remove = "remove",
    }
);
words!(
    /// Who uses a client certificate.
    CertificateKind {
        /// Somebody downloaded it; its key is in that file alone.
        Bundle = "bundle",
        /// The panel, in somebody's name; its key is in the panel's memory alone.
        Panel = "panel",
    }
);
words!(
    /// What else there is on a cluster beside containers.
    ThingKind {
        Image = "image",
        Volume = "volume",
        Network = "network",
        Service = "service",
    }
);
