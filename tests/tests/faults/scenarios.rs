//! What each function does, as a client sees it when AWS fails at some call: one scenario for each endpoint.
//!
//! A scenario prepares itself on a good wire, sends what it is about on the failing one, and looks at what came of it. To add one:
//! a function in the file of its subject, and its name in [`SCENARIOS`].

mod authorization;
mod credentials;
mod institution;
mod profile;
mod registration;
mod tokens;

use std::pin::Pin;

use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;
use tests::request;

use crate::stage::Stage;

pub(crate) type Scenario = fn(Stage) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! scenarios {
    ($($subject:ident: $($name:ident),*;)*) => {
        pub(crate) const SCENARIOS: &[(&str, Scenario)] =
            &[$($((stringify!($name), |stage| Box::pin($subject::$name(stage)))),*),*];
    };
}

scenarios! {
    registration: register, read_registration, update_registration, delete_registration;
    authorization: begin_authorization, push_and_begin_authorization, sign_in,
        sign_in_of_an_application_that_is_remembered, consent, refuse_consent, look_at_grants,
        end_an_application;
    tokens: redeem_a_code, refresh, client_credentials, introspect, revoke;
    credentials: upsert_a_new_credential, upsert_a_newer_version, list, list_since,
        list_with_proof_of_possession, read_one_credential;
    profile: read_profile, put_profile, change_profile;
    institution: issue, issue_with_a_key, issue_what_is_refused_with_a_key, change_a_status,
        read_a_status_list, did_document, verify_a_record_of_ours, operate;
}

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

fn get(path: &str, token: Option<&str>) -> Request<Body> {
    request(Method::GET, path, token, Body::empty())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// No API call is answered with this access token any more.
async fn assert_opens_nothing(stage: &Stage, token: &Value) {
    assert_eq!(stage.app.get_as(text(token), CREDENTIALS).await.status, 401);
}
