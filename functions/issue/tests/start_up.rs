//! How the process of a function ends when its environment is wrong.

use std::process::Command;

#[test]
fn a_wrong_environment_ends_the_process_with_one_line_that_names_every_fault() {
    let output = Command::new(env!("CARGO_BIN_EXE_issue"))
        .env_clear()
        .env("PUBLIC_URL", "records.example.edu")
        .output()
        .expect("the binary was built for this test");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "Error: the environment is not complete: TABLE_NAME is not set; ISSUER_NAME is not set; SIGNING_KEY_ID is not set; \
         PUBLIC_URL is not an http(s) URL\n"
    );
}
