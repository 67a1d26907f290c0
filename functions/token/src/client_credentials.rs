//! `grant_type=client_credentials` (RFC 6749, section 4.4): for clients that the operator made, and nobody else.

use clr_core::oauth::{Grant, Tokens};
use clr_server::{App, OAuthError};

use crate::{client_authentication, request};

pub(crate) async fn issue(
    app: &App,
    credentials: &client_authentication::ClientCredentials,
    request: request::ClientCredentials,
) -> Result<Tokens, OAuthError> {
    let client = credentials.authenticate(app).await?;
    let operator = client.operator().ok_or_else(|| {
        OAuthError::UnauthorizedClient("client_credentials is for clients that the operator made".to_owned())
    })?;
    let scopes = request.scopes.unwrap_or_else(|| operator.scopes().clone());
    if scopes.is_empty() || !scopes.is_subset(operator.scopes()) {
        return Err(OAuthError::InvalidScope(
            "scope asks for none, or for more than the client holds".to_owned(),
        ));
    }
    let (grant, tokens) = Grant::client_credentials(client.id(), scopes, app.clock.now(), &app.randomness);
    app.table.insert_grant(&grant).await?;
    Ok(tokens)
}
