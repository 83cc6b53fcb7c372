//! A toy shell for simulated consoles: it echoes what is typed, as a terminal does, and knows
//! four commands.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

const LINE_MAX: usize = 256;

/// `size` tells columns and rows.
pub async fn run(
    mut terminal: DuplexStream,
    name: String,
    command: String,
    size: impl Fn() -> (u16, u16),
) {
    // Nobody listens any more: the end.
    let _ = talk(&mut terminal, &name, &command, size).await;
}

async fn talk(
    terminal: &mut DuplexStream,
    name: &str,
    command: &str,
    size: impl Fn() -> (u16, u16),
) -> std::io::Result<()> {
    let greeting = format!("simulated console of {name} ({command})\r\n/ # ");
    terminal.write_all(greeting.as_bytes()).await?;
    let mut line = Vec::new();
    loop {
        let byte = terminal.read_u8().await?;
        match byte {
            b'\r' | b'\n' => {
                let typed = String::from_utf8_lossy(&line).into_owned();
                line.clear();
                let answer = match typed.trim().split_once(' ').unwrap_or((typed.trim(), "")) {
                    ("exit", _) => {
                        terminal.write_all(b"\r\n").await?;
                        return terminal.shutdown().await;
                    }
                    ("", _) => String::new(),
                    ("echo", words) => format!("{words}\r\n"),
                    ("hostname", _) => format!("{name}\r\n"),
                    ("stty", "size") => {
                        let (columns, rows) = size();
                        format!("{rows} {columns}\r\n")
                    }
                    (other, _) => format!("sh: {other}: not found\r\n"),
                };
                let answer = format!("\r\n{answer}/ # ");
                terminal.write_all(answer.as_bytes()).await?;
            }
            0x7f if line.pop().is_some() => terminal.write_all(b"\x08 \x08").await?,
            0x04 if line.is_empty() => return terminal.shutdown().await,
            other if line.len() < LINE_MAX && other >= b' ' => {
                line.push(other);
                terminal.write_all(&[other]).await?;
            }
            _ => {}
        }
    }
}
