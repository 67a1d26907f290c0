//! From the text of a record with 1, 10 and 100 nested credentials to the hash of its canonical form, stage by stage.
//!
//! The records are those of the shared vectors; where these are absent, nothing is measured.

use std::{path::PathBuf, time::Duration};

use canonical_rdf::{Contexts, Dataset, Document, HashAlgorithm, Reading, hash};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn stages(criterion: &mut Criterion) {
    let root = std::env::var_os("CLR_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    for nested in [1, 10, 100] {
        let Ok(json) = std::fs::read(root.join(format!("bench/clr-{nested}.json"))) else {
            continue;
        };
        measure(criterion, nested, &json);
    }
}

fn measure(criterion: &mut Criterion, nested: usize, json: &[u8]) {
    let contexts = Contexts::standard();
    let parse = || Document::parse(json).expect("the vectors are JSON");
    let document = parse();
    let to_rdf = || Dataset::from_json_ld(&document, contexts).expect("the vectors are safe");
    let dataset = to_rdf();
    let mut group = criterion.benchmark_group(format!("{nested} nested, JSON-LD"));
    group
        .throughput(Throughput::Bytes(json.len() as u64))
        .measurement_time(Duration::from_secs(3));
    group.bench_function("parse", |bencher| bencher.iter(parse));
    group.bench_function("to RDF", |bencher| bencher.iter(to_rdf));
    group.bench_function("canonicalize and hash", |bencher| {
        bencher.iter(|| {
            let canonical = dataset.canonicalize(HashAlgorithm::Sha256, Reading::List);
            canonical.expect("the vectors are honest").digest()
        });
    });
    group.bench_function("all", |bencher| {
        bencher.iter(|| hash(&parse(), contexts, HashAlgorithm::Sha256));
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
