//! `grant_type=refresh_token` (RFC 6749, section 6).

use clr_core::oauth::{Grant, Refreshing, Refusal, Tokens};
use clr_server::{App, OAuthError};

use crate::{client_authentication::ClientCredentials, refuse, request::RefreshToken};

pub(crate) async fn refresh(
    app: &App,
    credentials: &ClientCredentials,
    request: &RefreshToken,
) -> Result<Tokens, OAuthError> {
    let Some(refresh_token) = &request.refresh_token else {
        credentials.authenticate(app).await?;
        return Err(refuse(Refusal::RefreshToken));
    };
    let (client, grant) = credentials.authenticate_with(app, refresh_token).await?;
    let grant = grant.ok_or_else(|| refuse(Refusal::RefreshToken))?;
    let refreshing = Refreshing {
        client: client.id(),
        refresh_token: &refresh_token.secret,
        scopes: request.scopes.as_ref(),
    };
    let rule = |grant: &Grant| grant.refresh(refreshing, app.clock.now(), &app.randomness);
    app.table
        .decide(grant, app.patience(), Refusal::RefreshToken, rule)
        .await?
        .map_err(refuse)
}
