//! A person who opens the address that `clr certify` prints, and how the browser's answer comes back.

use std::{
    io::{BufRead as _, BufReader},
    process::{Output, Stdio},
};

use reqwest::Url;

use super::{
    super::visitor::{Visitor, block_on, client},
    Certified, Folder, Server, certify,
};

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
