//! The command line of the archived program: names, aliases, environment variables, defaults and
//! the texts of its refusals.

mod cluster_option;
mod duration;
mod manage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

pub use duration::GoDuration;
pub(crate) use manage::files_from_env;
pub use manage::{Listen, ManageArgs, ManageOptions, TlsFiles};

use crate::discovery::Discovery;
use crate::{agent, log, manage as manager, tls};

#[derive(Debug, Parser)]
#[command(
    name = "swarm",
    about = "A Docker-native clustering system",
    disable_version_flag = true,
    arg_required_else_help = true
)]
struct Cli {
    /// debug mode
    #[arg(long, env = "DEBUG", value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    debug: bool,
    /// Log level (options: debug, info, warn, error, fatal, panic)
    #[arg(long, short = 'l', default_value = "info")]
    log_level: String,
    /// enable experimental features
    #[arg(long)]
    experimental: bool,
    /// print the version
    #[arg(long, short = 'v')]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a cluster
    #[command(visible_alias = "c")]
    Create,
    /// List nodes in a cluster
    #[command(visible_alias = "l")]
    List(ListArgs),
    /// Manage a docker cluster
    #[command(visible_alias = "m")]
    Manage(Box<ManageArgs>),
    /// Join a docker cluster
    #[command(visible_alias = "j")]
    Join(JoinArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// timeout period
    #[arg(long, default_value = "10s", allow_hyphen_values = true)]
    timeout: GoDuration,
    /// discovery options
    #[arg(long)]
    discovery_opt: Vec<String>,
    #[arg(env = "SWARM_DISCOVERY")]
    discovery: Option<String>,
}

#[derive(Debug, Args)]
pub struct JoinArgs {
    /// Address of the Docker Engine joining the cluster. Swarm manager(s) MUST be able to reach
    /// the Docker Engine at this address.
    #[arg(long, visible_alias = "addr", env = "SWARM_ADVERTISE")]
    advertise: Option<String>,
    /// period between each heartbeat
    #[arg(long, default_value = "60s", allow_hyphen_values = true)]
    heartbeat: GoDuration,
    /// set the expiration of an ephemeral node
    #[arg(long, default_value = "180s", allow_hyphen_values = true)]
    ttl: GoDuration,
    /// add a random delay in [0s,delay] to avoid synchronized registration
    #[arg(long, default_value = "0s", allow_hyphen_values = true)]
    delay: GoDuration,
    /// discovery options
    #[arg(long)]
    discovery_opt: Vec<String>,
    #[arg(env = "SWARM_DISCOVERY")]
    discovery: Option<String>,
}

/// Why the program ends: the text of its last line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

impl Fatal {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Runs one command to its end.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    if cli.version {
        log::answer(&format!("swarm version {} (Carina)", crate::VERSION));
        return ExitCode::SUCCESS;
    }
    let level = if cli.debug { "debug" } else { &cli.log_level };
    if !log::start(level) {
        log::fatal(&format!("not a valid log level: {level:?}"));
        return ExitCode::FAILURE;
    }
    tls::install_provider();
    let run = |command| command_run(command, cli.experimental);
    match cli.command.map_or(Ok(()), run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fatal(message)) => {
            log::fatal(&message);
            ExitCode::FAILURE
        }
    }
}

fn command_run(command: Command, is_experimental: bool) -> Result<(), Fatal> {
    match command {
        Command::Create => runtime(1)?.block_on(create()),
        Command::List(args) => runtime(1)?.block_on(list(args)),
        Command::Join(args) => {
            let join = args.check()?;
            runtime(1)?.block_on(agent::run(join))
        }
        Command::Manage(args) => {
            let mut options = args.check()?;
            options.is_experimental = is_experimental;
            // Two: one that decrypts while the other encrypts is what a fast stream needs.
            runtime(2)?.block_on(manager::run(options))
        }
    }
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, Fatal> {
    let mut builder = if threads > 1 {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads);
        builder
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(|error| Fatal::new(format!("cannot start: {error}")))
}

async fn create() -> Result<(), Fatal> {
    let token = crate::discovery::cluster_create()
        .await
        .map_err(|error| Fatal::new(error.to_string()))?;
    log::answer(&token);
    Ok(())
}

async fn list(args: ListArgs) -> Result<(), Fatal> {
    let discovery = discovery_parse(args.discovery.as_deref(), "list")?;
    let timeout = args
        .timeout
        .positive()
        .ok_or_else(|| Fatal::new("--timeout should be a positive number"))?;
    let entries = tokio::time::timeout(timeout, discovery.fetch())
        .await
        .map_err(|_| Fatal::new("discovery did not answer in time"))?
        .map_err(|error| Fatal::new(error.to_string()))?;
    for entry in entries {
        log::answer(&entry);
    }
    Ok(())
}

fn discovery_parse(argument: Option<&str>, command: &str) -> Result<Discovery, Fatal> {
    let Some(argument) = argument.filter(|text| !text.is_empty()) else {
        return Err(Fatal::new(format!(
            "discovery required to {command} a cluster. See 'swarm {command} --help'."
        )));
    };
    Discovery::parse(argument).map_err(|error| Fatal::new(error.to_string()))
}

/// A checked `join`.
#[derive(Debug)]
pub struct JoinOptions {
    pub discovery: Discovery,
    pub advertise: String,
    pub heartbeat: Duration,
    pub ttl: Duration,
    pub delay: Duration,
}

impl JoinArgs {
    fn check(self) -> Result<JoinOptions, Fatal> {
        let discovery = discovery_parse(self.discovery.as_deref(), "join")?;
        let Some(advertise) = self.advertise.filter(|text| !text.is_empty()) else {
            return Err(Fatal::new("missing mandatory --advertise flag"));
        };
        if !is_host_and_port(&advertise) {
            return Err(Fatal::new(
                "--advertise should be of the form ip:port or hostname:port",
            ));
        }
        let delay = self
            .delay
            .not_negative()
            .ok_or_else(|| Fatal::new("--delay should not be a negative number"))?;
        let heartbeat = self
            .heartbeat
            .positive()
            .filter(|heartbeat| *heartbeat >= Duration::from_secs(1))
            .ok_or_else(|| Fatal::new("--heartbeat should be at least one second"))?;
        let ttl = self
            .ttl
            .positive()
            .filter(|ttl| *ttl > heartbeat)
            .ok_or_else(|| Fatal::new("--ttl must be strictly superior to the heartbeat value"))?;
        Ok(JoinOptions {
            discovery,
            advertise,
            heartbeat,
            ttl,
            delay,
        })
    }
}

/// The archived program's own idea of it: letters, digits, dots and dashes, then a port.
fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(args: &[&str]) -> Result<JoinOptions, Fatal> {
        let args = ["swarm", "join"].iter().chain(args).map(OsString::from);
        match Cli::try_parse_from(args).expect("it parses").command {
            Some(Command::Join(args)) => args.check(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn join_refuses_with_the_archived_words() {
        for (args, text) in [
            (&["token://t"][..], "missing mandatory --advertise flag"),
            (
                &["--addr=nothing", "token://t"],
                "--advertise should be of the form ip:port or hostname:port",
            ),
            (
                &["--addr=127.0.0.1:0", "token://t"],
                "--advertise should be of the form ip:port or hostname:port",
            ),
            (
                &["--addr=10.0.0.1:1", "--delay", "-30s", "token://t"],
                "--delay should not be a negative number",
            ),
            (
                &["--addr=10.0.0.1:1", "--heartbeat", "900ms", "token://t"],
                "--heartbeat should be at least one second",
            ),
            (
                &["--addr=10.0.0.1:1", "--heartbeat", "-10s", "token://t"],
                "--heartbeat should be at least one second",
            ),
            (
                &[
                    "--addr=10.0.0.1:1",
                    "--heartbeat=10s",
                    "--ttl=10s",
                    "token://t",
                ],
                "--ttl must be strictly superior to the heartbeat value",
            ),
            (
                &["--addr=10.0.0.1:1"],
                "discovery required to join a cluster. See 'swarm join --help'.",
            ),
        ] {
            assert_eq!(join(args).expect_err(text), Fatal::new(text), "{args:?}");
        }
    }

    #[test]
    fn join_takes_what_the_segments_say() {
        let join = join(&["--addr=10.83.0.11:42376", "token://10.83.0.1:17946/v1/abc"])
            .expect("these are good");
        assert_eq!(join.advertise, "10.83.0.11:42376");
        assert_eq!(join.heartbeat, Duration::from_secs(60));
        assert_eq!(join.ttl, Duration::from_secs(180));
    }

    #[test]
    fn create_takes_no_argument() {
        assert!(Cli::try_parse_from(["swarm", "create", "x"]).is_err());
    }
}
