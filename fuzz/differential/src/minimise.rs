//! The smallest input that still goes wrong in the same way.

use std::io;

use crate::bodies::Input;
use crate::check::Disagreement;
use crate::reader::Reader;
use crate::run::ask;
use crate::world::World;

const ROUNDS_MAX: usize = 200;

pub fn minimise(
    world: &World,
    reader: &mut Reader,
    kind: u8,
    mut input: Input,
    found: &Disagreement,
) -> io::Result<Input> {
    for _ in 0..ROUNDS_MAX {
        let candidates = smaller(&input);
        let texts: Vec<Vec<u8>> = candidates.iter().map(Input::bytes).collect();
        let cases: Vec<(u8, &[u8])> = texts.iter().map(|text| (kind, text.as_slice())).collect();
        let verdicts = ask(world, reader, &cases)?;
        let still = verdicts.iter().position(|verdict| {
            verdict
                .found
                .as_ref()
                .is_some_and(|other| other.what == found.what)
        });
        match still {
            Some(at) => input = candidates[at].clone(),
            None => break,
        }
    }
    Ok(input)
}

fn smaller(input: &Input) -> Vec<Input> {
    match input {
        Input::Tree {
            before,
            tree,
            after,
        } => {
            let mut all = Vec::new();
            if !before.is_empty() {
                all.push(Input::Tree {
                    before: Vec::new(),
                    tree: tree.clone(),
                    after: after.clone(),
                });
            }
            if !after.is_empty() {
                all.push(Input::Tree {
                    before: before.clone(),
                    tree: tree.clone(),
                    after: Vec::new(),
                });
            }
            all.extend(tree.smaller().into_iter().map(|tree| Input::Tree {
                before: before.clone(),
                tree,
                after: after.clone(),
            }));
            all
        }
        Input::Bytes(bytes) => {
            let mut all = Vec::new();
            let mut size = bytes.len() / 2;
            while size > 0 {
                for at in (0..bytes.len()).step_by(size) {
                    let mut less = bytes.clone();
                    less.drain(at..(at + size).min(bytes.len()));
                    all.push(Input::Bytes(less));
                }
                size /= 2;
            }
            all
        }
    }
}
