//! Configs and secrets: files that the cluster keeps. What stands in a config may stand in the compose
//! file; a secret is made with Docker's own client, so that it stands nowhere.

use model::{ComposeWrong, StackFile, StackFileUse, ValueWanted};

use crate::key;
use crate::reader::{Reader, short};
use crate::tree::{Entry, Node, Value};

impl Reader {
    /// Of the top of the file.
    pub fn files(&mut self, node: &Node, keys: &[&str]) -> Vec<StackFile> {
        let entries = self.named(node);
        let read = entries.into_iter().map(|entry| self.file_one(entry, keys));
        read.collect()
    }

    fn file_one(&mut self, entry: &Entry, keys: &[&str]) -> StackFile {
        let mut file = StackFile {
            part: self.part(entry, keys),
            content: None,
        };
        let Value::Map(options) = &entry.node.value else {
            self.file_missing(entry, keys);
            return file;
        };
        if let Some(option) = options.iter().find(|option| option.key == "content") {
            file.content = self.text(&option.node);
        } else if !file.part.is_external && !options.iter().any(|option| option.key == "file") {
            self.file_missing(entry, keys);
        }
        file
    }

    /// Neither what stands in it, nor that it is there.
    fn file_missing(&mut self, entry: &Entry, keys: &[&str]) {
        let key = match keys.contains(&"content") {
            true => "content",
            false => "external",
        };
        let key = key.to_owned();
        self.note(entry.at, ComposeWrong::Missing { key });
    }

    /// Of a service: names, or mappings.
    pub fn file_uses(&mut self, node: &Node, declared: &[StackFile]) -> Vec<StackFileUse> {
        let items = self.list(node);
        let mut uses = Vec::new();
        for item in items {
            let one = match &item.value {
                Value::Map(_) => self.file_use_long(item),
                _ => self.text(item).map(|key| StackFileUse {
                    key,
                    ..StackFileUse::default()
                }),
            };
            let Some(one) = one else {
                continue;
            };
            if declared.iter().any(|file| file.part.key == one.key) {
                uses.push(one);
            } else {
                let key = short(&one.key);
                self.note(item.at, ComposeWrong::NotDeclared { key });
            }
        }
        uses
    }

    fn file_use_long(&mut self, node: &Node) -> Option<StackFileUse> {
        let mut one = StackFileUse::default();
        for option in self.map(node, key::FILE_USE) {
            let node = &option.node;
            match option.key.as_str() {
                "source" => one.key = self.text(node)?,
                "target" => {
                    one.target = self.read(node, ValueWanted::FileUse, |text| {
                        is_target(text).then(|| text.to_owned())
                    });
                }
                "mode" => one.mode = self.read(node, ValueWanted::FileMode, mode),
                "uid" => one.uid = self.read(node, ValueWanted::Number, |text| text.parse().ok()),
                _ => one.gid = self.read(node, ValueWanted::Number, |text| text.parse().ok()),
            }
        }
        if one.key.is_empty() {
            let key = "source".to_owned();
            self.note(node.at, ComposeWrong::Missing { key });
            return None;
        }
        Some(one)
    }
}

/// A file's name or path; which paths are taken, the cluster's policy says.
fn is_target(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 512
        && !text.ends_with('/')
        && !text.contains("{{")
        && !text.chars().any(char::is_control)
        && !text.split('/').any(|part| part == "..")
}

/// `0440`, `0o440`; a number without a zero in front is meant that way, too: nobody writes 288.
fn mode(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    u32::from_str_radix(digits, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
}

#[cfg(test)]
mod tests {
    use crate::read;

    #[test]
    fn configs_stand_in_the_file_and_secrets_do_not() {
        let text = "
services:
  web:
    image: nginx
    configs:
      - page
      - { source: site, target: /etc/nginx/conf.d/default.conf, mode: 0440, uid: '101' }
    secrets: [key]
configs:
  page: { content: \"hello $$you\" }
  site: { external: true, name: site-3 }
secrets:
  key: { external: true }
";
        let spec = read(text).expect("a stack");
        assert_eq!(spec.configs[0].content.as_deref(), Some("hello $you"));
        assert_eq!(spec.configs[1].part.full_name("shop"), "site-3");
        let web = &spec.services[0];
        assert_eq!(
            (
                web.configs[0].key.as_str(),
                web.configs[0].target.as_deref()
            ),
            ("page", None)
        );
        assert_eq!(
            (web.configs[1].mode, web.configs[1].uid),
            (Some(0o440), Some(101))
        );
        assert_eq!(web.secrets[0].key, "key");
    }

    #[test]
    fn what_is_wrong_with_them_is_told_at_its_line() {
        let text = "
services:
  web:
    image: nginx
    configs:
      - nowhere
      - { target: x }
      - { source: a, target: ../x, mode: 9, uid: me }
    secrets: x
configs:
  a: { content: b }
  c: { file: ./c.conf }
  d:
secrets:
  e: { file: ./key }
  f: {}
";
        let problems = read(text).expect_err("wrong");
        let lines: Vec<u32> = problems.iter().map(|one| one.line).collect();
        assert_eq!(lines, [6, 7, 8, 8, 8, 9, 12, 13, 15, 16], "{problems:?}");
    }
}
