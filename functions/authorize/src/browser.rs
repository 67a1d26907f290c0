//! The browser that brought a request, known by a cookie of its own for each request.

use axum_extra::extract::CookieJar;
use clr_core::{Secret, oauth::AuthorizationId};
use clr_server::PublicUrl;
use http::{HeaderName, header};

/// A browser while it answers one request: several tabs do not disturb each other.
pub(crate) struct Browser {
    pub(crate) secret: Secret,
    cookie: String,
    secure: bool,
}

impl Browser {
    /// One that is new to us.
    pub(crate) fn new(id: AuthorizationId, secret: Secret, url: &PublicUrl) -> Self {
        Self {
            secret,
            cookie: cookie_name(id, url),
            secure: url.is_https(),
        }
    }

    /// One that was given a cookie for this request; none without it.
    pub(crate) fn known(id: AuthorizationId, cookies: &CookieJar, url: &PublicUrl) -> Option<Self> {
        let secret = Secret::presented(cookies.get(&cookie_name(id, url))?.value());
        Some(Self::new(id, secret, url))
    }

    /// Sets the cookie.
    pub(crate) fn keep(&self) -> [(HeaderName, String); 1] {
        self.set_cookie(self.secret.reveal(), 600)
    }

    /// Takes the cookie away.
    pub(crate) fn forget(&self) -> [(HeaderName, String); 1] {
        self.set_cookie("", 0)
    }

    fn set_cookie(&self, value: &str, seconds: u32) -> [(HeaderName, String); 1] {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = &self.cookie;
        [(
            header::SET_COOKIE,
            format!("{cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"),
        )]
    }
}

/// With the prefix, no other host name and no plain http can set the cookie.
fn cookie_name(id: AuthorizationId, url: &PublicUrl) -> String {
    let prefix = if url.is_https() { "__Host-" } else { "" };
    format!("{prefix}authorization-{id}")
}
