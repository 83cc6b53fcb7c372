//! Lists of engines: comma separated, with ranges, or one a line in a file.

use super::DiscoveryError;

/// More than this out of one range is a slip of the pen.
const RANGE_MAX: u32 = 4096;

pub fn entries_parse(list: &str) -> Result<Vec<String>, DiscoveryError> {
    let mut entries = Vec::new();
    for pattern in list.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        expand_into(pattern, &mut entries)?;
    }
    if entries.is_empty() {
        return Err(DiscoveryError::Entry(list.to_owned()));
    }
    Ok(entries)
}

/// Lines; `#` starts a comment; ranges work here too. An empty file is an empty cluster.
pub fn file_parse(text: &str) -> Result<Vec<String>, DiscoveryError> {
    let mut entries = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            expand_into(line, &mut entries)?;
        }
    }
    Ok(entries)
}

/// `10.0.[0:1].[1:2]:2375` is four entries.
fn expand_into(pattern: &str, entries: &mut Vec<String>) -> Result<(), DiscoveryError> {
    let wrong = || DiscoveryError::Entry(pattern.to_owned());
    let Some(open) = pattern.find('[') else {
        let entry = pattern.strip_prefix("tcp://").unwrap_or(pattern);
        let (host, port) = entry.rsplit_once(':').ok_or_else(wrong)?;
        if host.is_empty() || host.contains(['/', ':', ' ']) || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        entries.push(entry.to_owned());
        return Ok(());
    };
    let close = open + pattern[open..].find(']').ok_or_else(wrong)?;
    let (from, to) = pattern[open + 1..close].split_once(':').ok_or_else(wrong)?;
    let (from, to): (u32, u32) = (
        from.parse().map_err(|_| wrong())?,
        to.parse().map_err(|_| wrong())?,
    );
    if from > to || to - from >= RANGE_MAX {
        return Err(wrong());
    }
    for number in from..=to {
        if entries.len() as u64 > u64::from(RANGE_MAX) {
            return Err(wrong());
        }
        expand_into(
            &format!("{}{number}{}", &pattern[..open], &pattern[close + 1..]),
            entries,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_expand() {
        assert_eq!(
            entries_parse("10.0.0.[1:3]:2375,b:1").expect("good"),
            ["10.0.0.1:2375", "10.0.0.2:2375", "10.0.0.3:2375", "b:1"]
        );
        assert_eq!(
            entries_parse("10.0.[0:1].[1:2]:1").expect("good"),
            ["10.0.0.1:1", "10.0.0.2:1", "10.0.1.1:1", "10.0.1.2:1"]
        );
    }

    #[test]
    fn wrong_lists_are_refused() {
        for list in [
            "",
            "a",
            "a:x",
            ":1",
            "a:99999",
            "10.0.0.[3:1]:1",
            "10.[1:2",
            "[1:99999]:1",
        ] {
            assert!(entries_parse(list).is_err(), "{list}");
        }
    }

    #[test]
    fn a_file_may_have_comments() {
        assert_eq!(
            file_parse("# all\n127.0.0.1:1 # one\n\n127.0.0.[2:3]:1\n").expect("good"),
            ["127.0.0.1:1", "127.0.0.2:1", "127.0.0.3:1"]
        );
        assert_eq!(file_parse("").expect("empty is fine"), Vec::<String>::new());
    }
}
