//! getProfile and putProfile.

use learner_record::has_type;
use reqwest::Method;
use serde_json::Value;

use super::{
    api::{Api, status_info},
    finding::{Faults, Stop, Tested},
};

/// The profile of 1EdTech's own test learner.
const OF_CERTIFICATION: &str = "https://1edtech.org/issuers/cert";

/// `profile.read`: the Profile to its text.
pub(crate) async fn read(api: Api<'_>) -> Tested<String> {
    let answer = api.get("/profile").await?;
    let mut faults = answer.expect_json(200);
    let profile = answer.json();
    let id = profile["id"].as_str().unwrap_or_default();
    faults.unless(!id.is_empty(), || "id is missing".to_owned());
    faults.unless(has_type(&profile, "Profile"), || {
        "type does not name Profile".to_owned()
    });
    api.http.notebook.remark(format!(
        "the profile's id is {id}; in 1EdTech's certification it is {OF_CERTIFICATION}"
    ));
    faults.or(profile.is_object().then(|| answer.text()))
}

/// `profile.write`: what was read goes back as it was, so nothing is changed for the learner.
pub(crate) async fn write(api: Api<'_>, profile: &str) -> Tested<()> {
    let answer = api.send(Method::PUT, "/profile", "application/json", profile).await?;
    match answer.status.as_u16() {
        202 => {
            let mut faults = Faults::default();
            let body = answer.json();
            faults.unless(
                body["imsx_codeMajor"].is_string() && body["imsx_severity"].is_string(),
                || "202 without an Imsx_StatusInfo".to_owned(),
            );
            faults.with(())
        }
        304 => Faults::default().with(()),
        403 | 405 => {
            let status = answer.status.as_u16();
            let faults = status_info(&answer, status);
            match faults.text() {
                Some(text) => Err(Stop::Failed(text)),
                None => Err(Stop::not_offered(format!("the host answers {status}"))),
            }
        }
        _ => {
            let mut faults = answer.expect_json(200);
            let sent: Value = serde_json::from_str(profile).unwrap_or_default();
            faults.unless(answer.json()["id"] == sent["id"], || {
                "the answer has another id".to_owned()
            });
            faults.with(())
        }
    }
}
