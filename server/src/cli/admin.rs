//! `carina admin …`: the way in when no browser helps.

use std::io::{BufRead as _, IsTerminal as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::ExitCode;

use clap::Subcommand;
use control::{Actor, Control};
use model::{AccountId, Role};
use nix::unistd::{Gid, Uid, geteuid, setgid, setgroups, setuid};

use super::said;
use crate::cli::serve::setup_link;
use crate::config::Config;
use crate::panel::{self, StartError, failed};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// A new one-time link to make the first account; older links are void
    SetupLink,
    /// Make an account; its password is read from standard input
    AccountCreate {
        name: String,
        /// May see and do everything
        #[arg(long)]
        administrator: bool,
    },
    /// Give an account a new password, read from standard input; its sessions end
    PasswordReset { name: String },
    /// Turn an account's two-factor sign-in off: phone and recovery codes are lost
    TwoFactorReset { name: String },
    /// Remove an account's passkeys: the device with them is lost; its sessions end
    PasskeyReset { name: String },
    /// Keep somebody out: sessions and tokens end, clusters keep running
    Suspend { name: String },
    /// Let somebody in again
    Unsuspend { name: String },
    /// Print the authority of the discovery service (PEM): `swarm list` trusts it by SSL_CERT_FILE
    DiscoveryCa,
}

pub async fn run(config: &Config, command: AdminCommand) -> Result<ExitCode, StartError> {
    let control = panel::control(config, String::new()).await?;
    match command {
        AdminCommand::SetupLink => {
            println!("{}", setup_link(&control, &origin(config)).await?);
        }
        AdminCommand::AccountCreate {
            name,
            administrator,
        } => account_create(&control, &name, administrator).await?,
        AdminCommand::PasswordReset { name } => password_reset(&control, &name).await?,
        AdminCommand::TwoFactorReset { name } => {
            let id = person(&control, &name).await?;
            let done = control.two_factor_reset(&Actor::system(), id).await;
            done.map_err(said("account"))?;
            println!("{name} signs in with the password alone.");
        }
        AdminCommand::PasskeyReset { name } => {
            let id = person(&control, &name).await?;
            let done = control.passkey_reset(&Actor::system(), id).await;
            done.map_err(said("account"))?;
            println!("{name} has no passkeys.");
        }
        AdminCommand::Suspend { name } => {
            let id = person(&control, &name).await?;
            let done = control.person_suspend(&Actor::system(), id).await;
            done.map_err(said("account"))?;
            println!("{name} is kept out.");
        }
        AdminCommand::Unsuspend { name } => {
            let id = person(&control, &name).await?;
            let done = control.person_unsuspend(&Actor::system(), id).await;
            done.map_err(said("account"))?;
            println!("{name} can sign in again.");
        }
        AdminCommand::DiscoveryCa => print!("{}", control.discovery_ca().cert_pem()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Root becomes the owner of the panel's data: a file of root's among it would stop the panel. Call
/// it before there are threads.
pub fn owner_become(config: &Config) -> Result<(), StartError> {
    let what = || format!("becoming the owner of {}", config.data_dir.display());
    let Ok(found) = std::fs::metadata(&config.data_dir) else {
        return Ok(());
    };
    if !geteuid().is_root() || found.uid() == 0 {
        return Ok(());
    }
    let owner = (Uid::from_raw(found.uid()), Gid::from_raw(found.gid()));
    setgroups(&[owner.1])
        .and_then(|()| setgid(owner.1))
        .and_then(|()| setuid(owner.0))
        .map_err(|error| failed(what(), &error))
}

async fn account_create(
    control: &Control,
    name: &str,
    is_administrator: bool,
) -> Result<(), StartError> {
    let role = if is_administrator {
        Role::Administrator
    } else {
        Role::Member
    };
    let password = password_read()?;
    control
        .account_create(&Actor::system(), name, &password, role)
        .await
        .map_err(said("account"))?;
    println!("{name} can sign in.");
    Ok(())
}

async fn password_reset(control: &Control, name: &str) -> Result<(), StartError> {
    let password = password_read()?;
    control
        .password_reset(&Actor::system(), name, &password)
        .await
        .map_err(said("account"))?;
    println!("{name} has a new password.");
    Ok(())
}

async fn person(control: &Control, name: &str) -> Result<AccountId, StartError> {
    let accounts = control.account_list(&Actor::system()).await;
    let accounts = accounts.map_err(said("account"))?;
    accounts
        .into_iter()
        .find(|account| account.name.as_str() == name)
        .map(|account| account.id)
        .ok_or_else(|| StartError {
            what: "account".to_owned(),
            why: format!("nobody is called {name}"),
        })
}

/// One line. Never an argument: those stand in the list of processes.
fn password_read() -> Result<String, StartError> {
    if std::io::stdin().is_terminal() {
        eprintln!("Password (it shows as you type; or pipe it in):");
    }
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| failed("reading the password", &error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// As `serve` would print it, without a listener to ask.
fn origin(config: &Config) -> String {
    let scheme = if config.http.tls.is_on() {
        "https"
    } else {
        "http"
    };
    config
        .http
        .public_origin
        .clone()
        .unwrap_or_else(|| format!("{scheme}://{}", config.http.listen))
}
