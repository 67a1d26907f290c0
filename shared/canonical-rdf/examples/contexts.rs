//! Writes the closed set of contexts as one JSON object, URL to document, for tools in other languages.
#![expect(clippy::print_stdout, reason = "this is a program")]

use canonical_rdf::Contexts;

fn main() {
    let contexts = Contexts::standard();
    let entries: Vec<_> = contexts
        .urls()
        .filter_map(|url| Some(format!("{}: {}", serde_json::Value::from(url), contexts.get(url)?)))
        .collect();
    println!("{{{}}}", entries.join(",\n"));
}
