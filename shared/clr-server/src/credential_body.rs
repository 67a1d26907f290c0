//! Request bodies that are credentials: a JSON document, or a compact JWS as `text/plain` (digest section 1.5).

use axum::extract::{FromRequest, Request};

use crate::{ApiError, App, JsonBody, json_body};

/// A credential as it was sent.
#[derive(Clone, Debug)]
pub enum CredentialBody {
    /// JSON with embedded proofs.
    Json(JsonBody),
    /// A compact JWS, byte for byte. Whether it is one has yet to be seen.
    Jws(String),
}

impl FromRequest<App> for CredentialBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if json_body::is_plain_text(request.headers()) {
            return json_body::text(request, app).await.map(Self::Jws);
        }
        JsonBody::from_request(request, app).await.map(Self::Json)
    }
}
