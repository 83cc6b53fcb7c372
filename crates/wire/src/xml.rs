//! libvirt's XML as a small tree, read strictly.
//!
//! The hook reads it as root before anything else does, so the reader is short: no DTD, no
//! entities but XML's own five, bounded size and depth. Whatever is not understood is an error.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::{DomainMark, METADATA_NAMESPACE, MarkError};

const MAX_BYTES: usize = 256 * 1024;
const MAX_DEPTH: usize = 24;

/// One element; text is what stands directly in it, trimmed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    pub namespace: Option<String>,
    /// Without its prefix.
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    #[error("the document is longer than {MAX_BYTES} bytes or deeper than {MAX_DEPTH} elements")]
    TooLarge,
    #[error("not well-formed: {0}")]
    Malformed(String),
    #[error("{0} may not stand in it")]
    Forbidden(&'static str),
    #[error("more than one mark, or a mark that is not alone in its place")]
    AmbiguousMark,
    #[error("the mark is wrong: {0}")]
    Mark(#[from] MarkError),
}

impl Element {
    /// Reads a whole document with one root element.
    pub fn parse(text: &str) -> Result<Self, XmlError> {
        if text.len() > MAX_BYTES {
            return Err(XmlError::TooLarge);
        }
        let mut reader = NsReader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        loop {
            let (namespace, event) = reader
                .read_resolved_event()
                .map_err(|why| XmlError::Malformed(why.to_string()))?;
            match event {
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH || root.is_some() {
                        return Err(XmlError::TooLarge);
                    }
                    let element = Self::begin(&namespace, &start)?;
                    open.push(element);
                }
                Event::Empty(start) => {
                    let element = Self::begin(&namespace, &start)?;
                    Self::close(element, &mut open, &mut root)?;
                }
                Event::End(_) => {
                    let element = open
                        .pop()
                        .ok_or(XmlError::Forbidden("an end without a start"))?;
                    Self::close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => Self::append(&mut open, &text.xml10_content())?,
                Event::CData(text) => Self::append(&mut open, &text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let character = match reference.xml10_content().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "apos" => '\'',
                        "quot" => '"',
                        _ => reference
                            .resolve_char_ref()
                            .map_err(|why| XmlError::Malformed(why.to_string()))?
                            .ok_or(XmlError::Forbidden("an entity"))?,
                    };
                    Self::append(&mut open, character.encode_utf8(&mut [0; 4]))?;
                }
                Event::Comment(_) | Event::Decl(_) => {}
                Event::PI(_) => return Err(XmlError::Forbidden("a processing instruction")),
                Event::DocType(_) => return Err(XmlError::Forbidden("a DTD")),
                Event::Eof => break,
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(root),
            _ => Err(XmlError::Malformed("the document ends early".into())),
        }
    }

    fn begin(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Self, XmlError> {
        let namespace = match namespace {
            ResolveResult::Unbound => None,
            ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
            ResolveResult::Unknown(_) => return Err(XmlError::Forbidden("an unknown prefix")),
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|why| XmlError::Malformed(why.to_string()))?;
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                .map_err(|why| XmlError::Malformed(why.to_string()))?;
            attributes.push((attribute.key.0.to_owned(), value.into_owned()));
        }
        Ok(Self {
            namespace,
            name: start.local_name().into_inner().to_owned(),
            attributes,
            ..Self::default()
        })
    }

    fn close(
        mut element: Self,
        open: &mut [Self],
        root: &mut Option<Self>,
    ) -> Result<(), XmlError> {
        element.text = element.text.trim().to_owned();
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if root.is_none() => *root = Some(element),
            None => return Err(XmlError::Forbidden("a second root")),
        }
        Ok(())
    }

    fn append(open: &mut [Self], text: &str) -> Result<(), XmlError> {
        match open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(XmlError::Forbidden("text outside the root")),
        }
        Ok(())
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Children of libvirt's own (no namespace) with this name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |child| child.namespace.is_none() && child.name == name)
    }

    /// The only such child; `None` when there are none or several.
    pub fn one(&self, name: &str) -> Option<&Element> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// Follows [`Element::one`] down a path.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter()
            .try_fold(self, |element, name| element.one(name))
    }

    /// Our element `name` in `<metadata>`; `None` when the domain or network is not Carina's.
    pub fn own_metadata(&self, name: &str) -> Result<Option<&Element>, XmlError> {
        let metadata: Vec<_> = self.all("metadata").collect();
        let mut ours = metadata
            .iter()
            .flat_map(|metadata| &metadata.children)
            .filter(|child| child.namespace.as_deref() == Some(METADATA_NAMESPACE));
        match (ours.next(), ours.next()) {
            (None, _) => Ok(None),
            (Some(mark), None) if mark.name == name => Ok(Some(mark)),
            _ => Err(XmlError::AmbiguousMark),
        }
    }

    /// The mark of a domain of ours.
    pub fn domain_mark(&self) -> Result<Option<DomainMark>, XmlError> {
        let Some(mark) = self.own_metadata("segment")? else {
            return Ok(None);
        };
        Ok(Some(DomainMark::parse(|name| mark.attribute(name))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_of_somebody_else_has_no_mark() {
        let domain = Element::parse("<domain type='lxc'><name>web</name></domain>").unwrap();
        assert_eq!(domain.one("name").unwrap().text, "web");
        assert!(domain.domain_mark().unwrap().is_none());
    }

    #[test]
    fn a_mark_needs_our_namespace_and_to_be_alone() {
        let domain = |inner: &str| {
            Element::parse(&format!("<domain><metadata>{inner}</metadata></domain>")).unwrap()
        };
        let other = domain("<c:segment xmlns:c='https://other.invalid' cluster='x'/>");
        assert!(other.domain_mark().unwrap().is_none());
        let ours = format!("<c:segment xmlns:c='{METADATA_NAMESPACE}'/>");
        assert!(matches!(
            domain(&ours).domain_mark(),
            Err(XmlError::Mark(MarkError::Missing("image")))
        ));
        assert!(matches!(
            domain(&format!("{ours}{ours}")).domain_mark(),
            Err(XmlError::AmbiguousMark)
        ));
    }

    #[test]
    fn what_is_not_plain_xml_is_refused() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<a>&x;</a>",
            "<a b='1' b='2'/>",
            "<x:a/>",
            "<?php x?><a/>",
        ] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
        assert!(Element::parse(&"<a>".repeat(100)).is_err());
    }

    #[test]
    fn entities_of_xml_itself_are_understood() {
        let element = Element::parse("<a b='&lt;&#65;'>x &amp; y</a>").unwrap();
        assert_eq!(element.attribute("b"), Some("<A"));
        assert_eq!(element.text, "x & y");
    }
}
