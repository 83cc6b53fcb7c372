//! A run: batches by workers, each with a reader of its own; what was found and how often what
//! happened.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bodies::{Bodies, Input};
use crate::check::{Disagreement, check};
use crate::dice::Dice;
use crate::reader::{Answer, Case, Reader};
use crate::targets::Targets;
use crate::world::{Ours, TARGET, World};

const BATCH: u64 = 1000;

/// What became of one case.
pub struct Verdict {
    pub ours: Ours,
    pub seen: Answer,
    pub found: Option<Disagreement>,
}

/// Asks both sides.
pub fn ask(world: &World, reader: &mut Reader, cases: &[(u8, &[u8])]) -> io::Result<Vec<Verdict>> {
    let ours: Vec<Ours> = cases
        .iter()
        .map(|(kind, bytes)| world.judge(*kind, bytes))
        .collect();
    let told: Vec<Case<'_>> = cases
        .iter()
        .zip(&ours)
        .map(|((kind, bytes), ours)| Case {
            kind: *kind,
            texts: [
                Some(heard(*kind, bytes)),
                ours.rewritten.as_deref(),
                ours.forwarded.as_deref(),
            ],
        })
        .collect();
    let answers = reader.ask(&told)?;
    drop(told);
    Ok(cases
        .iter()
        .zip(ours)
        .zip(answers)
        .map(|(((kind, _), ours), seen)| {
            let found = check(*kind, &ours, &seen).err();
            Verdict { ours, seen, found }
        })
        .collect())
}

/// HTTP cuts a fragment off before the manager sees the target, and nothing after the manager sees
/// one. It is not part of what is compared.
fn heard(kind: u8, bytes: &[u8]) -> &[u8] {
    let fragment = bytes.iter().position(|b| *b == b'#');
    match fragment.filter(|_| kind == TARGET) {
        Some(at) => &bytes[..at],
        None => bytes,
    }
}

/// How often what happened.
#[derive(Debug, Default)]
pub struct Tally {
    /// By kind: all, forwarded, refused by reading, refused by the policy.
    pub kinds: BTreeMap<u8, [u64; 4]>,
    /// Forwarded, but the engine would not take it.
    pub left_to_engine: u64,
    /// How often the reader saw what is forbidden.
    pub forbidden: BTreeMap<String, u64>,
    /// The first of each way to go wrong, and how many there were.
    pub found: BTreeMap<(u8, String), (Disagreement, Input, u64)>,
    /// A case for each way to behave.
    pub behaved: BTreeMap<u64, (u8, Vec<u8>)>,
}

impl Tally {
    fn count(&mut self, kind: u8, input: &Input, verdict: Verdict) {
        let Verdict { ours, seen, found } = verdict;
        let counts = self.kinds.entry(kind).or_default();
        counts[0] += 1;
        let what = match (&ours.forwarded, &ours.rewritten) {
            (Some(_), _) => 1,
            (None, None) => 2,
            (None, Some(_)) => 3,
        };
        counts[what] += 1;
        let original = seen[0].as_ref();
        let error = original.map_or("", |seen| seen.error.as_str());
        self.left_to_engine += u64::from(what == 1 && !error.is_empty());
        let forbidden = original.map_or(&[][..], |seen| seen.forbidden.as_slice());
        for one in forbidden {
            *self.forbidden.entry(one.clone()).or_default() += 1;
        }
        let mut behaviour = DefaultHasher::new();
        let status = ours
            .refusal
            .as_ref()
            .map(|refusal| (refusal.status, refusal.code.map(|code| code as u16)));
        let short: String = error
            .chars()
            .filter(char::is_ascii_alphabetic)
            .take(16)
            .collect();
        (kind, what, status, forbidden.first(), short).hash(&mut behaviour);
        let behaviour = behaviour.finish();
        self.behaved
            .entry(behaviour)
            .or_insert_with(|| (kind, input.bytes()));
        if let Some(found) = found {
            let first = self.found.entry((kind, found.what.clone()));
            first.or_insert_with(|| (found, input.clone(), 0)).2 += 1;
        }
    }

    fn add(&mut self, other: Self) {
        for (kind, counts) in other.kinds {
            let all = self.kinds.entry(kind).or_default();
            all.iter_mut()
                .zip(counts)
                .for_each(|(all, one)| *all += one);
        }
        self.left_to_engine += other.left_to_engine;
        for (what, n) in other.forbidden {
            *self.forbidden.entry(what).or_default() += n;
        }
        for (what, (found, input, n)) in other.found {
            self.found.entry(what).or_insert((found, input, 0)).2 += n;
        }
        self.behaved.extend(other.behaved);
    }

    pub fn cases(&self) -> u64 {
        self.kinds.values().map(|counts| counts[0]).sum()
    }
}

/// What is needed to begin.
pub struct Plan<'a> {
    pub world: &'a World,
    pub bodies: &'a Bodies<'a>,
    pub targets: &'a Targets,
    pub reader: &'a Path,
    pub told: &'a [u8],
    pub cases: u64,
    pub seed: u64,
    pub workers: usize,
}

/// The same plan makes the same cases, however many work on them.
pub fn run(plan: &Plan<'_>) -> io::Result<Tally> {
    let (next, all) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    let batches = plan.cases.div_ceil(BATCH);
    std::thread::scope(|scope| {
        let work = || -> io::Result<()> {
            let mut reader = Reader::start(plan.reader, plan.told)?;
            let mut tally = Tally::default();
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                if batch >= batches {
                    break;
                }
                batch_run(plan, &mut reader, batch, &mut tally)?;
            }
            all.lock().expect("nobody panics with it").add(tally);
            Ok(())
        };
        let workers: Vec<_> = (0..plan.workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("a worker panicked"))
    })?;
    Ok(all.into_inner().expect("nobody panics with it"))
}

fn batch_run(
    plan: &Plan<'_>,
    reader: &mut Reader,
    batch: u64,
    tally: &mut Tally,
) -> io::Result<()> {
    let mut dice = Dice::new(plan.seed, batch);
    let inputs: Vec<(u8, Input)> = (0..BATCH.min(plan.cases - batch * BATCH))
        .map(|_| match dice.percent(35) {
            true => (TARGET, Input::Bytes(plan.targets.make(&mut dice))),
            false => {
                let (kind, input) = plan.bodies.make(&mut dice);
                (u8::try_from(kind + 1).expect("few kinds"), input)
            }
        })
        .collect();
    let texts: Vec<Vec<u8>> = inputs.iter().map(|(_, input)| input.bytes()).collect();
    let cases: Vec<(u8, &[u8])> = inputs
        .iter()
        .zip(&texts)
        .map(|((kind, _), text)| (*kind, text.as_slice()))
        .collect();
    for ((kind, input), verdict) in inputs.iter().zip(ask(plan.world, reader, &cases)?) {
        tally.count(*kind, input, verdict);
    }
    Ok(())
}
