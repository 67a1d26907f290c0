//! `peers ssi|oracle sign|verify NESTED FOLDER SECONDS`: the Rust peers, measured warm in one process.

mod oracle;
mod ssi;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What both peers are given.
struct Task {
    contexts: serde_json::Map<String, Value>,
    key: Value,
    text: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [peer, operation, nested, folder, seconds] = arguments.as_slice() else {
        panic!("five arguments")
    };
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect(name);
    let parse = |name: &str| serde_json::from_str::<Value>(&read(name)).expect(name);
    let Value::Object(contexts) = parse("contexts.json") else {
        panic!("contexts.json is a map")
    };
    let signed = if operation == "verify" { ".signed" } else { "" };
    let task = Task {
        contexts,
        key: parse("key.json"),
        text: read(&format!("clr-{nested}{signed}.json")),
    };
    let mut run: Box<dyn FnMut()> = match (peer.as_str(), operation.as_str()) {
        ("ssi", "sign") => ssi::sign(task),
        ("ssi", "verify") => ssi::verify(task),
        ("oracle", "sign") => oracle::sign(task),
        ("oracle", "verify") => oracle::verify(task),
        other => panic!("{other:?}"),
    };
    let runs = measure(&mut run, Duration::from_secs_f64(seconds.parse().expect("seconds")));
    println!("{}", json!({ "runs_us": runs }));
}

fn measure(run: &mut dyn FnMut(), time: Duration) -> Vec<f64> {
    run();
    let mut runs = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time || runs.len() < 3 {
        let start = Instant::now();
        run();
        runs.push(start.elapsed().as_secs_f64() * 1e6);
    }
    runs
}
