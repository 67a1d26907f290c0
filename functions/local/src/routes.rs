//! Every function's routes on one router: the laptop has no routing table of its own.

use clr_server::Routes;

/// The routes of all Lambda functions.
#[must_use]
pub fn routes() -> Routes {
    functions()
        .into_iter()
        .map(|(_, routes)| routes)
        .fold(Routes::new(), Routes::merge)
}

/// Each Lambda function's name, which is its binary's, and its routes.
#[must_use]
pub fn functions() -> Vec<(&'static str, Routes)> {
    vec![
        ("authorize", authorize::routes()),
        ("discovery", discovery::routes()),
        ("get-credentials", get_credentials::routes()),
        ("issue", issue::routes()),
        ("profile", profile::routes()),
        ("registration", registration::routes()),
        ("status", status::routes()),
        ("token", token::routes()),
        ("upsert-credential", upsert_credential::routes()),
        ("verify", verify::routes()),
    ]
}
