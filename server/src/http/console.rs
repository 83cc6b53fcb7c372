//! `GET /clusters/{id}/containers/{container}/console/socket`: a console over a WebSocket.
//!
//! What is binary is the terminal's, both ways; text is about it: the browser tells the size, the
//! server says why it ended. A WebSocket is not kept to its own site by the browser, and no form's
//! check sees it, so where it comes from is checked here, strictly.

use std::time::Duration;

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use control::{Actor, ConsoleHandle, PersonConsole, Shell};
use model::{ContainerRef, UserError};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::refused::Refused;
use super::{Web, origin};
use super::{cluster_id, missing};

/// Without a key pressed.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// Whoever was signed out, or lost the cluster, is cut off after this long.
const CHECK: Duration = Duration::from_secs(20);
/// One side does not take what the other sends: nothing is looked at meanwhile, so not for long.
const STUCK: Duration = Duration::from_secs(20);
/// What is typed or pasted at once.
const TYPED_MAX: usize = 64 * 1024;
const PIECE: usize = 16 * 1024;
/// A terminal that nobody could read.
const SIDE_MAX: u16 = 1_000;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    shell: String,
    #[serde(default)]
    columns: u16,
    #[serde(default)]
    rows: u16,
}

/// What a browser says about its terminal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    columns: u16,
    rows: u16,
}

impl Size {
    fn bounded(&self) -> (u16, u16) {
        (
            self.columns.clamp(2, SIDE_MAX),
            self.rows.clamp(1, SIDE_MAX),
        )
    }
}

pub async fn socket(
    State(web): State<Web>,
    actor: Option<Extension<Actor>>,
    Path((id, container)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    // Browsers always say it here; whoever does not is none, and has no business with a cookie.
    let public_origin = web.settings.public_origin.as_deref();
    if !headers.contains_key(ORIGIN) || !origin::is_ours_by_headers(&headers, public_origin) {
        let words = "A console is opened from the panel's own pages.\n";
        return Ok((StatusCode::FORBIDDEN, words).into_response());
    }
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let cluster = cluster_id(&id)?;
    web.control.cluster_get(&actor, cluster).await?;
    let container: ContainerRef = container.parse().map_err(|_| missing("container"))?;
    web.control
        .container_get(&actor, cluster, &container)
        .await?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let room = web.consoles.take(actor.account.id)?;
    let shell: Shell = asked.shell.parse().unwrap_or_default();
    let size = match (asked.columns, asked.rows) {
        (0, _) | (_, 0) => (80, 24),
        (columns, rows) => Size { columns, rows }.bounded(),
    };
    let upgrade = upgrade
        .max_message_size(TYPED_MAX)
        .max_frame_size(TYPED_MAX);
    Ok(upgrade.on_upgrade(move |mut socket| async move {
        let opened = web
            .control
            .console_open(&actor, cluster, &container, shell, size)
            .await;
        let why = match opened {
            Ok(console) => talk(&web, &actor, cluster, &mut socket, console).await,
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = why {
            send(&mut socket, Message::Text(why.into())).await;
        }
        send(&mut socket, Message::Close(None)).await;
        drop(room);
    }))
}

/// None when the browser is gone, or does not read.
async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    let sent = timeout(STUCK, socket.send(message)).await;
    sent.ok()?.ok()
}

/// Until one side ends; why, if the browser is still there to hear it.
async fn talk(
    web: &Web,
    actor: &Actor,
    cluster: model::ClusterId,
    socket: &mut WebSocket,
    console: PersonConsole,
) -> Option<String> {
    let PersonConsole { terminal, handle } = console;
    let (mut output, mut input) = tokio::io::split(terminal);
    let mut piece = vec![0; PIECE];
    let mut typed_at = Instant::now();
    let mut check = tokio::time::interval_at(Instant::now() + CHECK, CHECK);
    loop {
        tokio::select! {
            read = output.read(&mut piece) => match read {
                Ok(0) => return Some(ended(&handle).await),
                Ok(n) => {
                    let shown = piece[..n].to_vec();
                    send(socket, Message::Binary(shown.into())).await?;
                }
                Err(_) => return Some(LOST.to_owned()),
            },
            said = socket.recv() => match said? {
                Ok(Message::Binary(typed)) => {
                    typed_at = Instant::now();
                    let write = async {
                        input.write_all(&typed).await?;
                        input.flush().await
                    };
                    match timeout(STUCK, write).await {
                        Ok(Ok(())) => {}
                        Ok(Err(_)) => return Some(LOST.to_owned()),
                        Err(_) => return Some(DEAF.to_owned()),
                    }
                }
                Ok(Message::Text(text)) => {
                    if let Ok(size) = serde_json::from_str::<Size>(&text) {
                        let (columns, rows) = size.bounded();
                        handle.resize(columns, rows).await;
                    }
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
            },
            _ = check.tick() => {
                if typed_at.elapsed() >= IDLE {
                    return Some("Nothing was typed for fifteen minutes, so the console was closed.".to_owned());
                }
                if !may_go_on(web, actor, cluster).await {
                    return Some("You are signed out, or the cluster is no longer yours.".to_owned());
                }
                // Through proxies that close what is silent.
                send(socket, Message::Ping(Vec::new().into())).await?;
            }
            () = web.shutdown.cancelled() => {
                return Some("The panel is being restarted. Open the console again in a moment.".to_owned());
            }
        }
    }
}

const DEAF: &str = "Nothing in the container takes what is typed, so the console was closed.";
const LOST: &str = "The console was lost: its segment went away, the container ended, or the \
                    certificate it was opened with was revoked.";

async fn ended(handle: &ConsoleHandle) -> String {
    match handle.exit().await {
        Ok(Some(0)) => "The shell has ended.".to_owned(),
        Ok(Some(126 | 127)) => "There is no such shell in this container.".to_owned(),
        Ok(Some(code)) => format!("The shell has ended with the code {code}."),
        Ok(None) | Err(_) => LOST.to_owned(),
    }
}

/// The same session, the same account, the same cluster: all are looked up anew.
async fn may_go_on(web: &Web, actor: &Actor, cluster: model::ClusterId) -> bool {
    let sessions = web.control.session_list(actor).await.unwrap_or_default();
    let is_signed_in = match actor.session {
        Some(id) => sessions.iter().any(|session| session.id == id),
        None => false,
    };
    is_signed_in && web.control.cluster_get(actor, cluster).await.is_ok()
}
