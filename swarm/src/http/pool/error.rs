//! Why nothing came back.

#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("cannot connect to {target}")]
    Connect {
        target: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the exchange with {target} failed")]
    Exchange {
        target: String,
        #[source]
        source: hyper::Error,
    },
    #[error(
        "{target} has stopped answering: whether this was still done is not known, look before \
         you try again"
    )]
    Lost { target: String },
}

impl PoolError {
    /// The reason in one line, causes included.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        // A library's address for programmers is nothing for people.
        match text.split_once(": https://docs.rs/") {
            Some((text, _)) => text.to_owned(),
            None => text,
        }
    }
}
