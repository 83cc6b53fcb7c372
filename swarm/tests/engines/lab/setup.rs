//! Images and system containers, as a segment has them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{Lab, SWARM, run_quiet};

impl Lab {
    /// `busybox:latest` through the managers; on each engine the system containers' image and the
    /// system containers, as `segment-init` makes them.
    pub fn images_make(&self) {
        let tree = self.path("tree");
        let script = format!(
            "mkdir -p {0}/bin {0}/etc {0}/tmp && cp /bin/busybox {0}/bin/ && \
             for a in $(/bin/busybox --list); do [ $a = busybox ] || ln -sf busybox {0}/bin/$a; done && \
             echo root:x:0:0::/:/bin/sh > {0}/etc/passwd && cp {1} {0}/swarm && \
             tar -C {0} -cf {2} bin etc tmp && tar -C {0} -cf {3} swarm",
            tree.display(),
            SWARM,
            self.path("busybox.tar").display(),
            self.path("swarm.tar").display(),
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]);
        run_quiet(shell);
        let (busybox, swarm) = (self.path("busybox.tar"), self.path("swarm.tar"));
        let (busybox, swarm) = (busybox.to_string_lossy(), swarm.to_string_lossy());
        self.docker_ok(&["import", "-c", "CMD [\"sh\"]", &busybox, "busybox:latest"]);
        let url = self.token_url();
        for (k, node) in self.nodes.iter().enumerate() {
            let entry = ["-c", "ENTRYPOINT [\"/swarm\"]", &swarm, "swarm:latest"];
            self.engine_ok(k, &[&["import"][..], &entry].concat());
            let label = |name: &str| format!("carina.system={name}");
            let manager: Vec<String> = [
                "create",
                "--name=swarm-manager",
                "--net=host",
                "--label",
                &label("swarm-manager"),
                "swarm:latest",
                "manage",
                "-H=tcp://0.0.0.0:2376",
                "--tlsverify",
                "--tlscacert=/etc/docker/ca.pem",
                "--tlscert=/etc/docker/server-cert.pem",
                "--tlskey=/etc/docker/server-key.pem",
                &url,
            ]
            .map(str::to_owned)
            .to_vec();
            let manager: Vec<&str> = manager.iter().map(String::as_str).collect();
            self.engine_ok(k, &manager);
            let address = format!("--addr={}:42376", node.ip);
            let system = label("swarm-agent");
            let agent = [
                "create",
                "--name=swarm-agent",
                "--net=host",
                "--label",
                &system,
            ];
            self.engine_ok(
                k,
                &[&agent[..], &["swarm:latest", "join", &address, &url]].concat(),
            );
            let system = label("swarm-data");
            let data = [
                "create",
                "--name=swarm-data",
                "-v",
                "swarm-data:/etc/docker",
                "--label",
            ];
            self.engine_ok(k, &[&data[..], &[&system, "swarm:latest", "list"]].concat());
            let volume = self.engine_ok(
                k,
                &["volume", "inspect", "-f", "{{.Mountpoint}}", "swarm-data"],
            );
            for file in ["ca.pem", "server-cert.pem", "server-key.pem"] {
                std::fs::write(Path::new(&volume).join(file), "x").expect("root may");
            }
        }
        self.wait_until(
            "the managers see the system containers",
            Duration::from_secs(5),
            |lab| lab.docker(&["ps", "-aq"]).out.lines().count() == 3 * lab.nodes.len(),
        );
    }
}
