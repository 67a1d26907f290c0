//! `POST /oauth/introspect`: a client may ask about its own tokens, a client that the operator made about all.

use axum::{
    Json,
    extract::{RawForm, State, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use clr_core::oauth::{Client, GrantToken, Holder, Inspection, TokenKind};
use clr_server::{App, OAuthError, PublicUrl, paths};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    asking::Asking,
    form::{self, NO_STORE, required},
};

/// A token that is unknown, ended, or none of the caller's business is `{"active": false}`, and that is all that is said.
pub(crate) async fn introspect(
    State(app): State<App>,
    url: PublicUrl,
    headers: HeaderMap,
    form: Result<RawForm, RawFormRejection>,
) -> Result<Response, OAuthError> {
    let form = form::read(form)?;
    let asking = Asking::presented(&app, &url, paths::INTROSPECT, &headers, &form)?;
    let inspection = match GrantToken::parse(required(&form, "token")?) {
        None => {
            asking.client().await?;
            None
        }
        Some(token) => {
            let (client, grant) = asking.client_and_grant(&token).await?;
            let inspection = grant.and_then(|grant| grant.inspect(&token.secret, app.clock.now()));
            inspection.filter(|inspection| may_know(&client, inspection))
        }
    };
    let answer = inspection.map_or(json!({ "active": false }), |inspection| describe(&inspection, &url));
    Ok((NO_STORE, Json(answer)).into_response())
}

fn may_know(client: &Client, inspection: &Inspection) -> bool {
    client.operator().is_some() || inspection.client == client.id()
}

fn describe(inspection: &Inspection, url: &PublicUrl) -> Value {
    let mut answer = json!({
        "active": true,
        "client_id": inspection.client.to_string(),
        "scope": inspection.scopes.to_string(),
        "exp": inspection.expires.epoch_seconds(),
        "iss": url.as_str(),
        "aud": url.as_str(),
    });
    if let Holder::Learner(learner) = &inspection.holder {
        answer["sub"] = json!(learner.as_str());
    }
    if inspection.kind == TokenKind::Access {
        answer["token_type"] = json!(if inspection.key.is_some() { "DPoP" } else { "Bearer" });
    }
    if let Some(issued) = inspection.issued {
        answer["iat"] = json!(issued);
    }
    if let Some(key) = &inspection.key {
        answer["cnf"] = json!({ "jkt": key.as_str() });
    }
    answer
}
