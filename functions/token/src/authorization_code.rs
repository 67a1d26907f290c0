//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use clr_core::oauth::{Grant, Redemption, Refusal, Tokens};
use clr_server::{App, OAuthError};

use crate::{client_authentication::ClientCredentials, refuse, request::AuthorizationCode};

pub(crate) async fn redeem(
    app: &App,
    credentials: &ClientCredentials,
    request: &AuthorizationCode,
) -> Result<Tokens, OAuthError> {
    let Some(code) = &request.code else {
        credentials.authenticate(app).await?;
        return Err(refuse(Refusal::Code));
    };
    let (client, grant) = credentials.authenticate_with(app, code).await?;
    if client.application().is_none() {
        return Err(OAuthError::UnauthorizedClient(
            "this client cannot act for learners".to_owned(),
        ));
    }
    let grant = grant.ok_or_else(|| refuse(Refusal::Code))?;
    let redemption = Redemption {
        client: client.id(),
        code: &code.secret,
        redirect_uri: &request.redirect_uri,
        verifier: &request.verifier,
        scopes: request.scopes.as_ref(),
    };
    let rule = |grant: &Grant| grant.redeem(redemption, app.clock.now(), &app.randomness);
    app.table
        .decide(grant, app.patience(), Refusal::Code, rule)
        .await?
        .map_err(refuse)
}
