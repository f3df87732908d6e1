//! What can go wrong while the lab sets up its world.

use std::time::Duration;

/// A failure of the lab itself, or of an expectation that a trial holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// A helper program could not be started or read.
    #[error("{operation}")]
    Io {
        /// What was being done, with its subject.
        operation: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A helper program ended with a failure.
    #[error("`{command}` failed ({status}): {stderr}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// A condition did not come true in time.
    #[error("{what} within {limit:?}; last seen: {last}")]
    Timeout {
        /// What was waited for, as "no … ".
        what: String,
        /// How long was waited.
        limit: Duration,
        /// The last thing seen while waiting.
        last: String,
    },
    /// A message on the wire was not what it should be.
    #[error("{subject}: {detail}")]
    Wire {
        /// The message, as "DNS answer from …".
        subject: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The product's output was not what the contract says.
    #[error("{detail}\n{output}")]
    Product {
        /// What is wrong with it.
        detail: String,
        /// Everything that the product printed.
        output: String,
    },
}

/// The lab's result type.
pub type Result<T> = std::result::Result<T, LabError>;

impl LabError {
    /// Wraps an I/O error with what was being done.
    pub(crate) fn io(operation: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let operation = operation.into();
        move |source| Self::Io { operation, source }
    }

    /// The whole chain of causes in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(source) = next {
            text = format!("{text}: {source}");
            next = source.source();
        }
        text
    }
}
