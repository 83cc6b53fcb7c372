//! Protocol Buffers on the wire, as far as BuildKit's orders need it: fields one after another.
//!
//! A second reader must not find something else in the same bytes, so numbers that are longer than
//! they need to be, groups and texts that are no UTF-8 are refused rather than tolerated.

use std::collections::BTreeMap;

use super::refusal::Refusal;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    /// A text, bytes or a message.
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

impl<'a> Wire<'a> {
    pub fn bytes(self) -> Result<&'a [u8], Refusal> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(malformed()),
        }
    }

    pub fn text(self) -> Result<String, Refusal> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| malformed())?;
        Ok(text.to_owned())
    }

    pub fn flag(self) -> Result<bool, Refusal> {
        match self {
            Self::Varint(0) => Ok(false),
            Self::Varint(1) => Ok(true),
            _ => Err(malformed()),
        }
    }
}

/// Takes a message apart. After an error nothing more comes.
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, Refusal> {
        let mut value: u64 = 0;
        for at in 0..10 {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                return Err(malformed());
            }
            value |= bits << (7 * at);
            if byte & 0x80 == 0 {
                // The last byte of several is zero: the same number has a shorter form.
                return if at > 0 && byte == 0 {
                    Err(malformed())
                } else {
                    Ok(value)
                };
            }
        }
        Err(malformed())
    }

    fn field(&mut self) -> Result<(u32, Wire<'a>), Refusal> {
        let key = u32::try_from(self.varint()?).map_err(|_| malformed())?;
        let number = key >> 3;
        if number == 0 {
            return Err(malformed());
        }
        let array = |_| malformed();
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.take(8)?.try_into().map_err(array)?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| malformed())?;
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed32(self.take(4)?.try_into().map_err(array)?),
            _ => return Err(malformed()),
        };
        Ok((number, wire))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Wire<'a>), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// One entry of a `map<string, string>`; a later one of the same key takes its place.
pub fn entry_read(entry: &[u8], into: &mut BTreeMap<String, String>) -> Result<(), Refusal> {
    let (mut key, mut value) = (None, None);
    for field in Fields::of(entry) {
        let (number, wire) = field?;
        let slot = match number {
            1 => &mut key,
            2 => &mut value,
            _ => return Err(unknown(number)),
        };
        if slot.replace(wire.text()?).is_some() {
            return Err(malformed());
        }
    }
    into.insert(key.unwrap_or_default(), value.unwrap_or_default());
    Ok(())
}

pub fn map_write(number: u32, map: &BTreeMap<String, String>, into: &mut Vec<u8>) {
    for (key, value) in map {
        let mut entry = Vec::new();
        bytes_write(1, key.as_bytes(), &mut entry);
        bytes_write(2, value.as_bytes(), &mut entry);
        bytes_write(number, &entry, into);
    }
}

pub fn bytes_write(number: u32, bytes: &[u8], into: &mut Vec<u8>) {
    varint_write(u64::from(number) << 3 | 2, into);
    varint_write(bytes.len() as u64, into);
    into.extend_from_slice(bytes);
}

/// Texts and flags that are at their default are not written.
pub fn text_write(number: u32, text: &str, into: &mut Vec<u8>) {
    if !text.is_empty() {
        bytes_write(number, text.as_bytes(), into);
    }
}

pub fn flag_write(number: u32, flag: bool, into: &mut Vec<u8>) {
    if flag {
        varint_write(u64::from(number) << 3, into);
        into.push(1);
    }
}

fn varint_write(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// The one message of a unary call's body.
pub fn unframe(body: &[u8]) -> Result<&[u8], Refusal> {
    let (head, message) = body.split_at_checked(5).ok_or_else(malformed)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    if head[0] != 0 || usize::try_from(length) != Ok(message.len()) {
        return Err(Refusal::bad_request(
            "only one message, uncompressed, is accepted here",
        ));
    }
    Ok(message)
}

/// A message as the body of a unary call. `None` when it is too long for one.
pub fn frame(message: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(message.len()).ok()?;
    Some([&[0], &length.to_be_bytes()[..], message].concat())
}

pub fn malformed() -> Refusal {
    Refusal::bad_request("this message is not understood")
}

pub fn unknown(number: u32) -> Refusal {
    Refusal::bad_request(format!(
        "field {number} of this message is not understood; a newer version of swarm may"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let map = BTreeMap::from([
            ("a".to_owned(), "b".repeat(300)),
            (String::new(), String::new()),
        ]);
        let mut message = Vec::new();
        map_write(4, &map, &mut message);
        flag_write(11, true, &mut message);
        text_write(5, "", &mut message);
        let mut again = BTreeMap::new();
        let mut flags = Vec::new();
        for field in Fields::of(&message) {
            match field.expect("well formed") {
                (4, wire) => {
                    entry_read(wire.bytes().expect("bytes"), &mut again).expect("an entry")
                }
                (number, wire) => flags.push((number, wire.flag().expect("a flag"))),
            }
        }
        assert_eq!(again, map);
        assert_eq!(flags, [(11, true)]);
        let framed = frame(&message).expect("short");
        assert_eq!(unframe(&framed).expect("one message"), message);
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        for (what, bytes) in [
            ("a long tag", &[0x8a, 0x00, 0x00][..]),
            ("a long length", &[0x0a, 0x80, 0x00]),
            ("field 0", &[0x02, 0x00]),
            ("a group", &[0x0b, 0x0c]),
            ("too short", &[0x0a, 0x05, 0x00]),
            ("no end", &[0x08, 0xff]),
            (
                "65 bits",
                &[
                    0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
                ],
            ),
        ] {
            assert!(Fields::of(bytes).any(|field| field.is_err()), "{what}");
        }
        let two_keys = [0x0a, 0x01, b'a', 0x0a, 0x01, b'b'];
        assert!(entry_read(&two_keys, &mut BTreeMap::new()).is_err());
        assert!(Wire::Bytes(&[0xff]).text().is_err());
        for body in [
            &[1, 0, 0, 0, 0][..],
            &[0, 0, 0, 0, 1],
            &[0, 0, 0, 0, 0, 0],
            &[],
        ] {
            assert!(unframe(body).is_err(), "{body:?}");
        }
    }
}
