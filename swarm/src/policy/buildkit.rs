//! BuildKit's orders: what `docker buildx build` asks of the engine over gRPC.
//!
//! What a build could do beyond building, and what stops it:
//!
//! | asked for | stopped by |
//! | --- | --- |
//! | the segment's network, `--security=insecure`, a device, in the Dockerfile, in the graph or by a front end of one's own | the engine: its entitlements are off (`segment-init` writes them); asked for in the order, refused here in our words too |
//! | an image named as the system containers' one, by any exporter | here: the name is in the order alone; `*`, which takes the name out of the result, is refused |
//! | exporters that the client would name over its session | the wish is not passed on ([`crate::api::solve`]) |
//! | a control group of one's own | here, where it is asked for as an option. A front end of one's own (`# syntax=`) runs inside the engine and may put it into its graph, past every proxy: what holds then is the segment's own control group |
//! | the cluster's labels on an image | here as an option. A Dockerfile may set them as well: no right hangs on a label, system containers are known by their names |
//! | a name for the segment (`host-gateway`) | here, as a word. Its number can be written by anyone: what may be reached there is for the segment's own filter |
//! | containers made over the API (`NewContainer`, `ExecProcess`), a second session, other services of the engine | not in the list of methods that pass ([`method`]) |
//! | files of the engine's (`local` sources, `--output`, secrets, SSH agents) | they are the client's by construction: the engine asks for them over the client's session |
//! | cache mounts, cache imports and exports, `ADD` of addresses, `# syntax=` images | nothing, on purpose: the engine is the cluster's own, and a container may reach the same addresses |

use super::{Verdict, names};
use crate::api::solve::{Exporter, Options, Solve};
use crate::api::{Code, Refusal};

/// What must be looked at in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing: it looks, or it moves bytes of a build that was looked at.
    Plain,
    /// [`Solve`].
    Solve,
    /// A front end's own solve: its options.
    Bridge,
}

/// The methods that pass; all others do not exist.
pub fn method(path: &str) -> Option<Order> {
    const CONTROL: &str = "/moby.buildkit.v1.Control/";
    const BRIDGE: &str = "/moby.buildkit.v1.frontend.LLBBridge/";
    // Reads only, and only what builds have left.
    const CONTENT: &str = "/containerd.services.content.v1.Content/";
    let plain = |known: &[&str], name: &str| known.contains(&name).then_some(Order::Plain);
    if let Some(name) = path.strip_prefix(CONTROL) {
        return match name {
            "Solve" => Some(Order::Solve),
            _ => plain(
                &[
                    "DiskUsage",
                    "Info",
                    "ListBuildHistory",
                    "ListWorkers",
                    "ListenBuildHistory",
                    "Prune",
                    "Status",
                    "UpdateBuildHistory",
                ],
                name,
            ),
        };
    }
    if let Some(name) = path.strip_prefix(BRIDGE) {
        return match name {
            "Solve" => Some(Order::Bridge),
            _ => plain(
                &[
                    "Evaluate",
                    "Inputs",
                    "Ping",
                    "ReadDir",
                    "ReadFile",
                    "ResolveImageConfig",
                    "ResolveSourceMeta",
                    "Return",
                    "StatFile",
                    "Warn",
                ],
                name,
            ),
        };
    }
    if let Some(name) = path.strip_prefix(CONTENT) {
        return plain(&["Info", "Read"], name);
    }
    plain(
        &[
            "/grpc.health.v1.Health/Check",
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        ],
        path,
    )
}

/// The order itself.
pub fn solve(solve: &Solve) -> Verdict {
    if let Some(entitlement) = solve.entitlements.first() {
        return Err(refused(entitlement));
    }
    std::iter::once(&solve.exporter)
        .chain(&solve.exporters)
        .try_for_each(exporter)?;
    options(&solve.options)
}

/// Of the front end, in the order or in its own.
pub fn options(options: &Options) -> Verdict {
    for (key, value) in options {
        match key.as_str() {
            "cgroup-parent" if !value.is_empty() => {
                return Err(Refusal::policy(
                    Code::CgroupParent,
                    "Building in a control group of one's own not allowed by policy",
                ));
            }
            "force-network-mode"
                if !matches!(value.as_str(), "" | "default" | "none" | "sandbox") =>
            {
                return Err(refused(&format!("network={value}")));
            }
            "add-hosts" if value.contains("host-gateway") => {
                return Err(Refusal::policy(
                    Code::HostGateway,
                    "Naming the segment as a host not allowed by policy",
                ));
            }
            _ => {}
        }
    }
    names::labels(options.keys().filter_map(|key| key.strip_prefix("label:")))
}

fn exporter(exporter: &Exporter) -> Verdict {
    const KINDS: [&str; 7] = ["", "docker", "image", "local", "moby", "oci", "tar"];
    if !KINDS.contains(&exporter.kind.as_str()) {
        return Err(refused(&format!("the output {:?}", exporter.kind)));
    }
    for key in ["name", "dangling-name-prefix"] {
        let value = exporter.attrs.get(key).map_or("", String::as_str);
        for name in value.split(',').map(str::trim) {
            if name.contains('*') {
                return Err(refused("an image without a name of its own"));
            }
            names::image(name)?;
        }
    }
    Ok(())
}

fn refused(what: &str) -> Refusal {
    Refusal::policy(
        Code::Build,
        format!("Building with {what} not allowed by policy"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(verdict: Verdict) -> u16 {
        verdict.map_or_else(
            |refusal| refusal.code.map_or(400, |code| code as u16),
            |()| 0,
        )
    }

    fn map(pairs: &[(&str, &str)]) -> Options {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn h5_only_known_methods_pass() {
        for (path, expect) in [
            ("/moby.buildkit.v1.Control/Solve", Some(Order::Solve)),
            ("/moby.buildkit.v1.Control/Status", Some(Order::Plain)),
            (
                "/moby.buildkit.v1.frontend.LLBBridge/Solve",
                Some(Order::Bridge),
            ),
            (
                "/moby.buildkit.v1.frontend.LLBBridge/Ping",
                Some(Order::Plain),
            ),
            ("/moby.buildkit.v1.frontend.LLBBridge/NewContainer", None),
            ("/moby.buildkit.v1.frontend.LLBBridge/ExecProcess", None),
            ("/moby.buildkit.v1.Control/Session", None),
            // A11: no other spelling of a known one.
            ("moby.buildkit.v1.Control/Solve", None),
            ("//moby.buildkit.v1.Control/Solve", None),
            ("/moby.buildkit.v1.Control/solve", None),
            ("/moby.buildkit.v1.Control/Solve/", None),
            ("/moby.buildkit.v1.Control/", None),
            ("/containerd.services.content.v1.Content/Delete", None),
            ("/containerd.services.images.v1.Images/Create", None),
            ("/moby.filesync.v1.FileSync/DiffCopy", None),
        ] {
            assert_eq!(method(path), expect, "{path}");
        }
    }

    #[test]
    fn h5_an_image_cannot_take_the_system_s_name() {
        for (kind, attrs, expect) in [
            ("moby", &[("name", "a:1,registry:5000/b")][..], 0),
            ("", &[], 0),
            ("local", &[("dest", "/x")], 0),
            ("moby", &[("name", "swarm:latest")], 1005),
            ("moby", &[("name", "a:1, docker.io/library/swarm:x")], 1005),
            ("image", &[("name", "swarm@sha256:00")], 1005),
            ("image", &[("name", "*")], 1023),
            ("image", &[("dangling-name-prefix", "swarm")], 1005),
            ("other", &[], 1023),
        ] {
            let exporter = Exporter {
                kind: kind.into(),
                attrs: map(attrs),
                id: String::new(),
            };
            let old = Solve {
                exporter: exporter.clone(),
                ..Solve::default()
            };
            let new = Solve {
                exporters: vec![Exporter::default(), exporter],
                ..Solve::default()
            };
            assert_eq!(code(solve(&old)), expect, "{kind} {attrs:?}");
            assert_eq!(code(solve(&new)), expect, "{kind} {attrs:?}");
        }
    }

    #[test]
    fn h6_no_build_gets_more_than_a_container() {
        let entitled = Solve {
            entitlements: vec!["network.host".into()],
            ..Solve::default()
        };
        assert_eq!(code(solve(&entitled)), 1023);
        for (key, value, expect) in [
            ("target", "x", 0),
            ("build-arg:A", "b", 0),
            ("cgroup-parent", "", 0),
            ("cgroup-parent", "/", 1009),
            ("force-network-mode", "none", 0),
            ("force-network-mode", "host", 1023),
            ("add-hosts", "a=10.0.0.1", 0),
            ("add-hosts", "a=host-gateway", 1025),
            ("label:a", "b", 0),
            ("label:carina.system", "swarm-agent", 1018),
        ] {
            let options = map(&[(key, value)]);
            let order = Solve {
                options: options.clone(),
                ..Solve::default()
            };
            assert_eq!(code(super::options(&options)), expect, "{key}={value}");
            assert_eq!(code(solve(&order)), expect, "{key}={value}");
        }
    }
}
