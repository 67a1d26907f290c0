//! What was posted: a credential in one of its forms, and the very text.

use std::sync::Arc;

use clr_core::{table::credentials::Form, verification::credential_in_jws};
use clr_server::{ApiError, CredentialBody};
use serde_json::Value;

/// A credential as it was posted.
#[derive(Debug)]
pub(crate) struct Submission {
    /// The credential itself; of a JWS the one inside, whose signature is not checked yet.
    pub(crate) credential: Arc<Value>,
    /// What is verified: the credential, or the JWS as a string.
    pub(crate) document: Arc<Value>,
    pub(crate) form: Form,
    pub(crate) media_type: &'static str,
    pub(crate) text: String,
}

impl Submission {
    pub(crate) fn read(body: CredentialBody) -> Result<Self, ApiError> {
        match body {
            CredentialBody::Json(body) => {
                let credential = Arc::new(body.value);
                Ok(Self {
                    document: credential.clone(),
                    credential,
                    form: Form::Json,
                    media_type: body.media_type,
                    text: body.text,
                })
            }
            CredentialBody::Jws(text) => {
                // A JWS file ends with a line feed as often as not; it is no part of the JWS.
                let text = text.trim().to_owned();
                let credential = credential_in_jws(&text)
                    .map_err(|error| ApiError::InvalidData(format!("the body is not a VC-JWT: {error}")))?;
                Ok(Self {
                    credential,
                    document: Arc::new(Value::String(text.clone())),
                    form: Form::Jws,
                    media_type: "text/plain",
                    text,
                })
            }
        }
    }
}
