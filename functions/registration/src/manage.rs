//! A client reads, changes and deletes its own registration, with the token that it got at its registration.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use clr_core::{
    Secret,
    oauth::{Client, ClientId, ClientUpdate, UpdateFault},
};
use clr_server::{
    App, OAuthError, PublicUrl,
    rate_limit::{Registration, Within},
};
use http::{HeaderMap, StatusCode, header};

use crate::{information::ClientInformation, object, refuse};

/// The registration as it is. The token stays the same.
pub(crate) async fn read(
    _: Within<Registration>,
    State(app): State<App>,
    url: PublicUrl,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<ClientInformation, OAuthError> {
    let (client, token) = managed(&app, &id, &headers).await?;
    in_force(&app, &client)?;
    ClientInformation::of(&client, None, &token, &url).ok_or(OAuthError::InvalidToken)
}

/// Replaces the whole metadata.
pub(crate) async fn update(
    _: Within<Registration>,
    State(app): State<App>,
    url: PublicUrl,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<ClientInformation, OAuthError> {
    let (client, token) = managed(&app, &id, &headers).await?;
    in_force(&app, &client)?;
    let update =
        ClientUpdate::read(object(&headers, body)?, &client, url.transport()).map_err(|fault| match fault {
            UpdateFault::Request(text) => OAuthError::InvalidClientMetadata(text),
            UpdateFault::Metadata(fault) => refuse(fault),
        })?;
    let (client, secret) = client.updated(update, &app.randomness);
    if !app.table.replace_client(&client).await? {
        // Two updates at once: one of them has to be made again, knowing the other.
        return Err(OAuthError::Busy);
    }
    tracing::info!(client = %client.id(), "a client changed its registration");
    ClientInformation::of(&client, secret.as_ref(), &token, &url).ok_or(OAuthError::InvalidToken)
}

/// Ends the client and all that learners granted to it. Repeating after a failure goes on where it stopped.
pub(crate) async fn delete(
    _: Within<Registration>,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, OAuthError> {
    let (client, _) = managed(&app, &id, &headers).await?;
    app.table
        .revoke_client(client.id(), app.clock.now(), app.patience())
        .await?;
    app.table.remove_client(client.id()).await?;
    tracing::info!(client = %client.id(), "a client deleted its registration");
    Ok(StatusCode::NO_CONTENT)
}

/// The client of this id, if the request carries its token. Another client's and no client are not told apart.
async fn managed(app: &App, id: &str, headers: &HeaderMap) -> Result<(Client, Secret), OAuthError> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(authorization), None) = (authorizations.next(), authorizations.next()) else {
        return Err(OAuthError::InvalidToken);
    };
    let (scheme, token) = authorization
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(OAuthError::InvalidToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(OAuthError::InvalidToken);
    }
    let token = Secret::presented(token.trim());
    let id = ClientId::parse(id).ok_or(OAuthError::InvalidToken)?;
    let client = app.table.stored_client(id).await?;
    let client = client.filter(|client| client.is_managed_by(&token));
    Ok((client.ok_or(OAuthError::InvalidToken)?, token))
}

fn in_force(app: &App, client: &Client) -> Result<(), OAuthError> {
    client
        .is_in_force(app.clock.now())
        .then_some(())
        .ok_or(OAuthError::InvalidToken)
}
