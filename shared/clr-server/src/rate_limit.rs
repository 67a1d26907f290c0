//! Open endpoints take a bounded number of attempts a minute from one address, then answer 429 with `Retry-After`.
//!
//! A handler asks for it as a parameter, before its body: `_: Within<Registration>`. The address is the one that API Gateway or the
//! socket tells, never one that a header names. When the counter itself fails, the attempt goes on and the failure is logged: what
//! keeps the service alive must not be what takes it down, and API Gateway's own throttle stands before all.

use std::{
    marker::PhantomData,
    net::{IpAddr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use clr_core::rate_limit::{RateClass, Window, counted_source};
use http::request::Parts;
use lambda_http::request::RequestContext;

use crate::{ApiError, App, OAuthError};

/// An attempt that was counted and is within the maximum.
#[derive(Debug)]
pub struct Within<C>(PhantomData<C>);

/// The maximum is reached; a new window opens after these seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRequests {
    /// 1 to 60.
    pub retry_after_seconds: i64,
}

/// A class of attempts, as a type, with the dialect of its errors.
pub trait LimitedClass: Send {
    /// What is counted together.
    const CLASS: RateClass;
    /// The dialect of the endpoints.
    type Error: From<TooManyRequests>;
}

/// [`RateClass::Registration`], in OAuth's dialect.
#[derive(Debug)]
pub enum Registration {}

/// [`RateClass::Verification`], in the dialect of the CLR API.
#[derive(Debug)]
pub enum Verification {}

impl LimitedClass for Registration {
    const CLASS: RateClass = RateClass::Registration;
    type Error = OAuthError;
}

impl LimitedClass for Verification {
    const CLASS: RateClass = RateClass::Verification;
    type Error = ApiError;
}

impl<C: LimitedClass> FromRequestParts<App> for Within<C>
where
    C::Error: axum::response::IntoResponse,
{
    type Rejection = C::Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, C::Error> {
        count_attempt(parts, app, C::CLASS).await?;
        Ok(Self(PhantomData))
    }
}

/// Counts an attempt of the request's address.
///
/// # Errors
/// The address has had its maximum.
pub async fn count_attempt(parts: &Parts, app: &App, class: RateClass) -> Result<(), TooManyRequests> {
    let source = source_address(parts).map_or_else(|| "unknown".to_owned(), counted_source);
    let window = Window::at(app.clock.now());
    match app
        .table
        .count_attempt(class, &source, window, app.config.attempts_per_minute)
        .await
    {
        Ok(true) => Ok(()),
        Ok(false) => Err(TooManyRequests {
            retry_after_seconds: window.seconds_left(),
        }),
        Err(error) => {
            tracing::error!(%error, ?class, "an attempt could not be counted and is let through");
            Ok(())
        }
    }
}

/// Where the request came from, as API Gateway or the socket tells it.
fn source_address(parts: &Parts) -> Option<IpAddr> {
    match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => {
            let ConnectInfo(socket) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
            Some(socket.ip())
        }
    }
}

impl From<TooManyRequests> for OAuthError {
    fn from(refused: TooManyRequests) -> Self {
        Self::TooManyRequests(refused)
    }
}

impl From<TooManyRequests> for ApiError {
    fn from(refused: TooManyRequests) -> Self {
        Self::TooManyRequests(refused)
    }
}
