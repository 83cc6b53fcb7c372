//! Docker commands as one writes them in a shell: words between spaces, `'…'` where a word has some.

use super::{Lab, Said};

impl Lab {
    /// `docker …` at the first node's manager.
    pub fn say(&self, line: &str) -> Said {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.docker(&words)
    }

    /// Must succeed; gives back what it printed.
    pub fn ok(&self, line: &str) -> String {
        let said = self.say(line);
        assert!(said.ok, "docker {line} failed: {}\n{}", said.err, said.out);
        said.out
    }

    /// Must fail; gives back its complaint.
    pub fn fails(&self, line: &str) -> String {
        let said = self.say(line);
        assert!(
            !said.ok,
            "docker {line} should fail, and said: {}",
            said.out
        );
        said.err
    }

    /// The name of the node `k`, counted from 0.
    pub fn node(&self, k: usize) -> &str {
        &self.nodes[k].name
    }

    /// The node that a container is on, counted from 0.
    pub fn node_of(&self, container: &str) -> usize {
        let name = self.ok(&format!("inspect -f {{{{.Node.Name}}}} {container}"));
        let at = self.nodes.iter().position(|node| node.name == name);
        at.unwrap_or_else(|| panic!("{container} is on no node: {name}"))
    }

    /// The arguments that put a container on the node `k`, counted from 0.
    pub fn at(&self, k: usize) -> String {
        format!("-e constraint:node=={}", self.node(k))
    }

    /// The engine's own answer, past every manager.
    pub fn engine_says(&self, k: usize, line: &str) -> Said {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.engine(k, &words)
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (k, part) in line.split('\'').enumerate() {
        if k % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
