//! Forms that clients send, and what answers to them have in common.

use axum::extract::{RawForm, rejection::RawFormRejection};
use clr_core::oauth::{Parameters, Repeated};
use clr_server::OAuthError;
use http::{HeaderName, header};

/// The longest that a client can need is well below this.
const MAX_FORM_BYTES: usize = 32 * 1024;

/// No answer may be kept (RFC 6749, section 5.1).
pub(crate) const NO_STORE: [(HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];

pub(crate) fn read(form: Result<RawForm, RawFormRejection>) -> Result<Parameters, OAuthError> {
    match form {
        Ok(RawForm(body)) if body.len() <= MAX_FORM_BYTES => Ok(Parameters::parse(&body)),
        Ok(_) => Err(OAuthError::InvalidRequest(format!(
            "the body is longer than {MAX_FORM_BYTES} bytes"
        ))),
        Err(_) => Err(OAuthError::InvalidRequest(
            "the body is not of type application/x-www-form-urlencoded".to_owned(),
        )),
    }
}

/// The parameter's value.
pub(crate) fn optional<'a>(form: &'a Parameters, name: &'static str) -> Result<Option<&'a str>, OAuthError> {
    form.one(name)
        .map_err(|repeated: Repeated| OAuthError::InvalidRequest(repeated.to_string()))
}

pub(crate) fn required<'a>(form: &'a Parameters, name: &'static str) -> Result<&'a str, OAuthError> {
    optional(form, name)?.ok_or_else(|| OAuthError::InvalidRequest(format!("{name} is missing")))
}
