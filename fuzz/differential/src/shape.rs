//! What the reader's types look like, and values made after them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::dice::Dice;
use crate::tree::Tree;
use crate::words::{NUMBERS, WORDS};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    String,
    Bool,
    Int,
    Float,
    Words,
    Bytes,
    Object(BTreeMap<String, Shape>),
    List(Box<Shape>),
    Map(Box<Shape>),
}

impl Shape {
    /// A value of the shape, mostly.
    pub fn make(&self, dice: &mut Dice) -> Tree {
        if dice.percent(6) {
            return Tree::null();
        }
        match self {
            Self::String => word(dice),
            Self::Bytes => Tree::text(dice.word(&["", "YQ==", "e30=", "a", "YQ", "Y Q=="])),
            Self::Bool => Tree::Word((*dice.pick(&["true", "false"])).to_owned()),
            Self::Int => Tree::Word((*dice.pick(&NUMBERS[..18])).to_owned()),
            Self::Float => Tree::Word((*dice.pick(&["0", "0.1", "0.25", "1", "1e-3"])).to_owned()),
            Self::Words => match dice.below(3) {
                0 => word(dice),
                _ => list(dice, word),
            },
            Self::List(one) => list(dice, |dice| one.make(dice)),
            Self::Map(one) => {
                let n = dice.below(3);
                let member = |dice: &mut Dice| (key(dice), one.make(dice));
                Tree::Object((0..n).map(|_| member(dice)).collect())
            }
            Self::Object(members) => Self::object(members, dice),
        }
    }

    fn object(members: &BTreeMap<String, Shape>, dice: &mut Dice) -> Tree {
        let most = members.len().min(5);
        let n = if most == 0 { 0 } else { dice.below(most + 1) };
        let mut made: Vec<(Vec<u8>, Tree)> = Vec::new();
        for _ in 0..n {
            let Some((key, shape)) = members.iter().nth(dice.below(members.len())) else {
                continue;
            };
            if made.iter().all(|(known, _)| known != key.as_bytes()) {
                made.push((key.clone().into_bytes(), shape.make(dice)));
            }
        }
        Tree::Object(made)
    }

    /// All members of all objects in it.
    pub fn members<'a>(&'a self, found: &mut Vec<(&'a str, &'a Shape)>) {
        match self {
            Self::Object(members) => {
                for (key, shape) in members {
                    found.push((key, shape));
                    shape.members(found);
                }
            }
            Self::List(one) | Self::Map(one) => one.members(found),
            _ => {}
        }
    }
}

fn word(dice: &mut Dice) -> Tree {
    Tree::text(dice.word(WORDS))
}

fn key(dice: &mut Dice) -> Vec<u8> {
    match Tree::text(dice.word(WORDS)) {
        Tree::Text(text) => text,
        _ => Vec::new(),
    }
}

fn list(dice: &mut Dice, mut one: impl FnMut(&mut Dice) -> Tree) -> Tree {
    let n = dice.below(3);
    Tree::List((0..n).map(|_| one(dice)).collect())
}
