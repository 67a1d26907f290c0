//! `clr serve`.

use std::fs;

use serde_json::{Value, json};

use super::{Folder, Server, stderr, stdout};

#[tokio::test]
async fn the_running_server_names_itself_in_the_service_description() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .get(format!("{}/ims/clr/v2p0/discovery", server.url))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let description: Value = answer.json().await.unwrap();
    assert_eq!(description["servers"][0]["url"], format!("{}/ims/clr/v2p0", server.url));
}

#[tokio::test]
async fn a_server_for_suites_speaks_https_issues_as_either_key_and_keeps_an_audit() {
    let folder = Folder::new();
    let server = Server::start_with(
        &folder,
        &["--open-issue", "--w3c-suites", "--tls", "--policy", "proof-only"],
    );
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let client = reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true);
    let client = client.build().unwrap();
    let post = |path: &str, body: &Value| client.post(format!("{}{path}", server.url)).json(body).send();
    let keys: Value = serde_json::from_slice(&fs::read(folder.path(".clr/keys.json")).unwrap()).unwrap();
    let mut issued = Vec::new();
    for (key, suite) in [("p256", "ecdsa-rdfc-2019"), ("ed25519", "eddsa-rdfc-2022")] {
        let issuer = format!("did:key:{}", keys[key]["publicKeyMultibase"].as_str().unwrap());
        let credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "id": format!("urn:example:{key}"), "type": ["VerifiableCredential", "ExampleDegree"], "issuer": issuer,
            "credentialSubject": {"id": "did:example:subject", "anything": "goes"}
        });
        let answer = post("/credentials/issue", &json!({"credential": credential}))
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let mut signed = answer.json::<Value>().await.unwrap()["verifiableCredential"].take();
        assert_eq!(signed["proof"]["cryptosuite"], suite);
        let answer = post("/credentials/verify", &json!({"verifiableCredential": signed}))
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.unwrap()["policy"], "proof-only");
        issued.push(signed["id"].take());
    }
    let audit = folder.clr(&["admin", "audit", "--json"]);
    let acts: Vec<Value> = stdout(&audit)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        acts.iter().map(|act| act["subject"].clone()).collect::<Vec<_>>(),
        issued
    );
    assert!(acts.iter().all(|act| act["act"] == "issue" && act["actor"] == "anyone"));
    let told = stdout(&folder.clr(&["admin", "audit"]));
    assert!(
        told.contains("issue  urn:example:p256") && told.contains("digest    sha256-"),
        "{told}"
    );
    assert_eq!(stdout(&folder.clr(&["admin", "audit", "--until", "2020-01-01"])), "");
}

#[cfg(unix)]
#[test]
fn the_key_of_the_certificate_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let certificate = || fs::read(folder.path(".clr/tls-certificate.pem")).unwrap();
    drop(Server::start_with(&folder, &["--tls"]));
    let first = certificate();
    let mode = fs::metadata(folder.path(".clr/tls-key.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(Server::start_with(&folder, &["--tls"]));
    assert_eq!(certificate(), first, "who was told to trust it may go on");
}

#[test]
fn an_issuer_that_is_no_key_of_the_folder_is_refused_with_those_that_are() {
    let folder = Folder::new();
    let other = "did:key:z6MkptjaoxjyKQFSqf1dHXswP6EayYhPQBYzprVCPmGBHz9S";
    let output = folder.clr(&["serve", "--port", "0", "--issuer", other]);
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(
        told.contains(other) && told.contains("did:key:zDn") && told.contains("did:key:z6Mk"),
        "{told}"
    );
}
