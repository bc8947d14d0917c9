//! How this program fails: one line that says what it was doing and why that failed, and one that says what to do.

use std::fmt;
use std::io;

/// The result of anything that can fail with a message for a person.
pub type Result<T> = std::result::Result<T, Error>;

/// Exit code of a failure that has no code of its own.
pub const FAILED: u8 = 1;
/// Exit code for "the server is not running", as the LSB gives it for init scripts.
pub const NOT_RUNNING: u8 = 3;
/// Exit code for "something is there, but not as it should be".
pub const WRONG: u8 = 4;

/// A failure, ready to be shown.
#[derive(Debug)]
pub struct Error {
    /// What was being done and what went wrong: `starting the server on "127.0.0.1:8082": …`.
    pub message: String,
    /// Lines shown below the message, such as the end of a log.
    pub detail: Vec<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The exit code of the program.
    pub code: u8,
    /// Whether our own output could not be written because its reader is gone.
    pub broken_pipe: bool,
}

impl Error {
    /// A failure with exit code 1 and no hint.
    pub fn new(message: impl Into<String>) -> Self {
        Error { message: message.into(), detail: Vec::new(), hint: None, code: FAILED, broken_pipe: false }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds lines to show below the message.
    pub fn detail(mut self, lines: Vec<String>) -> Self {
        self.detail = lines;
        self
    }

    /// Sets the exit code.
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Says what was being done when this happened: `starting …: <this>`.
    pub fn while_doing(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for line in &self.detail {
            write!(f, "\n  {line}")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// For failures of writing our own output; anything else deserves a message of its own.
impl From<io::Error> for Error {
    fn from(cause: io::Error) -> Self {
        let broken_pipe = cause.kind() == io::ErrorKind::BrokenPipe;
        Error { broken_pipe, ..Error::new(cause.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_message_detail_and_hint_in_that_order() {
        let error = Error::new("it is in use")
            .while_doing("starting the server on \"127.0.0.1:8082\"")
            .detail(vec!["a log line".into()])
            .hint("use another port");
        let want =
            "error: starting the server on \"127.0.0.1:8082\": it is in use\n  a log line\nhint: use another port";
        assert_eq!(error.to_string(), want);
        assert_eq!(error.code, FAILED);
    }

    #[test]
    fn knows_a_broken_pipe() {
        assert!(Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).broken_pipe);
        assert!(!Error::from(io::Error::from(io::ErrorKind::NotFound)).broken_pipe);
    }
}
