//! The command line of `carina`: the only place that prints.
#![expect(clippy::print_stdout, reason = "commands answer on standard output")]

mod admin;
mod host;
mod serve;

pub use host::doctor_options;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, example};
use crate::panel::StartError;
use crate::telemetry;

#[derive(Parser)]
#[command(
    name = "carina",
    version,
    about = "Docker clusters of isolated segments on your own machines.",
    disable_help_subcommand = true
)]
struct Cli {
    /// Configuration file [default: /etc/carina/carina.toml, when it is there]
    #[arg(long, global = true, env = "CARINA_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the panel
    Serve,
    /// Prepare, examine or clean this machine as a host of segments
    #[command(subcommand)]
    Host(host::HostCommand),
    /// What whoever has a shell on this machine may do
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Show or check the configuration
    Config(ConfigArgs),
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct ConfigArgs {
    /// Print every key with its words and default
    #[arg(long)]
    example: bool,
    /// Read the configuration and say what is wrong with it
    #[arg(long)]
    check: bool,
}

/// Parses, runs, and says what went wrong in one line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("carina: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: Cli) -> Result<ExitCode, StartError> {
    if let Command::Config(ConfigArgs { example: true, .. }) = cli.command {
        print!("{}", example());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(cli.config.as_deref())
        .map_err(|error| crate::panel::failed("configuration", &error))?;
    telemetry::start(&config.log).map_err(|why| StartError {
        what: "configuration".to_owned(),
        why,
    })?;
    match cli.command {
        Command::Config(_) => {
            println!("The configuration is good.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve => runtime()?.block_on(serve::serve(&config)),
        Command::Host(command) => host::run(&config, command),
        Command::Admin(command) => {
            admin::owner_become(&config)?;
            runtime()?.block_on(admin::run(&config, command))
        }
    }
}

/// Two threads do: the panel waits for others most of the time.
fn runtime() -> Result<tokio::runtime::Runtime, StartError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| crate::panel::failed("starting", &error))
}

/// A use-case's answer to a command.
fn said(what: &str) -> impl FnOnce(model::UserError) -> StartError {
    let what = what.to_owned();
    move |error| StartError {
        what,
        why: error.to_string(),
    }
}
