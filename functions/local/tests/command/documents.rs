//! `clr issue`, `verify`, `bake`, `unbake` and `canonicalize`: what is done to files.

use std::fs;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{Folder, TRANSCRIPT, stderr, stdout};

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
