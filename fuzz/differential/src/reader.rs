//! The reader's process, and its answers.

use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::shape::Shape;

/// What one reading came to.
#[derive(Debug, Deserialize)]
pub struct Seen {
    #[serde(default)]
    pub error: String,
    pub view: Option<Box<RawValue>>,
    #[serde(default)]
    pub forbidden: Vec<String>,
}

impl Seen {
    pub fn view(&self) -> &str {
        self.view.as_ref().map_or("", |view| view.get())
    }
}

/// Of the original, of what was understood, and of what is sent on.
pub type Answer = [Option<Seen>; 3];

/// A case for the reader.
pub struct Case<'a> {
    pub kind: u8,
    pub texts: [Option<&'a [u8]>; 3],
}

pub struct Reader {
    child: Child,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub shapes: BTreeMap<String, Shape>,
}

impl Reader {
    pub fn start(program: &Path, world: &[u8]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .env("GOMAXPROCS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let gone = || io::Error::other("the reader has no pipes");
        let mut to = BufWriter::with_capacity(1 << 20, child.stdin.take().ok_or_else(gone)?);
        let mut from = BufReader::with_capacity(1 << 20, child.stdout.take().ok_or_else(gone)?);
        frame_write(&mut to, Some(world))?;
        to.flush()?;
        let shapes = serde_json::from_slice(&frame_read(&mut from)?)?;
        Ok(Self {
            child,
            to,
            from,
            shapes,
        })
    }

    /// One batch; the reader answers once it has all of it.
    pub fn ask(&mut self, cases: &[Case<'_>]) -> io::Result<Vec<Answer>> {
        self.to.write_all(&length(cases.len()))?;
        for case in cases {
            self.to.write_all(&[case.kind])?;
            for text in case.texts {
                frame_write(&mut self.to, text)?;
            }
        }
        self.to.flush()?;
        let n = number_read(&mut self.from)? as usize;
        if n != cases.len() {
            return Err(io::Error::other("the reader has lost count"));
        }
        (0..n)
            .map(|_| Ok(serde_json::from_slice(&frame_read(&mut self.from)?)?))
            .collect()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It may be in the middle of a batch.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn length(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("cases are small").to_le_bytes()
}

fn frame_write(to: &mut impl Write, text: Option<&[u8]>) -> io::Result<()> {
    match text {
        Some(text) => {
            to.write_all(&length(text.len()))?;
            to.write_all(text)
        }
        None => to.write_all(&u32::MAX.to_le_bytes()),
    }
}

fn number_read(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn frame_read(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut text = vec![0; number_read(from)? as usize];
    from.read_exact(&mut text)?;
    Ok(text)
}
