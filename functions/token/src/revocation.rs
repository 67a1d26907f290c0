//! `POST /oauth/revoke`. 1EdTech wants `token_type_hint`; RFC 7009 does not, and neither do we: a token says what it is.

use axum::extract::{RawForm, State, rejection::RawFormRejection};
use clr_core::oauth::{Grant, GrantToken, Refusal};
use clr_server::{App, OAuthError, PublicUrl, paths};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::{
    asking::Asking,
    form::{self, NO_STORE, optional, required},
};

/// When it has answered, the token is of no use any more; an unknown one, and one of another client, never was.
pub(crate) async fn revoke(
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    form: Result<RawForm, RawFormRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 2]), OAuthError> {
    let form = form::read(form)?;
    let asking = Asking::presented(&app, &url, paths::REVOKE, &headers, &form)?;
    let token = GrantToken::parse(required(&form, "token")?);
    if !matches!(
        optional(&form, "token_type_hint")?,
        None | Some("access_token" | "refresh_token")
    ) {
        return Err(OAuthError::UnsupportedTokenType(
            "token_type_hint is not access_token or refresh_token".to_owned(),
        ));
    }
    let Some(token) = token else {
        asking.client().await?;
        return Ok((StatusCode::OK, NO_STORE));
    };
    let (client, grant) = asking.client_and_grant(&token).await?;
    if let Some(grant) = grant {
        let rule = |grant: &Grant| grant.give_back(client.id(), &token.secret, app.clock.now());
        // A grant that is gone meanwhile is as good as revoked.
        let _ = app.table.decide(grant, app.patience(), Refusal::Code, rule).await?;
    }
    Ok((StatusCode::OK, NO_STORE))
}
