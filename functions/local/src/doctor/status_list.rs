//! Whether a verifier can fetch a status list and believes it.

use std::sync::Arc;

use clr_core::{
    fetch::{Budget, FetchError, Fetcher},
    verification::{CheckOutcome, Outcome, Policy, Verifier},
};
use clr_server::{App, paths};

use super::report::Check;

const NAME: &str = "status lists";

/// The last list that was begun.
pub(super) async fn check(app: &App, fetcher: &Fetcher) -> Check {
    let Some(public_url) = app.config.public_url.as_ref().filter(|_| app.config.status_lists) else {
        return Check::ok(NAME, "off: what is issued cannot be revoked");
    };
    let list = match app.table.status_lists().await {
        Ok(lists) => lists.last().copied(),
        Err(error) => {
            let reason = format!(
                "the table does not tell which there are: {}",
                crate::failure::chain(&error)
            );
            return Check::could_not(NAME, reason, "see to the table first");
        }
    };
    let Some(list) = list else {
        return Check::ok(NAME, "none yet: the first is begun when something is issued");
    };
    let base = public_url.as_str().trim_end_matches('/');
    let url = format!("{base}{}/{list}", paths::STATUS_LISTS);
    let text = match fetcher.get(&url, &Budget::full()).await {
        Ok(text) => text,
        Err(FetchError::OutOfReach(reason)) => {
            return Check::could_not(
                NAME,
                format!("{url}: {reason}"),
                "see to PUBLIC_URL and the function `status`",
            );
        }
        Err(error) => {
            return Check::wrong(
                NAME,
                format!("{url}: {error}"),
                "verifiers cannot fetch it either, and refuse what was issued: PUBLIC_URL must stay what it was",
            );
        }
    };
    let Ok(document) = serde_json::from_str::<serde_json::Value>(&text) else {
        return Check::wrong(
            NAME,
            format!("{url} is no JSON"),
            "see the logs of the function `status`",
        );
    };
    if document["id"] != url.as_str() {
        let reason = format!("{url} is the list {}", document["id"]);
        return Check::wrong(NAME, reason, "PUBLIC_URL must stay what it was when the list was begun");
    }
    let verifier = Verifier {
        policy: Policy::Strict,
        issuers: &app.issuers,
        own_lists: None,
        fetcher,
        contexts: app.contexts,
        now: app.clock.now(),
        recipient: Arc::new([]),
    };
    let verdict = verifier.verify(Arc::new(document)).await;
    if verdict.outcome() == Outcome::Valid {
        return Check::ok(NAME, format!("{url} is fetched and valid"));
    }
    let failed = verdict
        .checks
        .iter()
        .find(|check| matches!(check.outcome, CheckOutcome::Failed | CheckOutcome::CouldNotCheck));
    let reason = failed.map_or_else(String::new, |check| format!("{}: {}", check.name, check.reason));
    Check::wrong(
        NAME,
        format!("{url} is {}: {reason}", verdict.outcome()),
        "see to the keys of status lists, and to the clock; a list is signed anew when it is next asked for",
    )
}

#[cfg(test)]
mod tests {
    use clr_core::{Randomness, issuers::Issuers, signer::SoftwareKeys};
    use clr_server::Config;
    use learner_record::StatusPurpose;
    use serde_json::Map;

    use super::{
        super::{
            institution::{Institution, assert_says},
            report::Outcome,
        },
        App, Arc, Fetcher, check,
    };

    #[tokio::test]
    async fn a_status_list_that_nobody_can_fetch_or_believe_is_wrong() {
        let institution = Institution::start().await;
        let base = institution.deployment.url.clone().unwrap();
        let fetcher = || Fetcher::reaching_loopback([institution.certificate.clone()]);
        let app = &institution.app;
        assert_says(&check(app, &fetcher()).await, Outcome::Ok, "none yet");
        let lists = format!("{base}/status");
        app.status_lists(&lists)
            .assign(StatusPurpose::Revocation, &["urn:one"])
            .await
            .unwrap();
        assert_says(&check(app, &fetcher()).await, Outcome::Ok, "fetched and valid");

        let configured = |change: fn(&mut Config)| {
            let mut config = (*app.config).clone();
            change(&mut config);
            App {
                config: Arc::new(config),
                ..app.clone()
            }
        };
        let off = configured(|config| config.status_lists = false);
        assert_says(&check(&off, &fetcher()).await, Outcome::Ok, "cannot be revoked");
        let moved = configured(|config| {
            let port = config.public_url.as_ref().unwrap().port().unwrap();
            config.public_url = Some(format!("https://localhost:{port}/elsewhere").parse().unwrap());
        });
        assert_says(&check(&moved, &fetcher()).await, Outcome::Wrong, "no such document");
        let nowhere = configured(|config| config.public_url = Some("https://nowhere.localhost:1".parse().unwrap()));
        assert_says(
            &check(&nowhere, &fetcher()).await,
            Outcome::CouldNotCheck,
            "nowhere.localhost",
        );
        // What is served there was signed with keys that are not the issuer's.
        let keys = SoftwareKeys::generate(&Randomness::seeded(9));
        let stranger = App {
            issuers: Arc::new(Issuers::new(
                Some(institution.issuer()),
                Map::new(),
                vec![Arc::new(keys.p256)],
            )),
            ..app.clone()
        };
        assert_says(&check(&stranger, &fetcher()).await, Outcome::Wrong, "is invalid");
    }
}
