//! What is done to a body: all the ways in which two readers of JSON are known to disagree, and
//! those in which a body asks for more than it should.

use crate::dice::Dice;
use crate::shape::Shape;
use crate::tree::Tree;
use crate::words::{BROKEN, KEYS, NUMBERS, WORDS};

/// What to take values and keys from.
pub struct Stock<'a> {
    /// Members of all objects.
    pub members: Vec<(&'a str, &'a Shape)>,
}

impl Stock<'_> {
    /// One change somewhere in the tree.
    pub fn change(&self, tree: &mut Tree, dice: &mut Dice) {
        match somewhere(tree, dice) {
            Tree::Object(members) => self.change_object(members, dice),
            Tree::List(list) => self.change_list(list, dice),
            scalar => self.change_scalar(scalar, dice),
        }
    }

    /// Another value where one of the same kind was.
    pub fn gentle(&self, tree: &mut Tree, dice: &mut Dice) {
        match somewhere(tree, dice) {
            Tree::Object(members) if !members.is_empty() => {
                let at = dice.below(members.len());
                let (key, value) = &mut members[at];
                if let Some((_, shape)) = self
                    .members
                    .iter()
                    .find(|(known, _)| known.as_bytes() == key)
                {
                    *value = shape.make(dice);
                }
            }
            Tree::List(list) => {
                if !list.is_empty() {
                    list.swap_remove(dice.below(list.len()));
                }
            }
            Tree::Text(text) => {
                if let Tree::Text(other) = Tree::text(dice.word(WORDS)) {
                    *text = other;
                }
            }
            _ => {}
        }
    }

    fn change_object(&self, members: &mut Vec<(Vec<u8>, Tree)>, dice: &mut Dice) {
        let what = dice.below(12);
        if members.is_empty() || what < 3 {
            let (key, shape) = *dice.pick(&self.members);
            let at = dice.below(members.len() + 1);
            members.insert(at, (key.as_bytes().to_vec(), shape.make(dice)));
            return;
        }
        let at = dice.below(members.len());
        match what {
            3 => recase(&mut members[at].0, dice),
            4 => fold(&mut members[at].0, dice),
            5 => escape(&mut members[at].0, dice),
            6 | 7 => self.double(members, at, dice),
            8 => {
                members.remove(at);
            }
            9 => {
                let (key, _) = *dice.pick(&self.members);
                members[at].0 = key.as_bytes().to_vec();
            }
            10 => {
                // Into a neighbour, one level down.
                let moved = members.remove(at);
                let inner = members.iter_mut().find_map(|(_, value)| match value {
                    Tree::Object(inner) if dice.percent(60) => Some(inner),
                    _ => None,
                });
                match inner {
                    Some(inner) => inner.push(moved),
                    None => members.push(moved),
                }
            }
            _ => {
                let key = dice.pick(KEYS).as_bytes().to_vec();
                members[at].0 = key;
            }
        }
    }

    /// The same key once more, or nearly the same.
    fn double(&self, members: &mut Vec<(Vec<u8>, Tree)>, at: usize, dice: &mut Dice) {
        let (mut key, mut value) = members[at].clone();
        match dice.below(5) {
            0 => value = Tree::null(),
            1 => {
                if let Some((_, shape)) = self.members.iter().find(|(k, _)| k.as_bytes() == key) {
                    value = shape.make(dice);
                }
            }
            2 => self.change(&mut value, dice),
            3 => value = scalar(dice),
            _ => {}
        }
        match dice.below(5) {
            0 => recase(&mut key, dice),
            1 => fold(&mut key, dice),
            2 => escape(&mut key, dice),
            _ => {}
        }
        let beside = at + dice.below(2);
        members.insert(beside, (key, value));
    }

    fn change_list(&self, list: &mut Vec<Tree>, dice: &mut Dice) {
        if list.is_empty() || dice.percent(40) {
            let one = match dice.below(4) {
                0 => dice.pick(&self.members).1.make(dice),
                1 => Tree::null(),
                _ => Tree::text(dice.word(WORDS)),
            };
            let at = dice.below(list.len() + 1);
            list.insert(at, one);
            return;
        }
        let at = dice.below(list.len());
        match dice.below(3) {
            0 => {
                list.remove(at);
            }
            1 => list.push(list[at].clone()),
            _ => self.change_scalar(&mut list[at], dice),
        }
    }

    fn change_scalar(&self, tree: &mut Tree, dice: &mut Dice) {
        *tree = match dice.below(14) {
            0..=3 => Tree::text(dice.word(WORDS)),
            4 => Tree::Word((*dice.pick(NUMBERS)).to_owned()),
            5 => Tree::Text(dice.pick(BROKEN).to_vec()),
            6 => Tree::null(),
            7 => scalar(dice),
            8 => Tree::List(vec![tree.clone()]),
            9 => Tree::Object(vec![(b"a".to_vec(), tree.clone())]),
            10 => match &*tree {
                Tree::Text(text) => {
                    let mut text = text.clone();
                    escape(&mut text, dice);
                    Tree::Text(text)
                }
                _ => Tree::Word("true".to_owned()),
            },
            11 => match &*tree {
                // A number in quotes, or a text without them.
                Tree::Word(word) => Tree::text(word),
                Tree::Text(text) => Tree::Word(String::from_utf8_lossy(text).into_owned()),
                other => other.clone(),
            },
            12 => deep(tree.clone(), dice),
            _ => dice.pick(&self.members).1.make(dice),
        };
    }
}

fn scalar(dice: &mut Dice) -> Tree {
    match dice.below(8) {
        0 => Tree::Word("true".to_owned()),
        1 => Tree::Word("false".to_owned()),
        2 => Tree::Word((*dice.pick(NUMBERS)).to_owned()),
        3 => Tree::Object(Vec::new()),
        4 => Tree::List(Vec::new()),
        5 => Tree::Word((*dice.pick(&["True", "nil", "tru", "undefined", "'a'", ""])).to_owned()),
        _ => Tree::text(dice.word(WORDS)),
    }
}

/// Within a few levels of the bound on both sides.
fn deep(mut tree: Tree, dice: &mut Dice) -> Tree {
    for _ in 0..26 + dice.below(10) {
        tree = if dice.percent(50) {
            Tree::List(vec![tree])
        } else {
            Tree::Object(vec![(b"a".to_vec(), tree)])
        };
    }
    tree
}

fn somewhere<'a>(tree: &'a mut Tree, dice: &mut Dice) -> &'a mut Tree {
    let n = match tree {
        Tree::List(list) => list.len(),
        Tree::Object(members) => members.len(),
        _ => 0,
    };
    if n == 0 || dice.percent(30) {
        return tree;
    }
    let at = dice.below(n);
    match tree {
        Tree::List(list) => somewhere(&mut list[at], dice),
        Tree::Object(members) => somewhere(&mut members[at].1, dice),
        tree => tree,
    }
}

fn recase(text: &mut [u8], dice: &mut Dice) {
    match dice.below(3) {
        0 => text.make_ascii_lowercase(),
        1 => text.make_ascii_uppercase(),
        _ => {
            if !text.is_empty() {
                let at = dice.below(text.len());
                text[at] ^= if text[at].is_ascii_alphabetic() {
                    32
                } else {
                    0
                };
            }
        }
    }
}

/// The letters that are an `s` and a `k` to a reader that folds case as Unicode does.
fn fold(text: &mut Vec<u8>, dice: &mut Dice) {
    let letters: Vec<usize> = (0..text.len())
        .filter(|at| b"sSkK".contains(&text[*at]))
        .collect();
    if letters.is_empty() {
        return recase(text, dice);
    }
    let at = *dice.pick(&letters);
    let raw = dice.percent(50);
    let put: &[u8] = match (text[at].to_ascii_lowercase(), raw) {
        (b's', true) => "\u{17f}".as_bytes(),
        (b's', false) => b"\\u017f",
        (_, true) => "\u{212a}".as_bytes(),
        (_, false) => b"\\u212A",
    };
    text.splice(at..=at, put.iter().copied());
}

fn escape(text: &mut Vec<u8>, dice: &mut Dice) {
    let plain: Vec<usize> = (0..text.len())
        .filter(|at| text[*at].is_ascii_alphanumeric())
        .collect();
    if plain.is_empty() {
        return;
    }
    let at = *dice.pick(&plain);
    let put = format!("\\u{:04x}", text[at]);
    text.splice(at..=at, put.into_bytes());
}

/// One change to the text itself.
pub fn change_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    if bytes.is_empty() {
        return bytes.push(b'{');
    }
    let at = dice.below(bytes.len());
    let end = (at + 1 + dice.below(8)).min(bytes.len());
    match dice.below(5) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => {
            bytes.drain(at..end);
        }
        2 => {
            let again: Vec<u8> = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        3 => bytes.insert(at, *dice.pick(b"\"{}[],:\\ \0/eE.-+0u\xff\xc5")),
        _ => bytes.truncate(at),
    }
}
