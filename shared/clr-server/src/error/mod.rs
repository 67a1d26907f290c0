//! The two wire dialects of errors: OAuth JSON (RFC 6749, 7591) and 1EdTech's `Imsx_StatusInfo`.
//!
//! The description tells the caller what to fix; the cause goes to the log once, here.

mod api;
mod oauth;

pub use self::{api::ApiError, oauth::OAuthError};

/// Logs a failure of ours with its whole chain of causes.
fn log_internal(error: &(dyn std::error::Error + 'static)) {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        cause = inner.source();
    }
    tracing::error!(error = %chain, "a request failed");
}
