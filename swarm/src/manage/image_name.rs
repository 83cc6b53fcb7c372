//! What a client calls an image by: a name with a tag or a digest, an id, the beginning of one.

use crate::schedule::facts::ImageFacts;

/// A reference, read once and compared with many images.
pub struct Wanted<'a> {
    /// When it could be an id or the beginning of one.
    hex: Option<&'a str>,
    name: Name,
}

enum Name {
    /// As engines list it, `repo:tag`.
    Tag(String),
    /// Repository and digest.
    Digest(String),
}

impl<'a> Wanted<'a> {
    pub fn of(reference: &'a str) -> Self {
        let wanted = reference.strip_prefix("sha256:").unwrap_or(reference);
        let is_hex = wanted.len() >= 2 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
        let name = ["docker.io/", "index.docker.io/"]
            .iter()
            .find_map(|registry| reference.strip_prefix(registry))
            .unwrap_or(reference);
        let name = name.strip_prefix("library/").unwrap_or(name);
        Self {
            hex: is_hex.then_some(wanted),
            name: match name.split_once('@') {
                Some((name, digest)) => Name::Digest(format!("{}@{digest}", name_of(name))),
                None => Name::Tag(tagged(name, None)),
            },
        }
    }

    /// The tag it would be, were it one.
    pub fn tag(&self) -> Option<&str> {
        match &self.name {
            Name::Tag(tag) => Some(tag),
            Name::Digest(_) => None,
        }
    }

    pub fn is_digest(&self) -> bool {
        matches!(self.name, Name::Digest(_))
    }

    pub fn matches(&self, image: &ImageFacts) -> bool {
        self.is_id_of(image) || self.is_name_of(image)
    }

    /// The image of one node that is meant, and whether it is so by name: a whole id goes before a
    /// name, a name before the beginning of an id, which must be that of one image only.
    pub fn find<'i>(&self, images: &'i [ImageFacts]) -> Option<(&'i ImageFacts, bool)> {
        if let Some(hex) = self.hex
            && let Some(image) = images.iter().find(|image| bare(&image.id) == hex)
        {
            return Some((image, false));
        }
        if let Some(image) = images.iter().find(|image| self.is_name_of(image)) {
            return Some((image, true));
        }
        let mut by_id = images.iter().filter(|image| self.is_id_of(image));
        match (by_id.next(), by_id.next()) {
            (Some(image), None) => Some((image, false)),
            _ => None,
        }
    }

    fn is_id_of(&self, image: &ImageFacts) -> bool {
        self.hex.is_some_and(|hex| bare(&image.id).starts_with(hex))
    }

    fn is_name_of(&self, image: &ImageFacts) -> bool {
        match &self.name {
            Name::Tag(tag) => image.repo_tags.contains(tag),
            Name::Digest(digest) => image.repo_digests.iter().any(|known| known == digest),
        }
    }
}

fn bare(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}

/// A reference without its tag; a colon before the last slash is a registry's port.
pub fn name_of(reference: &str) -> &str {
    match reference.rfind(':') {
        Some(colon) if !reference[colon..].contains('/') => &reference[..colon],
        _ => reference,
    }
}

/// `repo:tag` out of the two query parameters; the first may carry the tag already.
pub fn tagged(repo: &str, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => format!("{repo}:{tag}"),
        None if name_of(repo).len() == repo.len() => format!("{repo}:latest"),
        None => repo.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: &str, tags: &[&str], digests: &[&str]) -> ImageFacts {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        ImageFacts {
            id: format!("sha256:{id}"),
            repo_tags: own(tags),
            repo_digests: own(digests),
        }
    }

    #[test]
    fn images_are_known_by_all_their_names() {
        let image = image(
            "0123456789abcdef",
            &["busybox:latest", "localhost:5000/test:1"],
            &["busybox@sha256:ff"],
        );
        for good in [
            "busybox",
            "busybox:latest",
            "docker.io/library/busybox",
            "localhost:5000/test:1",
            "0123456789ab",
            "sha256:0123456789abcdef",
            "busybox@sha256:ff",
            "busybox:x@sha256:ff",
        ] {
            assert!(Wanted::of(good).matches(&image), "{good}");
        }
        for bad in [
            "busy",
            "busybox:1",
            "localhost:5000/test",
            "1234",
            "busybox@sha256:00",
        ] {
            assert!(!Wanted::of(bad).matches(&image), "{bad}");
        }
    }

    #[test]
    fn a_name_goes_before_the_beginning_of_an_id() {
        let images = [
            image("abc1", &["x:1"], &[]),
            image("abc2", &[], &[]),
            image("dddd", &["abc1:latest", "abc:latest"], &[]),
        ];
        for (reference, expect) in [
            ("abc1", Some(("sha256:abc1", false))),
            ("abc", Some(("sha256:dddd", true))),
            ("abc2", Some(("sha256:abc2", false))),
            ("dd", Some(("sha256:dddd", false))),
            ("ab", None),
            ("x:1", Some(("sha256:abc1", true))),
            ("x", None),
        ] {
            let found = Wanted::of(reference).find(&images);
            let found = found.map(|(image, named)| (image.id.as_str(), named));
            assert_eq!(found, expect, "{reference}");
        }
    }
}
