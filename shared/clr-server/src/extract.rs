//! Who is calling, as parameters of a handler.
//!
//! The bearer token names its grant; one strongly consistent read of the grant decides (RFC 6750).

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use clr_core::{
    learners::LearnerId,
    oauth::{Access, GrantToken, Holder, Scope},
};
use http::{header, request::Parts};

use crate::{ApiError, App};

/// A scope, as a type: says in a handler's signature what its caller must hold.
pub trait RequiredScope: Send {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! required_scopes {
    ($($scope:ident),*) => {$(
        #[doc = concat!("Requires [`Scope::", stringify!($scope), "`].")]
        #[derive(Debug)]
        pub enum $scope {}

        impl RequiredScope for $scope {
            const SCOPE: Scope = Scope::$scope;
        }
    )*};
}

required_scopes!(CredentialReadonly, CredentialUpsert, Issue, Status);

/// A client application that acts for a learner and holds scope `S`.
#[derive(Debug)]
pub struct Caller<S> {
    /// The client.
    pub client_id: String,
    /// The learner who granted the token.
    pub learner_id: LearnerId,
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

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let access = access(parts, app, S::SCOPE).await?;
        match access.holder {
            Holder::Learner(learner) => Ok(Self {
                client_id: access.client.to_string(),
                learner_id: learner,
                scope: PhantomData,
            }),
            Holder::Operator => Err(ApiError::Forbidden("the access token stands for no learner".to_owned())),
        }
    }
}

impl<S: RequiredScope> FromRequestParts<App> for OperatorCaller<S> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if app.config.open_issue && Scope::OPERATOR.contains(&S::SCOPE) {
            return Ok(Self {
                client_id: "anyone".to_owned(),
                scope: PhantomData,
            });
        }
        let access = access(parts, app, S::SCOPE).await?;
        match access.holder {
            Holder::Operator => Ok(Self {
                client_id: access.client.to_string(),
                scope: PhantomData,
            }),
            Holder::Learner(_) => Err(ApiError::Forbidden(
                "the access token stands for a learner only".to_owned(),
            )),
        }
    }
}

/// What the request's token allows, when it allows this scope at least.
async fn access(parts: &Parts, app: &App, scope: Scope) -> Result<Access, ApiError> {
    let presented = bearer_token(parts)?;
    let not_valid = || ApiError::Unauthorized("the access token is unknown, expired or revoked".to_owned());
    let token = GrantToken::parse(presented).ok_or_else(not_valid)?;
    let grant = app.table.grant(token.grant).await?.ok_or_else(not_valid)?;
    let access = grant.access(&token.secret, app.clock.now()).ok_or_else(not_valid)?;
    if !access.scopes.contains(scope) {
        return Err(ApiError::InsufficientScope(scope));
    }
    Ok(access)
}

fn bearer_token(parts: &Parts) -> Result<&str, ApiError> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(ApiError::NoToken);
    };
    let text = header.to_str().map_err(|_| ApiError::NoToken)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(ApiError::NoToken),
    }
}
