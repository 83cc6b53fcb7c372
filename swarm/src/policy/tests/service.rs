//! I: swarm mode. Every way to run a container that C refuses is refused for tasks as well.

use super::*;
use crate::api::{ConfigSpec, NodeSpec, SecretSpec, ServiceSpec};

#[path = "../../../tests/policy_rows/ways/service.rs"]
mod ways;
use ways::{CONTAINERS, TASKS};

fn service(body: &str) -> Verdict {
    let nodes = cluster();
    let nodes: Vec<&NodeView> = nodes.iter().collect();
    // As an engine that manages the swarm would have said.
    let networks = [
        network("swhost", "host", "host"),
        network("swbridge", "bridge", "bridge"),
        NetworkFacts {
            ingress: true,
            ..network("swingress", "ingress", "overlay")
        },
        network("swmine", "mine", "overlay"),
    ];
    let known = SwarmCluster {
        cluster: Cluster(&nodes),
        networks: &networks,
    };
    let service: ServiceSpec = json::read_within(ServiceSpec::BOUNDS, body.as_bytes())?;
    Policy::carina().service(&service, &known)
}

/// A container's part of a service named `web`.
fn container_spec(container: &str) -> u16 {
    outcome(service(&format!(
        r#"{{"Name":"web","TaskTemplate":{{"ContainerSpec":{container}}}}}"#
    )))
}

fn task(task: &str) -> u16 {
    outcome(service(&format!(
        r#"{{"Name":"web","TaskTemplate":{task}}}"#
    )))
}

#[test]
fn i_what_clients_send_passes() {
    #[rustfmt::skip]
    let rows = [
        // docker service create, with nothing said and with much.
        r#"{"Name":"web","Labels":{},"TaskTemplate":{"ContainerSpec":{"Image":"busybox:latest","Init":false,"DNSConfig":{}},"Resources":{"Limits":{},"Reservations":{}},"Placement":{},"ForceUpdate":0},"Mode":{"Replicated":{"Replicas":1}},"EndpointSpec":{"Mode":"vip"}}"#,
        r#"{"Name":"web","Labels":{"a":"b","com.docker.stack.namespace":"s"},"TaskTemplate":{"ContainerSpec":{"Image":"busybox@sha256:00","Labels":{"c":"d"},"Command":["sh"],"Args":["-c","true"],"Hostname":"{{.Node.Hostname}}-{{.Task.Slot}}","Env":["A={{.Service.Name}}"],"Dir":"/srv","User":"1000","Groups":["audio"],"Privileges":{"CredentialSpec":null,"SELinuxContext":null,"NoNewPrivileges":true,"Seccomp":{"Mode":"default"},"AppArmor":{"Mode":"default"}},"StopSignal":"INT","TTY":true,"OpenStdin":true,"ReadOnly":true,"Mounts":[{"Type":"volume","Source":"data","Target":"/d"},{"Type":"volume","Target":"/anonymous"},{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1000,"Mode":1023}}],"StopGracePeriod":1000,"Healthcheck":{"Test":["CMD","true"]},"Hosts":["10.1.1.1 other"],"DNSConfig":{"Nameservers":["10.1.1.1"]},"Secrets":[{"File":{"Name":"word","UID":"0","GID":"0","Mode":292},"SecretID":"x","SecretName":"word"}],"Configs":[{"File":{"Name":"/etc/app.conf","UID":"0","GID":"0","Mode":292},"ConfigID":"y","ConfigName":"conf"}],"Isolation":"default","Sysctls":{"net.core.somaxconn":"1"},"Ulimits":[{"Name":"nofile","Hard":10,"Soft":5}],"OomScoreAdj":10},"Resources":{"Limits":{"NanoCPUs":1,"MemoryBytes":2,"Pids":3},"Reservations":{"NanoCPUs":1,"MemoryBytes":2}},"RestartPolicy":{"Condition":"any","Delay":1,"MaxAttempts":2,"Window":3},"Placement":{"Constraints":["node.hostname==n1"],"Preferences":[{"Spread":{"SpreadDescriptor":"node.labels.a"}}],"MaxReplicas":1,"Platforms":[{"Architecture":"amd64","OS":"linux"}]},"Networks":[{"Target":"swmine","Aliases":["w"]},{"Target":"swbridge"}],"LogDriver":{"Name":"json-file","Options":{"max-size":"1m"}},"ForceUpdate":1,"Runtime":"container"},"Mode":{"Global":{}},"UpdateConfig":{"Parallelism":1,"Delay":1,"FailureAction":"rollback","Monitor":1,"MaxFailureRatio":0.25,"Order":"start-first"},"RollbackConfig":{"Parallelism":1,"MaxFailureRatio":0,"Order":"stop-first"},"EndpointSpec":{"Mode":"dnsrr","Ports":[{"Name":"a","Protocol":"tcp","TargetPort":2376,"PublishedPort":8080,"PublishMode":"host"},{"TargetPort":80}]}}"#,
        r#"{"Name":"job","TaskTemplate":{"ContainerSpec":{"Image":"x"}},"Mode":{"ReplicatedJob":{"MaxConcurrent":1,"TotalCompletions":2}}}"#,
        r#"{"Name":"job","TaskTemplate":{"ContainerSpec":{"Image":"x"}},"Mode":{"GlobalJob":{}}}"#,
        // Volumes by task, and what no engine can choose another value for.
        r#"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"volume","Source":"data-{{.Task.Slot}}","Target":"/d"},{"Type":"volume","Source":"{{ .Service.Name }}","Target":"/e/{{.Node.ID}}"}]}}}"#,
    ];
    for body in rows {
        let got = service(body);
        assert_eq!(outcome(got.clone()), 0, "{body}: {got:?}");
    }
}

#[test]
fn i_tasks_are_held_to_the_rules_of_containers() {
    for (id, body, expect) in CONTAINERS {
        assert_eq!(container_spec(body), *expect, "{id} {body}");
    }
}

#[test]
fn i_tasks_are_containers_and_nothing_else() {
    for (id, body, expect) in TASKS {
        assert_eq!(task(body), *expect, "{id} {body}");
    }
    #[rustfmt::skip]
    let rows = [
        ("I5", r#"{"Name":"x","Networks":[{"Target":"swhost"}]}"#, 1007),
        ("I5", r#"{"Name":"x","EndpointSpec":{"Ports":[{"TargetPort":80,"PublishedPort":2377}]}}"#, 1017),
        ("I5", r#"{"Name":"x","EndpointSpec":{"Ports":[{"TargetPort":80,"PublishedPort":42376,"PublishMode":"host"}]}}"#, 1017),
        ("I5", r#"{"Name":"x","EndpointSpec":{"Ports":[{"TargetPort":80,"PublishedPort":68000}]}}"#, 400),
        ("C27", r#"{"Name":"x","Labels":{"carina.system":"swarm-agent"}}"#, 1018),
        ("C28", r#"{"Name":"swarm-agent"}"#, 1016),
        ("B1", r#"{"Name":"x","tasktemplate":{}}"#, 400),
        ("B3", r#"{"Name":"x","TaskTemplate":{},"TaskTemplate":{}}"#, 400),
    ];
    for (id, body, expect) in rows {
        assert_eq!(outcome(service(body)), expect, "{id} {body}");
    }
}

#[test]
fn i_secrets_configs_and_nodes() {
    let policy = Policy::carina();
    #[rustfmt::skip]
    let rows = [
        ("N", r#"{"Name":"x","Labels":{"a":"b"},"Data":"aHVzaA==","Driver":null}"#, 0),
        ("N", r#"{"Name":"x","Driver":{"Name":""},"Templating":{"Name":"golang"}}"#, 0),
        ("I11", r#"{"Name":"x","Driver":{"Name":"vault"}}"#, 1011),
        ("I11", r#"{"Name":"x","Driver":{"Options":{"a":"b"}}}"#, 1011),
        ("I11", r#"{"Name":"x","Templating":{"Name":"plugin"}}"#, 1011),
        ("I11", r#"{"Name":"x","Templating":{"Name":"golang","Options":{"a":"b"}}}"#, 1011),
        ("C27", r#"{"Name":"x","Labels":{"carina.x":"y"}}"#, 1018),
    ];
    for (id, body, expect) in rows {
        let secret: SecretSpec = json::read(body.as_bytes()).expect(body);
        assert_eq!(outcome(policy.secret(&secret)), expect, "{id} {body}");
        if body.contains("Driver") {
            assert!(json::read::<ConfigSpec>(body.as_bytes()).is_err(), "{body}");
            continue;
        }
        let config: ConfigSpec = json::read(body.as_bytes()).expect(body);
        assert_eq!(outcome(policy.config(&config)), expect, "{id} {body}");
    }
    let is = r#"{"Role":"worker","Availability":"active","Labels":{}}"#;
    let is: NodeSpec = json::read(is.as_bytes()).expect("a node");
    #[rustfmt::skip]
    let rows = [
        ("N", r#"{"Role":"worker","Availability":"drain","Labels":{"disk":"fast"}}"#, 0),
        ("I10", r#"{"Role":"manager","Availability":"active"}"#, 1024),
        ("I10", r#"{"Name":"other","Role":"worker"}"#, 1016),
        ("C27", r#"{"Role":"worker","Labels":{"carina.x":"y"}}"#, 1018),
    ];
    for (id, body, expect) in rows {
        let asked: NodeSpec = json::read(body.as_bytes()).expect(body);
        assert_eq!(
            outcome(policy.node_update(&asked, &is)),
            expect,
            "{id} {body}"
        );
    }
}
