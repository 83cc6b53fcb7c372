//! `carina serve`.

use std::path::Path;
use std::process::ExitCode;

use control::Control;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::said;
use crate::cli::host;
use crate::config::Config;
use crate::panel::{Panel, StartError, failed, private_file_write};

/// The link of the first account is kept here until there is one.
const SETUP_LINK_FILE: &str = "setup-link";

pub async fn serve(config: &Config) -> Result<ExitCode, StartError> {
    let prepared = {
        let config = config.clone();
        tokio::task::spawn_blocking(move || host::prepare_local(&config))
            .await
            .map_err(|error| failed("preparing the host", &error))??
    };
    let panel = Panel::open(config, prepared).await?;
    let origin = panel.origin();
    println!("Carina: {origin}");
    setup_link_show(&panel.control, &origin, &config.data_dir).await?;
    let shutdown = CancellationToken::new();
    tokio::spawn(stop_on_signal(shutdown.clone())?);
    tracing::info!(%origin, "the panel is up");
    panel.run(shutdown).await;
    tracing::info!("the panel is down");
    Ok(ExitCode::SUCCESS)
}

/// Prints the link while no account exists, and keeps it for whoever has lost the terminal.
async fn setup_link_show(
    control: &Control,
    origin: &str,
    data_dir: &Path,
) -> Result<(), StartError> {
    let file = data_dir.join(SETUP_LINK_FILE);
    let is_needed = control.setup_needed().await.map_err(said("set-up"))?;
    if !is_needed {
        let _ = std::fs::remove_file(&file);
        return Ok(());
    }
    let link = setup_link(control, origin).await?;
    println!("Set up: {link}");
    if data_dir.is_dir() {
        private_file_write(&file, &format!("{link}\n"))
            .map_err(|error| failed(format!("writing {}", file.display()), &error))?;
    }
    Ok(())
}

pub(super) async fn setup_link(control: &Control, origin: &str) -> Result<String, StartError> {
    let token = control.setup_link_make().await.map_err(said("set-up"))?;
    Ok(format!("{origin}/setup?token={}", token.0))
}

/// The first signal stops in order, the second at once.
fn stop_on_signal(
    shutdown: CancellationToken,
) -> Result<impl Future<Output = ()> + Send, StartError> {
    let on = |kind| signal(kind).map_err(|error| failed("listening for signals", &error));
    let mut terminate = on(SignalKind::terminate())?;
    let mut interrupt = on(SignalKind::interrupt())?;
    Ok(async move {
        for is_first in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if is_first {
                shutdown.cancel();
            } else {
                std::process::exit(130);
            }
        }
    })
}
