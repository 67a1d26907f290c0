//! `POST /oauth/register`: an application introduces itself and gets credentials of its own.
//! `GET|PUT|DELETE /oauth/register/{client_id}`: it looks after its registration.
//!
//! [RFC 7591](https://www.rfc-editor.org/rfc/rfc7591#section-3), with the members that 1EdTech requires, and
//! [RFC 7592](https://www.rfc-editor.org/rfc/rfc7592#section-2). Open to anyone: every request makes a new client, no request ever learns
//! of another one, nothing that a client names is fetched.

mod information;
mod manage;

use std::fmt::Display;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use clr_core::oauth::{Client, ClientMetadata, MetadataFault};
use clr_server::{
    App, OAuthError, PublicUrl, Routes, paths,
    rate_limit::{Registration, Within},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use self::information::ClientInformation;

/// Metadata of a usual client is below 2 KB.
const MAX_METADATA_BYTES: usize = 64 * 1024;

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post(paths::REGISTER, register)
        .get(paths::REGISTERED_CLIENT, manage::read)
        .put(paths::REGISTERED_CLIENT, manage::update)
        .delete(paths::REGISTERED_CLIENT, manage::delete)
}

async fn register(
    _: Within<Registration>,
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OAuthError> {
    let metadata: ClientMetadata =
        serde_json::from_value(Value::Object(object(&headers, body)?)).map_err(|error| not_metadata(&error))?;
    let application = metadata.verify(url.transport()).map_err(refuse)?;
    let (client, credentials) = Client::register(application, app.clock.now(), &app.randomness);
    app.table.insert_client(&client).await?;
    tracing::info!(client = %client.id(), "a client registered");
    let token = &credentials.registration_access_token;
    let information =
        ClientInformation::of(&client, credentials.secret.as_ref(), token, &url).ok_or(OAuthError::Internal)?;
    Ok((StatusCode::CREATED, information).into_response())
}

/// The members of a JSON body.
fn object(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, OAuthError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(OAuthError::InvalidClientMetadata(
            "the body is not of type application/json".to_owned(),
        ));
    }
    let body = body.ok().filter(|body| body.len() <= MAX_METADATA_BYTES);
    let body = body.ok_or_else(|| {
        let text = format!("the body is longer than {MAX_METADATA_BYTES} bytes, or broke off");
        OAuthError::InvalidClientMetadata(text)
    })?;
    let text = str::from_utf8(&body).map_err(|error| not_metadata(&error))?;
    match learner_record::read(text).map_err(|error| not_metadata(&error))? {
        Value::Object(members) => Ok(members),
        _ => Err(not_metadata(&"it is no object")),
    }
}

fn not_metadata(error: &dyn Display) -> OAuthError {
    OAuthError::InvalidClientMetadata(format!("the body is not client metadata: {error}"))
}

fn refuse(fault: MetadataFault) -> OAuthError {
    match fault {
        MetadataFault::RedirectUri(text) => OAuthError::InvalidRedirectUri(text),
        MetadataFault::Metadata(text) => OAuthError::InvalidClientMetadata(text),
    }
}
