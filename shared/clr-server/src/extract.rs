//! Who is calling, as parameters of a handler.
//!
//! The token names its grant; one strongly consistent read of the grant decides (RFC 6750, RFC 9449).

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use clr_core::{
    learners::LearnerId,
    oauth::{Access, DpopFault, GrantToken, Holder, ProvenRequest, Scope, Thumbprint},
};
use http::{header, request::Parts};

use crate::{ApiError, App, PublicUrl, dpop};

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

required_scopes!(
    CredentialReadonly,
    CredentialUpsert,
    ProfileReadonly,
    ProfileUpdate,
    Issue,
    Status
);

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
///
/// A token that is bound to a key is taken in the scheme `DPoP` only, with a proof for this request (RFC 9449, section 7); any other in the
/// scheme `Bearer` only. A proof costs one write more, since it must not come again.
async fn access(parts: &Parts, app: &App, scope: Scope) -> Result<Access, ApiError> {
    let (scheme, presented) = authorization(parts)?;
    let refuse = |text: &str| match scheme {
        Scheme::Bearer => ApiError::Unauthorized(text.to_owned()),
        Scheme::Dpop => ApiError::DpopRefused {
            error: "invalid_token",
            text: text.to_owned(),
        },
    };
    let not_valid = || refuse("the access token is unknown, expired or revoked");
    let token = GrantToken::parse(presented).ok_or_else(not_valid)?;
    let grant = app.table.grant(token.grant).await?.ok_or_else(not_valid)?;
    let access = grant.access(&token.secret, app.clock.now()).ok_or_else(not_valid)?;
    match (&access.key, scheme) {
        (None, Scheme::Bearer) => {}
        (Some(key), Scheme::Dpop) => prove_possession(parts, app, presented, key).await?,
        (Some(_), Scheme::Bearer) => {
            return Err(ApiError::DpopRefused {
                error: "invalid_token",
                text: "the access token is bound to a key: it goes with `Authorization: DPoP …`".to_owned(),
            });
        }
        (None, Scheme::Dpop) => return Err(refuse("the access token is not bound to a key")),
    }
    if !access.scopes.contains(scope) {
        return Err(ApiError::InsufficientScope(scope));
    }
    Ok(access)
}

async fn prove_possession(parts: &Parts, app: &App, token: &str, key: &Thumbprint) -> Result<(), ApiError> {
    let refuse = |fault: DpopFault| ApiError::DpopRefused {
        error: "invalid_dpop_proof",
        text: fault.to_string(),
    };
    let url = PublicUrl::of(parts, app).join(parts.uri.path());
    let request = ProvenRequest {
        method: parts.method.as_str(),
        url: &url,
        access_token: Some(token),
    };
    let proof = dpop::presented(&parts.headers, request, app).map_err(refuse)?;
    let proof = proof
        .filter(|proof| proof.key == *key)
        .ok_or_else(|| ApiError::DpopRefused {
            error: "invalid_token",
            text: "the request has no DPoP proof by the key of the access token".to_owned(),
        })?;
    dpop::use_once(&proof, app).await?.map_err(refuse)?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Scheme {
    Bearer,
    Dpop,
}

fn authorization(parts: &Parts) -> Result<(Scheme, &str), ApiError> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        return Err(ApiError::NoToken);
    };
    let text = header.to_str().map_err(|_| ApiError::NoToken)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok((Scheme::Bearer, token.trim())),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => Ok((Scheme::Dpop, token.trim())),
        _ => Err(ApiError::NoToken),
    }
}
