//! `clr admin`, beside a running server and alone.

use std::fs;

use serde_json::Value;

use super::{Folder, Server, stderr, stdout};

#[test]
fn a_client_of_the_operator_cannot_hold_a_learners_scope() {
    let folder = Folder::new();
    let output = folder.clr(&["admin", "client", "create", "--scope", "credential.upsert"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("learner"), "{}", stderr(&output));
}

#[tokio::test]
async fn a_client_that_the_operator_makes_beside_a_running_server_gets_a_token_there() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let created = stdout(&folder.clr(&["admin", "client", "create", "--scope", "issue"]));
    let field = |name: &str| {
        created
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .trim()
            .to_owned()
    };

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/oauth/token", server.url));
    let request = request.basic_auth(field("client_id"), Some(field("client_secret")));
    let answer = request
        .form(&[("grant_type", "client_credentials"), ("scope", "issue")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.json::<Value>().await.unwrap()["access_token"].is_string());
}

#[tokio::test]
async fn a_client_that_the_operator_revokes_beside_a_running_server_is_dead_there_at_once() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let created = stdout(&folder.clr(&["admin", "client", "create", "--scope", "issue"]));
    let fields: Vec<&str> = created.split_whitespace().collect();
    let (id, secret) = (fields[1], fields[3]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = async || {
        let request = client
            .post(format!("{}/oauth/token", server.url))
            .basic_auth(id, Some(secret));
        let answer = request
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, tokens) = token().await;
    assert_eq!(status, 200, "{tokens}");
    let issue = async || {
        let request = client.post(format!("{}/credentials/issue", server.url));
        let request = request.bearer_auth(tokens["access_token"].as_str().unwrap());
        request
            .json(&serde_json::json!({}))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_ne!(issue().await, 401, "the token is good");
    assert!(stdout(&folder.clr(&["admin", "client", "list"])).contains(id));
    assert_eq!(
        folder.clr(&["admin", "client", "approve", id]).status.code(),
        Some(1),
        "it needs none"
    );
    assert!(stdout(&folder.clr(&["admin", "client", "revoke", id])).starts_with("revoked"));
    assert_eq!(issue().await, 401);
    assert_eq!(token().await.0, 401);
    assert!(stdout(&folder.clr(&["admin", "client", "list"])).contains("revoked"));
}

#[test]
fn a_site_is_written_that_any_web_server_can_serve() {
    let folder = Folder::new();
    let output = folder.clr(&[
        "admin",
        "export-site",
        "site",
        "--public-url",
        "https://records.example.edu",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |path: &str| -> Value { serde_json::from_slice(&fs::read(folder.path(path)).unwrap()).unwrap() };
    let (jwks, profile) = (read("site/.well-known/jwks.json"), read("site/issuer"));
    assert_eq!(stdout(&output), "/.well-known/jwks.json\n/issuer\n");
    let issuer = profile["id"].as_str().unwrap();
    assert!(jwks["keys"][0]["kid"].as_str().unwrap().starts_with(issuer));
    assert!(
        !folder.path("site/.well-known/did.json").exists(),
        "a did:key is its own document"
    );
}

#[test]
fn a_did_key_cannot_be_distrusted_and_an_unknown_key_is_named() {
    let folder = Folder::new();
    let compromise = |issuer: &str| folder.clr(&["admin", "key", "compromise", "z6MkUnknown", "--issuer", issuer]);
    let output = compromise("did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("a did:key is its key"), "{}", stderr(&output));
    let output = compromise("did:web:a.example");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("knows no key z6MkUnknown of did:web:a.example"),
        "{}",
        stderr(&output)
    );
    let output = folder.clr(&["admin", "key", "list", "--issuer", "did:web:a.example"]);
    assert!(output.status.success() && stdout(&output).is_empty());
    assert!(
        stderr(&output).contains("recorded when they first sign"),
        "{}",
        stderr(&output)
    );
}
