//! RDFC-1.0 over records with 1, 10 and 100 nested credentials, stage by stage, from their canonical N-Quads.
//!
//! The records are those of the shared vectors; where these are absent, nothing is measured.

use std::{path::PathBuf, time::Duration};

use canonical_rdf::{Contexts, Dataset, Document, HashAlgorithm, Reading};
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
        measure(criterion, nested, &canonical_nquads(&json));
    }
}

fn canonical_nquads(json: &[u8]) -> String {
    let document = Document::parse(json).expect("the vectors are JSON");
    let dataset = Dataset::from_json_ld(&document, Contexts::standard()).expect("the vectors are safe");
    let canonical = dataset.canonicalize(HashAlgorithm::Sha256, Reading::List);
    canonical.expect("the vectors are honest").text()
}

fn measure(criterion: &mut Criterion, nested: usize, nquads: &str) {
    let dataset = Dataset::from_nquads(nquads).expect("what was written is N-Quads");
    let canonicalize = |hash| {
        dataset
            .canonicalize(hash, Reading::List)
            .expect("the vectors are honest")
    };
    let canonical = canonicalize(HashAlgorithm::Sha256);
    let mut group = criterion.benchmark_group(format!("{nested} nested"));
    group
        .throughput(Throughput::Elements(dataset.quads().len() as u64))
        .measurement_time(Duration::from_secs(3));
    group.bench_function("read", |bencher| bencher.iter(|| Dataset::from_nquads(nquads)));
    group.bench_function("canonicalize", |bencher| {
        bencher.iter(|| canonicalize(HashAlgorithm::Sha256))
    });
    group.bench_function("canonicalize with SHA-384", |bencher| {
        bencher.iter(|| canonicalize(HashAlgorithm::Sha384))
    });
    group.bench_function("digest", |bencher| bencher.iter(|| canonical.digest()));
    group.bench_function("text", |bencher| bencher.iter(|| canonical.text()));
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
