//! Where the terms of service and the privacy policy are: the operator's pages, or a line of ours that says there are none.

use axum::extract::State;
use clr_server::{App, Config, PublicUrl, paths};

pub(crate) fn terms_of_service_url(config: &Config, public_url: &PublicUrl) -> String {
    config
        .terms_of_service_url
        .as_ref()
        .map_or_else(|| public_url.join(paths::TERMS), ToString::to_string)
}

pub(crate) fn privacy_policy_url(config: &Config, public_url: &PublicUrl) -> String {
    config
        .privacy_policy_url
        .as_ref()
        .map_or_else(|| public_url.join(paths::PRIVACY), ToString::to_string)
}

pub(crate) async fn terms_of_service(State(app): State<App>) -> String {
    stand_in(&app.config, "terms of service", "TERMS_OF_SERVICE_URL")
}

pub(crate) async fn privacy_policy(State(app): State<App>) -> String {
    stand_in(&app.config, "privacy policy", "PRIVACY_POLICY_URL")
}

fn stand_in(config: &Config, what: &str, variable: &str) -> String {
    let name = &config.service_name;
    format!("The operator of {name:?} has not published its {what} yet. (Operators: set {variable}.)\n")
}
