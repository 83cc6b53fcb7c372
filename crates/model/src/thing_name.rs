//! Names that people give to what they make beside containers.

use std::fmt;
use std::str::FromStr;

/// An image as `docker pull` takes it: `nginx:1.29-alpine`, `ghcr.io/owner/name@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    repository: String,
    /// Or a digest.
    tag: String,
}

impl ImageName {
    pub const MAX: usize = 255;

    pub fn repository(&self) -> &str {
        &self.repository
    }

    pub fn tag(&self) -> &str {
        &self.tag
    }
}

impl FromStr for ImageName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "Type the name of an image as docker pull takes it: nginx:1.29, ghcr.io/owner/name:tag.";
        let text = text.trim();
        let (repository, tag) = match text.split_once('@') {
            Some((repository, digest)) => (repository, digest),
            // A port's colon stands before a slash.
            None => match text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
                Some((repository, tag)) => (repository, tag),
                None => (text, "latest"),
            },
        };
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-:".contains(c))
        };
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && tag
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c));
        if text.len() <= Self::MAX && repository.split('/').all(is_part) && is_tag {
            Ok(Self {
                repository: repository.to_owned(),
                tag: tag.to_owned(),
            })
        } else {
            Err(WRONG)
        }
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.tag.contains(':') { '@' } else { ':' };
        write!(f, "{}{mark}{}", self.repository, self.tag)
    }
}

/// A volume or a network, by Docker's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingName(String);

impl ThingName {
    pub const MAX: usize = 128;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ThingName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        let is_good = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if begins && (2..=Self::MAX).contains(&text.len()) && text.chars().all(is_good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "Use letters, digits, dots, hyphens and underscores, at least 2, and begin with a letter or a digit.",
            )
        }
    }
}

impl fmt::Display for ThingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{ImageName, ThingName};

    #[test]
    fn an_image_is_named_as_docker_pull_takes_it() {
        let digest = format!("nginx@sha256:{}", "a".repeat(64));
        for (text, whole) in [
            ("nginx", "nginx:latest"),
            (" nginx:1.29-alpine ", "nginx:1.29-alpine"),
            ("ghcr.io/owner/name:v1", "ghcr.io/owner/name:v1"),
            (
                "registry.example:5000/a/b",
                "registry.example:5000/a/b:latest",
            ),
            (&digest, &digest),
        ] {
            let name: ImageName = text.parse().unwrap();
            assert_eq!(name.to_string(), whole);
        }
        let port: ImageName = "registry.example:5000/a:x".parse().unwrap();
        assert_eq!(
            (port.repository(), port.tag()),
            ("registry.example:5000/a", "x")
        );
        for wrong in [
            "",
            "a b",
            "../x",
            "a//b",
            "Nginx",
            "nginx:",
            "nginx?tag=x",
            "-x",
            "a&b=c",
        ] {
            assert!(wrong.parse::<ImageName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_thing_is_named_by_dockers_rule() {
        for good in ["data", "Shop_data-1.0", "a1"] {
            assert_eq!(good.parse::<ThingName>().unwrap().as_str(), good);
        }
        for wrong in ["", "a", "n1/data", "_x", "a b", "a\n", &"x".repeat(129)] {
            assert!(wrong.parse::<ThingName>().is_err(), "{wrong}");
        }
    }
}
