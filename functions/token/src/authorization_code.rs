//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use clr_core::oauth::{Grant, Redemption, Refusal, Tokens};
use clr_server::OAuthError;

use crate::{asking::Asking, refuse, request::AuthorizationCode};

pub(crate) async fn redeem(asking: &Asking<'_>, request: &AuthorizationCode) -> Result<Tokens, OAuthError> {
    let Some(code) = &request.code else {
        asking.client().await?;
        return Err(refuse(Refusal::Code));
    };
    let (client, grant) = asking.client_and_grant(code).await?;
    if client.application().is_none() {
        return Err(OAuthError::UnauthorizedClient(
            "this client cannot act for learners".to_owned(),
        ));
    }
    let key = asking.key(&client).await?;
    let grant = grant.ok_or_else(|| refuse(Refusal::Code))?;
    let redemption = Redemption {
        client: client.id(),
        code: &code.secret,
        redirect_uri: &request.redirect_uri,
        verifier: &request.verifier,
        scopes: request.scopes.as_ref(),
        key: key.as_ref(),
    };
    let app = asking.app;
    let rule = |grant: &Grant| grant.redeem(redemption, app.clock.now(), &app.randomness);
    let tokens = app
        .table
        .decide(grant, app.patience(), Refusal::Code, rule)
        .await?
        .map_err(refuse)?;
    if client.unused_until().is_some()
        && let Err(error) = app.table.keep_client(client.id()).await
    {
        // The tokens are given; the next redemption tries again.
        tracing::warn!(%error, client = %client.id(), "a client's first use could not be noted");
    }
    Ok(tokens)
}
