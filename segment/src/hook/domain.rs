//! The domain as the hook accepts it: our mark, the paths that follow from its name, the limits.

use wire::xml::Element;
use wire::{DomainMark, ID_RANGE};

use super::HookError;

/// A domain that carries our mark, agrees with it, and has a name that makes safe paths.
pub struct Domain {
    pub node: String,
    pub mark: DomainMark,
    xml: Element,
}

impl Domain {
    /// Refuses a mark that does not fit the name: the name is where all paths come from.
    pub fn check(name: &str, mark: DomainMark, xml: Element) -> Result<Self, HookError> {
        let own_name = xml.one("name").map(|name| name.text.as_str());
        if mark.node() != name || own_name != Some(name) {
            return Err(HookError::Refused(format!(
                "the domain {name} is marked as {}",
                mark.node()
            )));
        }
        if xml.attribute("type") != Some("lxc") {
            return Err(HookError::Refused(format!("{name} is not an LXC domain")));
        }
        Ok(Self {
            node: name.to_owned(),
            mark,
            xml,
        })
    }

    /// Refuses to start a segment without what keeps it in its place.
    pub fn check_limits(&self) -> Result<(), HookError> {
        let refuse = |why: &str| Err(HookError::Refused(format!("{}: {why}", self.node)));
        for kind in ["uid", "gid"] {
            let map = self.xml.at(&["idmap", kind]);
            let has = |name: &str, value: String| {
                map.and_then(|map| map.attribute(name)) == Some(value.as_str())
            };
            if !has("start", "0".into())
                || !has("target", self.mark.id_base.to_string())
                || !has("count", ID_RANGE.to_string())
            {
                return refuse("the id map is missing or is not the mark's");
            }
        }
        let quota = self.xml.at(&["cputune", "quota"]).map(|quota| &*quota.text);
        if quota
            .and_then(|quota| quota.parse::<u64>().ok())
            .is_none_or(|quota| quota == 0)
        {
            return refuse("there is no CPU quota");
        }
        if self.xml.one("memory").is_none() {
            return refuse("there is no memory limit");
        }
        let Some(devices) = self.xml.one("devices") else {
            return refuse("there are no devices");
        };
        let network = format!("carina-{}", self.mark.cluster);
        let interfaces: Vec<_> = devices.all("interface").collect();
        let is_ours = |interface: &&&Element| {
            interface.attribute("type") == Some("network")
                && interface
                    .one("source")
                    .and_then(|source| source.attribute("network"))
                    == Some(&*network)
        };
        if interfaces.len() != 1 || interfaces.iter().filter(is_ours).count() != 1 {
            return refuse("it must have one interface, on its cluster's network");
        }
        let link = interfaces[0]
            .one("target")
            .and_then(|target| target.attribute("dev"));
        if link != Some(&*self.mark.link()) {
            return refuse("its link has another name than its address gives it");
        }
        self.mac()?;
        let wanted = super::place::filesystems(&self.node);
        let found: Vec<_> = devices
            .all("filesystem")
            .map(|filesystem| {
                let of = |element, name| filesystem.one(element).and_then(|e| e.attribute(name));
                (of("source", "dir"), of("target", "dir"))
            })
            .collect();
        // In this order: what is mounted later may cover what was mounted before.
        let fits = wanted
            .iter()
            .map(|(source, target)| (Some(source.as_str()), Some(*target)))
            .eq(found);
        if !fits {
            return refuse("its file systems are not a segment's");
        }
        if devices.one("hostdev").is_some() || devices.all("hostdev").next().is_some() {
            return refuse("it has a device of the host's");
        }
        Ok(())
    }

    /// PID of the controller, once it runs.
    pub fn controller(&self) -> Result<u32, HookError> {
        self.xml
            .attribute("id")
            .and_then(|id| id.parse().ok())
            .filter(|id| *id > 1)
            .ok_or_else(|| HookError::Refused(format!("{} has no controller", self.node)))
    }

    /// Name of the AppArmor profile that libvirt enters for this domain.
    pub fn profile(&self) -> Result<String, HookError> {
        let uuid = self.xml.one("uuid").map_or("", |uuid| &uuid.text);
        let uuid: uuid::Uuid = uuid
            .parse()
            .map_err(|_| HookError::Refused(format!("{} has no UUID", self.node)))?;
        Ok(format!("libvirt-{uuid}"))
    }

    /// Whether it has exactly this static label.
    pub fn is_confined_by(&self, wanted: &str) -> bool {
        let mut labels = self
            .xml
            .all("seclabel")
            .filter(|label| label.attribute("model") == Some("apparmor"));
        labels.next().is_some_and(|label| {
            label.attribute("type") == Some("static")
                && label.one("label").is_some_and(|label| label.text == wanted)
        })
    }

    /// The bridge, when libvirt has told it (in `started`).
    pub fn bridge(&self) -> Option<&str> {
        let source = self.xml.at(&["devices", "interface", "source"])?;
        source.attribute("bridge").filter(|name| is_bridge(name))
    }

    /// The one hardware address that the segment may speak from.
    pub fn mac(&self) -> Result<&str, HookError> {
        let mac = self.xml.at(&["devices", "interface", "mac"]);
        let mac = mac.and_then(|mac| mac.attribute("address"));
        mac.filter(|mac| {
            let parts: Vec<&str> = mac.split(':').collect();
            let is_byte =
                |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
            parts.len() == 6 && parts.iter().all(is_byte)
        })
        .ok_or_else(|| HookError::Refused(format!("{} has no hardware address", self.node)))
    }
}

/// Whether a name can be that of a cluster's bridge.
pub fn is_bridge(name: &str) -> bool {
    name.len() <= 15 && name.starts_with("crn") && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
#[path = "domain_test.rs"]
mod tests;
