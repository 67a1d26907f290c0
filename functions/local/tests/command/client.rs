//! `clr admin client approve` and `clr admin learner`, beside a running server.

use reqwest::Url;
use serde_json::{Value, json};

use super::{
    Folder, Server, stderr, stdout,
    visitor::{Visitor, client},
};

const REDIRECT_URI: &str = "https://wallet.example/callback";
const READ: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly";

/// An application that registers itself.
async fn register(server: &Server) -> String {
    let metadata = json!({
        "client_name": "Example Wallet",
        "client_uri": "https://wallet.example/",
        "logo_uri": "https://wallet.example/logo.png",
        "tos_uri": "https://wallet.example/terms",
        "policy_uri": "https://wallet.example/privacy",
        "software_id": "example-wallet",
        "software_version": "1",
        "redirect_uris": [REDIRECT_URI],
        "scope": READ,
    });
    let answer = client()
        .post(format!("{}/oauth/register", server.url))
        .json(&metadata)
        .send()
        .await
        .unwrap();
    answer.json::<Value>().await.unwrap()["client_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// What it asks a learner for.
fn request(server: &Server, id: &str) -> Url {
    let parameters = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", REDIRECT_URI),
        ("scope", READ),
        ("state", "a-state"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    Url::parse_with_params(&format!("{}/oauth/authorize", server.url), parameters).unwrap()
}

fn standing(folder: &Folder, id: &str) -> String {
    let list = stdout(&folder.clr(&["admin", "client", "list"]));
    list.lines().find(|line| line.starts_with(id)).unwrap().to_owned()
}

#[tokio::test]
async fn an_application_that_the_operator_approves_is_no_longer_called_not_reviewed() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = register(&server).await;
    assert!(
        standing(&folder, &id).contains("application  not reviewed"),
        "{}",
        standing(&folder, &id)
    );
    let before = Visitor::signed_in(request(&server, &id)).await;
    assert!(before.page.contains("was not reviewed by"), "{}", before.page);

    let output = folder.clr(&["admin", "client", "approve", &id]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), format!("approved {id} Example Wallet\n"));
    assert!(
        standing(&folder, &id).contains("application  approved"),
        "{}",
        standing(&folder, &id)
    );
    let after = Visitor::signed_in(request(&server, &id)).await;
    assert!(
        after.page.contains("Example Wallet") && !after.page.contains("was not reviewed by"),
        "{}",
        after.page
    );
    assert!(after.allow().await.as_str().starts_with(REDIRECT_URI));
}

#[tokio::test]
async fn a_learner_is_found_handed_out_and_erased() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = register(&server).await;
    Visitor::signed_in(request(&server, &id)).await;
    let learner = |command: &str, argument: &str| folder.clr(&["admin", "learner", command, argument]);

    let found = stdout(&learner("find", "ada@students.example.edu"));
    assert_eq!(stdout(&folder.clr(&["admin", "learner", "find"])), found);
    let (ada, rest) = found.split_once("  ").unwrap();
    assert!(
        rest.contains("Ada Example") && rest.contains("credentials 0") && rest.contains("S-1001"),
        "{found}"
    );
    let export: Value = serde_json::from_slice(&learner("export", ada).stdout).unwrap();
    assert_eq!(export["learner"]["name"], "Ada Example");
    assert_eq!((&export["credentials"], &export["profile"]), (&json!([]), &Value::Null));

    let output = learner("erase", ada);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("erased from the table in .clr: 0 credentials, 0 grants"),
        "{}",
        stdout(&output)
    );
    assert_eq!(learner("find", "ada@students.example.edu").status.code(), Some(1));
    for command in ["export", "erase"] {
        let output = learner(command, ada);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            stderr(&output).contains("nothing is kept of a learner"),
            "{}",
            stderr(&output)
        );
        assert_eq!(learner(command, "ada").status.code(), Some(2));
        let hyphen = format!("-{}", &ada[1..]);
        assert_eq!(learner(command, &hyphen).status.code(), Some(1), "an id may begin so");
    }
    assert!(stdout(&folder.clr(&["admin", "audit"])).contains(&format!("erase-learner  {ada}\n  by        clr admin")));
}

#[test]
fn a_client_that_is_not_there_cannot_be_approved_or_revoked() {
    let folder = Folder::new();
    let id = "0b8f6f6e-5f6c-4f5e-9a53-1f3f7e0f2b11";
    for command in ["approve", "revoke"] {
        let output = folder.clr(&["admin", "client", command, id]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
        assert!(
            stderr(&output).contains(&format!("there is no client {id}")),
            "{}",
            stderr(&output)
        );
        let output = folder.clr(&["admin", "client", command, "no-uuid"]);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn every_command_of_the_readme_is_one_and_every_command_is_in_the_readme() {
    let readme = include_str!("../../../../README.md");
    let folder = Folder::new();
    let commands = |arguments: &[&str]| -> Vec<String> {
        let help = stdout(&folder.clr(&[arguments, &["--help"]].concat()));
        let (_, list) = help.split_once("Commands:\n").unwrap();
        let lines = list.lines().take_while(|line| !line.is_empty());
        // Continued descriptions are indented further.
        let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(str::to_owned)
            .collect()
    };
    for name in commands(&[]) {
        assert!(
            readme.contains(&format!("clr {name}")),
            "clr {name} is not in the README"
        );
    }
    for name in commands(&["admin"]) {
        assert!(
            readme.contains(&format!("clr admin {name}")),
            "clr admin {name} is not in the README"
        );
    }
    let known = (commands(&[]), commands(&["admin"]));
    for line in readme.lines().filter(|line| line.starts_with("clr ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(known.0.iter().any(|name| name == words[1]), "{line}");
        assert!(
            words[1] != "admin" || known.1.iter().any(|name| name == words[2]),
            "{line}"
        );
    }
}

#[test]
fn every_command_of_the_runbook_is_one_with_its_options() {
    let runbook = include_str!("../../../../infra/README.md");
    let folder = Folder::new();
    let blocks = runbook.split("```").skip(1).step_by(2);
    let lines = blocks
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| line.starts_with("clr "));
    let quoted = runbook
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| text.starts_with("clr ") && !text.contains('\n'));
    let mut commands = 0;
    for line in lines.chain(quoted) {
        let line = line.split(['>', '|']).next().unwrap();
        // Words up to the first argument; a word in capitals stands for one.
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        let is_name = |word: &&&str| {
            !word.starts_with('-') && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
        };
        let names: Vec<_> = words.iter().take_while(is_name).copied().collect();
        let named = |names: &[&str]| folder.clr(&[names, &["--help"]].concat());
        // The last ones may be arguments.
        let help = (1..=names.len())
            .rev()
            .map(|count| named(&names[..count]))
            .find(|help| help.status.success());
        let help = stdout(&help.unwrap_or_else(|| panic!("no such command: {line}")));
        // Where a word was no command, this is the help of those that are.
        let complete = named(&names).status.success() || !help.contains("Commands:");
        assert!(complete, "no such command: {line}: {help}");
        for option in words.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{line}: {help}");
        }
        commands += 1;
    }
    assert!(commands > 15, "{commands}");
}
