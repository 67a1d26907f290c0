//! `clr doctor`, run by a person: against a `clr serve`, without an environment, and against an emulator of AWS where
//! `CLR_KMS_ENDPOINT` names one (`tests/cloud/run` starts it).

use aws_sdk_dynamodb::Client;
use aws_sdk_kms::types::KeySpec;
use clr_core::table::definition;
use serde_json::Value;

use super::{Folder, Server, stderr, stdout};

/// The checks by name, with their outcomes.
fn outcomes(report: &Value) -> Vec<(&str, &str)> {
    let checks = report["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| (check["name"].as_str().unwrap(), check["outcome"].as_str().unwrap()))
        .collect()
}

fn reason<'a>(report: &'a Value, name: &str) -> &'a str {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name);
    check.unwrap_or_else(|| panic!("no {name} in {report}"))["reason"]
        .as_str()
        .unwrap()
}

#[test]
fn a_running_server_and_its_folder_are_well() {
    for arguments in [&[][..], &["--tls"]] {
        let folder = Folder::new();
        let server = Server::start_with(&folder, arguments);
        let output = folder.clr(&["doctor", "--url", &server.url]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text} {}", stderr(&output));
        for line in [
            "✓ ok  table clr",
            "✓ ok  JWK Set",
            "✓ ok  discovery",
            "✓ ok  endpoints",
            "all is well",
        ] {
            assert!(text.contains(line), "{line:?} is not in: {text}");
        }
        assert!(!text.contains('→') && !text.contains('\u{1b}'), "{text}");
        let output = folder.clr(&["doctor", "--url", &server.url, "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&report["outcome"], &report["url"]),
            (&"ok".into(), &server.url.as_str().into())
        );
        assert!(outcomes(&report).iter().all(|(_, outcome)| *outcome == "ok"));
    }
}

#[test]
fn a_server_of_another_folder_does_not_have_this_folders_keys() {
    let (folder, other) = (Folder::new(), Folder::new());
    folder.issue();
    let server = Server::start(&other);
    let output = folder.clr(&["doctor", "--url", &server.url]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.contains("✗ wrong  JWK Set") && text.contains("is missing"),
        "{text}"
    );
    assert!(text.contains("    → publish what the deployment serves"), "{text}");
}

#[test]
fn without_an_environment_each_missing_variable_is_named() {
    let output = Folder::new().clr(&["doctor"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    for name in ["TABLE_NAME", "ISSUER_NAME", "SIGNING_KEY_ID"] {
        assert!(text.contains(&format!("{name} is not set")), "{text}");
    }
    assert!(text.contains("? could not check  endpoints"), "{text}");
}

#[test]
fn a_url_alone_is_checked_as_far_as_a_visitor_can() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let output = Folder::new().clr(&["doctor", "--json", "--url", &server.url]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = [
        ("configuration", "could not check"),
        ("sign-in provider", "ok"),
        ("clock of the deployment", "ok"),
        ("discovery", "ok"),
        ("endpoints", "ok"),
    ];
    assert_eq!(outcomes(&report), expected);
    drop(server);
    let output = Folder::new().clr(&["doctor", "--json", "--url", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_doctor_leaves_nothing_behind_where_there_was_nothing() {
    let folder = Folder::new();
    folder.clr(&["doctor"]);
    folder.clr(&["doctor", "--url", "http://127.0.0.1:1"]);
    assert!(!folder.path(".clr").exists());
}

#[tokio::test]
async fn keys_and_table_of_an_emulated_aws_are_told_good_from_bad() {
    let Ok(endpoint) = std::env::var("CLR_KMS_ENDPOINT") else {
        println!("skipped: CLR_KMS_ENDPOINT names no emulator");
        return;
    };
    let credentials = aws_sdk_kms::config::Credentials::new("test", "test", None, None, "test");
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .region("us-east-1")
        .credentials_provider(credentials)
        .load()
        .await;
    let (kms, dynamodb) = (aws_sdk_kms::Client::new(&aws), Client::new(&aws));
    let key = async |spec: KeySpec| {
        let request = kms.create_key().key_spec(spec).key_usage("SIGN_VERIFY".into());
        let created = request.send().await.unwrap();
        created.key_metadata().unwrap().key_id().to_owned()
    };
    let p256 = key(KeySpec::EccNistP256).await;
    let ed25519 = key(KeySpec::EccNistEdwards25519).await;
    let rsa = key(KeySpec::Rsa2048).await;
    let table = format!("clr-doctor-{}", std::process::id());
    definition::create(&dynamodb, &table).await.unwrap();

    let folder = Folder::new();
    let doctor = |variables: &[(&str, &str)]| -> Value {
        let mut command = folder.command(&["doctor", "--json"]);
        command
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("TABLE_NAME", &table)
            .env("ISSUER_NAME", "Example University")
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
    };
    let report = doctor(&[
        ("SIGNING_KEY_ID", &p256),
        ("EDDSA_SIGNING_KEY_ID", &ed25519),
        ("RSA_SIGNING_KEY_ID", &rsa),
        ("ISSUER_ID", "did:web:records.example.edu"),
    ]);
    let of = |report: &Value, name: &str| {
        let outcomes = outcomes(report);
        let (_, outcome) = outcomes.iter().find(|(found, _)| *found == name).unwrap();
        (*outcome).to_owned()
    };
    let all_well = [
        "key SIGNING_KEY_ID",
        "key EDDSA_SIGNING_KEY_ID",
        "key RSA_SIGNING_KEY_ID",
        "table: expiry",
        "clock of AWS",
    ];
    for name in all_well {
        assert_eq!(of(&report, name), "ok", "{report:#}");
    }
    assert_eq!(of(&report, &format!("table {table}")), "ok", "{report:#}");
    // Which our own `create` does not ask for.
    assert_eq!(of(&report, "table: deletion protection"), "wrong");
    assert_eq!(of(&report, "table: point-in-time recovery"), "wrong");

    kms.schedule_key_deletion()
        .key_id(&p256)
        .pending_window_in_days(7)
        .send()
        .await
        .unwrap();
    let gone = "00000000-0000-4000-8000-000000000000";
    let report = doctor(&[
        ("SIGNING_KEY_ID", &p256),
        ("EDDSA_SIGNING_KEY_ID", gone),
        ("RSA_SIGNING_KEY_ID", &ed25519),
        ("TABLE_NAME", "no-such-table"),
    ]);
    for name in [
        "key SIGNING_KEY_ID",
        "key EDDSA_SIGNING_KEY_ID",
        "key RSA_SIGNING_KEY_ID",
        "table no-such-table",
    ] {
        assert_eq!(of(&report, name), "wrong", "{report:#}");
    }
    assert!(
        reason(&report, "key RSA_SIGNING_KEY_ID").contains("ECC_NIST_EDWARDS25519"),
        "{report:#}"
    );
}
