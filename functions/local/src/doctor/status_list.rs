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
