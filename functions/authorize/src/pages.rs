//! What the learner sees.

use clr_core::{
    TableError,
    oauth::{Client, PendingAuthorization, Purpose, Scopes, Stage},
};
use clr_server::{DemoLearners, Page, paths};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;
use url::Url;

use crate::{
    Visit,
    browser::Browser,
    form::{answer, field},
    refused::Refused,
    words::{Words, words},
};

/// Which of the demo learners it is.
pub(crate) fn sign_in(
    visit: &Visit,
    pending: &PendingAuthorization,
    browser: &Browser,
    learners: &DemoLearners,
) -> Page {
    let words = words(visit.language);
    let content = html! {
        p {
            @if let Purpose::Authorization { application, .. } = pending.purpose() {
                strong { (application.client_name) } (words.asks_for_access)
            }
            (words.say_who_you_are)
        }
        form method="post" action=(action(pending)) {
            (hidden_fields(pending, browser))
            input type="hidden" name=(field::ANSWER) value=(answer::SIGN_IN);
            @if let Some(request) = pending.request() {
                input type="hidden" name=(field::CLIENT) value=(request.client);
            }
            @for learner in learners.all() {
                button name=(field::LEARNER) value=(learner.id) {
                    (learner.name)
                    @if let Some(email) = &learner.email { " – " (email) }
                }
            }
        }
        p class="note" { (words.demonstration) }
    };
    let (before, after) = words.sign_in_to;
    let title = format!("{before}{}{after}", visit.app.config.service_name);
    let page = Page::new(title, content).written_in(visit.language);
    match pending.purpose() {
        // Where consent is remembered, this form leads straight to the application.
        Purpose::Authorization {
            request,
            approved: true,
            ..
        } => page.leading_to(origin(request.redirect_uri.url())),
        _ => page,
    }
}

/// What the application wants, and whether it may.
pub(crate) fn consent(visit: &Visit, pending: &PendingAuthorization, browser: &Browser) -> Result<Page, Refused> {
    let words = words(visit.language);
    let Purpose::Authorization {
        request,
        application,
        approved,
    } = pending.purpose()
    else {
        return Err(Refused::TooLate);
    };
    let redirect_url = request.redirect_uri.url();
    let content = html! {
        (signed_in_as(words, pending))
        p {
            strong { (application.client_name) } (words.asks_for_access)
            (words.sent_to.0) strong { (redirect_url.host_str().unwrap_or_default()) } (words.sent_to.1)
        }
        @if *approved {
            p class="note" { (words.remembered) }
        } @else {
            p class="warning" { (words.not_reviewed_by.0) (institution(visit)) (words.not_reviewed_by.1) }
        }
        form method="post" action=(action(pending)) {
            (hidden_fields(pending, browser))
            fieldset {
                legend { (words.wants_to) }
                @for scope in request.scopes.iter() {
                    label {
                        input type="checkbox" name=(field::SCOPE) value=(scope) checked;
                        span { (words.plainly(scope)) }
                    }
                }
            }
            h2 { (words.before_you_decide) }
            ul {
                (link(words.what_it_is, &application.client_uri))
                (link(words.what_it_does, &application.policy_uri))
                (link(words.its_terms, &application.tos_uri))
            }
            button class="main" name=(field::ANSWER) value=(answer::ALLOW) { (words.allow) }
            button class="other" name=(field::ANSWER) value=(answer::DENY) { (words.deny) }
        }
    };
    let title = format!(
        "{}{}{}",
        words.allow_question.0, application.client_name, words.allow_question.1
    );
    Ok(Page::new(title, content)
        .written_in(visit.language)
        .leading_to(origin(redirect_url)))
}

/// Which applications may do what.
pub(crate) async fn grants(
    visit: &Visit,
    pending: &PendingAuthorization,
    browser: &Browser,
) -> Result<Page, TableError> {
    let words = words(visit.language);
    let allowed = match pending.learner() {
        Some(learner) => allowed(visit, learner).await?,
        None => Vec::new(),
    };
    let content = html! {
        (signed_in_as(words, pending))
        @if allowed.is_empty() {
            p { (words.nothing_allowed) }
        }
        @for Allowed { client, scopes, last } in &allowed {
            h2 { (client.name()) }
            @if let Some(application) = client.application() {
                p class="note" { (application.client_uri) }
            }
            p {
                (words.may) ":"
            }
            ul {
                @for scope in scopes.iter() {
                    li { (words.plainly(scope)) }
                }
            }
            p class="note" { (words.allowed_on) time datetime=(last) { (last) } }
            form method="post" action=(action(pending)) {
                (hidden_fields(pending, browser))
                input type="hidden" name=(field::CLIENT) value=(client.id());
                button class="other" name=(field::ANSWER) value=(answer::REVOKE) {
                    (words.take_back.0) (client.name()) (words.take_back.1)
                }
            }
        }
    };
    Ok(Page::new(words.grants, content).written_in(visit.language))
}

/// What one application may do, by all grants that it has.
struct Allowed {
    client: Client,
    scopes: Scopes,
    /// The day of the latest grant.
    last: String,
}

async fn allowed(visit: &Visit, learner: &clr_core::learners::LearnerId) -> Result<Vec<Allowed>, TableError> {
    let (app, now) = (&visit.app, visit.app.clock.now());
    let mut grants = app.table.grants_of_learner(learner, app.patience()).await?;
    grants.retain(|(grant, client)| !grant.is_revoked() && !grant.expires().has_passed(now) && client.is_in_force(now));
    grants.sort_by_key(|(grant, _)| std::cmp::Reverse(grant.given()));
    let mut allowed: Vec<Allowed> = Vec::new();
    for (grant, client) in grants {
        if let Some(known) = allowed.iter_mut().find(|known| known.client.id() == client.id()) {
            known.scopes = known.scopes.iter().chain(grant.scopes().iter()).collect();
            continue;
        }
        let given = Timestamp::from_second(grant.given()).unwrap_or(now).to_string();
        allowed.push(Allowed {
            client,
            scopes: grant.scopes().clone(),
            last: given.chars().take("2026-01-15".len()).collect(),
        });
    }
    Ok(allowed)
}

/// The forms of a page go where the page came from.
fn action(pending: &PendingAuthorization) -> &'static str {
    match pending.purpose() {
        Purpose::Authorization { .. } => paths::AUTHORIZE,
        Purpose::Grants => paths::GRANTS,
    }
}

fn hidden_fields(pending: &PendingAuthorization, browser: &Browser) -> Markup {
    html! {
        input type="hidden" name=(field::AUTHORIZATION) value=(pending.id());
        input type="hidden" name=(field::FORM_TOKEN) value=(pending.form_token(&browser.secret));
    }
}

fn signed_in_as(words: &Words, pending: &PendingAuthorization) -> Markup {
    html! {
        @if let Stage::SignedIn { name: Some(name), .. } = pending.stage() {
            p { (words.signed_in_as.0) strong { (name) } (words.signed_in_as.1) }
        }
    }
}

/// Opens beside the page: going back to it would send the sign-in once more.
fn link(text: &str, url: &Url) -> Markup {
    html! { li { (text) ": " a href=(url) target="_blank" rel="noopener noreferrer nofollow" { (url) } } }
}

/// The name of the institution: of its Profile as issuer, else of the service.
fn institution(visit: &Visit) -> &str {
    let config = &visit.app.config;
    config
        .issuer_profile
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or(&config.service_name)
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use clr_core::oauth::Scope;
    use clr_server::Language;

    use super::*;

    #[test]
    fn no_scope_of_a_learner_is_without_words() {
        for language in Language::ALL {
            for scope in Scope::LEARNER {
                assert!(words(language).plainly(scope).len() > 10, "{scope} in {language:?}");
            }
        }
    }
}
