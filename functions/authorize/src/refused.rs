//! What the browser gets when there is no page to go on with.

use axum::response::{IntoResponse, Response};
use clr_core::{
    TableError,
    oauth::{CannotRedirect, RequestFault},
};
use clr_server::{Language, OAuthError, Page, PublicUrl};
use http::{HeaderName, StatusCode, header};
use maud::html;
use url::Url;

use crate::words::words;

/// Why a request or an answer goes no further.
pub(crate) enum Refused {
    /// The application asked wrongly, and it is not certain where to tell it.
    Request(&'static str),
    /// The application is told.
    Redirect(Url),
    /// The form is of another request, another browser, or too late.
    TooLate,
    /// The form is none of ours.
    Malformed,
    /// Nowhere to sign in is configured.
    NoSignIn,
    /// The identity provider did not confirm who signed in; the cause is in the log.
    NotSignedIn,
    /// The identity provider cannot be reached; the cause is in the log.
    Unreachable,
    /// We failed; the cause is in the log.
    Failed(OAuthError),
}

impl Refused {
    pub(crate) fn of(fault: RequestFault, url: &PublicUrl) -> Self {
        match fault {
            RequestFault::CannotRedirect(fault) => fault.into(),
            RequestFault::Redirect(error) => Self::Redirect(error.location(url.as_str())),
        }
    }
}

/// Sends the browser to an application; the URL that it leaves is not told.
pub(crate) fn redirect(status: StatusCode, location: &Url) -> (StatusCode, [(HeaderName, String); 3]) {
    let headers = [
        (header::LOCATION, location.as_str().to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (status, headers)
}

impl Refused {
    /// The page or the redirect.
    pub(crate) fn answer(self, language: Language) -> Response {
        let words = words(language);
        let page = |status, title: &'static str, text: &'static str| {
            Page::error(status, title, html! { p { (text) } })
                .written_in(language)
                .into_response()
        };
        match self {
            Self::Request(reason) => {
                let content = html! {
                    p { (words.asked_wrongly_text) }
                    p class="note" lang="en" { (reason) }
                };
                let page = Page::error(StatusCode::BAD_REQUEST, words.asked_wrongly, content);
                page.written_in(language).into_response()
            }
            Self::Redirect(location) => redirect(StatusCode::FOUND, &location).into_response(),
            Self::TooLate => page(StatusCode::BAD_REQUEST, words.too_late, words.too_late_text),
            Self::Malformed => page(StatusCode::BAD_REQUEST, words.incomplete, words.start_again),
            Self::NoSignIn => page(StatusCode::SERVICE_UNAVAILABLE, words.no_sign_in, words.wait),
            Self::NotSignedIn => page(StatusCode::FORBIDDEN, words.not_signed_in, words.not_signed_in_text),
            Self::Unreachable => page(StatusCode::SERVICE_UNAVAILABLE, words.failed, words.wait),
            Self::Failed(error) => page(error.into_response().status(), words.failed, words.wait),
        }
    }
}

impl From<CannotRedirect> for Refused {
    fn from(CannotRedirect(reason): CannotRedirect) -> Self {
        Self::Request(reason)
    }
}

impl From<TableError> for Refused {
    fn from(error: TableError) -> Self {
        Self::Failed(error.into())
    }
}
