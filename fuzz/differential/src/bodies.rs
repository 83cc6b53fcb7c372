//! Bodies: what clients and tests send, and what is made after the reader's types, changed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dice::Dice;
use crate::mutate::{Stock, change_bytes};
use crate::shape::Shape;
use crate::tree::Tree;
use crate::words::{PREFIXES, SUFFIXES};

/// A request, by its parts, so that it can be made smaller.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Tree {
        before: Vec<u8>,
        tree: Tree,
        after: Vec<u8>,
    },
    Bytes(Vec<u8>),
}

impl Input {
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Tree {
                before,
                tree,
                after,
            } => {
                let mut out = before.clone();
                tree.write(&mut out);
                out.extend_from_slice(after);
                out
            }
        }
    }
}

/// One kind of body.
pub struct Kind {
    pub name: &'static str,
    pub seeds: Vec<Tree>,
    /// Seeds that are no JSON.
    pub odd: Vec<Vec<u8>>,
}

pub struct Bodies<'a> {
    pub kinds: Vec<Kind>,
    shapes: &'a BTreeMap<String, Shape>,
    stock: BTreeMap<&'static str, Stock<'a>>,
}

impl<'a> Bodies<'a> {
    pub fn new(names: &[&'static str], shapes: &'a BTreeMap<String, Shape>) -> Self {
        let mut stock = BTreeMap::new();
        for name in names {
            let mut members = Vec::new();
            shape_of(shapes, name).members(&mut members);
            if *name == "ContainerCreate" {
                // What once stood at the top is tried there, too.
                shape_of(shapes, "LegacyCreate").members(&mut members);
            }
            stock.insert(*name, Stock { members });
        }
        let kinds = names.iter().map(|name| Kind {
            name,
            seeds: Vec::new(),
            odd: Vec::new(),
        });
        Self {
            kinds: kinds.collect(),
            shapes,
            stock,
        }
    }

    /// A body that others begin with; `kind` counts from 0.
    pub fn seed(&mut self, kind: usize, body: &[u8]) {
        let kind = &mut self.kinds[kind];
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => {
                let mut tree = Tree::of(&value);
                kind.seeds.push(tree.clone());
                tree.slim();
                // Small ones more often: in them a change meets something.
                (0..3).for_each(|_| kind.seeds.push(tree.clone()));
            }
            Err(_) => kind.odd.push(body.to_vec()),
        }
    }

    /// A kind's number, from 0, and a body.
    pub fn make(&self, dice: &mut Dice) -> (usize, Input) {
        // A container's create has most in it.
        let at = match dice.percent(45) {
            true => 0,
            false => dice.below(self.kinds.len()),
        };
        let kind = &self.kinds[at];
        if !kind.odd.is_empty() && dice.percent(3) {
            let mut bytes = dice.pick(&kind.odd).clone();
            change_bytes(&mut bytes, dice);
            return (at, Input::Bytes(bytes));
        }
        let mut tree = match kind.seeds.is_empty() || dice.percent(30) {
            true => shape_of(self.shapes, kind.name).make(dice),
            false => dice.pick(&kind.seeds).clone(),
        };
        let stock = &self.stock[kind.name];
        // Most of what is changed roughly is refused at once; what is not gets as far as the policy.
        for _ in 0..*dice.pick(&[0, 0, 1, 1, 2, 3]) {
            stock.gentle(&mut tree, dice);
        }
        for _ in 0..*dice.pick(&[0, 0, 1, 1, 1, 2]) {
            stock.change(&mut tree, dice);
        }
        if dice.percent(4) {
            let mut bytes = tree.bytes();
            change_bytes(&mut bytes, dice);
            return (at, Input::Bytes(bytes));
        }
        let rare = |dice: &mut Dice, list: &[&[u8]]| match dice.percent(2) {
            true => dice.pick(list).to_vec(),
            false => Vec::new(),
        };
        let (before, after) = (rare(dice, PREFIXES), rare(dice, SUFFIXES));
        (
            at,
            Input::Tree {
                before,
                tree,
                after,
            },
        )
    }
}

fn shape_of<'a>(shapes: &'a BTreeMap<String, Shape>, name: &str) -> &'a Shape {
    // A commit's body is a create's.
    let name = match name {
        "ContainerCommit" => "ContainerCreate",
        name => name,
    };
    shapes
        .get(name)
        .expect("the reader has a type for every kind")
}
