//! BuildKit's order to build: `moby.buildkit.v1.Control/Solve`, and what a front end that runs in
//! the client asks for in between, `moby.buildkit.v1.frontend.LLBBridge/Solve`.
//!
//! The build graph itself (`pb.Definition`) passes as it is: its steps are named by their own
//! digests. What it may contain the engine decides, by its entitlements.

use std::collections::BTreeMap;

use super::proto::{
    Fields, bytes_write, entry_read, flag_write, malformed, map_write, text_write, unknown,
};
use super::refusal::Refusal;

pub type Options = BTreeMap<String, String>;

/// Where the result goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exporter {
    pub kind: String,
    pub attrs: Options,
    pub id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Solve {
    pub reference: String,
    pub definition: Option<Vec<u8>>,
    /// The only one of older clients.
    pub exporter: Exporter,
    pub session: String,
    pub frontend: String,
    pub options: Options,
    pub cache: Option<Vec<u8>>,
    pub entitlements: Vec<String>,
    pub inputs: Vec<Vec<u8>>,
    pub is_internal: bool,
    pub source_policy: Option<Vec<u8>>,
    pub exporters: Vec<Exporter>,
    pub source_policy_session: String,
}

impl Solve {
    pub fn read(message: &[u8]) -> Result<Self, Refusal> {
        let mut solve = Self::default();
        for field in Fields::of(message) {
            let (number, wire) = field?;
            match number {
                1 => solve.reference = wire.text()?,
                2 => once(&mut solve.definition, wire.bytes()?)?,
                3 => solve.exporter.kind = wire.text()?,
                4 => entry_read(wire.bytes()?, &mut solve.exporter.attrs)?,
                5 => solve.session = wire.text()?,
                6 => solve.frontend = wire.text()?,
                7 => entry_read(wire.bytes()?, &mut solve.options)?,
                8 => once(&mut solve.cache, wire.bytes()?)?,
                9 => solve.entitlements.push(wire.text()?),
                10 => solve.inputs.push(wire.bytes()?.to_vec()),
                11 => solve.is_internal = wire.flag()?,
                12 => once(&mut solve.source_policy, wire.bytes()?)?,
                13 => solve.exporters.push(Exporter::read(wire.bytes()?)?),
                // Would let the client name exporters over its session, where nobody looks: the
                // engine is not told of the wish.
                14 => {
                    wire.flag()?;
                }
                15 => solve.source_policy_session = wire.text()?,
                _ => return Err(unknown(number)),
            }
        }
        Ok(solve)
    }

    /// What is sent on: always this, never the bytes that came.
    pub fn write(&self) -> Vec<u8> {
        let mut message = Vec::new();
        let into = &mut message;
        let part = |number, part: &Option<Vec<u8>>, into: &mut Vec<u8>| {
            if let Some(part) = part {
                bytes_write(number, part, into);
            }
        };
        text_write(1, &self.reference, into);
        part(2, &self.definition, into);
        text_write(3, &self.exporter.kind, into);
        map_write(4, &self.exporter.attrs, into);
        text_write(5, &self.session, into);
        text_write(6, &self.frontend, into);
        map_write(7, &self.options, into);
        part(8, &self.cache, into);
        for entitlement in &self.entitlements {
            bytes_write(9, entitlement.as_bytes(), into);
        }
        for input in &self.inputs {
            bytes_write(10, input, into);
        }
        flag_write(11, self.is_internal, into);
        part(12, &self.source_policy, into);
        for exporter in &self.exporters {
            bytes_write(13, &exporter.write(), into);
        }
        text_write(15, &self.source_policy_session, into);
        message
    }
}

impl Exporter {
    fn read(message: &[u8]) -> Result<Self, Refusal> {
        let mut exporter = Self::default();
        for field in Fields::of(message) {
            let (number, wire) = field?;
            match number {
                1 => exporter.kind = wire.text()?,
                2 => entry_read(wire.bytes()?, &mut exporter.attrs)?,
                3 => exporter.id = wire.text()?,
                _ => return Err(unknown(number)),
            }
        }
        Ok(exporter)
    }

    fn write(&self) -> Vec<u8> {
        let mut message = Vec::new();
        text_write(1, &self.kind, &mut message);
        map_write(2, &self.attrs, &mut message);
        text_write(3, &self.id, &mut message);
        message
    }
}

/// The options in a front end's own `Solve`. All else of that message is about the graph.
pub fn bridge_options(message: &[u8]) -> Result<Options, Refusal> {
    const OPTIONS: u32 = 3;
    let mut options = Options::new();
    for field in Fields::of(message) {
        let (number, wire) = field?;
        if number == OPTIONS {
            let entries = options.len();
            entry_read(wire.bytes()?, &mut options)?;
            // The message passes as it came, and who reads the first of two must not be misled.
            if options.len() == entries {
                return Err(malformed());
            }
        }
    }
    Ok(options)
}

/// Two messages in one field would be merged by some readers.
fn once(slot: &mut Option<Vec<u8>>, bytes: &[u8]) -> Result<(), Refusal> {
    match slot.replace(bytes.to_vec()) {
        None => Ok(()),
        Some(_) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporter(kind: &str, name: &str) -> Exporter {
        Exporter {
            kind: kind.into(),
            attrs: Options::from([("name".into(), name.into())]),
            id: "0".into(),
        }
    }

    #[test]
    fn an_order_is_written_anew() {
        let solve = Solve {
            reference: "r".into(),
            definition: Some(vec![]),
            exporter: Exporter {
                id: String::new(),
                ..exporter("moby", "a:1")
            },
            session: "s".into(),
            frontend: "dockerfile.v0".into(),
            options: Options::from([
                ("target".into(), "x".into()),
                ("no-cache".into(), "".into()),
            ]),
            cache: Some(vec![0x0a, 0x00]),
            entitlements: vec!["network.host".into()],
            inputs: vec![vec![1, 2]],
            is_internal: true,
            source_policy: None,
            exporters: vec![exporter("moby", "b:1"), Exporter::default()],
            source_policy_session: "p".into(),
        };
        let mut message = solve.write();
        assert_eq!(Solve::read(&message).expect("an order"), solve);
        // An exporter that the session would name is not passed on.
        flag_write(14, true, &mut message);
        assert_eq!(
            Solve::read(&message).expect("an order").write(),
            solve.write()
        );
        flag_write(16, true, &mut message);
        assert!(Solve::read(&message).is_err());
    }

    #[test]
    fn later_values_win_and_two_graphs_are_refused() {
        let mut message = Vec::new();
        text_write(3, "local", &mut message);
        text_write(3, "moby", &mut message);
        assert_eq!(
            Solve::read(&message).expect("an order").exporter.kind,
            "moby"
        );
        bytes_write(2, &[], &mut message);
        bytes_write(2, &[], &mut message);
        assert!(Solve::read(&message).is_err());
    }

    #[test]
    fn a_front_end_s_options_are_found() {
        let options = Options::from([("cgroup-parent".into(), "/".into())]);
        let mut message = Vec::new();
        bytes_write(1, &[1, 2, 3], &mut message);
        map_write(3, &options, &mut message);
        flag_write(5, true, &mut message);
        assert_eq!(bridge_options(&message).expect("options"), options);
        map_write(3, &options, &mut message);
        assert!(bridge_options(&message).is_err(), "a key twice");
    }
}
