//! What each operation takes of AWS: the table that `clr cost` computes with is measured here, request by request.
//!
//! KMS requests are signatures of the software keys, one for one; capacity units are the engine's, whose arithmetic
//! `engine_capacity` holds against AWS's rules.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use clr_core::{
    Randomness,
    issuers::Issuers,
    oauth::Scope,
    signer::{SignError, Signature, Signer, SoftwareKeys, SoftwareSigner},
};
use data_integrity::PublicKey;
use local::{OPERATIONS, Operation, embedded_table::TABLE_NAME};
use serde_json::{Map, Value, json};
use tests::{Answer, INSTITUTION, PUBLIC_URL, TestApp};

use crate::oauth_client::{Browser, READ, TestClient, UPSERT, metadata};

const CREDENTIALS: &str = "/ims/clr/v2p0/credentials";

/// A key that counts its signatures.
#[derive(Debug)]
struct Counted {
    key: SoftwareSigner,
    signatures: Arc<AtomicU32>,
}

#[async_trait]
impl Signer for Counted {
    async fn public_key(&self) -> Result<PublicKey, SignError> {
        self.key.public_key().await
    }

    async fn sign(&self, hash_data: &[u8]) -> Result<Signature, SignError> {
        self.signatures.fetch_add(1, Ordering::SeqCst);
        self.key.sign(hash_data).await
    }
}

/// An institution whose every cost is seen.
struct Metered {
    app: TestApp,
    signatures: Arc<AtomicU32>,
    measured: Vec<Operation>,
}

impl Metered {
    async fn start() -> Self {
        let host = TestApp::start().await;
        let signatures = Arc::new(AtomicU32::new(0));
        let keys = SoftwareKeys::generate(&Randomness::seeded(1));
        let signers = [keys.p256, keys.ed25519].map(|key| {
            let signatures = Arc::clone(&signatures);
            Arc::new(Counted { key, signatures }) as Arc<dyn Signer>
        });
        let profile = Map::from_iter([("name".to_owned(), json!("Rosewick University"))]);
        let issuers = Issuers::new(Some(INSTITUTION.to_owned()), profile, signers.to_vec())
            .with_history(host.app.table.clone(), host.app.clock.clone());
        Self {
            app: host.with_issuers(issuers),
            signatures,
            measured: Vec::new(),
        }
    }

    /// Notes what these answers took; `before`: signatures and bytes before them.
    async fn note(&mut self, name: &'static str, nested: Option<u32>, before: (u32, usize), answers: &[&Answer]) {
        let sum = |value: fn(&Answer) -> f64| answers.iter().map(|answer| value(answer)).sum::<f64>();
        let whole = |units: f64| {
            assert!(units.fract() == 0.0, "{name}: {units} units");
            units as u32
        };
        let (signatures, bytes) = self.now().await;
        let signatures = signatures - before.0;
        assert_eq!(signatures % 2, 0, "both keys sign");
        self.measured.push(Operation {
            name,
            nested,
            requests: answers.len() as u32,
            table_calls: answers.iter().map(|answer| answer.usage.table_calls).sum(),
            signatures: signatures / 2,
            read_units: whole(sum(|answer| answer.usage.read_units)),
            write_units: whole(sum(|answer| answer.usage.write_units)),
            stored_bytes: bytes.saturating_sub(before.1) as u32,
            answer_bytes: answers.iter().map(|answer| answer.body.len() as u32).sum(),
            function: "",
            processor: 0,
        });
    }

    async fn now(&self) -> (u32, usize) {
        (self.signatures.load(Ordering::SeqCst), stored_bytes(&self.app).await)
    }
}

/// What stays: items without an end, in the way in which DynamoDB counts their size.
async fn stored_bytes(app: &TestApp) -> usize {
    let items = app.client.scan().table_name(TABLE_NAME).into_paginator().items().send();
    let items: Vec<_> = items.try_collect().await.unwrap();
    let lasting = items.iter().filter(|item| !item.contains_key("expires"));
    lasting
        .map(|item| item.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>())
        .sum()
}

fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map
                .iter()
                .map(|(name, value)| 1 + name.len() + size(value))
                .sum::<usize>()
        }
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        other => panic!("{other:?}"),
    }
}

/// A transcript of so many courses: those of the fixture, over and over, each with a name and a number of its own.
fn transcript(courses: usize) -> Value {
    let text = include_str!("../../../shared/learner-record/fixtures/transcript.json");
    let mut record: Value = serde_json::from_str(text).unwrap();
    learner_record::replace_issuer(&mut record, &json!({"name": "Rosewick University"}));
    for member in ["id", "credentialStatus"] {
        record.as_object_mut().unwrap().remove(member);
    }
    let subject = &mut record["credentialSubject"];
    subject.as_object_mut().unwrap().remove("association");
    let nested = subject["verifiableCredential"].take();
    let nested = nested.as_array().unwrap();
    let course = |number: usize| {
        let mut course = nested[number % nested.len()].clone();
        course.as_object_mut().unwrap().remove("id");
        let achievement = &mut course["credentialSubject"]["achievement"];
        achievement["id"] = json!(format!("https://rosewick.example/courses/{number:04}"));
        achievement["name"] = json!(format!("{} {number}", achievement["name"].as_str().unwrap()));
        course
    };
    subject["verifiableCredential"] = (0..courses).map(course).collect();
    record
}

#[tokio::test]
async fn each_operation_takes_what_the_table_says() {
    let mut metered = Metered::start().await;
    // The transcript is of May.
    metered.app.clock.advance(jiff::SignedDuration::from_hours(200 * 24));
    sign_in_and_tokens(&mut metered).await;
    records(&mut metered).await;
    // Measured elsewhere: taken as they are.
    let elsewhere = |operation: &Operation| {
        let same = |row: &&Operation| (row.name, row.nested) == (operation.name, operation.nested);
        OPERATIONS
            .iter()
            .find(same)
            .map_or(("", 0), |row| (row.function, row.processor))
    };
    let measured: Vec<_> = metered
        .measured
        .iter()
        .map(|operation| {
            let (function, processor) = elsewhere(operation);
            Operation {
                function,
                processor,
                ..*operation
            }
        })
        .collect();
    let same = |measured: &Operation, row: &Operation| {
        let near = |found: u32, told: u32| found.abs_diff(told) * 10 <= told;
        let exact = Operation {
            answer_bytes: row.answer_bytes,
            stored_bytes: row.stored_bytes,
            // Which items a large record's status entries fall into varies a little.
            write_units: row.write_units,
            ..*measured
        };
        exact == *row
            && near(measured.write_units, row.write_units)
            && near(measured.answer_bytes, row.answer_bytes)
            && near(measured.stored_bytes, row.stored_bytes)
    };
    let all_same =
        measured.len() == OPERATIONS.len() && measured.iter().zip(OPERATIONS).all(|(one, row)| same(one, row));
    assert!(
        all_same,
        "the table in functions/local/src/cost/operations.rs should be\n{}",
        measured.iter().map(row).collect::<String>()
    );
}

/// As it stands in the table.
fn row(operation: &Operation) -> String {
    let Operation {
        name,
        nested,
        requests,
        table_calls,
        signatures,
        read_units,
        write_units,
        stored_bytes,
        answer_bytes,
        function,
        processor,
    } = operation;
    format!(
        "    Operation {{ name: {name:?}, nested: {nested:?}, requests: {requests}, table_calls: {table_calls}, signatures: {signatures}, \
         read_units: {read_units}, write_units: {write_units}, stored_bytes: {stored_bytes}, answer_bytes: {answer_bytes}, \
         function: {function:?}, processor: {processor} }},\n"
    )
}

async fn sign_in_and_tokens(metered: &mut Metered) {
    let before = metered.now().await;
    let registered = metered.app.post_json("/oauth/register", &metadata()).await;
    assert_eq!(registered.status, 201);
    metered.note("register", None, before, &[&registered]).await;

    let client = TestClient::register(&metered.app).await;
    // Its first redemption keeps a client for good, which is once for each application.
    client.tokens(&metered.app, READ).await;
    let scopes = format!("{READ} {UPSERT} offline_access");
    let before = metered.now().await;
    let (page, signed_in, allowed) = {
        let path = client.authorization(&scopes, &[]);
        let page = metered.app.get(&path).await;
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let mut browser = Browser {
            app: &metered.app,
            cookie,
            page: page.clone(),
        };
        let form = browser.form("sign_in", &[("learner", "ada")]);
        browser.page = browser.send(&pairs(&form)).await;
        let scopes: Vec<_> = scopes.split(' ').map(|scope| ("scope", scope)).collect();
        let form = browser.form("allow", &scopes);
        (page, browser.page.clone(), browser.send(&pairs(&form)).await)
    };
    assert_eq!(allowed.status, 303, "{}", allowed.text());
    metered
        .note("authorize", None, before, &[&page, &signed_in, &allowed])
        .await;

    let location = url::Url::parse(allowed.header("location")).unwrap();
    let code = crate::oauth_client::query(&location)["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = metered.now().await;
    let redeemed = client.redeem(&metered.app, &code).await;
    assert_eq!(redeemed.status, 200, "{}", redeemed.text());
    metered
        .note("token: authorization_code", None, before, &[&redeemed])
        .await;
    let before = metered.now().await;
    let refreshed = client.refresh(&metered.app, &redeemed.json()["refresh_token"]).await;
    assert_eq!(refreshed.status, 200);
    metered.note("token: refresh_token", None, before, &[&refreshed]).await;

    let operator = operator(&metered.app).await;
    let before = metered.now().await;
    let form = [("grant_type", "client_credentials"), ("scope", "issue")];
    let given = operator.token(&metered.app, &form).await;
    assert_eq!(given.status, 200, "{}", given.text());
    metered.note("token: client_credentials", None, before, &[&given]).await;
}

/// A client that the operator made.
async fn operator(app: &TestApp) -> TestClient {
    use clr_core::oauth::{Client, OperatorClient};

    let client = OperatorClient::new("registrar", [Scope::Issue].into_iter().collect()).unwrap();
    let (client, secret) = Client::of_operator(client, app.now(), &app.app.randomness);
    app.app.table.insert_client(&client).await.unwrap();
    TestClient {
        id: client.id().to_string(),
        secret: secret.reveal().to_owned(),
        verifier: String::new(),
    }
}

async fn records(metered: &mut Metered) {
    let issuing = metered.app.operator_token(&[Scope::Issue]).await;
    let status = metered.app.operator_token(&[Scope::Status]).await;
    let issue = async |app: &TestApp, courses: usize| {
        let answer = app
            .post_json_as(&issuing, "/credentials/issue", &transcript(courses))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer
    };
    // The first of all records its keys and begins a status list.
    issue(&metered.app, 1).await;
    for courses in [1, 62] {
        let learner = metered
            .app
            .learner_token(
                &format!("ada-{courses}"),
                &[Scope::CredentialUpsert, Scope::CredentialReadonly],
            )
            .await;
        let nested = Some(courses as u32);
        let before = metered.now().await;
        let issued = issue(&metered.app, courses).await;
        metered.note("issue", nested, before, &[&issued]).await;
        let record = issued.json()["verifiableCredential"].take();

        let before = metered.now().await;
        let new = metered.app.post_json_as(&learner, CREDENTIALS, &record).await;
        assert_eq!(new.status, 201, "{}", new.text());
        metered.note("upsert: new", nested, before, &[&new]).await;
        let before = metered.now().await;
        let same = metered.app.post_json_as(&learner, CREDENTIALS, &record).await;
        assert_eq!(same.status, 200);
        metered.note("upsert: identical", nested, before, &[&same]).await;

        let newer = newer(&metered.app, &issuing, &record).await;
        let before = metered.now().await;
        let replaced = metered.app.post_json_as(&learner, CREDENTIALS, &newer).await;
        assert_eq!(replaced.status, 200, "{}", replaced.text());
        metered.note("upsert: newer", nested, before, &[&replaced]).await;

        let before = metered.now().await;
        let listed = metered.app.get_as(&learner, &format!("{CREDENTIALS}?limit=1")).await;
        assert_eq!((listed.status.as_u16(), listed.header("x-total-count")), (200, "1"));
        metered.note("list: a page of one", nested, before, &[&listed]).await;

        let before = metered.now().await;
        let verified = metered
            .app
            .post_json("/credentials/verify", &json!({"verifiableCredential": record}))
            .await;
        assert_eq!(verified.json()["verdict"], "valid", "{}", verified.text());
        metered.note("verify", nested, before, &[&verified]).await;

        if courses == 1 {
            let before = metered.now().await;
            let wish = json!({
                "credentialId": record["id"],
                "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "status": true}],
            });
            let changed = metered.app.post_json_as(&status, "/credentials/status", &wish).await;
            assert_eq!(changed.status, 200, "{}", changed.text());
            metered.note("status change", None, before, &[&changed]).await;

            let url = record["credentialStatus"]["statusListCredential"].as_str().unwrap();
            let path = url.strip_prefix(PUBLIC_URL).unwrap();
            for name in ["status list, signed anew", "status list"] {
                let before = metered.now().await;
                let list = metered.app.get(path).await;
                assert_eq!(list.status, 200);
                metered.note(name, None, before, &[&list]).await;
            }
            let before = metered.now().await;
            let discovered = metered.app.get("/ims/clr/v2p0/discovery").await;
            metered.note("discovery", None, before, &[&discovered]).await;
        } else {
            let full = metered
                .app
                .learner_token("full", &[Scope::CredentialUpsert, Scope::CredentialReadonly])
                .await;
            for _ in 0..50 {
                let record = issue(&metered.app, 1).await.json()["verifiableCredential"].take();
                assert_eq!(metered.app.post_json_as(&full, CREDENTIALS, &record).await.status, 201);
            }
            let before = metered.now().await;
            let listed = metered.app.get_as(&full, CREDENTIALS).await;
            assert_eq!(listed.json()["credential"].as_array().unwrap().len(), 50);
            metered.note("list: a page of fifty", Some(1), before, &[&listed]).await;
        }
    }
}

/// The same credential, issued a day later.
async fn newer(app: &TestApp, issuing: &str, record: &Value) -> Value {
    let mut newer = record.clone();
    newer.as_object_mut().unwrap().remove("proof");
    newer["validFrom"] = json!("2026-06-01T00:00:00Z");
    let answer = app.post_json_as(issuing, "/credentials/issue", &newer).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["verifiableCredential"].take()
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
