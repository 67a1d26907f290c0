//! The command `clr` as a person runs it: arguments in, text and exit codes out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skips"
)]

mod admin;
mod certify;
mod client;
mod cost;
mod demo;
mod doctor;
mod documents;
mod liar;
mod serve;
#[path = "../../../../tests/vectors.rs"]
mod vectors;
mod visitor;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
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

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
