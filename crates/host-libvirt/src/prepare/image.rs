//! The image of all segments: a tree of packages, and two programs of ours in it.
//!
//! Its name is the digest of what goes into it, so a new program makes a new image beside the old
//! one, and segments that were defined with the old one keep it. The packages' tree takes half a
//! minute and is kept; an image is a copy of it by hard links.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use virt::connect::Connect;
use wire::STATE_DIR;
use wire::xml::Element;

use super::{PrepareError, Report, Trying, run};

const BASE_RECIPE: &str = include_str!("../../../../segment/image/base.sh");
const PROGRAMS: [&str; 2] = ["segment-init", "swarm"];
const UNUSED_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Digits of a digest that make a name.
const NAME_DIGITS: usize = 32;

/// Name of the image of these programs.
pub fn digest(programs_dir: &Path) -> Result<String, PrepareError> {
    let mut all = Sha256::new();
    all.update(BASE_RECIPE);
    for program in PROGRAMS {
        all.update(program);
        all.update(file_digest(&programs_dir.join(program))?);
    }
    Ok(hex(&all.finalize())[..NAME_DIGITS].to_owned())
}

pub fn is_made(name: &str) -> bool {
    images().join(name).exists()
}

pub fn ensure(programs_dir: &Path, report: &mut Report) -> Result<String, PrepareError> {
    let name = digest(programs_dir)?;
    let image = images().join(&name);
    if image.exists() {
        return Ok(name);
    }
    let base = base_ensure(report)?;
    let fresh = images().join(format!(".{name}.new"));
    remove_tree(&fresh)?;
    run("cp", &["-a", "--link", &text(&base), &text(&fresh)])?;
    let programs = fresh.join("usr/lib/carina");
    for program in PROGRAMS {
        let to = programs.join(program);
        run(
            "install",
            &["-m755", &text(&programs_dir.join(program)), &text(&to)],
        )?;
    }
    let digest = file_digest(&programs.join("swarm"))?;
    fs::write(programs.join("swarm.sha256"), format!("{}\n", hex(&digest)))
        .trying("writing the digest of swarm")?;
    fs::rename(&fresh, &image).trying("putting the image into its place")?;
    report.changed(format!("made the image {name}"));
    Ok(name)
}

/// Images that no domain was defined with and that are a day old: another panel on this machine may
/// be about to use a young one.
pub fn remove_unused(
    connect: &Connect,
    present: &str,
    report: &mut Report,
) -> Result<(), PrepareError> {
    const WHAT: &str = "looking for images in use";
    let mut used = BTreeSet::from([present.to_owned()]);
    for domain in connect.list_all_domains(0).trying(WHAT)? {
        let Ok(text) = domain.get_xml_desc(0) else {
            // It went while we looked; whose it was nobody knows.
            return Ok(());
        };
        let mark = Element::parse(&text)
            .ok()
            .and_then(|xml| xml.domain_mark().ok().flatten());
        used.extend(mark.map(|mark| mark.image));
    }
    for entry in fs::read_dir(images()).trying(WHAT)?.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let age = entry.metadata().and_then(|image| image.created());
        let is_old = age.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > UNUSED_FOR));
        if is_old && !used.contains(&name) {
            remove_tree(&entry.path())?;
            report.changed(format!("removed the unused image {name}"));
        }
    }
    Ok(())
}

/// The packages' tree, made once for each recipe.
fn base_ensure(report: &mut Report) -> Result<PathBuf, PrepareError> {
    const WHAT: &str = "making the packages' tree (package mmdebstrap)";
    let cache = Path::new(STATE_DIR).join("cache");
    let recipe = hex(&Sha256::digest(BASE_RECIPE));
    let base = cache.join(format!("base-{}", &recipe[..16]));
    if base.exists() {
        return Ok(base);
    }
    report.begins("making the segments' image from Debian packages, half a minute");
    fs::create_dir_all(&cache).trying(WHAT)?;
    let fresh = cache.join(".base.new");
    remove_tree(&fresh)?;
    run("sh", &["-c", BASE_RECIPE, "base.sh", &text(&fresh)])?;
    for entry in fs::read_dir(&cache).trying(WHAT)?.filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("base-") {
            remove_tree(&entry.path())?;
        }
    }
    fs::rename(&fresh, &base).trying(WHAT)?;
    report.changed("made the packages' tree".into());
    Ok(base)
}

fn images() -> PathBuf {
    Path::new(STATE_DIR).join("images")
}

fn remove_tree(dir: &Path) -> Result<(), PrepareError> {
    match fs::remove_dir_all(dir) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
            Err(why).trying(&format!("removing {}", dir.display()))
        }
        _ => Ok(()),
    }
}

fn file_digest(path: &Path) -> Result<[u8; 32], PrepareError> {
    let content = fs::read(path).trying(&format!("reading {}", path.display()))?;
    Ok(Sha256::digest(content).into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_program_makes_another_image() {
        let dir = tempfile::tempdir().unwrap();
        for program in PROGRAMS {
            fs::write(dir.path().join(program), program).unwrap();
        }
        let first = digest(dir.path()).unwrap();
        assert_eq!(first, digest(dir.path()).unwrap());
        assert_eq!(first.len(), NAME_DIGITS);
        fs::write(dir.path().join("swarm"), "other").unwrap();
        assert_ne!(first, digest(dir.path()).unwrap());
    }
}
