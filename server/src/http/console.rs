//! `GET /clusters/{id}/containers/{container}/console/socket`: a console over a WebSocket.
//!
//! What is binary is the terminal's, both ways; text is about it: the browser tells the size, the
//! server that there is a shell, and how it ended. A WebSocket is not kept to its own site by the browser, and no form's
//! check sees it, so where it comes from is checked here, strictly.

use std::time::Duration;

use app::Language;
use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use control::{Action, Actor, ConsoleHandle, PersonConsole, PresenceEnd, Shell};
use model::{ContainerRef, UserError};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::refused::{Refused, told};
use super::{Web, origin};
use super::{cluster_id, missing};

/// Without a key pressed.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How often the browser is asked whether it is there.
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
        let words = "A console is opened from the panel's own pages.";
        return Ok(told(StatusCode::FORBIDDEN, words));
    }
    let Extension(actor) = actor.ok_or(UserError::SignedOut)?;
    let cluster = cluster_id(&id)?;
    if !web.control.cluster_get(&actor, cluster).await?.may_use {
        let why = LOOKS.to_owned();
        return Err(UserError::NotAllowed { why }.into());
    }
    let container: ContainerRef = container.parse().map_err(|_| missing("container"))?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let language = Language::of_request(&headers);
    let shell: Shell = asked.shell.parse().unwrap_or_default();
    let size = match (asked.columns, asked.rows) {
        (0, _) | (_, 0) => (80, 24),
        (columns, rows) => Size { columns, rows }.bounded(),
    };
    let upgrade = upgrade
        .max_message_size(TYPED_MAX)
        .max_frame_size(TYPED_MAX);
    // A browser shows no answer to a handshake: whatever else is in the way is said in the socket.
    Ok(upgrade.on_upgrade(move |mut socket| async move {
        let opened = async {
            let room = web.consoles.take(actor.account.id)?;
            let console = web
                .control
                .console_open(&actor, cluster, &container, shell, size)
                .await?;
            Ok::<_, UserError>((room, console))
        };
        let ending = match opened.await {
            Ok((_room, console)) => talk(&web, &actor, cluster, &mut socket, console).await,
            Err(error) => Some(Ending::refused(&error)),
        };
        if let Some(ending) = ending {
            send(&mut socket, ending.message(language)).await;
        }
        send(&mut socket, Message::Close(None)).await;
    }))
}

/// How a console ended, or why there was none.
struct Ending {
    said: String,
    /// Trying again may help: the browser does, by itself.
    again: bool,
}

/// What the browser is told beside the terminal's bytes.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    Open { open: bool },
    Ended { said: String, again: bool },
}

impl Ending {
    fn new(said: impl Into<String>, again: bool) -> Self {
        let said = said.into();
        Self { said, again }
    }

    /// A container may be on its way back: not there, or not running, just now.
    fn refused(error: &UserError) -> Self {
        let again = matches!(
            error,
            UserError::NotFound { .. }
                | UserError::Conflict { .. }
                | UserError::Unavailable { .. }
                | UserError::TooMany { .. }
        );
        Self::new(error.to_string(), again)
    }

    fn message(&self, language: Language) -> Message {
        text(&Told::Ended {
            said: language.say(&self.said),
            again: self.again,
        })
    }
}

fn text(told: &Told) -> Message {
    let text = serde_json::to_string(told).expect("because it is text and truth values alone");
    Message::Text(text.into())
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
) -> Option<Ending> {
    let PersonConsole { terminal, handle } = console;
    send(socket, text(&Told::Open { open: true })).await?;
    let (mut output, mut input) = tokio::io::split(terminal);
    let mut piece = vec![0; PIECE];
    let mut typed_at = Instant::now();
    let mut check = tokio::time::interval_at(Instant::now() + CHECK, CHECK);
    let to = Some((cluster, Action::ClusterUse));
    let mut over = std::pin::pin!(web.control.presence_over(actor, to));
    loop {
        tokio::select! {
            read = output.read(&mut piece) => match read {
                Ok(0) => return Some(ended(&handle).await),
                Ok(n) => {
                    let shown = piece[..n].to_vec();
                    send(socket, Message::Binary(shown.into())).await?;
                }
                Err(_) => return Some(Ending::new(LOST, true)),
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
                        Ok(Err(_)) => return Some(Ending::new(LOST, true)),
                        Err(_) => return Some(Ending::new(DEAF, false)),
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
                    return Some(Ending::new(SILENT, false));
                }
                // Through proxies that close what is silent.
                send(socket, Message::Ping(Vec::new().into())).await?;
            }
            end = &mut over => return Some(match end {
                PresenceEnd::Over => Ending::new(OVER, false),
                PresenceEnd::Unknown => Ending::new(UNKNOWN, true),
            }),
            () = web.shutdown.cancelled() => return Some(Ending::new(RESTART, true)),
        }
    }
}

const LOOKS: &str = "You may look at this cluster and change nothing.";
const OVER: &str = "You are signed out, your role changed, or the cluster is no longer yours, so the \
                    console was closed. Sign in again, or ask whoever the cluster belongs to.";
const UNKNOWN: &str = "The panel cannot read at present whether you are still signed in, so the console \
                       was closed. The container goes on. A new shell is opened as soon as it can.";
const SILENT: &str = "Nothing was typed for fifteen minutes, so the console was closed. The container \
                      goes on. Open a new shell to go on working in it.";
const RESTART: &str = "The panel is being restarted, so the console was closed. The container goes \
                       on. A new shell is opened as soon as the panel is back.";
const DEAF: &str = "Nothing in the container takes what is typed, so the console was closed. See \
                    whether the container still runs, then open a new shell.";
const LOST: &str = "The console was lost: its segment went away, the container ended, or the \
                    certificate it was opened with was revoked. A new shell is opened as soon as the \
                    container can be reached again.";

async fn ended(handle: &ConsoleHandle) -> Ending {
    match handle.exit().await {
        Ok(Some(0)) => Ending::new(
            "The shell has ended. The container goes on. Open a new shell to go on working in it.",
            false,
        ),
        Ok(Some(126 | 127)) => Ending::new(
            "There is no such shell in this container, so none was opened. Choose another one.",
            false,
        ),
        Ok(Some(code)) => Ending::new(
            format!(
                "The shell has ended with the code {code}. The container goes on. Open a new shell \
                 to go on working in it."
            ),
            false,
        ),
        Ok(None) | Err(_) => Ending::new(LOST, true),
    }
}
