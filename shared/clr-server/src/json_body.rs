//! Request bodies that are JSON documents: bounded, of a content type that says so, with the text that they came as.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::{ApiError, App, serve::MAX_BODY_BYTES};

/// What credentials are sent as (digest section 1.5).
pub(crate) const MEDIA_TYPES: [&str; 4] = [
    "application/json",
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
];

/// A JSON document.
#[derive(Clone, Debug)]
pub struct JsonBody {
    /// The value, when there is but one way to read the text.
    pub value: Value,
    /// The text, byte for byte.
    pub text: String,
    /// Its media type, without parameters.
    pub media_type: &'static str,
}

impl FromRequest<App> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let media_type = media_type(request.headers())?;
        let text = text(request, app).await?;
        let value = learner_record::read(&text)
            .map_err(|error| ApiError::InvalidData(format!("the body is not readable JSON: {error}")))?;
        Ok(Self {
            value,
            text,
            media_type,
        })
    }
}

/// The body as the text that it came as.
pub(crate) async fn text(request: Request, app: &App) -> Result<String, ApiError> {
    let bytes = Bytes::from_request(request, app)
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ApiError::TooLarge(format!("the body is longer than {MAX_BODY_BYTES} bytes"))
            }
            _ => ApiError::InvalidData("the body could not be read to its end".to_owned()),
        })?;
    String::from_utf8(bytes.into())
        .map_err(|error| ApiError::InvalidData(format!("the body is not UTF-8 text: {}", error.utf8_error())))
}

/// Whether a body says that it is plain text: a compact JWS, where one is taken.
pub(crate) fn is_plain_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| {
        let (essence, _) = content_type.split_once(';').unwrap_or((content_type, ""));
        essence.trim().eq_ignore_ascii_case("text/plain")
    })
}

fn media_type(headers: &HeaderMap) -> Result<&'static str, ApiError> {
    let accepted = || format!("send JSON, with one of the content types {}", MEDIA_TYPES.join(", "));
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return Err(ApiError::UnsupportedMediaType(format!(
            "there is no content type; {}",
            accepted()
        )));
    };
    let content_type = content_type.to_str().unwrap_or_default();
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let essence = essence.trim();
    if essence.eq_ignore_ascii_case("text/plain") {
        let text = "a compact JWS (VC-JWT) is not accepted here; send the credential as JSON with embedded proofs";
        return Err(ApiError::UnsupportedMediaType(text.to_owned()));
    }
    let parameters = parameters.to_ascii_lowercase();
    let charset = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("charset="));
    if charset.is_some_and(|charset| charset.trim_matches('"') != "utf-8") {
        return Err(ApiError::UnsupportedMediaType(
            "the charset of JSON is utf-8".to_owned(),
        ));
    }
    let known = MEDIA_TYPES
        .into_iter()
        .find(|known| essence.eq_ignore_ascii_case(known));
    known.ok_or_else(|| ApiError::UnsupportedMediaType(format!("{essence:?} is not accepted here; {}", accepted())))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(content_type: &'static str) -> Result<&'static str, String> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        media_type(&headers).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn the_content_types_of_credentials_are_read_whatever_their_case_and_parameters() {
        assert_eq!(read("application/json"), Ok("application/json"));
        assert_eq!(read("Application/JSON; charset=\"UTF-8\""), Ok("application/json"));
        assert_eq!(read("application/vc+ld+json"), Ok("application/vc+ld+json"));
        assert_eq!(read("application/vc;profile=x"), Ok("application/vc"));
    }

    #[test]
    fn another_content_type_is_refused_by_name() {
        assert!(read("application/xml").unwrap_err().contains("application/xml"));
        assert!(read("application/json; charset=latin1").unwrap_err().contains("utf-8"));
        assert!(read("text/plain").unwrap_err().contains("JWS"));
        assert!(media_type(&HeaderMap::new()).is_err());
    }
}
