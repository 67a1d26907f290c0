//! It is known who the learner is: what was asked for goes on.

use axum::response::{IntoResponse, Response};
use clr_core::{
    learners::Identity,
    oauth::{AuthorizationId, ClientId, Grant, Purpose},
};

use crate::{
    Visit,
    answer::{accepted, granted},
    browser::Browser,
    pages,
    refused::Refused,
};

/// What the page, or the way back from the identity provider, brought.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) authorization: AuthorizationId,
    pub(crate) form_token: &'a str,
    /// Whose earlier consent is looked up; it counts only if it is the one that asks.
    pub(crate) client: Option<ClientId>,
}

const ATTEMPTS: usize = 3;

/// Keeps the sign-in, and shows what is next: the consent page, nothing but the way back where consent is remembered, or the grants.
pub(crate) async fn complete(
    visit: &Visit,
    browser: &Browser,
    shown: Shown<'_>,
    identity: &Identity,
) -> Result<Response, Refused> {
    let (app, tenant) = (&visit.app, visit.app.table.tenant());
    let id = identity.learner_id(tenant);
    // Somebody else may have changed what is known of the learner: then once more.
    for _ in 0..ATTEMPTS {
        let state = app
            .table
            .sign_in_state(shown.authorization, &id, shown.client, app.patience())
            .await?;
        let learner = identity.learner(tenant, state.learner);
        let pending = accepted(visit, state.pending, browser, shown.form_token)?.signed_in(&learner);
        let is_the_one = pending.request().map(|request| request.client) == shown.client;
        let before = state.consent.filter(|_| is_the_one);
        if let Some(consent) = before.and_then(|before| pending.remembered_consent(&before)) {
            let (grant, code) = Grant::consent(consent.clone(), app.clock.now(), &app.randomness);
            if app.table.grant_at_sign_in(pending.id(), &learner, &grant).await? {
                return granted(visit, &pending, browser, &consent, &code);
            }
        } else if app.table.keep_sign_in(&pending, &learner).await? {
            return Ok(match pending.purpose() {
                Purpose::Authorization { .. } => pages::consent(visit, &pending, browser)?.into_response(),
                Purpose::Grants => pages::grants(visit, &pending, browser).await?.into_response(),
            });
        }
    }
    Err(Refused::TooLate)
}
