//! The command `clr` as a person runs it: arguments in, text and exit codes out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skips"
)]

mod certify;
mod client;
mod cost;
mod doctor;
mod liar;
mod visitor;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

const TRANSCRIPT: &str = include_str!("../../../../shared/learner-record/fixtures/transcript.json");

/// A folder of its own for each test: keys and table are made there.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn clr(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clr"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("RUST_LOG");
        // A deployment's environment, wherever the tests run.
        for name in clr_server::VARIABLES {
            command.env_remove(name);
        }
        command
    }

    fn write(&self, name: &str, document: &Value) {
        fs::write(self.path(name), document.to_string()).unwrap();
    }

    /// A record that `clr issue` signed.
    fn issue(&self) -> Value {
        fs::write(self.path("record.json"), TRANSCRIPT).unwrap();
        let output = self.clr(&["issue", "--as-issuer", "record.json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The exit code of `clr verify` for a document.
    fn verify(&self, document: &Value) -> i32 {
        self.write("signed.json", document);
        self.clr(&["verify", "signed.json"]).status.code().unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The shared vectors, or none with a printed reason.
fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("CLR_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder.canonicalize().unwrap());
    }
    assert!(
        std::env::var_os("CLR_REQUIRE_VECTORS").is_none(),
        "the shared vectors are not here"
    );
    println!("skipped: shared vectors are not here");
    None
}

#[test]
fn the_demo_ends_well_with_the_record_that_comes_with_it_and_leaves_it_signed() {
    let folder = Folder::new();
    let output = folder.clr(&["demo", "--json", "--output", "signed.json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report} {}", stderr(&output));
    let steps = report["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    let expected = [
        "issue",
        "discovery",
        "register",
        "authorize",
        "token",
        "upsert",
        "refresh",
        "list",
        "verify",
        "tamper",
    ];
    assert_eq!(names, expected);
    assert_eq!(report["ok"], true);
    assert!(steps.iter().all(|step| step["ok"] == true && step["millis"].is_u64()));
    assert_eq!(folder.clr(&["verify", "signed.json"]).status.code(), Some(0));
}

#[test]
fn the_demo_shows_a_person_each_step() {
    let folder = Folder::new();
    let output = folder.clr(&["demo"]);
    let text = stdout(&output);
    assert!(output.status.success(), "{text} {}", stderr(&output));
    for part in [
        "POST /credentials/issue",
        "GET /ims/clr/v2p0/discovery",
        "code_verifier",
        "All went well",
    ] {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
    assert!(!text.contains('\u{1b}'), "colors are for terminals");
}

#[test]
fn the_demo_takes_the_records_of_real_systems() {
    let Some(vectors) = vectors() else { return };
    for name in ["westbridge-full", "university-transcript"] {
        let folder = Folder::new();
        let record = vectors.join(format!("real/{name}.json"));
        let output = folder.clr(&["demo", "--json", "--output", "signed.json", record.to_str().unwrap()]);
        assert!(
            output.status.success(),
            "{name}: {} {}",
            stdout(&output),
            stderr(&output)
        );
        assert_eq!(folder.clr(&["verify", "signed.json"]).status.code(), Some(0), "{name}");
    }
}

#[test]
fn the_least_that_a_registrar_can_write_is_issued_with_every_claim() {
    let folder = Folder::new();
    fs::write(
        folder.path("record.json"),
        include_str!("../../../../shared/learner-record/fixtures/minimal.json"),
    )
    .unwrap();
    let output = folder.clr(&["issue", "--as-issuer", "record.json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "nothing was dropped");
    let signed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        signed["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]["achievement"]["name"],
        "Introduction to Programming"
    );
    assert_eq!(folder.verify(&signed), 0);
    let output = folder.clr(&["demo", "--json", "record.json"]);
    assert!(output.status.success(), "{} {}", stdout(&output), stderr(&output));
}

#[test]
fn the_demo_ends_with_1_at_the_first_wrong_step() {
    let folder = Folder::new();
    folder.write(
        "record.json",
        &json!({"type": ["VerifiableCredential", "ClrCredential"]}),
    );
    let output = folder.clr(&["demo", "--json", "record.json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    assert_eq!(report["steps"].as_array().unwrap().len(), 1);
    assert!(stderr(&output).contains("step issue"), "{}", stderr(&output));
}

#[test]
fn verify_ends_with_0_for_what_issue_signed_and_with_1_after_a_claim_was_altered() {
    let folder = Folder::new();
    let signed = folder.issue();
    assert_eq!(folder.verify(&signed), 0);
    let mut altered = signed.clone();
    altered["name"] = json!("Another transcript");
    assert_eq!(folder.verify(&altered), 1);
}

#[test]
fn verify_ends_with_2_for_what_it_cannot_read() {
    let folder = Folder::new();
    fs::write(folder.path("text.json"), "a transcript").unwrap();
    for name in ["text.json", "nowhere.json"] {
        let output = folder.clr(&["verify", name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
}

#[test]
fn verify_ends_with_3_when_the_issuers_keys_are_out_of_reach() {
    let folder = Folder::new();
    let signed = folder.issue().to_string();
    let did = &signed[signed.find("did:key:").unwrap()..];
    let did = &did[..did.find(['"', '#']).unwrap()];
    let elsewhere = signed.replace(did, "did:web:registrar.example.edu");
    assert_eq!(folder.verify(&serde_json::from_str(&elsewhere).unwrap()), 3);
}

#[test]
fn verify_prints_its_checks_as_text_or_json() {
    let folder = Folder::new();
    folder.write("signed.json", &folder.issue());
    let text = stdout(&folder.clr(&["verify", "signed.json"]));
    assert!(text.contains("proof (/proof): signed with the key did:key:"), "{text}");
    assert!(text.contains("valid (policy strict)"), "{text}");
    let verdict: Value = serde_json::from_slice(&folder.clr(&["verify", "--json", "signed.json"]).stdout).unwrap();
    assert_eq!(verdict["verdict"], "valid");
    assert!(!verdict["checks"].as_array().unwrap().is_empty());
}

#[test]
fn issue_refuses_a_foreign_issuer_and_says_what_to_do() {
    let folder = Folder::new();
    let mut record: Value = serde_json::from_str(TRANSCRIPT).unwrap();
    record["issuer"] = json!({"id": "https://elsewhere.example.edu", "type": ["Profile"], "name": "Elsewhere"});
    folder.write("record.json", &record);
    let output = folder.clr(&["issue", "record.json"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
    let told = stderr(&output);
    assert!(
        told.contains("https://elsewhere.example.edu") && told.contains("--as-issuer"),
        "{told}"
    );
}

#[test]
fn the_same_folder_issues_with_the_same_key() {
    let folder = Folder::new();
    let issuer = |record: Value| record["issuer"]["id"].clone();
    assert_eq!(issuer(folder.issue()), issuer(folder.issue()));
    assert_ne!(issuer(folder.issue()), issuer(Folder::new().issue()));
}

#[cfg(unix)]
#[test]
fn the_key_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    folder.issue();
    let mode = fs::metadata(folder.path(".clr/keys.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// The smallest pictures of both kinds.
fn pictures(folder: &Folder) -> [&'static str; 2] {
    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let png = base64::engine::general_purpose::STANDARD.decode(PNG).unwrap();
    fs::write(folder.path("seal.png"), png).unwrap();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><circle r='1'/></svg>";
    fs::write(folder.path("seal.svg"), svg).unwrap();
    ["seal.png", "seal.svg"]
}

#[test]
fn a_record_in_a_picture_is_verified_and_comes_out_as_it_went_in() {
    let folder = Folder::new();
    let signed = folder.issue();
    folder.write("signed.json", &signed);
    let mut altered = signed.clone();
    altered["name"] = json!("Another transcript");
    folder.write("altered.json", &altered);
    for picture in pictures(&folder) {
        // The name of a file says nothing.
        let output = folder.clr(&["bake", "signed.json", picture, "--output", "baked.json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(
            folder.clr(&["verify", "baked.json"]).status.code(),
            Some(0),
            "{picture}"
        );
        assert_eq!(
            stdout(&folder.clr(&["unbake", "baked.json"])).trim(),
            signed.to_string()
        );
        let baked = folder.clr(&["bake", "altered.json", "baked.json"]);
        fs::write(folder.path("again"), baked.stdout).unwrap();
        assert_eq!(folder.clr(&["verify", "again"]).status.code(), Some(1), "{picture}");
    }
}

#[test]
fn baking_and_unbaking_say_what_is_wrong_with_a_file() {
    let folder = Folder::new();
    pictures(&folder);
    folder.write("other.json", &json!({"type": "VerifiableCredential"}));
    for (arguments, told) in [
        (
            &["unbake", "seal.png"][..],
            "seal.png: the picture carries no credential",
        ),
        (&["unbake", "other.json"], "neither a PNG nor an SVG"),
        (
            &["bake", "other.json", "seal.svg"],
            "a ClrCredential or an AchievementCredential is expected",
        ),
        (&["bake", "nowhere.json", "seal.svg"], "cannot read nowhere.json"),
        (&["verify", "seal.svg"], "seal.svg: the picture carries no credential"),
    ] {
        let output = folder.clr(arguments);
        assert_eq!(
            (output.status.code(), stdout(&output).as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
}

#[test]
fn canonicalize_orders_quads_and_renames_blank_nodes() {
    let folder = Folder::new();
    fs::write(folder.path("b.nq"), "_:x <urn:p> \"2\" .\n<urn:a> <urn:p> _:x .\n").unwrap();
    let output = folder.clr(&["canonicalize", "b.nq"]);
    assert_eq!(stdout(&output), "<urn:a> <urn:p> _:c14n0 .\n_:c14n0 <urn:p> \"2\" .\n");
    let sha384 = folder.clr(&["canonicalize", "--hash", "sha384", "b.nq"]);
    assert_eq!(stdout(&sha384), stdout(&output));
}

#[test]
fn canonicalize_names_the_term_that_no_context_defines() {
    let folder = Folder::new();
    let document = json!({"@context": "https://www.w3.org/ns/credentials/v2", "id": "urn:uuid:1", "colour": "red"});
    folder.write("document.json", &document);
    let output = folder.clr(&["canonicalize", "document.json"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""));
    assert!(stderr(&output).contains("/colour"), "{}", stderr(&output));
}

#[test]
fn a_client_of_the_operator_cannot_hold_a_learners_scope() {
    let folder = Folder::new();
    let output = folder.clr(&["admin", "client", "create", "--scope", "credential.upsert"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("learner"), "{}", stderr(&output));
}

/// A server that ends with the test.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    fn start_with(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.command(&[&["serve", "--port", "0"], arguments].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let first_line = BufReader::new(process.stdout.as_mut().unwrap())
            .lines()
            .next()
            .unwrap()
            .unwrap();
        let url = first_line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        Self {
            url: url.trim_end_matches(',').to_owned(),
            process,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
