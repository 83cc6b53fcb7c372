//! The credentials zip: one folder with all that a docker client needs.

use std::io::{Cursor, Write as _};

use time::OffsetDateTime;
use wire::Secret;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::Error;
use crate::context::context_tar;

/// What goes into a bundle.
#[derive(Debug, Clone)]
pub struct BundleSpec<'a> {
    /// The cluster's name: a DNS label, so that it is a folder everywhere.
    pub name: &'a str,
    /// Where the person reaches the endpoint.
    pub host: &'a str,
    pub port: u16,
    pub ca_pem: &'a str,
    pub cert_pem: &'a str,
    pub key_pem: &'a Secret,
    /// Milliseconds since 1970: the files' dates.
    pub made_at: i64,
    pub expires_at: i64,
}

impl BundleSpec<'_> {
    pub(crate) fn docker_host(&self) -> String {
        match self.host.contains(':') {
            true => format!("tcp://[{}]:{}", self.host, self.port),
            false => format!("tcp://{}:{}", self.host, self.port),
        }
    }
}

/// The file that `docker context import` takes, by itself.
pub fn context_file(spec: &BundleSpec<'_>) -> Vec<u8> {
    context_tar(spec)
}

/// The zip's bytes.
pub fn bundle(spec: &BundleSpec<'_>) -> Result<Vec<u8>, Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(date(spec.made_at))
        .unix_permissions(0o644);
    let private = plain.unix_permissions(0o600);
    zip.add_directory(format!("{}/", spec.name), plain.unix_permissions(0o700))?;
    let mut file = |name: &str, options: SimpleFileOptions, content: &[u8]| {
        zip.start_file(format!("{}/{name}", spec.name), options)?;
        zip.write_all(content)?;
        Ok::<(), Error>(())
    };
    file("ca.pem", plain, spec.ca_pem.as_bytes())?;
    file("cert.pem", plain, spec.cert_pem.as_bytes())?;
    file("key.pem", private, spec.key_pem.0.as_bytes())?;
    file("docker.env", plain, docker_env(spec).as_bytes())?;
    file("docker.fish", plain, docker_fish(spec).as_bytes())?;
    file("docker.ps1", plain, docker_ps1(spec).as_bytes())?;
    file("docker.cmd", plain, docker_cmd(spec).as_bytes())?;
    file("README.md", plain, readme(spec).as_bytes())?;
    file(
        &format!("{}.dockercontext", spec.name),
        private,
        &context_tar(spec),
    )?;
    Ok(zip.finish()?.into_inner())
}

/// For bash and zsh, from any directory: bash names the sourced file in BASH_SOURCE, zsh in `$0`.
/// Without an index, so that a plain sh reads the line too.
fn docker_env(spec: &BundleSpec<'_>) -> String {
    format!(
        "# The Docker cluster {name}. Use: source docker.env\n\
         export DOCKER_HOST={host}\n\
         export DOCKER_TLS_VERIFY=1\n\
         export DOCKER_CERT_PATH=\"$(cd -- \"$(dirname -- \"${{BASH_SOURCE:-$0}}\")\" >/dev/null && pwd)\"\n",
        name = spec.name,
        host = spec.docker_host(),
    )
}

fn docker_fish(spec: &BundleSpec<'_>) -> String {
    format!(
        "# The Docker cluster {name}. Use: source docker.fish\n\
         set -gx DOCKER_HOST {host}\n\
         set -gx DOCKER_TLS_VERIFY 1\n\
         set -gx DOCKER_CERT_PATH (dirname (realpath (status --current-filename)))\n",
        name = spec.name,
        host = spec.docker_host(),
    )
}

fn docker_ps1(spec: &BundleSpec<'_>) -> String {
    format!(
        "# The Docker cluster {name}. Use: . .\\docker.ps1\r\n\
         $env:DOCKER_HOST = \"{host}\"\r\n\
         $env:DOCKER_TLS_VERIFY = \"1\"\r\n\
         $env:DOCKER_CERT_PATH = $PSScriptRoot\r\n",
        name = spec.name,
        host = spec.docker_host(),
    )
}

fn docker_cmd(spec: &BundleSpec<'_>) -> String {
    format!(
        "@rem The Docker cluster {name}. Use: docker.cmd\r\n\
         @set DOCKER_HOST={host}\r\n\
         @set DOCKER_TLS_VERIFY=1\r\n\
         @set DOCKER_CERT_PATH=%~dp0\r\n",
        name = spec.name,
        host = spec.docker_host(),
    )
}

fn readme(spec: &BundleSpec<'_>) -> String {
    let expires = OffsetDateTime::from_unix_timestamp(spec.expires_at / 1000)
        .map(|at| at.date().to_string())
        .unwrap_or_default();
    format!(
        "# Credentials of the cluster {name}\n\
         \n\
         Whoever holds these files can do everything with the cluster. Keep them private; the\n\
         certificate is yours alone, ends on {expires} and can be revoked in the panel.\n\
         \n\
         | Shell | Type |\n\
         | --- | --- |\n\
         | bash, zsh | `source docker.env` |\n\
         | fish | `source docker.fish` |\n\
         | PowerShell | `. .\\docker.ps1` |\n\
         | cmd.exe | `docker.cmd` |\n\
         \n\
         Then `docker info` shows the cluster's segments, and every other docker command works on\n\
         the cluster. To go back, open a new terminal window.\n\
         \n\
         As a context instead of variables:\n\
         \n\
         ```\n\
         docker context import {name} {name}.dockercontext\n\
         docker --context {name} info\n\
         ```\n\
         \n\
         The endpoint is `{host}`. Files: `ca.pem` is the cluster's authority, `cert.pem` and\n\
         `key.pem` are your certificate and its key.\n",
        name = spec.name,
        host = spec.docker_host(),
    )
}

/// Zip's own kind of date; the earliest it knows when ours does not fit.
fn date(at: i64) -> zip::DateTime {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at / 1000) else {
        return zip::DateTime::default();
    };
    let year = u16::try_from(at.year()).unwrap_or_default();
    zip::DateTime::from_date_and_time(
        year,
        at.month().into(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
    )
    .unwrap_or_default()
}
