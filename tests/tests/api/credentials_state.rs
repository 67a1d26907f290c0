//! Expired, suspended and revoked credentials are kept in their state, which is told beside their bytes.

use clr_core::oauth::Scope;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Answer, PUBLIC_URL, START, TestApp};

use crate::records::{ISSUED, achievement, record, sign, signed};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
const JUDGED: &str = ";judged=\"2026-01-15T09:30:00Z\"";

async fn app() -> (TestApp, String) {
    assert!(JUDGED.contains(START));
    let app = TestApp::start().await;
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    (app, token)
}

/// The state that the single credential is told to be in; its bytes are those that were sent.
async fn kept(app: &TestApp, token: &str, sent: &Value, answer: &Answer) -> String {
    let path = answer.header("location").strip_prefix(PUBLIC_URL).unwrap();
    let found = app.get_as(token, path).await;
    assert_eq!((found.status.as_u16(), found.text()), (200, sent.to_string()));
    found.header("credential-state").to_owned()
}

/// A record with these validity periods of its own and of its achievement.
async fn lasting(app: &TestApp, own: (&str, Option<&str>), nested: Option<&str>) -> Value {
    let mut course = achievement("Algebra", "Solves equations.");
    if let Some(end) = nested {
        course["validUntil"] = json!(end);
    }
    let (from, until) = own;
    let mut record = record(
        &format!("urn:example:{from}:{}", until.unwrap_or_default()),
        from,
        vec![course],
    );
    if let Some(end) = until {
        record["validUntil"] = json!(end);
    }
    sign(app, record).await
}

#[tokio::test]
async fn what_is_not_in_force_by_time_is_kept_so() {
    let (app, token) = app().await;
    for (own, nested, state) in [
        ((ISSUED, None), None, "valid"),
        ((ISSUED, Some("2026-01-11T00:00:00Z")), None, "expired"),
        (("2027-01-01T00:00:00Z", None), None, "not-yet-valid"),
        (
            (ISSUED, Some("2027-01-01T00:00:00Z")),
            Some("2026-01-12T00:00:00Z"),
            "valid;nested=expired",
        ),
    ] {
        let credential = lasting(&app, own, nested).await;
        let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.header("credential-state"), format!("{state}{JUDGED}"));
        assert_eq!(
            kept(&app, &token, &credential, &answer).await,
            format!("{state}{JUDGED}")
        );
    }
}

#[tokio::test]
async fn a_revoked_record_is_kept_as_revoked_and_a_suspended_course_as_suspended() {
    let (app, token) = app().await;
    let issue = async |options: Value| {
        let registrar = app.operator_token(&[Scope::Issue]).await;
        let mut record = record(
            "urn:example:1",
            ISSUED,
            vec![achievement("Algebra", "Solves equations.")],
        );
        record.as_object_mut().unwrap().shift_remove("id");
        let body = json!({"credential": record, "options": options});
        let answer = app.post_json_as(&registrar, "/credentials/issue", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["verifiableCredential"].clone()
    };
    let set = async |credential: &Value, purpose: &str, status: bool| {
        let registrar = app.operator_token(&[Scope::Status]).await;
        let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": purpose});
        let body = json!({"credentialId": credential["id"], "credentialStatus": entry, "status": status});
        let answer = app.post_json_as(&registrar, "/credentials/status", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let revoked = issue(json!({})).await;
    let good = app.post_json_as(&token, CREDENTIALS, &revoked).await;
    assert_eq!(
        (good.status.as_u16(), good.header("credential-state")),
        (201, &*format!("valid{JUDGED}"))
    );
    set(&revoked, "revocation", true).await;
    assert_eq!(
        kept(&app, &token, &revoked, &good).await,
        format!("valid{JUDGED}"),
        "as it was judged"
    );

    // Sent again, it is judged again; the list is not longer for it.
    app.clock.advance(SignedDuration::from_hours(1));
    let token = app
        .learner_token("ada", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
        .await;
    let later = ";judged=\"2026-01-15T10:30:00Z\"";
    let again = app.post_json_as(&token, CREDENTIALS, &revoked).await;
    assert_eq!(
        (again.status.as_u16(), again.header("credential-state")),
        (200, &*format!("revoked{later}"))
    );
    assert_eq!(kept(&app, &token, &revoked, &again).await, format!("revoked{later}"));

    let suspended = issue(json!({"statusPurpose": "suspension"})).await;
    let course = &suspended["credentialSubject"]["verifiableCredential"][0];
    set(course, "suspension", true).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &suspended).await;
    let expected = format!("valid;nested=suspended{later}");
    assert_eq!(
        (answer.status.as_u16(), answer.header("credential-state")),
        (201, &*expected)
    );
    set(&suspended, "suspension", true).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &suspended).await;
    let expected = format!("suspended;nested=suspended{later}");
    assert_eq!(
        (answer.status.as_u16(), answer.header("credential-state")),
        (200, &*expected)
    );
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "2");
}

/// Takes away what an earlier version of the program did not write.
async fn forget_states(app: &TestApp) {
    let table = &app.app.config.table_name;
    let items = app.client.scan().table_name(table).send().await.unwrap().items.unwrap();
    let judged: Vec<_> = items.iter().filter(|item| item.contains_key("judged")).collect();
    assert_eq!(judged.len(), 1);
    let mut update = app.client.update_item().table_name(table);
    for name in ["pk", "sk"] {
        update = update.key(name, judged[0][name].clone());
    }
    let update = update
        .update_expression("REMOVE #state, nestedState, judged")
        .expression_attribute_names("#state", "state");
    update.send().await.unwrap();
}

#[tokio::test]
async fn a_credential_that_was_kept_before_states_were_is_read_and_replaced() {
    let (app, token) = app().await;
    let credential = signed(&app, "urn:example:1", ISSUED).await;
    let answer = app.post_json_as(&token, CREDENTIALS, &credential).await;
    forget_states(&app).await;
    let unjudged = format!("valid;judged=\"{ISSUED}\"");
    assert_eq!(kept(&app, &token, &credential, &answer).await, unjudged);
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "1");
    let again = app.post_json_as(&token, CREDENTIALS, &credential).await;
    assert_eq!(again.status, 200, "{}", again.text());

    let mut expired = record("urn:example:1", ISSUED, vec![achievement("Algebra", "Solves more.")]);
    expired["validUntil"] = json!("2026-01-11T00:00:00Z");
    let expired = sign(&app, expired).await;
    let replaced = app.post_json_as(&token, CREDENTIALS, &expired).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.header("credential-state")),
        (200, &*format!("expired{JUDGED}")),
        "{}",
        replaced.text()
    );
    assert_eq!(
        kept(&app, &token, &expired, &replaced).await,
        format!("expired{JUDGED}")
    );
    assert_eq!(app.get_as(&token, CREDENTIALS).await.header("x-total-count"), "1");
}

#[tokio::test]
async fn a_verdict_names_the_state() {
    let (app, _) = app().await;
    let expired = lasting(&app, (ISSUED, Some("2026-01-11T00:00:00Z")), None).await;
    let verdict = app.post_json("/credentials/verify", &expired).await.json();
    let check = &verdict["checks"][0];
    assert_eq!(
        (&check["name"], &check["state"]),
        (&json!("validity"), &json!("expired"))
    );
    let states = verdict["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check.get("state").is_some());
    assert_eq!(states.count(), 1, "what is in force has none: {verdict}");
}
