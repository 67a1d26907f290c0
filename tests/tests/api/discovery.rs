//! What the deployment says of itself (digest section 1.8, RFC 8414).

use axum::body::Body;
use clr_server::paths;
use http::{Method, header};
use serde_json::{Value, json};
use tests::{PUBLIC_URL, TestApp, request};

#[tokio::test]
async fn the_service_description_has_what_the_standard_requires() {
    let document = fetch(paths::CLR_DISCOVERY).await;
    assert_eq!(document["openapi"], "3.0.1");
    assert_eq!(document["info"]["title"], "Example University records");
    assert_eq!(document["info"]["version"], "2.0");
    assert_eq!(document["info"]["termsOfService"], format!("{PUBLIC_URL}/terms"));
    assert_eq!(
        document["info"]["x-imssf-privacyPolicyUrl"],
        format!("{PUBLIC_URL}/privacy")
    );
    assert_eq!(document["servers"][0]["url"], format!("{PUBLIC_URL}/ims/clr/v2p0"));
    let scheme = &document["components"]["securitySchemes"]["OAuth2ACG"];
    assert_eq!(scheme["type"], "oauth2");
    assert_eq!(
        scheme["x-imssf-registrationUrl"],
        format!("{PUBLIC_URL}/oauth/register")
    );
    let flow = &scheme["flows"]["authorizationCode"];
    assert_eq!(flow["authorizationUrl"], format!("{PUBLIC_URL}/oauth/authorize"));
    assert_eq!(flow["tokenUrl"], format!("{PUBLIC_URL}/oauth/token"));
    assert_eq!(flow["refreshUrl"], format!("{PUBLIC_URL}/oauth/token"));
    let scopes: Vec<_> = flow["scopes"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        scopes,
        [
            "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly",
            "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert",
            "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.readonly",
            "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.update",
            "offline_access"
        ]
    );
}

#[tokio::test]
async fn the_service_description_lists_the_operations_of_the_path_table() {
    let document = fetch(paths::CLR_DISCOVERY).await;
    let mut described = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.push((
                method.to_uppercase(),
                path.replace("clrCredentialId", "clr_credential_id"),
            ));
        }
    }
    let in_table = paths::TABLE.iter().filter_map(|route| {
        Some((
            route.method.to_owned(),
            route.path.strip_prefix(paths::CLR_BASE)?.to_owned(),
        ))
    });
    let mut in_table: Vec<_> = in_table.collect();
    described.sort();
    in_table.sort();
    assert_eq!(described, in_table);
}

/// What the standard lists (digest section 1.6), but 404 where there is always something, and 202, for nothing here is left unfinished.
const OF_THE_STANDARD: [(&str, &str, &[&str]); 6] = [
    ("/discovery", "get", &["200", "304"]),
    ("/credentials", "get", &["200", "400", "401", "403", "405", "500"]),
    (
        "/credentials",
        "post",
        &["200", "201", "304", "400", "401", "403", "405", "500"],
    ),
    (
        "/credentials/{clrCredentialId}",
        "get",
        &["200", "401", "403", "404", "405", "500"],
    ),
    ("/profile", "get", &["200", "401", "403", "405", "500"]),
    ("/profile", "put", &["200", "304", "400", "401", "403", "405", "500"]),
];

#[tokio::test]
async fn the_service_description_tells_every_status_with_its_body_and_its_headers() {
    let document = fetch(paths::CLR_DISCOVERY).await;
    for (path, method, statuses) in OF_THE_STANDARD {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        for status in statuses.iter().chain(&["406", "429", "503", "default"]) {
            assert!(responses.contains_key(*status), "{method} {path}: {status}");
        }
        for (status, response) in responses {
            let row = format!("{method} {path}: {status}");
            let has = |header: &str| response["headers"][header].is_object();
            assert!(has("X-Request-Id"), "{row}");
            let needed: &[&str] = match status.as_str() {
                "401" | "403" => &["WWW-Authenticate"],
                "405" => &["Allow"],
                "429" | "503" => &["Retry-After"],
                "200" if path == "/credentials" && method == "get" => &["X-Total-Count", "Link"],
                "200" if path == "/profile" || path == "/discovery" => &["ETag", "Cache-Control"],
                "201" => &["Location"],
                _ => &[],
            };
            assert!(needed.iter().all(|header| has(header)), "{row}: {needed:?}");
            if !["200", "201", "304"].contains(&status.as_str()) {
                let body = &response["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(body, "#/components/schemas/Imsx_StatusInfo", "{row}");
            }
            assert_eq!(status == "304", response["content"].is_null(), "{row}");
        }
    }
    assert_eq!(
        document["components"]["schemas"]["Imsx_StatusInfo"]["additionalProperties"],
        false
    );
}

#[tokio::test]
async fn each_operation_of_a_learner_names_its_scope_and_discovery_none() {
    let document = fetch(paths::CLR_DISCOVERY).await;
    let scope = |path: &str, method: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(scope("/discovery", "get"), json!([]));
    for (path, method, name) in [
        ("/credentials", "get", "credential.readonly"),
        ("/credentials", "post", "credential.upsert"),
        ("/credentials/{clrCredentialId}", "get", "credential.readonly"),
        ("/profile", "get", "profile.readonly"),
        ("/profile", "put", "profile.update"),
    ] {
        let name = format!("https://purl.imsglobal.org/spec/clr/v2p0/scope/{name}");
        assert_eq!(scope(path, method), json!([{ "OAuth2ACG": [name] }]), "{method} {path}");
    }
}

#[tokio::test]
async fn every_reference_in_the_service_description_leads_somewhere() {
    let document = fetch(paths::CLR_DISCOVERY).await;
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 10);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn public_documents_are_cacheable_and_revalidated() {
    let app = TestApp::start().await;
    for path in [paths::CLR_DISCOVERY, paths::OAUTH_METADATA] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "public, max-age=300")
        );
        let mut again = request(Method::GET, path, None, Body::empty());
        again
            .headers_mut()
            .insert(header::IF_NONE_MATCH, answer.header("etag").parse().unwrap());
        let again = app.send(again).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), answer.header("etag"), "{path}");
    }
}

#[tokio::test]
async fn the_authorization_server_metadata_is_the_same_at_both_places() {
    let metadata = fetch(paths::OAUTH_METADATA).await;
    assert_eq!(fetch(paths::OPENID_CONFIGURATION).await, metadata);
    assert_eq!(metadata["issuer"], PUBLIC_URL);
    assert_eq!(
        metadata["registration_endpoint"],
        format!("{PUBLIC_URL}/oauth/register")
    );
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(!scopes.contains(&json!("openid")), "this is no OpenID provider");
}

#[tokio::test]
async fn the_host_header_changes_nothing() {
    let app = TestApp::start().await;
    let mut forged = request(Method::GET, paths::CLR_DISCOVERY, None, Body::empty());
    forged
        .headers_mut()
        .insert(header::HOST, "evil.example".parse().unwrap());
    forged
        .headers_mut()
        .insert("x-forwarded-host", "evil.example".parse().unwrap());
    assert!(!app.send(forged).await.text().contains("evil.example"));
}

#[tokio::test]
async fn a_did_web_issuers_document_lists_its_keys() {
    let did = "did:web:records.example.edu";
    let app = TestApp::configured(|config| config.issuer_id = Some(did.to_owned())).await;
    let answer = app.get(paths::DID_DOCUMENT).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let document = answer.json();
    assert_eq!(document["id"], did);
    let method = &document["verificationMethod"][0];
    assert_eq!(
        method["id"],
        format!("{did}#{}", method["publicKeyMultibase"].as_str().unwrap())
    );
    assert_eq!(document["assertionMethod"][0], method["id"]);
}

#[tokio::test]
async fn a_did_key_issuer_has_no_document_here() {
    assert_eq!(TestApp::start().await.get(paths::DID_DOCUMENT).await.status, 404);
}

#[tokio::test]
async fn terms_and_privacy_lead_to_the_operators_pages_or_to_ours() {
    let app = TestApp::start().await;
    assert!(
        app.get(paths::TERMS)
            .await
            .text()
            .contains("has not published its terms of service")
    );
    assert!(
        app.get(paths::PRIVACY)
            .await
            .text()
            .contains("has not published its privacy policy")
    );
    let own = "https://www.example.edu/terms";
    let app = TestApp::configured(|config| config.terms_of_service_url = Some(own.parse().unwrap())).await;
    assert_eq!(
        app.get(paths::CLR_DISCOVERY).await.json()["info"]["termsOfService"],
        own
    );
}

async fn fetch(path: &str) -> Value {
    let answer = TestApp::start().await.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members
                .values()
                .for_each(|member| collect_references(member, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}
