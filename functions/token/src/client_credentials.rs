//! `grant_type=client_credentials` (RFC 6749, section 4.4): for clients that the operator made, and nobody else.

use clr_core::oauth::{Grant, Tokens};
use clr_server::OAuthError;

use crate::{asking::Asking, request::ClientCredentials};

pub(crate) async fn issue(asking: &Asking<'_>, request: ClientCredentials) -> Result<Tokens, OAuthError> {
    let client = asking.client().await?;
    let operator = client.operator().ok_or_else(|| {
        OAuthError::UnauthorizedClient("client_credentials is for clients that the operator made".to_owned())
    })?;
    let scopes = request.scopes.unwrap_or_else(|| operator.scopes().clone());
    if scopes.is_empty() || !scopes.is_subset(operator.scopes()) {
        return Err(OAuthError::InvalidScope(
            "scope asks for none, or for more than the client holds".to_owned(),
        ));
    }
    let key = asking.key(&client).await?;
    let app = asking.app;
    let (grant, tokens) =
        Grant::client_credentials(client.id(), scopes, key.as_ref(), app.clock.now(), &app.randomness);
    if !app.table.insert_grant(&grant, app.patience()).await? {
        return Err(OAuthError::InvalidClient("the client was revoked".to_owned()));
    }
    Ok(tokens)
}
