//! One line of a log as HTML: drawn by the page at first, and by the stream that follows it.
//!
//! What a container writes is a stranger's text. Escape sequences become classes or nothing, and
//! everything else is escaped.

use std::fmt::Write as _;

use model::{LogLine, LogSource};

use crate::format;

/// Colours that tell containers apart, in this order again and again.
const COLOURS: usize = 6;

/// `name`: of the container, where there are several.
pub fn log_line_html(from: usize, name: Option<&str>, line: &LogLine) -> String {
    let mut out = String::with_capacity(line.text.len() + 160);
    let source = match line.source {
        LogSource::Output => "",
        LogSource::Errors => " log-errors",
    };
    let _ = write!(out, "<div class=\"log-line{source}\">");
    if line.at_ns > 0 {
        let (moment, clock) = moments(line.at_ns);
        let _ = write!(
            out,
            "<time datetime=\"{moment}\" title=\"{moment}\">{clock}</time>"
        );
    }
    if let Some(name) = name {
        let _ = write!(out, "<b class=\"log-from from-{}\">", from % COLOURS);
        escape(&mut out, name);
        out.push_str("</b>");
    }
    out.push_str("<span>");
    for piece in pieces(&line.text) {
        if piece.classes.is_empty() {
            escape(&mut out, &piece.text);
        } else {
            let _ = write!(out, "<i class=\"{}\">", piece.classes);
            escape(&mut out, &piece.text);
            out.push_str("</i>");
        }
    }
    out.push_str("</span></div>");
    out
}

/// The same in a file.
pub fn log_line_text(name: Option<&str>, line: &LogLine) -> String {
    let plain: String = pieces(&line.text)
        .into_iter()
        .map(|piece| piece.text)
        .collect();
    let name = name.map(|name| format!("{name} ")).unwrap_or_default();
    match line.at_ns {
        0 => format!("{name}{plain}\n"),
        at => format!("{} {name}{plain}\n", moments(at).0),
    }
}

/// `2026-11-24T17:51:03.120Z` and `17:51:03.120`, UTC.
pub(crate) fn moments(at_ns: i64) -> (String, String) {
    let ms = at_ns.div_euclid(1_000_000);
    let whole = format::iso(ms);
    let seconds = whole.trim_end_matches('Z');
    let clock = seconds.split_once('T').map_or("", |(_, clock)| clock);
    let rest = ms.rem_euclid(1_000);
    (
        format!("{seconds}.{rest:03}Z"),
        format!("{clock}.{rest:03}"),
    )
}

pub(crate) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// A part of a line that looks the same all along.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// Words of ours alone.
    classes: String,
    text: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Look {
    is_bold: bool,
    /// 0 to 7, and 8 to 15 for the bright ones.
    colour: Option<u8>,
}

impl Look {
    fn classes(self) -> String {
        let bold = if self.is_bold { "ansi-bold" } else { "" };
        match self.colour {
            Some(colour) => format!("{bold} ansi-{colour}").trim().to_owned(),
            None => bold.to_owned(),
        }
    }

    /// One `ESC [ … m`. What is not understood changes nothing.
    fn apply(&mut self, parameters: &str) {
        let mut codes = parameters
            .split([';', ':'])
            .map(|code| code.parse::<u8>().unwrap_or(0));
        while let Some(code) = codes.next() {
            match code {
                0 => *self = Self::default(),
                1 => self.is_bold = true,
                22 => self.is_bold = false,
                30..=37 => self.colour = Some(code - 30),
                39 => self.colour = None,
                90..=97 => self.colour = Some(code - 90 + 8),
                // 256 or 16 million colours: their numbers must not be taken for codes.
                38 | 48 => match codes.next() {
                    Some(5) => drop(codes.next()),
                    Some(2) => drop((codes.next(), codes.next(), codes.next())),
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut look = Look::default();
    let mut put = |look: Look, c: char| {
        let classes = look.classes();
        match pieces.last_mut().filter(|last| last.classes == classes) {
            Some(last) => last.text.push(c),
            None => pieces.push(Piece {
                classes,
                text: c.into(),
            }),
        }
    };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => {
                    let mut parameters = String::new();
                    for c in chars.by_ref() {
                        if ('@'..='~').contains(&c) {
                            if c == 'm' {
                                look.apply(&parameters);
                            }
                            break;
                        }
                        parameters.push(c);
                    }
                }
                // A title, a link: up to a bell or `ESC \`.
                Some(']') => {
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                Some(_) | None => {}
            },
            '\t' => put(look, c),
            // Marks that turn the direction of what follows could show a line as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => put(look, c),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            at_ns: 1_767_225_601_020_000_001,
            source: LogSource::Errors,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_line_is_escaped_whole() {
        let html = log_line_html(7, Some("<web>"), &line("<script>'\"&\r\u{0}\u{202e}x"));
        assert_eq!(
            html,
            "<div class=\"log-line log-errors\"><time datetime=\"2026-01-01T00:00:01.020Z\" \
             title=\"2026-01-01T00:00:01.020Z\">00:00:01.020</time>\
             <b class=\"log-from from-1\">&lt;web&gt;</b>\
             <span>&lt;script&gt;&#39;&quot;&amp;x</span></div>"
        );
    }

    #[test]
    fn colours_become_classes_and_the_rest_nothing() {
        let check = |text: &str, expect: &[(&str, &str)]| {
            let got = pieces(text);
            let got: Vec<(&str, &str)> = got
                .iter()
                .map(|piece| (piece.classes.as_str(), piece.text.as_str()))
                .collect();
            assert_eq!(got, expect, "{text:?}");
        };
        check("plain", &[("", "plain")]);
        check("\u{1b}[31mno\u{1b}[0m!", &[("ansi-1", "no"), ("", "!")]);
        check("\u{1b}[1;93mx", &[("ansi-bold ansi-11", "x")]);
        check("\u{1b}[38;5;31mx\u{1b}[mz", &[("", "xz")]);
        check("\u{1b}]0;title\u{7}a\u{1b}[2Kb\u{1b}(", &[("", "ab")]);
        check("\u{1b}[31\" onclick=\"m", &[("", "nclick=\"m")]);
    }

    #[test]
    fn a_file_has_no_colours() {
        assert_eq!(
            log_line_text(None, &line("\u{1b}[31mno")),
            "2026-01-01T00:00:01.020Z no\n"
        );
    }
}
