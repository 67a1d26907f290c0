//! An AWS that answers what it is told, for the tests of this folder.

use std::collections::BTreeMap;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use axum::{Router, http::HeaderMap, response::IntoResponse as _};
use serde_json::{Value, json};

use super::aws::Clients;

/// Answers of an AWS service by operation, and by operation and key.
pub(super) type Answers = BTreeMap<&'static str, (u16, Value)>;

/// Clients of an AWS that gives these answers.
pub(super) async fn aws(answers: Answers) -> Clients {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |headers: HeaderMap, body: String| async move {
        let target = headers["x-amz-target"].to_str().unwrap();
        let operation = target.split('.').next_back().unwrap().to_owned();
        let body: Value = serde_json::from_str(&body).unwrap();
        let of_key = format!("{operation} {}", body["KeyId"].as_str().unwrap_or_default());
        let (status, answer) = answers
            .get(of_key.as_str())
            .or_else(|| answers.get(operation.as_str()))
            .unwrap_or_else(|| panic!("no answer for {of_key}"));
        let status = axum::http::StatusCode::from_u16(*status).unwrap();
        (status, answer.to_string()).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    clients(&endpoint)
}

pub(super) fn clients(endpoint: &str) -> Clients {
    let credentials = || Credentials::new("test", "test", None, None, "test");
    let region = Region::from_static("eu-central-1");
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .region(region.clone())
        .credentials_provider(credentials())
        .endpoint_url(endpoint);
    let kms = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .region(region)
        .credentials_provider(credentials())
        .endpoint_url(endpoint)
        .build();
    Clients::new(dynamodb, aws_sdk_kms::Client::from_conf(kms))
}

/// What an AWS where all is well says.
pub(super) fn good_answers() -> Answers {
    let key = |spec: &str| {
        (
            200,
            json!({"KeyId": "key", "KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "PublicKey": ""}),
        )
    };
    Answers::from([
        ("GetPublicKey p256", key("ECC_NIST_P256")),
        ("GetPublicKey ed25519", key("ECC_NIST_EDWARDS25519")),
        ("GetPublicKey status", key("ECC_NIST_P256")),
        ("GetPublicKey rsa", key("RSA_2048")),
        (
            "DescribeKey",
            (200, json!({"KeyMetadata": {"KeyId": "key", "KeyState": "Enabled"}})),
        ),
        ("DescribeTable", (200, json!({"Table": described_table()}))),
        (
            "DescribeTimeToLive",
            (
                200,
                json!({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}}),
            ),
        ),
        ("DescribeContinuousBackups", backups("ENABLED")),
    ])
}

pub(super) fn described_table() -> Value {
    let key =
        |range: &str| json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    json!({
        "TableName": "clr",
        "TableStatus": "ACTIVE",
        "AttributeDefinitions": Value::from_iter(["sk", "issued", "pk"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}))),
        "KeySchema": key("sk"),
        "LocalSecondaryIndexes": [
            {"IndexName": "by-issued", "KeySchema": key("issued"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "DeletionProtectionEnabled": true,
    })
}

pub(super) fn backups(status: &str) -> (u16, Value) {
    let recovery = json!({"PointInTimeRecoveryStatus": status});
    let description = json!({"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery});
    (200, json!({"ContinuousBackupsDescription": description}))
}
