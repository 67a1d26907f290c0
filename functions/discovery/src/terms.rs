//! Where the terms of service and the privacy policy are: the operator's pages, or a line of ours that says there are none.

use axum::{extract::State, response::Response};
use clr_server::{App, Config, PublicUrl, Published, paths};
use http::HeaderMap;

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

pub(crate) async fn terms_of_service(State(app): State<App>, headers: HeaderMap) -> Response {
    stand_in(&app.config, "terms of service", "TERMS_OF_SERVICE_URL").answer(&headers)
}

pub(crate) async fn privacy_policy(State(app): State<App>, headers: HeaderMap) -> Response {
    stand_in(&app.config, "privacy policy", "PRIVACY_POLICY_URL").answer(&headers)
}

fn stand_in(config: &Config, what: &str, variable: &str) -> Published {
    let name = &config.service_name;
    let text = format!("The operator of {name:?} has not published its {what} yet. (Operators: set {variable}.)\n");
    Published::document("text/plain; charset=utf-8", text)
}
