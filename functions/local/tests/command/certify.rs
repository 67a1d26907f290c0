//! `clr certify` against `clr serve`.

mod browser;
mod lies;

use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

use serde_json::{Value, json};

use super::{
    Folder, Server,
    liar::{Liar, Lie::Never},
};

struct Certified {
    code: i32,
    report: Value,
    text: String,
}

impl Certified {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr);
        let report = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {told}"));
        Self {
            code: output.status.code().unwrap(),
            report,
            text,
        }
    }

    fn tests(&self, outcome: &str) -> BTreeSet<&str> {
        let tests = self.report["tests"].as_array().unwrap().iter();
        tests
            .filter(|test| test["outcome"] == outcome)
            .map(|test| test["id"].as_str().unwrap())
            .collect()
    }

    fn test(&self, id: &str) -> &Value {
        self.report["tests"]
            .as_array()
            .unwrap()
            .iter()
            .find(|test| test["id"] == id)
            .unwrap()
    }
}

fn certify(folder: &Folder, url: &str, arguments: &[&str]) -> Command {
    folder.command(&[&["certify", url, "--json"], arguments].concat())
}

/// With a demo learner, in a folder of its own.
fn certified(url: &str, arguments: &[&str]) -> Certified {
    let learner: [&str; 2] = ["--demo-learner", "ada"];
    Certified::of(
        &certify(&Folder::new(), url, &[&learner, arguments].concat())
            .output()
            .unwrap(),
    )
}

#[test]
fn clr_serve_passes_every_test_and_the_report_says_what_it_is() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let certified = certified(&server.url, &[]);
    assert_eq!(
        (certified.tests("failed"), certified.tests("skipped")),
        Default::default(),
        "{}",
        certified.text
    );
    assert_eq!((certified.code, &certified.report["outcome"]), (0, &json!("passed")));
    // Nobody named a file, and the profile is there when the service description has it.
    let not_offered = certified.tests("not-offered");
    let expected = BTreeSet::from([
        "write.given",
        "profile.read",
        "profile.write",
        "profile.read.refreshed",
        "profile.write.refreshed",
    ]);
    assert!(not_offered.is_subset(&expected), "{not_offered:?}");
    assert!(certified.tests("passed").len() >= 42, "{}", certified.text);
    assert!(
        certified.report["notACertification"]
            .as_str()
            .unwrap()
            .contains("no certification of 1EdTech")
    );
    assert_eq!(certified.report["host"], format!("{}/", server.url));
    let read = certified.report["read"].as_array().unwrap();
    assert!(
        read.len() >= 5 && read.iter().all(|shown| shown["verdict"] == "valid"),
        "{read:?}"
    );
    assert_eq!(
        certified.report["leftBehind"].as_array().unwrap().len(),
        read.len(),
        "{read:?}"
    );
    for test in certified.report["tests"].as_array().unwrap() {
        let needs_no_host = [
            "issuer.credential",
            "authorization.code",
            "discovery.members",
            "discovery.operations",
        ];
        let id = test["id"].as_str().unwrap();
        if test["outcome"] == "passed" && !needs_no_host.contains(&id) {
            assert!(
                !test["exchanges"].as_array().unwrap().is_empty(),
                "{id} passed without asking the host"
            );
        }
    }
}

#[test]
fn the_report_for_a_person_is_markdown_and_has_no_secret() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let liar = Liar::before(&server.url, Never);
    let output = folder
        .command(&["certify", &liar.url, "--demo-learner", "ada"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in [
        "# Conformance of",
        "no certification of 1EdTech",
        "| `read.links` | passed |",
        "### `write.created`: passed",
        "POST http",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let secrets = liar.secrets();
    assert!(secrets.len() > 10, "{secrets:?}");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains(&secret), "{secret}");
    }
}

#[test]
fn a_host_that_is_not_there_ends_with_3_and_a_base_url_that_is_none_with_2() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let certified = certified(&format!("http://{nobody}"), &[]);
    assert_eq!((certified.code, &certified.report["outcome"]), (3, &json!("skipped")));
    let reason = certified.test("discovery.open")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("got no answer"), "{reason}");
    assert_eq!(certified.tests("passed"), BTreeSet::from(["issuer.credential"]));

    let output = Folder::new()
        .command(&["certify", "http://records.example.edu"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("https is needed"));
}

#[test]
fn a_credential_of_the_operator_is_submitted_as_it_stands_in_its_file() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("record.json"),
        include_str!("../../../../shared/learner-record/fixtures/minimal.json"),
    )
    .unwrap();
    let signed = folder
        .command(&["issue", "--as-issuer", "record.json"])
        .output()
        .unwrap();
    std::fs::write(folder.path("signed.json"), &signed.stdout).unwrap();
    let id = serde_json::from_slice::<Value>(&signed.stdout).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let server = Server::start(&folder);
    let output = certify(
        &folder,
        &server.url,
        &["--demo-learner", "ada", "--credential", "signed.json"],
    )
    .output()
    .unwrap();
    let certified = Certified::of(&output);
    assert_eq!(certified.code, 0, "{}", certified.text);
    assert_eq!(certified.test("write.given")["outcome"], "passed");
    assert!(certified.test("issuer.credential")["remarks"].to_string().contains(&id));
    assert!(certified.report["leftBehind"].to_string().contains(&id));

    std::fs::write(folder.path("signed.json"), "no credential").unwrap();
    let output = certify(&folder, &server.url, &["--credential", "signed.json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
