//! The mark in a domain's `<metadata>`: what makes a domain ours, and all that the hook may use.

use std::net::Ipv4Addr;

use uuid::Uuid;

/// XML namespace of the one element `<carina:segment …/>` in `<metadata>`.
pub const METADATA_NAMESPACE: &str = "https://carina.invalid/segment/1";

/// What the names of all segments' links begin with; those of their bridges begin with `crn`.
pub const LINK_PREFIX: &str = "crs";

/// The attributes of `<carina:segment/>`. Paths are never in it: the hook derives them all from
/// the domain's name, so that a wrong mark cannot point it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainMark {
    /// `cluster`
    pub cluster: Uuid,
    /// `ordinal`, 1…
    pub ordinal: u32,
    /// `id-base`: first id of the segment's range of 65,536 on the host; a multiple of that, never 0.
    pub id_base: u32,
    /// `image`: directory name under `images/`, lower-case hex of the recipe's content.
    pub image: String,
    /// `address`
    pub address: Ipv4Addr,
    /// `discovery-port`: the one port of the host that the segment may reach.
    pub discovery_port: u16,
    /// `pids`: limit of tasks in the segment.
    pub pids: u32,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MarkError {
    #[error("attribute {0} is missing")]
    Missing(&'static str),
    #[error("attribute {0} has a wrong value")]
    Wrong(&'static str),
}

impl DomainMark {
    /// Builds a mark out of attribute values, checking each.
    pub fn parse<'a>(attribute: impl Fn(&str) -> Option<&'a str>) -> Result<Self, MarkError> {
        let get = |name: &'static str| attribute(name).ok_or(MarkError::Missing(name));
        let image = get("image")?;
        if image.len() < 8
            || image.len() > 64
            || !image
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        {
            return Err(MarkError::Wrong("image"));
        }
        let mark = Self {
            cluster: parse(get("cluster")?, "cluster")?,
            ordinal: parse(get("ordinal")?, "ordinal")?,
            id_base: parse(get("id-base")?, "id-base")?,
            image: image.to_owned(),
            address: parse(get("address")?, "address")?,
            discovery_port: parse(get("discovery-port")?, "discovery-port")?,
            pids: parse(get("pids")?, "pids")?,
        };
        if mark.ordinal == 0 || mark.ordinal > 250 {
            return Err(MarkError::Wrong("ordinal"));
        }
        if mark.id_base == 0 || !mark.id_base.is_multiple_of(crate::ID_RANGE) {
            return Err(MarkError::Wrong("id-base"));
        }
        if mark.pids < 64 {
            return Err(MarkError::Wrong("pids"));
        }
        Ok(mark)
    }

    /// The attributes for the XML, in a stable order.
    pub fn attributes(&self) -> [(&'static str, String); 7] {
        [
            ("cluster", self.cluster.to_string()),
            ("ordinal", self.ordinal.to_string()),
            ("id-base", self.id_base.to_string()),
            ("image", self.image.clone()),
            ("address", self.address.to_string()),
            ("discovery-port", self.discovery_port.to_string()),
            ("pids", self.pids.to_string()),
        ]
    }

    /// Name of the host's end of the segment's link: unique because addresses are, and known before
    /// the link is there.
    pub fn link(&self) -> String {
        format!("{LINK_PREFIX}{:08x}", self.address.to_bits())
    }

    /// `<cluster>-n<ordinal>`.
    pub fn node(&self) -> String {
        format!("{}-n{}", self.cluster, self.ordinal)
    }
}

fn parse<T: std::str::FromStr>(text: &str, name: &'static str) -> Result<T, MarkError> {
    text.parse().map_err(|_| MarkError::Wrong(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn mark() -> DomainMark {
        DomainMark {
            cluster: Uuid::from_u128(7),
            ordinal: 2,
            id_base: 65_536 * 3,
            image: "0123456789abcdef".into(),
            address: Ipv4Addr::new(10, 83, 0, 12),
            discovery_port: 17_946,
            pids: 4096,
        }
    }

    fn parse_with(name: &str, value: Option<&str>) -> Result<DomainMark, MarkError> {
        let mut attributes: BTreeMap<_, _> = mark().attributes().into();
        match value {
            Some(value) => *attributes.get_mut(name).expect("a known attribute") = value.to_owned(),
            None => drop(attributes.remove(name)),
        }
        DomainMark::parse(|name| attributes.get(name).map(String::as_str))
    }

    #[test]
    fn a_mark_survives_the_way_through_xml_attributes() {
        assert_eq!(parse_with("ordinal", Some("2")), Ok(mark()));
    }

    #[test]
    fn a_link_has_a_name_that_the_kernel_takes() {
        assert_eq!(mark().link(), "crs0a53000c");
    }

    #[test]
    fn every_attribute_is_needed() {
        for (name, _) in mark().attributes() {
            assert_eq!(parse_with(name, None), Err(MarkError::Missing(name)));
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        for (name, value) in [
            ("cluster", "x"),
            ("ordinal", "0"),
            ("ordinal", "251"),
            ("id-base", "0"),
            ("id-base", "65537"),
            ("image", "../../etc"),
            ("image", "short"),
            ("image", "ABCDEF0123"),
            ("address", "::1"),
            ("discovery-port", "65536"),
            ("pids", "63"),
        ] {
            assert!(parse_with(name, Some(value)).is_err(), "{name}={value}");
        }
    }
}
