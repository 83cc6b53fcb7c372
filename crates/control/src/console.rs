//! A console: a shell in a container, for a person to type into.

use std::str::FromStr;
use std::sync::Arc;

use host::{Console, ConsoleOrder, Endpoint, EndpointTarget, Terminal};
use model::{ClusterId, ContainerRef, UserError};

use crate::Actor;
use crate::container::audited;
use crate::error::Error;
use crate::panel::Panel;
use crate::permit::Action;

/// Which shell to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shell {
    /// bash where there is one.
    #[default]
    Best,
    Sh,
    Bash,
}

impl FromStr for Shell {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "" | "best" => Ok(Self::Best),
            "sh" => Ok(Self::Sh),
            "bash" => Ok(Self::Bash),
            _ => Err(()),
        }
    }
}

impl Shell {
    fn command(self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::Best => &[
                "/bin/sh",
                "-c",
                "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi",
            ],
            Self::Sh => &["/bin/sh"],
            Self::Bash => &["bash"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Best => "best shell",
            Self::Sh => "sh",
            Self::Bash => "bash",
        }
    }
}

/// A console under the certificate that it was opened with.
pub struct PersonConsole {
    pub terminal: Box<dyn Terminal>,
    pub handle: ConsoleHandle,
}

/// What goes beside the terminal.
pub struct ConsoleHandle {
    id: String,
    endpoint: Arc<dyn Endpoint>,
    at: EndpointTarget,
}

impl ConsoleHandle {
    /// A console that has ended has no size: nothing to tell.
    pub async fn resize(&self, columns: u16, rows: u16) {
        let asked = self
            .endpoint
            .console_resize(&self.at, &self.id, columns, rows);
        if let Err(error) = asked.await {
            tracing::debug!(%error, "a console was not resized");
        }
    }

    /// How the shell ended; an error when the endpoint is gone as well.
    pub async fn exit(&self) -> Result<Option<i64>, UserError> {
        let asked = self.endpoint.console_exit(&self.at, &self.id).await;
        asked.map_err(|error| Error::from(error).into_user())
    }
}

impl Panel {
    pub(crate) async fn console_open(
        &self,
        actor: &Actor,
        id: ClusterId,
        container: &ContainerRef,
        shell: Shell,
        (columns, rows): (u16, u16),
    ) -> Result<PersonConsole, Error> {
        let (wish, at) = self.endpoint_of(actor, id, Action::ClusterUse).await?;
        let (view, _) = self.endpoint.container_get(&at, container).await?;
        let name = audited(container, &view.summary.name);
        if view.summary.state != "running" {
            let why = format!("{name} does not run. Start it first.");
            return Err(Error::conflict(why));
        }
        let order = ConsoleOrder {
            command: shell.command(),
            columns,
            rows,
        };
        let outcome = self.endpoint.console_open(&at, container, &order).await;
        let what = format!("{name} ({})", shell.word());
        let Console { id, terminal } = self
            .outcome_audit(actor, "console_open", &wish, what, outcome)
            .await?;
        Ok(PersonConsole {
            terminal,
            handle: ConsoleHandle {
                id,
                endpoint: Arc::clone(&self.endpoint),
                at,
            },
        })
    }
}
