//! What learners see. An application sends them here; they sign in and decide, and later look at what they allowed.
//!
//! - `GET|POST /oauth/authorize`: [RFC 6749, section 4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1), with PKCE (RFC 7636),
//!   `iss` (RFC 9207) and pushed requests (RFC 9126).
//! - `GET /oauth/signed-in`: the institution's identity provider sends the learner back.
//! - `GET|POST /oauth/grants`: which applications may do what, and one button each to end it.
//!
//! What a browser came for is kept for that browser alone, until the learner has answered it.

mod answer;
mod begin;
mod browser;
mod form;
mod pages;
mod refused;
mod sign_in;
mod upstream;
mod words;

use axum::{
    extract::{RawForm, RawQuery, State, rejection::RawFormRejection},
    response::Response,
};
use axum_extra::extract::CookieJar;
use clr_core::oauth::Purpose;
use clr_server::{App, Language, PublicUrl, Routes, paths};

use self::refused::Refused;

/// The endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::AUTHORIZE, ask)
        .post(paths::AUTHORIZE, answer)
        .get(paths::SIGNED_IN, signed_in)
        .get(paths::GRANTS, grants)
        .post(paths::GRANTS, answer)
}

/// A request of one browser, and the language in which it is answered.
pub(crate) struct Visit {
    pub(crate) app: App,
    pub(crate) url: PublicUrl,
    pub(crate) language: Language,
}

/// The application's request: the learner is asked to sign in.
async fn ask(State(app): State<App>, url: PublicUrl, language: Language, RawQuery(query): RawQuery) -> Response {
    let visit = Visit { app, url, language };
    let asked = begin::authorization(&visit, &query.unwrap_or_default()).await;
    asked.unwrap_or_else(|refused| refused.answer(language))
}

/// The learner wants to see what applications may do.
async fn grants(State(app): State<App>, url: PublicUrl, language: Language) -> Response {
    let visit = Visit { app, url, language };
    let asked = begin::sign_in(&visit, Purpose::Grants, None).await;
    asked.unwrap_or_else(|refused| refused.answer(language))
}

/// The learner's answer to a page.
async fn answer(
    State(app): State<App>,
    url: PublicUrl,
    language: Language,
    cookies: CookieJar,
    form: Result<RawForm, RawFormRejection>,
) -> Response {
    let visit = Visit { app, url, language };
    let answered = answer::answer(&visit, &cookies, form).await;
    answered.unwrap_or_else(|refused: Refused| refused.answer(language))
}

/// The identity provider's answer.
async fn signed_in(
    State(app): State<App>,
    url: PublicUrl,
    language: Language,
    cookies: CookieJar,
    RawQuery(query): RawQuery,
) -> Response {
    let visit = Visit { app, url, language };
    let answered = answer::returned(&visit, &cookies, &query.unwrap_or_default()).await;
    answered.unwrap_or_else(|refused| refused.answer(language))
}
