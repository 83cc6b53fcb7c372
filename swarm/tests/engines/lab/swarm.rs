//! Docker's own swarm between the engines, as the panel makes it: the first engine manages it, the
//! others work.

use std::time::Duration;

use super::Lab;

impl Lab {
    pub fn swarm_form(&self) {
        let address = self.nodes[0].ip.to_string();
        self.engine_ok(0, &["swarm", "init", "--advertise-addr", &address]);
        let token = self.engine_ok(0, &["swarm", "join-token", "-q", "worker"]);
        std::thread::scope(|scope| {
            for k in 1..self.nodes.len() {
                let (token, address) = (&token, &address);
                scope.spawn(move || {
                    let own = self.nodes[k].ip.to_string();
                    let join = ["swarm", "join", "--advertise-addr", &own, "--token", token];
                    let to = format!("{address}:2377");
                    self.engine_ok(k, &[&join[..], &[&to]].concat());
                });
            }
        });
        self.wait_until("the swarm is whole", Duration::from_secs(20), |lab| {
            let nodes = lab.engine(0, &["node", "ls", "--format", "{{.Status}}"]);
            nodes.out.lines().filter(|line| *line == "Ready").count() == lab.nodes.len()
        });
        self.wait_until(
            "the managers know of the swarm",
            Duration::from_secs(10),
            |lab| {
                let networks = ["network", "ls", "-q", "-f", "name=docker_gwbridge"];
                let bridges = lab.docker(&networks).out.lines().count();
                let info = lab.docker(&["info", "-f", "{{.Swarm.LocalNodeState}}"]);
                info.out == "active" && bridges == lab.nodes.len()
            },
        );
    }

    /// What a scenario left in the swarm; tasks' containers go with their services.
    pub fn services_remove(&self) {
        for kind in ["service", "secret", "config"] {
            let ids = self.engine(0, &[kind, "ls", "-q"]).out;
            for id in ids.lines() {
                self.engine(0, &[kind, "rm", id]);
            }
        }
    }
}
