//! Hosts that lie: `clr serve` behind a proxy that changes what it says.

use std::{collections::BTreeSet, sync::Mutex};

use axum::http::header;
use serde_json::{Value, json};

use super::{
    super::liar::{
        Liar,
        Lie::{self, After, Before},
        drop_member,
    },
    Folder, Server, certified,
};

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
