//! What the browser gets when there is no page to go on with.

use axum::response::{IntoResponse, Response};
use clr_core::{
    TableError,
    oauth::{CannotRedirect, RequestFault},
};
use clr_server::{OAuthError, Page, PublicUrl};
use http::{HeaderName, StatusCode, header};
use maud::html;
use url::Url;

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

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Request(reason) => Page::error(
                StatusCode::BAD_REQUEST,
                "The application asked in a way that cannot be answered",
                html! {
                    p { "Nothing was shared. If this happens again, tell the maker of the application:" }
                    p class="note" { (reason) }
                },
            )
            .into_response(),
            Self::Redirect(location) => redirect(StatusCode::FOUND, &location).into_response(),
            Self::TooLate => Page::error(
                StatusCode::BAD_REQUEST,
                "This page can no longer be answered",
                html! {
                    p {
                        "It was answered already, it is older than ten minutes, or it was opened in another browser. "
                        "Nothing was shared now. Go back to the application and start again."
                    }
                },
            )
            .into_response(),
            Self::Malformed => Page::error(
                StatusCode::BAD_REQUEST,
                "This form is not complete",
                html! { p { "Nothing was shared. Go back to the application and start again." } },
            )
            .into_response(),
            Self::Failed(error) => {
                let status = error.into_response().status();
                let text = html! { p { "Nothing was shared. Wait a moment, then try again." } };
                Page::error(status, "The service cannot answer now", text).into_response()
            }
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
