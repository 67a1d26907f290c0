//! Who asks: a secret in HTTP Basic or in the form (RFC 6749, section 2.3.1), or an assertion (RFC 7523).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_core::{
    Secret,
    oauth::{CLIENT_ASSERTION_TYPE, Client, ClientId, ClientProof, Parameters, SingleUse, asserted_client},
    published_keys::published_keys,
};
use clr_server::{App, OAuthError};
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode;

use crate::form::optional;

/// What a client presented; not checked yet.
pub(crate) struct ClientCredentials {
    /// None when it cannot be one of ours.
    id: Option<ClientId>,
    proof: ClientProof,
}

impl ClientCredentials {
    pub(crate) fn presented(headers: &HeaderMap, form: &Parameters) -> Result<Self, OAuthError> {
        let form_id = optional(form, "client_id")?;
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        let presented = (
            authorizations.next(),
            authorizations.next(),
            optional(form, "client_secret")?,
            optional(form, "client_assertion")?,
        );
        match presented {
            (Some(header), None, None, None) => Self::basic(header, form_id),
            (None, _, Some(secret), None) => {
                let id = form_id.ok_or_else(|| OAuthError::InvalidRequest("client_id is missing".to_owned()))?;
                Ok(Self {
                    id: ClientId::parse(id),
                    proof: ClientProof::Post(Secret::presented(secret)),
                })
            }
            (None, _, None, Some(assertion)) => {
                let kind = optional(form, "client_assertion_type")?;
                Self::assertion(assertion, kind, form_id)
            }
            (None, _, None, None) => Err(OAuthError::InvalidClient(
                "the client did not authenticate itself".to_owned(),
            )),
            _ => Err(OAuthError::InvalidRequest(
                "the client authenticates itself in more than one way".to_owned(),
            )),
        }
    }

    fn basic(header: &HeaderValue, form_id: Option<&str>) -> Result<Self, OAuthError> {
        let (id, secret) = basic(header).ok_or_else(|| {
            OAuthError::InvalidClient("the Authorization header is not well-formed HTTP Basic".to_owned())
        })?;
        if form_id.is_some_and(|form_id| form_id != id) {
            return Err(OAuthError::InvalidRequest(
                "client_id differs from the Authorization header".to_owned(),
            ));
        }
        Ok(Self {
            id: ClientId::parse(&id),
            proof: ClientProof::Basic(Secret::presented(secret)),
        })
    }

    fn assertion(assertion: &str, kind: Option<&str>, form_id: Option<&str>) -> Result<Self, OAuthError> {
        if kind != Some(CLIENT_ASSERTION_TYPE) {
            let text = format!("client_assertion_type is not {CLIENT_ASSERTION_TYPE}");
            return Err(OAuthError::InvalidRequest(text));
        }
        let id = asserted_client(assertion);
        if form_id.is_some_and(|form_id| ClientId::parse(form_id) != id) {
            return Err(OAuthError::InvalidRequest(
                "client_id differs from the client assertion".to_owned(),
            ));
        }
        Ok(Self {
            id,
            proof: ClientProof::Assertion(assertion.to_owned()),
        })
    }

    /// Who it says it is.
    pub(crate) fn id(&self) -> Result<ClientId, OAuthError> {
        self.id.ok_or_else(invalid)
    }

    /// The client, if it is who it says, and the assertion that must not come again.
    pub(crate) async fn check(
        &self,
        app: &App,
        client: Option<Client>,
        audiences: &[String],
    ) -> Result<(Client, Option<SingleUse>), OAuthError> {
        let now = app.clock.now();
        let client = client.ok_or_else(invalid)?;
        let published = match (client.keys_to_fetch(&self.proof, audiences, now), &self.proof) {
            (Some(url), ClientProof::Assertion(assertion)) => {
                let keys = published_keys(&app.fetcher, url, assertion).await;
                Some(keys.map_err(|error| OAuthError::InvalidClient(error.to_string()))?)
            }
            _ => None,
        };
        let assertion = client
            .is_proved_by(&self.proof, published.as_ref(), audiences, now)
            .ok_or_else(invalid)?;
        Ok((client, assertion))
    }
}

/// The same for an unknown client, for a wrong proof, and for another way than the registered one.
fn invalid() -> OAuthError {
    OAuthError::InvalidClient(
        "the client is unknown, or does not prove itself in the way that it registered".to_owned(),
    )
}

/// Id and secret; both are form-encoded before they are joined.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    Some(percent_decode(spaced.as_bytes()).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<(&str, &str)>) {
        let expected = expected.map(|(id, secret)| (id.to_owned(), secret.to_owned()));
        assert_eq!(basic(&HeaderValue::from_str(header).unwrap()), expected, "{header}");
    }

    #[test]
    fn id_and_secret_are_form_decoded_after_they_are_parted() {
        check(
            &format!("basic {}", STANDARD.encode("a%3Ab+c:s%25:t")),
            Some(("a:b c", "s%:t")),
        );
    }

    #[test]
    fn other_headers_are_not_basic() {
        check("Basic", None);
        check("Basic !", None);
        check(&format!("Basic {}", STANDARD.encode("no colon")), None);
        check(&format!("Bearer {}", STANDARD.encode("a:b")), None);
    }
}
