//! What the learner sees.

use clr_core::oauth::{PendingAuthorization, Scope, Stage};
use clr_server::{DemoLearners, Page, paths};
use maud::{Markup, html};

use crate::{
    browser::Browser,
    form::{answer, field},
};

/// Which of the demo learners it is.
pub(crate) fn sign_in(
    pending: &PendingAuthorization,
    browser: &Browser,
    learners: &DemoLearners,
    service_name: &str,
) -> Page {
    let content = html! {
        p { strong { (pending.application().client_name) } " asks for access to your records. First say who you are." }
        form method="post" action=(paths::AUTHORIZE) {
            (hidden_fields(pending, browser))
            input type="hidden" name=(field::ANSWER) value=(answer::SIGN_IN);
            @for learner in learners.all() {
                button name=(field::LEARNER) value=(learner.id) {
                    (learner.name)
                    @if let Some(email) = &learner.email { " – " (email) }
                }
            }
        }
        p class="note" { "These are learners of a demonstration: nobody is asked for a password." }
    };
    Page::new(format!("Sign in to {service_name}"), content)
}

/// What the application wants, and whether it may.
pub(crate) fn consent(pending: &PendingAuthorization, browser: &Browser, service_name: &str) -> Page {
    let application = pending.application();
    let redirect_url = pending.request().redirect_uri.url();
    let host = redirect_url.host_str().unwrap_or_default();
    let content = html! {
        @if let Stage::Consent { name: Some(name), .. } = pending.stage() {
            p { "You are signed in as " strong { (name) } "." }
        }
        p {
            strong { (application.client_name) } " asks for access to your records. "
            "If you agree, you will be sent to " strong { (host) } "."
        }
        p class="note" { (service_name) " has not reviewed this application." }
        form method="post" action=(paths::AUTHORIZE) {
            (hidden_fields(pending, browser))
            fieldset {
                legend { "It wants to" }
                @for scope in pending.request().scopes.iter() {
                    label {
                        input type="checkbox" name=(field::SCOPE) value=(scope) checked;
                        (in_plain_words(scope))
                    }
                }
            }
            button class="main" name=(field::ANSWER) value=(answer::ALLOW) { "Allow what is ticked" }
            button class="other" name=(field::ANSWER) value=(answer::DENY) { "Allow nothing" }
        }
        h2 { "Before you decide" }
        ul {
            (link("What the application is", application.client_uri.as_str()))
            (link("What it does with your data", application.policy_uri.as_str()))
            (link("Its terms", application.tos_uri.as_str()))
        }
    };
    Page::new(format!("Allow {}?", application.client_name), content)
        .leading_to(redirect_url.origin().ascii_serialization())
}

fn hidden_fields(pending: &PendingAuthorization, browser: &Browser) -> Markup {
    html! {
        input type="hidden" name=(field::AUTHORIZATION) value=(pending.id());
        input type="hidden" name=(field::FORM_TOKEN) value=(pending.form_token(&browser.secret));
    }
}

fn link(text: &str, url: &str) -> Markup {
    html! { li { (text) ": " a href=(url) rel="noopener noreferrer nofollow" { (url) } } }
}

fn in_plain_words(scope: Scope) -> &'static str {
    match scope {
        Scope::CredentialReadonly => "see all your records that are kept here",
        Scope::CredentialUpsert => "add records to yours, and replace them with newer ones",
        Scope::OfflineAccess => "do so also later, when you are not there",
        Scope::Issue => "issue records in the institution's name",
        Scope::Status => "revoke what was issued in the institution's name",
    }
}
