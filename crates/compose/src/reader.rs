//! The file and its parts. What is wrong is noted and read over, so that a person sees all of it
//! at once.

use std::collections::BTreeMap;

use model::{ComposeProblem, ComposeWrong, Shape, StackPart, StackService, StackSpec, ValueWanted};

use crate::key;
use crate::tree::{Entry, Node, Place, Value};
use crate::value;

/// A list of more problems helps nobody.
const PROBLEMS_MAX: usize = 50;
const SERVICES_MAX: usize = 50;
/// Labels under which the cluster and Docker keep their own.
const RESERVED_LABELS: [&str; 3] = ["carina.", "com.docker.swarm.", "com.docker.stack."];

#[derive(Default)]
pub struct Reader {
    problems: Vec<ComposeProblem>,
}

impl Reader {
    pub fn into_problems(self) -> Vec<ComposeProblem> {
        self.problems
    }

    pub fn note(&mut self, at: Place, what: ComposeWrong) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(at.problem(what));
        }
    }

    pub fn file(&mut self, root: &Node) -> StackSpec {
        let mut spec = StackSpec::default();
        let entries = self.map(root, key::TOP);
        for entry in &entries {
            match entry.key.as_str() {
                "networks" => spec.networks = self.parts(&entry.node, key::NETWORK),
                "volumes" => spec.volumes = self.parts(&entry.node, key::VOLUME),
                "configs" => spec.configs = self.files(&entry.node, key::CONFIG),
                "secrets" => spec.secrets = self.files(&entry.node, key::SECRET),
                _ => {}
            }
        }
        match entries.iter().find(|entry| entry.key == "services") {
            Some(services) => spec.services = self.services(&services.node, &spec),
            None => {
                let key = "services".to_owned();
                self.note(root.at, ComposeWrong::Missing { key });
            }
        }
        let uses_default = spec
            .services
            .iter()
            .any(|service| service.networks.iter().any(|key| key == "default"));
        if uses_default && !spec.networks.iter().any(|part| part.key == "default") {
            spec.networks.push(StackPart {
                key: "default".to_owned(),
                ..StackPart::default()
            });
        }
        spec
    }

    fn services(&mut self, node: &Node, spec: &StackSpec) -> Vec<StackService> {
        let entries = self.named(node);
        let is_empty = match &node.value {
            Value::Map(entries) => entries.is_empty(),
            other => matches!(other, Value::Null),
        };
        if is_empty {
            let key = "services".to_owned();
            self.note(node.at, ComposeWrong::Missing { key });
        }
        if entries.len() > SERVICES_MAX {
            self.note(node.at, ComposeWrong::TooLong);
            return Vec::new();
        }
        entries
            .into_iter()
            .map(|entry| self.service(entry, spec))
            .collect()
    }

    /// Networks or volumes.
    fn parts(&mut self, node: &Node, keys: &[&str]) -> Vec<StackPart> {
        let entries = self.named(node);
        let read = entries.into_iter().map(|entry| self.part(entry, keys));
        read.collect()
    }

    pub fn part(&mut self, entry: &Entry, keys: &[&str]) -> StackPart {
        let mut part = StackPart {
            key: entry.key.clone(),
            ..StackPart::default()
        };
        for option in self.map(&entry.node, keys) {
            match option.key.as_str() {
                "name" => part.name = self.name(&option.node),
                "external" => part.is_external = self.yes(&option.node),
                "labels" => part.labels = self.labels(&option.node),
                "driver" => self.driver(&option.node, keys == key::VOLUME),
                // Overlays of a cluster are: containers find services by name.
                "attachable" => drop(self.yes(&option.node)),
                _ => {}
            }
        }
        part
    }

    /// There is one of each that works on all segments.
    fn driver(&mut self, node: &Node, is_volume: bool) {
        let wanted = if is_volume { "local" } else { "overlay" };
        match self.text(node) {
            Some(text) if text != wanted => self.value(node, &text, ValueWanted::Driver),
            _ => {}
        }
    }

    fn entries<'n>(&mut self, node: &'n Node) -> &'n [Entry] {
        match &node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            _ => {
                self.wanted(node.at, Shape::Mapping);
                &[]
            }
        }
    }

    /// A mapping of names that Docker takes.
    pub fn named<'n>(&mut self, node: &'n Node) -> Vec<&'n Entry> {
        let mut good = Vec::new();
        for entry in self.entries(node) {
            if value::is_name(&entry.key) {
                good.push(entry);
            } else {
                let (value, what) = (short(&entry.key), ValueWanted::Name);
                self.note(entry.at, ComposeWrong::Value { value, what });
            }
        }
        good
    }

    /// A mapping's entries with a key of `known`; the others are noted. Keys that begin with `x-`
    /// are notes to oneself.
    pub fn map<'n>(&mut self, node: &'n Node, known: &[&str]) -> Vec<&'n Entry> {
        let mut good = Vec::new();
        for entry in self.entries(node) {
            let key = &entry.key;
            if known.contains(&key.as_str()) {
                good.push(entry);
            } else if let Some(why) = key::unsupported(key) {
                let key = key.clone();
                self.note(entry.at, ComposeWrong::Unsupported { key, why });
            } else if !key.starts_with("x-") {
                let (nearest, key) = (key::nearest(key, known), short(key));
                self.note(entry.at, ComposeWrong::Unknown { key, nearest });
            }
        }
        good
    }

    pub fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => {
                self.wanted(node.at, Shape::List);
                &[]
            }
        }
    }

    /// Without variables.
    pub fn text(&mut self, node: &Node) -> Option<String> {
        let Value::Text(text) = &node.value else {
            self.wanted(node.at, Shape::Text);
            return None;
        };
        match value::plain(text) {
            Ok(text) => Some(text),
            Err(what) => {
                self.note(node.at, what);
                None
            }
        }
    }

    /// A text that `read` understands.
    pub fn read<T>(
        &mut self,
        node: &Node,
        what: ValueWanted,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(node)?;
        let found = read(&text);
        if found.is_none() {
            self.value(node, &text, what);
        }
        found
    }

    pub fn yes(&mut self, node: &Node) -> bool {
        let read = self.read(node, ValueWanted::Yes, value::yes_or_no);
        read.unwrap_or_default()
    }

    fn name(&mut self, node: &Node) -> Option<String> {
        self.read(node, ValueWanted::Name, |text| {
            value::is_name(text).then(|| text.to_owned())
        })
    }

    pub fn wanted(&mut self, at: Place, what: Shape) {
        self.note(at, ComposeWrong::Wanted { what });
    }

    pub fn value(&mut self, node: &Node, text: &str, what: ValueWanted) {
        let value = short(text);
        self.note(node.at, ComposeWrong::Value { value, what });
    }

    /// `KEY: value`, or a list of `KEY=value`.
    pub fn assignments(
        &mut self,
        node: &Node,
        is_value_needed: bool,
    ) -> Vec<(Place, String, String)> {
        let mut all: Vec<(Place, String, String)> = Vec::new();
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    let value = match entry.node.value {
                        // Docker's client would take it from the person's own environment.
                        Value::Null if is_value_needed => {
                            let name = short(&entry.key);
                            self.note(entry.at, ComposeWrong::Variable { name });
                            continue;
                        }
                        Value::Null => Some(String::new()),
                        _ => self.text(&entry.node),
                    };
                    if let Some(value) = value {
                        all.push((entry.at, entry.key.clone(), value));
                    }
                }
            }
            Value::List(items) => {
                for item in items {
                    let Some(text) = self.text(item) else {
                        continue;
                    };
                    match text.split_once('=') {
                        Some((key, value)) => all.push((item.at, key.to_owned(), value.to_owned())),
                        None if is_value_needed => {
                            let name = short(&text);
                            self.note(item.at, ComposeWrong::Variable { name });
                        }
                        None => all.push((item.at, text, String::new())),
                    }
                }
            }
            Value::Null => {}
            Value::Text(_) => self.wanted(node.at, Shape::MappingOrList),
        }
        all.retain(|(at, key, _)| {
            let is_good = !key.is_empty() && !key.chars().any(|c| c.is_control() || c == '=');
            if !is_good {
                let (value, what) = (short(key), ValueWanted::Assignment);
                self.note(*at, ComposeWrong::Value { value, what });
            }
            is_good
        });
        all
    }

    pub fn labels(&mut self, node: &Node) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::new();
        for (at, label, value) in self.assignments(node, false) {
            if RESERVED_LABELS.iter().any(|own| label.starts_with(own)) {
                self.note(at, ComposeWrong::ReservedLabel { label });
            } else {
                labels.insert(label, value);
            }
        }
        labels
    }
}

/// As much as goes on a page.
pub fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
