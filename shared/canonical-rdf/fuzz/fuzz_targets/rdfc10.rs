//! Small graphs of blank nodes, made from bytes: the canonical form is sorted, has its digest, and renames the source
//! by the issued identifiers.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use canonical_rdf::{Dataset, HashAlgorithm, Reading};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = |byte: u8| format!("_:n{}", byte % 12);
    let lines: Vec<[String; 4]> = bytes
        .chunks_exact(3)
        .take(60)
        .map(|chunk| {
            let [subject, object, rest] = [chunk[0], chunk[1], chunk[2]];
            let graph = match rest >> 4 {
                0 => name(rest),
                1 => "<urn:g>".to_owned(),
                _ => String::new(),
            };
            let object = if object < 200 {
                name(object)
            } else {
                format!("\"{}\"", object % 3)
            };
            [name(subject), format!("<urn:p{}>", rest & 1), object, graph]
        })
        .collect();
    let nquads = |rename: &dyn Fn(&str) -> String| -> Vec<String> {
        let line = |terms: &[String; 4]| {
            terms
                .iter()
                .filter(|term| !term.is_empty())
                .map(|term| rename(term) + " ")
                .collect::<String>()
                + "."
        };
        lines.iter().map(line).collect()
    };
    let source = nquads(&str::to_owned).join("\n");
    let dataset = Dataset::from_nquads(&source).expect("N-Quads");
    for (hash, reading) in [
        (HashAlgorithm::Sha256, Reading::List),
        (HashAlgorithm::Sha384, Reading::Set),
    ] {
        // Only work is bounded here.
        let Ok(canonical) = dataset.canonicalize(hash, reading) else {
            continue;
        };
        let text = canonical.text();
        assert!(text.lines().is_sorted());
        let issued: BTreeMap<String, String> = canonical
            .issued_identifiers()
            .map(|(label, id)| (format!("_:{label}"), format!("_:{id}")))
            .collect();
        let renamed = nquads(&|term| issued.get(term).cloned().unwrap_or_else(|| term.to_owned()));
        assert_eq!(
            renamed.into_iter().collect::<BTreeSet<_>>(),
            text.lines().map(str::to_owned).collect()
        );
        let _ = canonical.disputed();
    }
});
