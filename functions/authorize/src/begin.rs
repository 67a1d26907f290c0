//! A browser comes: what for, and where the learner signs in.

use axum::response::{IntoResponse, Response};
use clr_core::{
    Digest,
    oauth::{
        AuthorizationErrorCode, AuthorizationRequest, CannotRedirect, Client, Parameters, PendingAuthorization,
        Purpose, PushedRequest, RequestFault, Standing, UNKNOWN_CLIENT, UpstreamRequest, requesting_client,
    },
    rate_limit::{RateClass, Window},
};
use clr_server::SignIn;
use http::StatusCode;

use crate::{
    Visit,
    browser::Browser,
    pages,
    refused::{Refused, redirect},
    upstream,
};

/// The query of an authorization request.
pub(crate) async fn authorization(visit: &Visit, query: &str) -> Result<Response, Refused> {
    let app = &visit.app;
    let parameters = Parameters::parse(query.as_bytes());
    let id = requesting_client(&parameters)?;
    let pushed = parameters.one("request_uri");
    let pushed = pushed.map_err(|_| CannotRedirect("request_uri is there twice"))?;
    let Some(pushed) = pushed else {
        let client = of_learners(app.table.client(id, app.clock.now()).await?)?;
        let request = match AuthorizationRequest::read(&parameters, &client) {
            Ok(request) => request,
            Err(fault) => return Err(refused(visit, &client, fault).await),
        };
        return put_to_learner(visit, request, &client, None).await;
    };
    // Whatever else the query says does not count (RFC 9126, section 4).
    let pushed = PushedRequest::referred(pushed).ok_or(CannotRedirect("request_uri is none of this server"))?;
    let (client, stored) = app
        .table
        .client_and_pushed_request(id, &pushed, app.clock.now(), app.patience())
        .await?;
    let client = of_learners(client)?;
    let request = AuthorizationRequest::resume(stored, &client, app.clock.now())?;
    put_to_learner(visit, request, &client, Some(&pushed)).await
}

/// The client is told at once of its fault, by way of the browser, as RFC 6749 and 1EdTech say (digest section 2.2). So an application
/// that nobody reviewed can lead people on from our address to its own without a question (RFC 9700, section 4.11.2): not more
/// often than whoever mends a client needs it.
async fn refused(visit: &Visit, client: &Client, fault: RequestFault) -> Refused {
    if matches!(fault, RequestFault::Redirect(_)) && client.standing() != Standing::Approved {
        let app = &visit.app;
        let (id, window) = (client.id().to_string(), Window::at(app.clock.now()));
        let counted = app
            .table
            .count_attempt(RateClass::WrongRequest, &id, window, app.config.attempts_per_minute);
        match counted.await {
            Ok(true) => {}
            Ok(false) => return CannotRedirect("it did so too often within a minute").into(),
            Err(error) => tracing::error!(%error, "a wrong request could not be counted and is answered"),
        }
    }
    Refused::of(fault, &visit.url)
}

/// A client that may ask learners. Whether there is another one of this id is nobody's business.
fn of_learners(client: Option<Client>) -> Result<Client, CannotRedirect> {
    client
        .filter(|client| client.application().is_some())
        .ok_or(UNKNOWN_CLIENT)
}

async fn put_to_learner(
    visit: &Visit,
    request: AuthorizationRequest,
    client: &Client,
    pushed: Option<&Digest>,
) -> Result<Response, Refused> {
    if matches!(*visit.app.sign_in, SignIn::NotConfigured) {
        let text = "no sign-in of learners is configured here";
        let error = request.refused(AuthorizationErrorCode::ServerError, text);
        return Err(Refused::Redirect(error.location(visit.url.as_str())));
    }
    let purpose = Purpose::Authorization {
        request: Box::new(request),
        // A request is read only for clients that are applications.
        application: Box::new(client.application().ok_or(UNKNOWN_CLIENT)?.clone()),
        approved: client.standing() == Standing::Approved,
    };
    sign_in(visit, purpose, pushed).await
}

/// Asks who it is: on a page of ours, or at the institution's identity provider.
pub(crate) async fn sign_in(visit: &Visit, purpose: Purpose, pushed: Option<&Digest>) -> Result<Response, Refused> {
    let (app, now) = (&visit.app, visit.app.clock.now());
    let provider = match &*app.sign_in {
        SignIn::NotConfigured => return Err(Refused::NoSignIn),
        SignIn::DemoLearners(learners) => {
            let (pending, secret) = PendingAuthorization::begin(purpose, None, now, &app.randomness);
            keep(visit, &pending, pushed).await?;
            let browser = Browser::new(pending.id(), secret, &visit.url);
            let page = pages::sign_in(visit, &pending, &browser, learners);
            return Ok((browser.keep(), page).into_response());
        }
        SignIn::IdentityProvider(provider) => upstream::Provider::discovered(provider, visit).await?,
    };
    let asked = UpstreamRequest {
        nonce: app.randomness.secret().reveal().to_owned(),
        code_verifier: app.randomness.secret().reveal().to_owned(),
    };
    let (pending, secret) = PendingAuthorization::begin(purpose, Some(asked.clone()), now, &app.randomness);
    keep(visit, &pending, pushed).await?;
    let state = format!("{}.{}", pending.id(), pending.form_token(&secret));
    let browser = Browser::new(pending.id(), secret, &visit.url);
    let location = provider.sign_in_url(&asked, state);
    Ok((browser.keep(), redirect(StatusCode::SEE_OTHER, &location)).into_response())
}

async fn keep(visit: &Visit, pending: &PendingAuthorization, pushed: Option<&Digest>) -> Result<(), Refused> {
    let table = &visit.app.table;
    match pushed {
        None => Ok(table.insert_authorization(pending).await?),
        Some(pushed) if table.bring_pushed_request(pushed, pending).await? => Ok(()),
        Some(_) => Err(CannotRedirect("request_uri was used already").into()),
    }
}
