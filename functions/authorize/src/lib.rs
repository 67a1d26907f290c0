//! `GET|POST /oauth/authorize`: an application sends the learner here; the learner signs in and decides.
//!
//! [RFC 6749, section 4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1), with PKCE (RFC 7636) and `iss` (RFC 9207).
//! The request is kept for the one browser that brought it, until the learner has answered it.

mod browser;
mod form;
mod pages;
mod refused;

use axum::{
    extract::{RawForm, RawQuery, State, rejection::RawFormRejection},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use clr_core::oauth::{
    AuthorizationErrorCode, AuthorizationRequest, Grant, Parameters, PendingAuthorization, Scopes, UNKNOWN_CLIENT,
    requesting_client,
};
use clr_server::{App, DemoLearners, PublicUrl, Routes, SignIn, paths};
use http::StatusCode;

use self::{
    browser::Browser,
    form::{Answer, Form},
    refused::{Refused, redirect},
};

/// The endpoint's two methods.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().get(paths::AUTHORIZE, ask).post(paths::AUTHORIZE, answer)
}

/// The application's request: the learner is asked to sign in.
async fn ask(State(app): State<App>, url: PublicUrl, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let client = app
        .table
        .client(requesting_client(&parameters)?)
        .await?
        .ok_or(UNKNOWN_CLIENT)?;
    let request = AuthorizationRequest::read(&parameters, &client).map_err(|fault| Refused::of(fault, &url))?;
    // A request is read only for clients that are applications.
    let application = client.application().ok_or(UNKNOWN_CLIENT)?.clone();
    let SignIn::DemoLearners(learners) = &*app.sign_in else {
        let error = request.refused(
            AuthorizationErrorCode::ServerError,
            "no sign-in of learners is configured here",
        );
        return Err(Refused::Redirect(error.location(url.as_str())));
    };
    let (pending, secret) = PendingAuthorization::begin(request, application, app.clock.now(), &app.randomness);
    app.table.insert_authorization(&pending).await?;
    let browser = Browser::new(pending.id(), secret, &url);
    let page = pages::sign_in(&pending, &browser, learners, &app.config.service_name);
    Ok((browser.keep(), page).into_response())
}

/// The learner's answer to a page: who it is, or what the application may do.
async fn answer(
    State(app): State<App>,
    url: PublicUrl,
    cookies: CookieJar,
    form: Result<RawForm, RawFormRejection>,
) -> Result<Response, Refused> {
    let form = Form::read(form)?;
    let browser = Browser::known(form.authorization, &cookies, &url).ok_or(Refused::TooLate)?;
    match &form.answer {
        Answer::SignIn { learner } => sign_in(&app, &browser, &form, learner).await,
        Answer::Allow { scopes } => allow(&app, &url, &browser, &form, scopes).await,
        Answer::Deny => {
            let pending = app.table.authorization(form.authorization).await?;
            let pending = accepted(&app, pending, &browser, &form)?;
            app.table.remove_authorization(pending.id()).await?;
            Ok(denied(&pending, &browser, &url))
        }
    }
}

async fn sign_in(app: &App, browser: &Browser, form: &Form, learner: &str) -> Result<Response, Refused> {
    let tenant = app.table.tenant();
    let account = demo_learners(app)?.find(learner).ok_or(Refused::Malformed)?;
    // Somebody else may have changed what is known of the learner: then once more.
    for _ in 0..SIGN_IN_ATTEMPTS {
        let id = account.learner_id(tenant);
        let (pending, known) = app
            .table
            .authorization_and_learner(form.authorization, &id, app.patience())
            .await?;
        let learner = account.signed_in(tenant, known);
        let pending = accepted(app, pending, browser, form)?.signed_in(&learner);
        if app.table.keep_sign_in(&pending, &learner).await? {
            return Ok(pages::consent(&pending, browser, &app.config.service_name).into_response());
        }
    }
    Err(Refused::TooLate)
}

const SIGN_IN_ATTEMPTS: usize = 3;

async fn allow(
    app: &App,
    url: &PublicUrl,
    browser: &Browser,
    form: &Form,
    scopes: &Scopes,
) -> Result<Response, Refused> {
    let pending = app.table.authorization(form.authorization).await?;
    let pending = accepted(app, pending, browser, form)?;
    let Some(consent) = pending.consent(scopes) else {
        app.table.remove_authorization(pending.id()).await?;
        return Ok(denied(&pending, browser, url));
    };
    let granted = consent.scopes.clone();
    let (grant, code) = Grant::consent(consent, app.clock.now(), &app.randomness);
    if !app
        .table
        .grant_authorization(pending.id(), &grant, app.patience())
        .await?
    {
        return Err(Refused::TooLate);
    }
    let location = pending.request().granted(&code.reveal(), &granted, url.as_str());
    Ok((browser.forget(), redirect(StatusCode::SEE_OTHER, &location)).into_response())
}

/// The request, if it is there, in time, and the form is of a page that this browser was shown.
fn accepted(
    app: &App,
    pending: Option<PendingAuthorization>,
    browser: &Browser,
    form: &Form,
) -> Result<PendingAuthorization, Refused> {
    pending
        .filter(|pending| pending.accepts(&browser.secret, &form.form_token, app.clock.now()))
        .ok_or(Refused::TooLate)
}

fn denied(pending: &PendingAuthorization, browser: &Browser, url: &PublicUrl) -> Response {
    let error = pending
        .request()
        .refused(AuthorizationErrorCode::AccessDenied, "the learner did not allow it");
    (
        browser.forget(),
        redirect(StatusCode::SEE_OTHER, &error.location(url.as_str())),
    )
        .into_response()
}

fn demo_learners(app: &App) -> Result<&DemoLearners, Refused> {
    match &*app.sign_in {
        SignIn::DemoLearners(learners) => Ok(learners),
        SignIn::NotConfigured => Err(Refused::Malformed),
    }
}
