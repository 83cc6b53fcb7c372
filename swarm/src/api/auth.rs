//! The body of `POST /auth`.

object! {
    /// What a person types into `docker login`. Never to be logged: there is no field of it that
    /// is not somebody's secret.
    pub struct AuthConfig {
        "username" username: String,
        "password" password: String,
        "auth" auth: String,
        /// Of old clients.
        "email" email: String,
        "serveraddress" serveraddress: String,
        "identitytoken" identitytoken: String,
        "registrytoken" registrytoken: String,
    }
}
