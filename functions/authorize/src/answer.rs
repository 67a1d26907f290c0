//! What the learner answers to our pages, and what the identity provider answers for the learner.

use axum::{
    extract::{RawForm, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use clr_core::oauth::{
    AuthorizationErrorCode, AuthorizationId, ClientId, Consent, Grant, GrantToken, Parameters, PendingAuthorization,
    Purpose, Scopes, Stage,
};
use clr_server::SignIn;
use http::StatusCode;

use crate::{
    Visit,
    browser::Browser,
    form::{Answer, Form},
    pages,
    refused::{Refused, redirect},
    sign_in, upstream,
};

/// Reads the form of a page and does what it says.
pub(crate) async fn answer(
    visit: &Visit,
    cookies: &CookieJar,
    form: Result<RawForm, RawFormRejection>,
) -> Result<Response, Refused> {
    let form = Form::read(form)?;
    let browser = Browser::known(form.authorization, cookies, &visit.url).ok_or(Refused::TooLate)?;
    if let Answer::SignIn { learner, client } = &form.answer {
        let SignIn::DemoLearners(learners) = &*visit.app.sign_in else {
            return Err(Refused::Malformed);
        };
        let learner = learners.find(learner).ok_or(Refused::Malformed)?.identity();
        let shown = sign_in::Shown {
            authorization: form.authorization,
            form_token: &form.form_token,
            client: *client,
        };
        return sign_in::complete(visit, &browser, shown, &learner).await;
    }
    let pending = visit.app.table.authorization(form.authorization).await?;
    let pending = accepted(visit, pending, &browser, &form.form_token)?;
    match &form.answer {
        Answer::Allow { scopes } => allow(visit, &pending, &browser, scopes).await,
        Answer::Revoke { client } => revoke(visit, &pending, &browser, *client).await,
        Answer::Deny | Answer::SignIn { .. } => {
            visit.app.table.remove_authorization(pending.id()).await?;
            denied(visit, &pending, &browser)
        }
    }
}

/// The learner comes back from the identity provider.
pub(crate) async fn returned(visit: &Visit, cookies: &CookieJar, query: &str) -> Result<Response, Refused> {
    let SignIn::IdentityProvider(provider) = &*visit.app.sign_in else {
        return Err(Refused::Malformed);
    };
    let parameters = Parameters::parse(query.as_bytes());
    let one = |name| parameters.one(name).map_err(|_| Refused::Malformed);
    let (id, form_token) = one("state")?
        .and_then(|state| state.split_once('.'))
        .ok_or(Refused::Malformed)?;
    let id = AuthorizationId::parse(id).ok_or(Refused::Malformed)?;
    let browser = Browser::known(id, cookies, &visit.url).ok_or(Refused::TooLate)?;
    let pending = visit.app.table.authorization(id).await?;
    let pending = accepted(visit, pending, &browser, form_token)?;
    let Stage::SignIn { upstream: Some(asked) } = pending.stage() else {
        return Err(Refused::TooLate);
    };
    // An answer of another provider, mixed up with ours (RFC 9207).
    if one("iss")?.is_some_and(|issuer| issuer != provider.issuer) {
        return Err(Refused::Malformed);
    }
    let Some(code) = one("code")? else {
        visit.app.table.remove_authorization(id).await?;
        return denied(visit, &pending, &browser);
    };
    let discovered = upstream::Provider::discovered(provider, visit).await?;
    let identity = discovered.identity(code, asked).await?;
    let shown = sign_in::Shown {
        authorization: id,
        form_token,
        client: pending.request().map(|request| request.client),
    };
    sign_in::complete(visit, &browser, shown, &identity).await
}

async fn allow(
    visit: &Visit,
    pending: &PendingAuthorization,
    browser: &Browser,
    scopes: &Scopes,
) -> Result<Response, Refused> {
    let app = &visit.app;
    let Some(consent) = pending.consent(scopes) else {
        app.table.remove_authorization(pending.id()).await?;
        return denied(visit, pending, browser);
    };
    let (grant, code) = Grant::consent(consent.clone(), app.clock.now(), &app.randomness);
    let remembered = matches!(pending.purpose(), Purpose::Authorization { approved: true, .. });
    if !app
        .table
        .grant_authorization(pending.id(), &grant, remembered, app.patience())
        .await?
    {
        return Err(Refused::TooLate);
    }
    granted(visit, pending, browser, &consent, &code)
}

/// Sends the learner back with the code.
pub(crate) fn granted(
    visit: &Visit,
    pending: &PendingAuthorization,
    browser: &Browser,
    consent: &Consent,
    code: &GrantToken,
) -> Result<Response, Refused> {
    let request = pending.request().ok_or(Refused::TooLate)?;
    let location = request.granted(&code.reveal(), &consent.scopes, visit.url.as_str());
    Ok((browser.forget(), redirect(StatusCode::SEE_OTHER, &location)).into_response())
}

async fn revoke(
    visit: &Visit,
    pending: &PendingAuthorization,
    browser: &Browser,
    client: ClientId,
) -> Result<Response, Refused> {
    let (Purpose::Grants, Some(learner)) = (pending.purpose(), pending.learner()) else {
        return Err(Refused::TooLate);
    };
    let app = &visit.app;
    app.table
        .revoke_application(learner, client, app.clock.now(), app.patience())
        .await?;
    tracing::info!(%client, "a learner revoked an application");
    Ok(pages::grants(visit, pending, browser).await?.into_response())
}

/// The request, if it is there, in time, and the form is of a page that this browser was shown.
pub(crate) fn accepted(
    visit: &Visit,
    pending: Option<PendingAuthorization>,
    browser: &Browser,
    form_token: &str,
) -> Result<PendingAuthorization, Refused> {
    pending
        .filter(|pending| pending.accepts(&browser.secret, form_token, visit.app.clock.now()))
        .ok_or(Refused::TooLate)
}

fn denied(visit: &Visit, pending: &PendingAuthorization, browser: &Browser) -> Result<Response, Refused> {
    let request = pending.request().ok_or(Refused::TooLate)?;
    let error = request.refused(AuthorizationErrorCode::AccessDenied, "the learner did not allow it");
    let location = error.location(visit.url.as_str());
    Ok((browser.forget(), redirect(StatusCode::SEE_OTHER, &location)).into_response())
}
