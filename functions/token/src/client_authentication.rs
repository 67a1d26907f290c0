//! Who asks: client id and secret, in HTTP Basic or in the form (RFC 6749, section 2.3.1).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use clr_core::{
    Secret,
    oauth::{Client, ClientId, Grant, GrantToken, Parameters},
};
use clr_server::{App, OAuthError};
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode;

use crate::request::optional;

/// What a client presented; not checked yet.
pub(crate) struct ClientCredentials {
    /// None when it cannot be one of ours.
    id: Option<ClientId>,
    secret: Secret,
}

impl ClientCredentials {
    pub(crate) fn presented(headers: &HeaderMap, form: &Parameters) -> Result<Self, OAuthError> {
        let (form_id, form_secret) = (optional(form, "client_id")?, optional(form, "client_secret")?);
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        match (authorizations.next(), authorizations.next(), form_secret) {
            (Some(header), None, None) => {
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
                    secret: Secret::presented(secret),
                })
            }
            (None, _, Some(secret)) => {
                let id = form_id.ok_or_else(|| OAuthError::InvalidRequest("client_id is missing".to_owned()))?;
                Ok(Self {
                    id: ClientId::parse(id),
                    secret: Secret::presented(secret),
                })
            }
            (None, _, None) => Err(OAuthError::InvalidClient(
                "the client did not authenticate itself".to_owned(),
            )),
            (Some(_), _, _) => Err(OAuthError::InvalidRequest(
                "the client authenticates itself in more than one way".to_owned(),
            )),
        }
    }

    /// The client, if it is who it says.
    pub(crate) async fn authenticate(&self, app: &App) -> Result<Client, OAuthError> {
        let client = app.table.client(self.id.ok_or_else(invalid)?).await?;
        self.check(client)
    }

    /// The client, if it is who it says, and the grant that its token names, in one trip.
    pub(crate) async fn authenticate_with(
        &self,
        app: &App,
        token: &GrantToken,
    ) -> Result<(Client, Option<Grant>), OAuthError> {
        let id = self.id.ok_or_else(invalid)?;
        let (client, grant) = app.table.client_and_grant(id, token.grant, app.patience()).await?;
        Ok((self.check(client)?, grant))
    }

    fn check(&self, client: Option<Client>) -> Result<Client, OAuthError> {
        client
            .filter(|client| client.is_authenticated_by(&self.secret))
            .ok_or_else(invalid)
    }
}

/// The same for an unknown client and for a wrong secret.
fn invalid() -> OAuthError {
    OAuthError::InvalidClient("the client is unknown or its secret is wrong".to_owned())
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
