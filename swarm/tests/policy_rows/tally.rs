//! What was tried, by id, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::ways;
use crate::ways::elsewhere::Elsewhere;

#[derive(Default)]
pub struct Tally {
    tried: BTreeMap<&'static str, Tried>,
}

#[derive(Default)]
struct Tried {
    requests: usize,
    answers: BTreeSet<String>,
}

impl Tally {
    /// One request more, and its answer in a word: a code, a status, or what was seen.
    pub fn add(&mut self, id: &'static str, answer: impl Into<String>) {
        let tried = self.tried.entry(id).or_default();
        tried.requests += 1;
        tried.answers.insert(answer.into());
    }

    pub fn requests(&self) -> usize {
        self.tried.values().map(|tried| tried.requests).sum()
    }

    /// Ids of the list that nothing was tried for, and ids that are not in the list.
    pub fn wrong(&self) -> Vec<String> {
        let listed: BTreeSet<&str> = ways::all().map(|(id, _)| id).collect();
        let elsewhere = ways::elsewhere::ELSEWHERE.iter().map(|row| row.id);
        let tried: BTreeSet<&str> = self.tried.keys().copied().chain(elsewhere).collect();
        let missing = listed.difference(&tried);
        let strange = tried.difference(&listed);
        missing
            .map(|id| format!("nothing is tried for {id}"))
            .chain(strange.map(|id| format!("{id} is not in ways.txt")))
            .collect()
    }

    pub fn ids(&self) -> Vec<&'static str> {
        self.tried.keys().copied().collect()
    }

    /// The table of docs/security.md.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| id | the way round | what becomes of it | tried by |\n|---|---|---|---|\n",
        );
        for (id, what) in ways::all() {
            let (mut answers, mut by) = (Vec::new(), Vec::new());
            if let Some(tried) = self.tried.get(id) {
                answers.extend(tried.answers.iter().cloned());
                let s = if tried.requests == 1 { "" } else { "s" };
                by.push(format!("{} request{s}", tried.requests));
            }
            for Elsewhere {
                why, file, test, ..
            } in ways::elsewhere::ELSEWHERE.iter().filter(|row| row.id == id)
            {
                answers.push((*why).to_owned());
                by.push(format!("`{file}`: `{test}`"));
            }
            let _ = writeln!(
                table,
                "| {id} | {what} | {} | {} |",
                answers.join(", "),
                by.join("; ")
            );
        }
        table
    }
}
