//! `clr certify` against `clr serve`, and against hosts that lie: `clr serve` behind a proxy that changes what it says.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
    sync::Mutex,
};

use axum::http::header;
use reqwest::Url;
use serde_json::{Value, json};

use super::{
    Folder, Server,
    liar::{
        Liar,
        Lie::{self, After, Before, Never},
        drop_member,
    },
    visitor::{Visitor, block_on, client},
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

/// What a host says wrongly, and the tests that must fail for it; no others.
const LIES: &[(&str, Lie, &[&str])] = &[
    (
        "no terms of service",
        After(|ask, reply| {
            if ask.path.ends_with("/discovery") {
                reply.change_json(|document| drop_member(document, "/info/termsOfService"));
            }
        }),
        &["discovery.members"],
    ),
    (
        "an operation that says nothing of its scope",
        After(|ask, reply| {
            if ask.path.ends_with("/discovery") {
                reply.change_json(|document| drop_member(document, "/paths/~1credentials/get/security"));
            }
        }),
        &["discovery.operations"],
    ),
    (
        "a member of the registration is lost",
        After(|ask, reply| {
            if ask.path == "/oauth/register" {
                reply.change_json(|client| drop_member(client, "/tos_uri"));
            }
        }),
        &["registration.response"],
    ),
    (
        "anything is registered",
        After(|ask, reply| {
            if ask.path == "/oauth/register" && reply.status == 400 {
                reply.status = 201;
            }
        }),
        &["registration.required-members", "registration.urls"],
    ),
    (
        "a code without state",
        After(|_, reply| reply.drop_parameter("code", "state")),
        &["authorization.code"],
    ),
    (
        "a code without scope",
        After(|_, reply| reply.drop_parameter("code", "scope")),
        &["authorization.code"],
    ),
    (
        "an error without state",
        After(|_, reply| reply.drop_parameter("error", "state")),
        &["authorization.error"],
    ),
    (
        "redirects anywhere",
        After(|ask, reply| {
            if ask.query.contains("elsewhere") {
                reply.status = 302;
                let elsewhere = "https://clr-certify.example/elsewhere?error=invalid_request";
                reply.headers.insert(header::LOCATION, elsewhere.parse().unwrap());
            }
        }),
        &["authorization.unknown-redirect-uri"],
    ),
    (
        "tokens that may be stored",
        After(|ask, reply| {
            if ask.path == "/oauth/token" {
                reply.headers.remove(header::CACHE_CONTROL);
            }
        }),
        &["token.response", "refresh.response"],
    ),
    (
        "tokens of another type",
        After(|ask, reply| {
            if ask.path == "/oauth/token" && reply.status == 200 {
                reply.change_json(|tokens| tokens["token_type"] = json!("mac"));
            }
        }),
        &["token.response", "refresh.response"],
    ),
    (
        "an error of its own",
        After(|ask, reply| {
            if ask.path == "/oauth/token" && reply.status == 400 {
                reply.change_json(|error| error["error"] = json!("no_idea"));
            }
        }),
        &[
            "token.errors",
            "refresh.errors",
            "authorization.pkce",
            "authorization.code-once",
            "revocation.refresh-token",
        ],
    ),
    (
        "any verifier",
        After(|ask, reply| {
            if ask.body.contains("answers-no-challenge") && !ask.body.contains("nobody") {
                reply.status = 200;
                reply.body = b"{}".to_vec();
            }
        }),
        &["authorization.pkce"],
    ),
    (
        "no challenge",
        After(|ask, reply| {
            if ask.is_api() {
                reply.headers.remove(header::WWW_AUTHENTICATE);
            }
        }),
        &["status.no-token", "status.bad-token", "status.scope"],
    ),
    (
        "another spelling in the error body",
        After(|ask, reply| {
            if ask.is_api() && reply.status >= 400 {
                reply.change_json(|error| {
                    error["imsx_CodeMinor"] = error["imsx_codeMinor"].clone();
                    drop_member(error, "/imsx_codeMinor");
                });
            }
        }),
        &[
            "status.no-token",
            "status.bad-token",
            "status.bad-parameter",
            "status.bad-body",
            "status.wrong-method",
            "status.unknown-path",
            "status.scope",
        ],
    ),
    (
        "404 for a wrong method",
        After(|_, reply| {
            if reply.status == 405 {
                reply.status = 404;
            }
        }),
        &["status.wrong-method"],
    ),
    (
        "a limit of 0",
        After(|ask, reply| {
            if ask.query == "limit=0" {
                reply.status = 200;
            }
        }),
        &["status.bad-parameter"],
    ),
    (
        "any body is a credential",
        After(|ask, reply| {
            if ask.is_upsert() && reply.status == 400 {
                reply.status = 201;
            }
        }),
        &["status.bad-body"],
    ),
    (
        "writing with a token for reading",
        After(|ask, reply| {
            if ask.is_upsert() && reply.status == 403 {
                reply.status = 400;
            }
        }),
        &["status.scope"],
    ),
    (
        "everything is new",
        After(|ask, reply| {
            if ask.is_upsert() && reply.status == 200 {
                reply.status = 201;
            }
        }),
        &["write.repeated", "write.replaced"],
    ),
    (
        "an id in place of the credential",
        After(|ask, reply| {
            if ask.is_upsert() && reply.status < 300 {
                reply.body = br#"{"clrCredentialId":"abc"}"#.to_vec();
            }
        }),
        &[
            "write.created",
            "write.replaced",
            "write.jws",
            "write.ecdsa-rdfc-2019",
            "write.created.refreshed",
        ],
    ),
    (
        "numbers without their fractions",
        After(|ask, reply| {
            if ask.is_list() {
                reply.change_text(|text| text.replace(":4.5", ":4"));
            }
        }),
        &[
            "write.preserved",
            "read.credentials",
            "write.preserved.refreshed",
            "read.credentials.refreshed",
        ],
    ),
    (
        "compact JWS under another name",
        After(|ask, reply| {
            if ask.is_list() {
                reply.change_text(|text| text.replace("\"compactJwsString\"", "\"compactJwsStrings\""));
            }
        }),
        &[
            "write.preserved",
            "read.credentials",
            "read.total-count",
            "read.pages",
            "read.since",
            "write.preserved.refreshed",
            "read.credentials.refreshed",
            "read.total-count.refreshed",
            "read.pages.refreshed",
            "read.since.refreshed",
        ],
    ),
    (
        "something unsigned on the list",
        After(|ask, reply| {
            if ask.is_list() && ask.query.is_empty() {
                reply.change_json(|list| drop_member(list, "/credential/0/proof"));
            }
        }),
        &["read.credentials", "read.credentials.refreshed"],
    ),
    (
        "no X-Total-Count",
        After(|_, reply| {
            reply.headers.remove("x-total-count");
        }),
        &[
            "read.total-count",
            "read.pages",
            "read.total-count.refreshed",
            "read.pages.refreshed",
        ],
    ),
    (
        "last leads past the end",
        After(|_, reply| reply.shift_link("last")),
        &["read.links", "read.links.refreshed"],
    ),
    (
        "next leaves one out",
        After(|_, reply| reply.shift_link("next")),
        &[
            "read.links",
            "read.pages",
            "read.links.refreshed",
            "read.pages.refreshed",
        ],
    ),
    (
        "since is not looked at",
        Before(|ask| {
            if ask.query.contains("since=") && !ask.query.contains("yesterday") {
                ask.query = "limit=100".to_owned();
            }
        }),
        &["read.since", "read.since.refreshed"],
    ),
    (
        "a revocation of nothing",
        Before(|ask| {
            if ask.path == "/oauth/revoke" {
                ask.body = "token=another-one".to_owned();
            }
        }),
        &["revocation.access-token", "revocation.refresh-token"],
    ),
];

#[test]
fn each_lie_of_a_host_is_told_by_the_tests_that_it_breaks_and_by_no_others() {
    let lies = Mutex::new(LIES.iter());
    let run = || {
        while let Some((name, lie, broken)) = { lies.lock().unwrap().next() } {
            let folder = Folder::new();
            let server = Server::start(&folder);
            let liar = Liar::before(&server.url, *lie);
            let certified = certified(&liar.url, &[]);
            let expected: BTreeSet<&str> = broken.iter().copied().collect();
            let failed = certified.tests("failed");
            let reasons: Vec<_> = failed.iter().map(|id| &certified.test(id)["reason"]).collect();
            assert_eq!(failed, expected, "{name}: {reasons:?}");
            assert_eq!(
                (certified.code, &certified.report["outcome"]),
                (1, &json!("failed")),
                "{name}"
            );
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(run);
        }
    });
}

#[test]
fn a_list_that_is_written_anew_and_says_the_same_is_right_and_remarked() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let anew = After(|ask, reply| {
        if ask.is_list() {
            reply.change_text(|text| serde_json::from_str::<Value>(&text).map_or(text, |list| format!("{list:#}")));
        }
    });
    let certified = certified(&Liar::before(&server.url, anew).url, &[]);
    assert_eq!(certified.code, 0, "{}", certified.text);
    let remarks = certified.test("write.preserved")["remarks"].to_string();
    assert!(remarks.contains("came back equal, in other bytes"), "{remarks}");
}

#[test]
fn what_a_host_lacks_is_not_offered_and_no_fault() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let poor = After(|ask, reply| {
        if ask.path == "/oauth/token" {
            reply.change_json(|tokens| drop_member(tokens, "/refresh_token"));
        }
        if ask.path.starts_with("/.well-known/") {
            reply.status = 404;
            reply.body = Vec::new();
        }
        if ask.path.ends_with("/discovery") {
            let scheme = "/components/securitySchemes/OAuth2ACG";
            reply.change_json(|document| {
                let members = document.pointer_mut(scheme).and_then(Value::as_object_mut);
                members
                    .unwrap()
                    .retain(|name, _| !name.to_ascii_lowercase().contains("revocation"));
            });
        }
    });
    let certified = certified(&Liar::before(&server.url, poor).url, &[]);
    assert_eq!(certified.code, 0, "{}", certified.text);
    let not_offered = certified.tests("not-offered");
    for id in [
        "refresh.response",
        "refresh.errors",
        "revocation.access-token",
        "revocation.refresh-token",
    ] {
        assert!(not_offered.contains(id), "{id}: {not_offered:?}");
    }
    assert!(!certified.text.contains(".refreshed"), "nothing was repeated");
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

#[test]
fn the_operators_browser_comes_back_to_a_port_of_this_machine() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let certified = with_a_browser(&folder, &server, &[], |_, callback| {
        let answer = block_on(async { client().get(callback).send().await.unwrap().text().await.unwrap() });
        assert!(answer.contains("you can close this page"), "{answer}");
    });
    assert_eq!(certified.code, 0, "{}", certified.text);
}

#[test]
fn an_address_that_is_pasted_stands_for_a_browser_that_went_elsewhere() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let arguments = ["--redirect-uri", "https://certify.example/callback"];
    let certified = with_a_browser(&folder, &server, &arguments, |input, callback| {
        assert!(
            callback.as_str().starts_with("https://certify.example/callback?"),
            "{callback}"
        );
        writeln!(input, "{callback}").unwrap();
    });
    assert_eq!(certified.code, 0, "{}", certified.text);
}

#[test]
fn a_browser_that_never_comes_back_ends_with_3() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let mut command = certify(
        &folder,
        &server.url,
        &["--redirect-uri", "https://certify.example/callback"],
    );
    let certified = Certified::of(&command.stdin(Stdio::null()).output().unwrap());
    assert_eq!(certified.code, 3, "{}", certified.text);
    let reason = certified.test("authorization.code")["reason"].to_string();
    assert!(reason.contains("before an address was pasted"), "{reason}");
}

/// Runs `clr certify` with a person who opens each address that it prints, consents, and brings the browser's last address back.
fn with_a_browser(
    folder: &Folder,
    server: &Server,
    arguments: &[&str],
    bring: impl Fn(&mut dyn std::io::Write, Url) + Send,
) -> Certified {
    let mut command = certify(folder, &server.url, arguments);
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let told = process.stderr.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                if let Ok(url) = Url::parse(&line) {
                    bring(
                        &mut input,
                        block_on(async { Visitor::signed_in(url).await.allow().await }),
                    );
                }
            }
        });
        let mut report = Vec::new();
        std::io::Read::read_to_end(process.stdout.as_mut().unwrap(), &mut report).unwrap();
        Output {
            status: process.wait().unwrap(),
            stdout: report,
            stderr: Vec::new(),
        }
    });
    Certified::of(&output)
}
