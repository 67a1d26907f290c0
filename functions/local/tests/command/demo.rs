//! `clr demo`: a record's whole life in one process.

use serde_json::{Value, json};

use super::{Folder, stderr, stdout, vectors};

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
    let Some(vectors) = vectors::root() else { return };
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
