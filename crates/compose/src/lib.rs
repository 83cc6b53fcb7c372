//! Compose files, read whole or refused at their lines.
//!
//! Nothing here reads a file, a variable or the network: text goes in, and either a
//! [`StackSpec`] comes out or all that is wrong, each at its place. What is not understood is
//! refused, so that nobody deploys a file of which half was left out.

mod deploy;
mod file;
mod key;
mod life;
mod reader;
mod service;
mod tree;
mod value;

use model::{ComposeProblem, StackSpec};

/// Longer than any that a person reads.
pub const TEXT_MAX_BYTES: usize = 48 * 1024;

/// The stack, or every problem there is, in the order of their lines.
pub fn read(text: &str) -> Result<StackSpec, Vec<ComposeProblem>> {
    let root = tree::load(text).map_err(|problem| vec![problem])?;
    let mut reader = reader::Reader::default();
    let spec = reader.file(&root);
    let mut problems = reader.into_problems();
    if problems.is_empty() {
        return Ok(spec);
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Err(problems)
}

#[cfg(test)]
mod tests {
    use model::{ComposeWrong, Shape, Unsupported, ValueWanted};

    use super::*;

    const GOOD: &str = r#"
version: "3.8"
x-note: of mine
services:
  web:
    image: nginx:1.27
    command: ["nginx", "-g", "daemon off;"]
    environment:
      LEVEL: info
      N: 3
    ports:
      - "8080:80"
      - target: 443
        published: 8443
        mode: host
    networks: [front]
    volumes:
      - data:/usr/share/nginx/html:ro
    labels: { tier: front }
    deploy:
      replicas: 3
      resources:
        limits: { cpus: "0.5", memory: 64m }
  each:
    image: busybox
    command: sh -c 'sleep 9'
    environment: ["A=b=c"]
    deploy: { mode: global, restart_policy: { condition: on-failure } }
networks:
  front:
    driver: overlay
volumes:
  data:
"#;

    #[test]
    fn a_file_is_understood_whole() {
        let spec = read(GOOD).expect("a stack");
        let web = &spec.services[0];
        assert_eq!(
            (web.name.as_str(), web.image.as_str()),
            ("web", "nginx:1.27")
        );
        assert_eq!(web.command, ["nginx", "-g", "daemon off;"]);
        assert_eq!(web.environment, ["LEVEL=info", "N=3"]);
        assert_eq!(web.ports[0].published, Some(8080));
        assert!(web.ports[1].is_host_mode && web.ports[1].target == 443);
        assert_eq!(web.networks, ["front"]);
        assert!(web.mounts[0].is_read_only);
        assert_eq!(
            (web.replicas, web.limits.memory_bytes),
            (Some(3), Some(64 << 20))
        );
        assert_eq!(web.limits.nano_cpus, Some(500_000_000));
        let each = &spec.services[1];
        assert_eq!(
            (each.replicas, each.restart.condition.as_deref()),
            (None, Some("on-failure"))
        );
        assert_eq!(each.command, ["sh", "-c", "sleep 9"]);
        assert_eq!(each.environment, ["A=b=c"]);
        assert_eq!(each.networks, ["default"]);
        let names: Vec<String> = spec
            .networks
            .iter()
            .map(|part| part.full_name("shop"))
            .collect();
        assert_eq!(names, ["shop_front", "shop_default"]);
        assert_eq!(spec.volumes[0].full_name("shop"), "shop_data");
    }

    fn problems(text: &str) -> Vec<(u32, ComposeWrong)> {
        let problems = read(text).expect_err("wrong");
        problems
            .into_iter()
            .map(|one| (one.line, one.what))
            .collect()
    }

    #[test]
    fn everything_wrong_is_told_at_its_line() {
        let text = "services:\n  web:\n    imgae: nginx\n    privileged: true\n    ports:\n      \
                    - 2376:80\n      - 1-9:80\n    volumes:\n      - ./here:/there\n      - x:/y\n    \
                    environment:\n      A: ${HOME}\n      B:\n    build: .\n";
        let found = problems(text);
        let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 6, 7, 9, 10, 12, 13, 14], "{found:?}");
        let what: Vec<&ComposeWrong> = found.iter().map(|(_, what)| what).collect();
        assert!(matches!(what[0], ComposeWrong::Missing { key } if key == "image"));
        assert!(
            matches!(what[1], ComposeWrong::Unknown { nearest: Some(near), .. } if near == "image")
        );
        let why = Unsupported::Policy { code: 1001 };
        assert!(matches!(what[2], ComposeWrong::Unsupported { why: found, .. } if *found == why));
        assert_eq!(*what[3], ComposeWrong::ReservedPort { port: 2376 });
        let (value, wanted) = ("1-9:80".to_owned(), ValueWanted::Port);
        assert_eq!(
            *what[4],
            ComposeWrong::Value {
                value,
                what: wanted
            }
        );
        assert!(matches!(what[5], ComposeWrong::HostPath { .. }));
        assert!(matches!(what[6], ComposeWrong::NotDeclared { .. }));
        assert!(matches!(what[7], ComposeWrong::Variable { name } if name == "HOME"));
        assert!(matches!(what[8], ComposeWrong::Variable { name } if name == "B"));
        let why = Unsupported::Build;
        assert!(matches!(what[9], ComposeWrong::Unsupported { why: found, .. } if *found == why));
    }

    #[test]
    fn shapes_and_reserved_words_are_told() {
        let wanted = |what| ComposeWrong::Wanted { what };
        assert_eq!(problems("- a\n")[0], (1, wanted(Shape::Mapping)));
        let key = || "services".to_owned();
        assert_eq!(
            problems("volumes:\n")[0].1,
            ComposeWrong::Missing { key: key() }
        );
        assert_eq!(
            problems("services:\n")[0].1,
            ComposeWrong::Missing { key: key() }
        );
        let text = "services:\n  a:\n    image: x\n    ports: 80\n    labels:\n      carina.x: 1\n    \
                    networks: [nowhere]\n    command: \"'\"\n    deploy:\n      replicas: 1000\n";
        let found = problems(text);
        assert_eq!(found[0], (4, wanted(Shape::List)));
        let label = "carina.x".to_owned();
        assert_eq!(found[1], (6, ComposeWrong::ReservedLabel { label }));
        let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [4, 6, 7, 8, 10], "{found:?}");
        assert_eq!(problems("services:\n  a b:\n    image: x\n").len(), 1);
    }

    #[test]
    fn nothing_that_is_typed_brings_it_down() {
        for text in [
            "services: [",
            "a: {b",
            ":",
            "- - -",
            "\u{0}",
            "services:\n\ta: 1",
            "%YAML 9.9\n---\na: 1",
            "services: {a: {image: [], ports: {}, volumes: [{}], networks: {x: {y: 1}}}}",
        ] {
            let _ = read(text);
        }
        // Every beginning of a good file.
        for end in (0..GOOD.len()).filter(|end| GOOD.is_char_boundary(*end)) {
            let _ = read(&GOOD[..end]);
        }
    }
}
