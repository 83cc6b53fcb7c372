//! How a service's tasks live: their health, their end, and what comes after them.

use model::{StackHealth, StackRestart, StackService, StackUpdate, ValueWanted};

use crate::key;
use crate::reader::Reader;
use crate::service::is_path;
use crate::tree::{Node, Value};
use crate::value;

impl Reader {
    pub fn health(&mut self, node: &Node) -> StackHealth {
        let mut health = StackHealth::default();
        let mut is_off = false;
        for option in self.map(node, key::HEALTH) {
            let node = &option.node;
            match option.key.as_str() {
                "test" => health.test = self.health_test(node),
                "disable" => is_off = self.yes(node),
                "retries" => health.retries = self.count(node),
                "interval" => health.interval_ns = self.duration(node),
                "timeout" => health.timeout_ns = self.duration(node),
                "start_interval" => health.start_interval_ns = self.duration(node),
                _ => health.start_period_ns = self.duration(node),
            }
        }
        if is_off {
            health.test = vec!["NONE".to_owned()];
        }
        health
    }

    /// A line is for the shell; a list says by its first word what it is for.
    fn health_test(&mut self, node: &Node) -> Vec<String> {
        if let Value::Text(_) = node.value {
            let line = self.text(node).into_iter();
            return std::iter::once("CMD-SHELL".to_owned())
                .chain(line)
                .collect();
        }
        let words = self.command(node);
        let is_good = match words.first().map(String::as_str) {
            Some("NONE") => words.len() == 1,
            Some("CMD-SHELL") => words.len() == 2,
            Some("CMD") => words.len() > 1,
            _ => false,
        };
        if is_good {
            return words;
        }
        let first = words.first().cloned().unwrap_or_default();
        self.value(node, &first, ValueWanted::HealthTest);
        Vec::new()
    }

    pub fn restart(&mut self, node: &Node, restart: &mut StackRestart) {
        for option in self.map(node, key::RESTART) {
            let node = &option.node;
            match option.key.as_str() {
                "condition" => {
                    let known = &["none", "on-failure", "any"];
                    restart.condition = self.one_of(node, ValueWanted::Restart, known);
                }
                "delay" => restart.delay_ns = self.duration(node),
                "window" => restart.window_ns = self.duration(node),
                _ => restart.attempts_max = self.count(node),
            }
        }
    }

    pub fn update(&mut self, node: &Node, update: &mut StackUpdate) {
        for option in self.map(node, key::UPDATE) {
            let node = &option.node;
            match option.key.as_str() {
                "parallelism" => update.parallelism = self.count(node),
                "delay" => update.delay_ns = self.duration(node),
                "monitor" => update.monitor_ns = self.duration(node),
                "order" => {
                    let known = &["stop-first", "start-first"];
                    update.order = self.one_of(node, ValueWanted::UpdateOrder, known);
                }
                _ => {
                    let known = &["pause", "continue", "rollback"];
                    update.failure_action = self.one_of(node, ValueWanted::FailureAction, known);
                }
            }
        }
    }

    /// What else a service says of its containers.
    pub fn life(&mut self, key: &str, node: &Node, service: &mut StackService) {
        match key {
            "hostname" => {
                service.hostname = self.read(node, ValueWanted::Hostname, |text| {
                    is_hostname(text).then(|| text.to_owned())
                });
            }
            "extra_hosts" => service.hosts = self.hosts(node),
            "init" => service.has_init = Some(self.yes(node)),
            "read_only" => service.is_read_only = self.yes(node),
            "stdin_open" => service.has_stdin = self.yes(node),
            "tty" => service.has_terminal = self.yes(node),
            "stop_grace_period" => service.stop_grace_ns = self.duration(node),
            "stop_signal" => {
                service.stop_signal = self.read(node, ValueWanted::Signal, |text| {
                    is_signal(text).then(|| text.to_owned())
                });
            }
            "tmpfs" => service.tmpfs = self.tmpfs(node),
            _ => {}
        }
    }

    fn tmpfs(&mut self, node: &Node) -> Vec<String> {
        let one = std::slice::from_ref(node);
        let items = match &node.value {
            Value::Text(_) => one,
            _ => self.list(node),
        };
        let path = |text: &str| is_path(text).then(|| text.to_owned());
        let read = items
            .iter()
            .filter_map(|item| self.read(item, ValueWanted::Path, path));
        read.collect()
    }

    /// `name:address` or `name=address` in a list, or a mapping.
    fn hosts(&mut self, node: &Node) -> Vec<String> {
        if let Value::Map(entries) = &node.value {
            let read = entries.iter().filter_map(|entry| {
                self.read(&entry.node, ValueWanted::HostEntry, |address| {
                    host_entry(&entry.key, address)
                })
            });
            return read.collect();
        }
        let items = self.list(node);
        let read = items.iter().filter_map(|item| {
            self.read(item, ValueWanted::HostEntry, |text| {
                let (name, address) = text.split_once('=').or_else(|| text.split_once(':'))?;
                host_entry(name, address)
            })
        });
        read.collect()
    }

    fn duration(&mut self, node: &Node) -> Option<u64> {
        self.read(node, ValueWanted::Duration, value::duration_ns)
    }

    fn count(&mut self, node: &Node) -> Option<u64> {
        self.read(node, ValueWanted::Count, |text| {
            text.parse().ok().filter(|n| *n <= 1_000_000)
        })
    }

    fn one_of(&mut self, node: &Node, what: ValueWanted, known: &[&str]) -> Option<String> {
        self.read(node, what, |text| {
            known.contains(&text).then(|| text.to_owned())
        })
    }
}

fn is_hostname(text: &str) -> bool {
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(is_good)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 63 && text.split('.').all(is_part)
}

/// `SIGTERM`, `TERM`, `SIGRTMIN+3`, `15`
fn is_signal(text: &str) -> bool {
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '-';
    !text.is_empty() && text.len() <= 16 && text.chars().all(is_good)
}

/// The word for the segment itself is none here, as the policy has it.
fn host_entry(name: &str, address: &str) -> Option<String> {
    let address: std::net::IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    is_hostname(name).then(|| format!("{address} {name}"))
}

#[cfg(test)]
mod tests {
    use crate::read;

    const GOOD: &str = "
services:
  web:
    image: nginx:1.27
    hostname: web-1
    init: true
    read_only: true
    tmpfs: /run
    tty: true
    stdin_open: true
    stop_signal: SIGQUIT
    stop_grace_period: 1m30s
    extra_hosts: ['db:10.0.0.5', 'six=[fd00::1]']
    healthcheck:
      test: curl -f http://127.0.0.1/
      interval: 1m30s
      timeout: 2.5s
      retries: 3
      start_period: 500ms
    deploy:
      placement:
        constraints: [node.hostname == n2]
        max_replicas_per_node: 2
      restart_policy: { condition: on-failure, delay: 5s, max_attempts: 3, window: 2m }
      update_config: { parallelism: 2, delay: 10s, order: start-first, failure_action: rollback }
      resources:
        reservations: { memory: 32m }
  off:
    image: busybox
    tmpfs: [/run, /tmp]
    healthcheck: { disable: true }
";

    #[test]
    fn the_life_of_a_service_is_understood() {
        let spec = read(GOOD).expect("a stack");
        let web = &spec.services[0];
        let health = web.health.as_ref().expect("a health check");
        assert_eq!(health.test, ["CMD-SHELL", "curl -f http://127.0.0.1/"]);
        assert_eq!(health.interval_ns, Some(90_000_000_000));
        assert_eq!(health.timeout_ns, Some(2_500_000_000));
        assert_eq!(health.start_period_ns, Some(500_000_000));
        assert_eq!(health.retries, Some(3));
        assert_eq!(web.constraints, ["node.hostname==n2"]);
        assert_eq!(web.segment_tasks_max, 2);
        assert_eq!(web.restart.attempts_max, Some(3));
        assert_eq!(web.restart.window_ns, Some(120_000_000_000));
        assert_eq!(web.update.parallelism, Some(2));
        assert_eq!(web.update.order.as_deref(), Some("start-first"));
        assert_eq!(web.reservations.memory_bytes, Some(32 << 20));
        assert_eq!(web.limits.memory_bytes, None);
        assert_eq!(web.hosts, ["10.0.0.5 db", "fd00::1 six"]);
        assert_eq!(
            (&web.tmpfs[..], web.has_init),
            (&["/run".to_owned()][..], Some(true))
        );
        assert!(web.is_read_only && web.has_terminal && web.has_stdin);
        assert_eq!(web.stop_grace_ns, Some(90_000_000_000));
        let off = &spec.services[1];
        assert_eq!(
            off.health.as_ref().map(|health| health.test.clone()),
            Some(vec!["NONE".to_owned()])
        );
        assert_eq!(off.tmpfs, ["/run", "/tmp"]);
    }

    #[test]
    fn what_is_wrong_in_it_is_told_at_its_line() {
        let text = "services:
  web:
    image: x
    hostname: -x
    extra_hosts: ['a:host-gateway']
    stop_grace_period: 10
    tmpfs: [run]
    healthcheck:
      test: [curl]
      interval: soon
      retries: -1
      intervall: 1s
    deploy:
      placement: { preferences: [spread], constraints: [here] }
      update_config: { order: both, failure_action: cry }
";
        let problems = read(text).expect_err("wrong");
        let lines: Vec<u32> = problems.iter().map(|one| one.line).collect();
        assert_eq!(
            lines,
            [4, 5, 6, 7, 9, 10, 11, 12, 14, 14, 15, 15],
            "{problems:?}"
        );
    }
}
