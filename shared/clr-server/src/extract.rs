//! Who is calling, as parameters of a handler.
//!
//! The bearer token names its grant; one strongly consistent read of the grant decides (RFC 6750).

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use clr_core::oauth::Scope;
use http::request::Parts;

use crate::{ApiError, App};

/// A scope, as a type: says in a handler's signature what its caller must hold.
pub trait RequiredScope: Send {
    /// The scope.
    const SCOPE: Scope;
}

/// A client application that acts for a learner and holds scope `S`.
#[derive(Debug)]
pub struct Caller<S> {
    /// The client.
    pub client_id: String,
    /// The learner who granted the token.
    pub learner_id: String,
    scope: PhantomData<S>,
}

/// A client that the operator made, holding scope `S`, acting for the institution.
#[derive(Debug)]
pub struct OperatorCaller<S> {
    /// The client.
    pub client_id: String,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<App> for Caller<S> {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        todo!("the OAuth part of clr-core")
    }
}

impl<S: RequiredScope> FromRequestParts<App> for OperatorCaller<S> {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        todo!("the OAuth part of clr-core")
    }
}
