//! The body of `POST /commit`: a Config, without the two others that create carries.

use super::container::ContainerCreate;
use super::refusal::Refusal;

/// Reads the body; it may be empty or `null`.
pub fn read(body: &[u8]) -> Result<ContainerCreate, Refusal> {
    let config = super::json::read_or_default::<Option<ContainerCreate>>(body)?.unwrap_or_default();
    if config.host_config.is_some() || config.networking_config.is_some() {
        return Err(Refusal::bad_request(
            "a commit carries no HostConfig or NetworkingConfig",
        ));
    }
    Ok(config)
}
