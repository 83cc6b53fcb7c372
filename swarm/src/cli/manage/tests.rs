//! The flags' refusals, word by word.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Only {
    #[command(flatten)]
    args: ManageArgs,
}

fn manage(args: &[&str]) -> Result<ManageOptions, Fatal> {
    Only::try_parse_from(["manage"].iter().chain(args))
        .expect("it parses")
        .args
        .check()
}

#[test]
fn manage_refuses_with_the_archived_words() {
    for (args, text) in [
        (
            &[][..],
            "discovery required to manage a cluster. See 'swarm manage --help'.",
        ),
        (
            &["--tlscert=x", "token://t"],
            "--tlscert, --tlskey and --tlscacert require the use of either --tls or --tlsverify",
        ),
        (
            &["--tls", "token://t"],
            "--tlscert and --tlskey must be provided when using --tls",
        ),
        (
            &["--tlsverify", "--tlscert=x", "--tlskey=y", "token://t"],
            "--tlscacert must be provided when using --tlsverify",
        ),
        (
            &["--engine-refresh-min-interval=0s", "token://t"],
            "min refresh interval should be a positive number",
        ),
        (
            &["--engine-refresh-max-interval=3s", "token://t"],
            "max refresh interval cannot be less than min refresh interval",
        ),
        (
            &["--engine-failure-retry=0", "token://t"],
            "invalid failure retry count",
        ),
        (
            &["--cluster-opt=swarm.overcommit=-2", "token://t"],
            "swarm.overcommit should be larger than -1, -2.000000 is invalid",
        ),
        (
            &["--cluster-opt=swarm.createretry=-1", "token://t"],
            "swarm.createretry can not be negative, -1 is invalid",
        ),
        (
            &["--replication", "token://t"],
            "--advertise address must be provided when using --replication",
        ),
        (
            &["--replication-ttl=0s", "token://t"],
            "--replication-ttl should be a positive number",
        ),
        (
            &["--filter=speed", "token://t"],
            "unsupported filter \"speed\"",
        ),
        (
            &["--strategy=best", "token://t"],
            "unsupported strategy \"best\"",
        ),
        (
            &["--policy=some", "token://t"],
            "--policy should be off or carina, \"some\" is invalid",
        ),
    ] {
        assert_eq!(manage(args).expect_err(text), Fatal::new(text), "{args:?}");
    }
    for flags in [
        &["--strategy=binpack"][..],
        &["--strategy=random"],
        &["--replication", "--advertise=10.0.0.1:2376"],
    ] {
        let Fatal(text) = manage(&[flags, &["token://t"]].concat()).expect_err("refused");
        assert!(
            text.contains("With Carina you do not get this option"),
            "{text}"
        );
    }
}

#[test]
fn the_policy_holds_in_clusters_and_where_it_is_wanted() {
    for (flags, is_policed) in [
        (&[][..], false),
        (&["--policy=off"], false),
        (&["--policy=carina"], true),
    ] {
        let options = manage(&[flags, &["nodes://a:1"]].concat()).expect("good");
        assert_eq!(options.is_policed, is_policed, "{flags:?}");
    }
}

#[test]
fn the_system_container_s_command_is_good() {
    let options = manage(&[
        "-H=tcp://0.0.0.0:2376",
        "--tlsverify",
        "--tlscacert=/etc/docker/ca.pem",
        "--tlscert=/etc/docker/server-cert.pem",
        "--tlskey=/etc/docker/server-key.pem",
        "token://10.83.0.1:17946/v1/0123",
    ])
    .expect("this is what runs in every segment");
    assert_eq!(options.listen, [Listen::Tcp("0.0.0.0:2376".into())]);
    assert_eq!(options.engine_tls, options.tls);
}
