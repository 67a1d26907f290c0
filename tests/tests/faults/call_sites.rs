//! Where the code calls AWS: read from its text, and from the stack of a call.

use std::{
    backtrace::Backtrace,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Files under `shared/clr-core/src` and the functions in them that call.
pub(crate) type Sites = BTreeSet<(String, String)>;

/// What no function of a deployment does: a laptop makes its own table.
const LAPTOP_ONLY: (&str, &str) = ("table/definition.rs", "create");

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/clr-core/src")
}

/// All calls of the code.
pub(crate) fn in_the_code() -> Sites {
    let mut sites = Sites::new();
    for (file, text) in sources(&core()) {
        // The one client of HTTP that is not AWS's.
        if text.contains("reqwest") {
            continue;
        }
        for (line, code) in text.lines().enumerate() {
            if code.contains(".send()") {
                sites.insert((file.clone(), enclosing_function(&text, line)));
            }
        }
    }
    assert!(sites.remove(&(LAPTOP_ONLY.0.to_owned(), LAPTOP_ONLY.1.to_owned())));
    sites
}

/// The calls on the stack.
pub(crate) fn of(stack: &Backtrace) -> Sites {
    let mut sites = Sites::new();
    for frame in stack.to_string().lines() {
        let Some((_, place)) = frame.split_once("clr-core/src/") else {
            continue;
        };
        let mut parts = place.split(':');
        let (Some(file), Some(Ok(line))) = (parts.next(), parts.next().map(str::parse::<usize>)) else {
            continue;
        };
        let text = fs::read_to_string(core().join(file)).unwrap();
        sites.insert((file.to_owned(), enclosing_function(&text, line - 1)));
    }
    sites
}

/// The name of the function that this line, counted from 0, is in.
fn enclosing_function(text: &str, line: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    let name = |line: &&str| {
        let (before, after) = line.split_once("fn ")?;
        let declares = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || word == "async" || word == "const" || word.ends_with(')'));
        declares.then(|| after.split(['(', '<']).next().unwrap_or_default().to_owned())
    };
    lines[..=line].iter().rev().find_map(name).unwrap_or_default()
}

/// Each file's path below the folder, and its text before its tests.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                found.push((name, code.to_owned()));
            }
        }
    }
    found
}

#[test]
fn only_the_core_calls_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("shared/clr-server/src")];
    for function in fs::read_dir(root.join("functions")).unwrap() {
        let function = function.unwrap().path();
        // An operator's tools: they tell an error, and are run again.
        if function.is_dir() && !function.ends_with("local") {
            folders.push(function.join("src"));
        }
    }
    for folder in folders {
        for (file, text) in sources(&folder) {
            let calls = text.contains("aws_sdk_") && text.contains(".send()");
            assert!(!calls, "{}/{file} calls AWS past clr-core", folder.display());
        }
    }
}

#[test]
fn the_calls_of_the_code_are_found() {
    let sites = in_the_code();
    for (file, function) in [
        ("table/mod.rs", "read_item"),
        ("table/grants.rs", "replace_grant"),
        ("table/transaction.rs", "transact"),
        ("signer/kms.rs", "sign"),
        ("table/credentials/list.rs", "ordinals_since"),
    ] {
        assert!(
            sites.contains(&(file.to_owned(), function.to_owned())),
            "{file} {function} in {sites:?}"
        );
    }
}
