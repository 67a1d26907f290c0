//! `grant_type=refresh_token` (RFC 6749, section 6).

use clr_core::oauth::{Grant, Refreshing, Refusal, Tokens};
use clr_server::OAuthError;

use crate::{asking::Asking, refuse, request::RefreshToken};

pub(crate) async fn refresh(asking: &Asking<'_>, request: &RefreshToken) -> Result<Tokens, OAuthError> {
    let Some(refresh_token) = &request.refresh_token else {
        asking.client().await?;
        return Err(refuse(Refusal::RefreshToken));
    };
    let (client, grant) = asking.client_and_grant(refresh_token).await?;
    let key = asking.key(&client).await?;
    let grant = grant.ok_or_else(|| refuse(Refusal::RefreshToken))?;
    let refreshing = Refreshing {
        client: client.id(),
        refresh_token: &refresh_token.secret,
        scopes: request.scopes.as_ref(),
        key: key.as_ref(),
    };
    let app = asking.app;
    let rule = |grant: &Grant| grant.refresh(refreshing, app.clock.now(), &app.randomness);
    app.table
        .decide(grant, app.patience(), Refusal::RefreshToken, rule)
        .await?
        .map_err(refuse)
}
