//! What ends a command early: a text that says what to do, and the exit code.

use std::{error::Error, process::ExitCode};

use anstyle::{AnsiColor, Style};

/// Why the command did not do what it was asked to.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

/// The exit code for a file that is not what it should be.
const UNREADABLE: u8 = 2;

impl Failure {
    /// Ends with 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// Ends with 2: the input is at fault.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: UNREADABLE,
        }
    }

    /// Tells it on standard error.
    pub(crate) fn report(self) -> ExitCode {
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        anstream::eprintln!("{red}error:{red:#} {}", self.message);
        ExitCode::from(self.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(chain(&error))
    }
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        // Some errors repeat their cause in their own text.
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
