//! What a function crate offers: its endpoints, and the handlers behind them.

use axum::{Router, handler::Handler, routing};
use http::Method;

use crate::App;

/// One method on one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// `GET`, `POST`, …
    pub method: String,
    /// With `{parameters}`, as API Gateway and axum both write them.
    pub path: &'static str,
}

/// Endpoints and their handlers. Can be merged; knows whether a signing key is needed.
#[derive(Debug, Default)]
pub struct Routes {
    pub(crate) router: Router<App>,
    endpoints: Vec<Endpoint>,
    signs: bool,
}

impl Routes {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `GET path`, and `HEAD path` with it: the same answer without its body.
    #[must_use]
    pub fn get<T: 'static>(mut self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.endpoints.push(Endpoint {
            method: Method::HEAD.to_string(),
            path,
        });
        self.on(Method::GET, path, routing::get(handler))
    }

    /// Adds `POST path`.
    #[must_use]
    pub fn post<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.on(Method::POST, path, routing::post(handler))
    }

    /// Adds `PUT path`.
    #[must_use]
    pub fn put<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.on(Method::PUT, path, routing::put(handler))
    }

    /// Adds `DELETE path`.
    #[must_use]
    pub fn delete<T: 'static>(self, path: &'static str, handler: impl Handler<T, App>) -> Self {
        self.on(Method::DELETE, path, routing::delete(handler))
    }

    /// Says that these handlers use the issuer's key: a start without one fails.
    #[must_use]
    pub fn signing(mut self) -> Self {
        self.signs = true;
        self
    }

    /// Both.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.endpoints.extend(other.endpoints);
        self.signs |= other.signs;
        self
    }

    /// All endpoints.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    pub(crate) fn signs(&self) -> bool {
        self.signs
    }

    fn on(mut self, method: Method, path: &'static str, handler: routing::MethodRouter<App>) -> Self {
        self.router = self.router.route(path, handler);
        self.endpoints.push(Endpoint {
            method: method.to_string(),
            path,
        });
        self
    }
}
