//! What went wrong in a step.

use std::fmt;

use super::http::Answer;
use crate::failure::chain;

/// What went wrong in a step, in words.
#[derive(Debug)]
pub(crate) struct Wrong(String);

impl Wrong {
    /// The service did not answer with what was expected.
    pub(crate) fn answer(expected: &str, answer: &Answer) -> Self {
        let body: String = answer.body.chars().take(2000).collect();
        Self(format!(
            "{expected} was expected, the service answered {}: {body}",
            answer.status
        ))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Wrong {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Wrong {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Any error of a library, with its causes.
macro_rules! from_errors {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Wrong {
            fn from(error: $error) -> Self {
                Self(chain(&error))
            }
        }
    )+};
}

from_errors!(
    reqwest::Error,
    url::ParseError,
    std::io::Error,
    serde_json::Error,
    super::form::NotOnPage
);
