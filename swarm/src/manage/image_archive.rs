//! An image's archive on its way from one engine to another.
//!
//! `GET /images/get` gives whole images: no parameter of it says that some layers are not needed.
//! So they are left out of the archive while it passes here; the engine that loads it looks layers
//! up by what they hold and never opens the files of those it has.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use futures::stream;
use http_body_util::BodyExt;

use crate::http::{Body, BodyError, stream_body};

const BLOCK: usize = 512;
/// What stands before an entry about it: names and times.
const META_MAX: usize = 64 << 10;

/// How far an archive has come.
#[derive(Debug)]
pub struct Progress {
    last: Mutex<Instant>,
    ended: AtomicBool,
    pub bytes: AtomicU64,
    pub left_out: AtomicU64,
}

impl Progress {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            last: Mutex::new(Instant::now()),
            ended: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
        })
    }

    /// All of the archive has gone out: what is waited for now is the unpacking.
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Since the last piece.
    pub fn idle(&self) -> Duration {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed()
    }

    fn moved(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// The archive without the layers in `known` (hex digests of what they hold, uncompressed).
pub fn without(body: Body, known: BTreeSet<String>, progress: Arc<Progress>) -> Body {
    let sieve = Sieve::new(known);
    stream_body(stream::unfold(
        (body, Some(sieve), progress),
        |(mut body, sieve, progress)| async move {
            let mut sieve = sieve?;
            loop {
                let piece = match body.frame().await {
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(data) => data,
                        Err(_) => continue,
                    },
                    Some(Err(error)) => return Some((Err(error), (body, None, progress))),
                    None => {
                        progress.ended.store(true, Ordering::Relaxed);
                        progress.moved();
                        let rest = sieve.end();
                        return Some((Ok(rest), (body, None, progress)));
                    }
                };
                progress.moved();
                let came = piece.len() as u64;
                let out = sieve.feed(piece);
                let went = out.len() as u64;
                progress.bytes.fetch_add(went, Ordering::Relaxed);
                progress
                    .left_out
                    .fetch_add(came.saturating_sub(went), Ordering::Relaxed);
                if !out.is_empty() {
                    return Some((Ok::<_, BodyError>(out), (body, Some(sieve), progress)));
                }
            }
        },
    ))
}

/// Reads just enough of the tar format to know where each entry ends. What it does not understand
/// passes as it is, up to the end.
struct Sieve {
    known: BTreeSet<String>,
    /// Not yet decided about: an entry's head and what stands before it about it.
    held: BytesMut,
    /// Where in `held` that begins which is being gathered.
    at: usize,
    /// The next entry's size, when it is too large for its head.
    size: Option<u64>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Head,
    /// So many bytes about the next entry.
    Meta(u64),
    /// So many bytes more belong to the entry.
    Pass(u64),
    LeaveOut(u64),
    /// To the end of the archive.
    PassAll,
}

impl Sieve {
    fn new(known: BTreeSet<String>) -> Self {
        let state = if known.is_empty() {
            State::PassAll
        } else {
            State::Head
        };
        Self {
            known,
            held: BytesMut::new(),
            at: 0,
            size: None,
            state,
        }
    }

    fn feed(&mut self, mut piece: Bytes) -> Bytes {
        let mut out = BytesMut::new();
        loop {
            match self.state {
                State::Pass(0) | State::LeaveOut(0) => self.state = State::Head,
                _ if piece.is_empty() => return out.freeze(),
                State::PassAll if out.is_empty() => return piece,
                State::PassAll => {
                    out.extend_from_slice(&piece);
                    return out.freeze();
                }
                State::Pass(left) => {
                    let n = at_most(left, piece.len());
                    out.extend_from_slice(&piece.split_to(n));
                    self.state = State::Pass(left - n as u64);
                }
                State::LeaveOut(left) => {
                    let n = at_most(left, piece.len());
                    piece.advance(n);
                    self.state = State::LeaveOut(left - n as u64);
                }
                State::Head => {
                    if self.gather(BLOCK, &mut piece) {
                        self.head(&mut out);
                    }
                }
                State::Meta(size) => {
                    if self.gather(at_most(padded(size), META_MAX), &mut piece) {
                        self.size = pax_size(&self.held[self.at..]).or(self.size);
                        self.at = self.held.len();
                        self.state = State::Head;
                    }
                }
            }
        }
    }

    /// What is left when the archive broke off, or never was one.
    fn end(&mut self) -> Bytes {
        self.held.split().freeze()
    }

    /// Whether `n` bytes are there, after taking what they lack from `piece`.
    fn gather(&mut self, n: usize, piece: &mut Bytes) -> bool {
        let missing = self.at + n - self.held.len();
        let taken = missing.min(piece.len());
        self.held.extend_from_slice(&piece.split_to(taken));
        taken == missing
    }

    /// A whole head: of an entry, or of what stands before one.
    fn head(&mut self, out: &mut BytesMut) {
        let head = Head::read(&self.held[self.at..]);
        self.state = match head {
            Some(head)
                if head.is_meta && self.held.len() + at_most(head.size, META_MAX) < META_MAX =>
            {
                self.at = self.held.len();
                State::Meta(head.size)
            }
            Some(head) if !head.is_meta => {
                let size = padded(self.size.take().unwrap_or(head.size));
                let digest = head.name.strip_prefix("blobs/sha256/");
                self.at = 0;
                if digest.is_some_and(|digest| self.known.contains(digest)) {
                    self.held.clear();
                    State::LeaveOut(size)
                } else {
                    out.extend_from_slice(&self.held.split());
                    State::Pass(size)
                }
            }
            // The end of the archive, or something that is none.
            _ => {
                out.extend_from_slice(&self.held.split());
                State::PassAll
            }
        };
    }
}

fn at_most(wanted: u64, most: usize) -> usize {
    usize::try_from(wanted).unwrap_or(most).min(most)
}

/// Entries fill whole blocks.
fn padded(size: u64) -> u64 {
    size.saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

struct Head {
    name: String,
    size: u64,
    /// About the next entry.
    is_meta: bool,
}

impl Head {
    fn read(block: &[u8]) -> Option<Self> {
        if block.get(257..262)? != b"ustar" {
            return None;
        }
        let name = block[..100].split(|byte| *byte == 0).next()?;
        Some(Self {
            name: String::from_utf8_lossy(name).into_owned(),
            size: number(&block[124..136])?,
            is_meta: matches!(block[156], b'x' | b'g' | b'L' | b'K'),
        })
    }
}

/// Octal digits, or a binary number where those are too few.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let (high, low) = rest.split_at(3);
        if high.iter().any(|byte| *byte != 0) || first & 0x7f != 0 {
            return None;
        }
        return Some(low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

/// `30 size=12345\n` among lines of that kind.
fn pax_size(text: &[u8]) -> Option<u64> {
    let lines = text.split(|byte| *byte == b'\n');
    let mut sizes = lines.filter_map(|line| {
        let line = std::str::from_utf8(line).ok()?;
        line.split_once(' ')?.1.strip_prefix("size=")?.parse().ok()
    });
    sizes.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{bytes_body, collect};

    const LAYER: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn entry(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
        let mut entry = vec![0; BLOCK];
        entry[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{:011o}", data.len());
        entry[124..135].copy_from_slice(size.as_bytes());
        entry[156] = kind;
        entry[257..262].copy_from_slice(b"ustar");
        entry.extend_from_slice(data);
        entry.resize(entry.len().next_multiple_of(BLOCK), 0);
        entry
    }

    fn blob(digest: &str) -> String {
        format!("blobs/sha256/{digest}")
    }

    fn archive(with_layer: bool) -> Vec<u8> {
        let other = LAYER.replace('a', "b");
        let mut archive = entry(&blob(&other), b'0', &[1; 700]);
        if with_layer {
            archive.extend(entry(
                "./PaxHeaders/x",
                b'x',
                b"27 mtime=1350244992.02398\n",
            ));
            archive.extend(entry(&blob(LAYER), b'0', &[2; 1500]));
        }
        archive.extend(entry("manifest.json", b'0', b"[]"));
        archive.extend(vec![0; 2 * BLOCK]);
        archive
    }

    #[test]
    fn a_known_layer_is_left_out_however_the_archive_is_cut() {
        let whole = archive(true);
        for cut in [1, 7, 511, 512, 513, 1000, whole.len()] {
            let mut sieve = Sieve::new([LAYER.to_owned()].into());
            let mut out = Vec::new();
            for piece in whole.chunks(cut) {
                out.extend_from_slice(&sieve.feed(Bytes::copy_from_slice(piece)));
            }
            out.extend_from_slice(&sieve.end());
            assert!(out == archive(false), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_understood_passes() {
        let mut broken = archive(true);
        broken.truncate(900);
        for whole in [archive(false), broken, b"no archive".to_vec(), Vec::new()] {
            let mut sieve = Sieve::new([LAYER.to_owned()].into());
            let mut out = sieve.feed(Bytes::from(whole.clone())).to_vec();
            out.extend_from_slice(&sieve.end());
            assert!(out == whole, "{} bytes", whole.len());
        }
    }

    #[test]
    fn sizes_are_read_in_every_spelling() {
        let mut binary = [0; 12];
        binary[0] = 0x80;
        binary[10] = 1;
        assert_eq!(number(&binary), Some(256));
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"0000000001x\0"), None);
        assert_eq!(
            pax_size(b"20 path=long\n16 size=9000000000\n"),
            Some(9_000_000_000)
        );
    }

    #[tokio::test]
    async fn what_is_left_out_is_counted() {
        let progress = Progress::new();
        let body = bytes_body(archive(true));
        let body = without(body, [LAYER.to_owned()].into(), Arc::clone(&progress));
        assert!(!progress.is_ended());
        let got = collect(body, 1 << 20).await.expect("whole");
        assert!(got == archive(false));
        assert!(progress.is_ended());
        let left_out = archive(true).len() - archive(false).len();
        assert_eq!(progress.left_out.load(Ordering::Relaxed), left_out as u64);
    }
}
