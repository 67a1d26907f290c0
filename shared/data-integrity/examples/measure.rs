//! Our side of `tests/peers/run`.
//!
//! `measure prepare FOLDER` writes there what the peers need: our contexts, a test key, and for each `clr-N.json` a
//! signed `clr-N.signed.json`. `measure sign|verify|bound-sign|bound-verify NESTED FOLDER SECONDS` prints the
//! microseconds of each run of signing, of verifying, and of the least that anybody must do for it; `measure first …`
//! those of the first document that this process verifies; `measure poison …` those of the slowest refusal of a graph
//! that was made to take ages.

#![expect(clippy::print_stdout, reason = "what it measures is for a program to read")]

use std::{
    collections::BTreeMap,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use canonical_rdf::{Contexts, Dataset, Document, HashAlgorithm, Reading, canonicalize};
use data_integrity::{Proof, ProofOptions, PublicKey, UnsecuredDocument, attach};
use p256::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEY_HEX: &str = "c1e5a3d20b7f4c689f3e1d5a7b9c2e4f60718293a4b5c6d7e8f9010203040506";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["prepare", folder] => prepare(Path::new(folder)),
        [operation, nested, folder, seconds] => measure(operation, nested, Path::new(folder), seconds),
        _ => panic!("measure prepare FOLDER, or measure OPERATION NESTED FOLDER SECONDS"),
    }
}

/// A test key, known to everybody.
fn test_key() -> SigningKey {
    let byte = |at: usize| u8::from_str_radix(&KEY_HEX[2 * at..2 * at + 2], 16).expect("digits");
    SigningKey::from_slice(&std::array::from_fn::<u8, 32, _>(byte)).expect("a scalar")
}

fn public_key() -> PublicKey {
    PublicKey::P256(p256::PublicKey::from(test_key().verifying_key()))
}

fn prepare(folder: &Path) {
    let write = |name: &str, value: &Value| {
        std::fs::write(folder.join(name), value.to_string()).expect("the folder can be written to");
    };
    let contexts = Contexts::standard();
    let texts = contexts
        .urls()
        .filter_map(|url| Some((url.to_owned(), serde_json::from_str(contexts.get(url)?).ok()?)));
    write("contexts.json", &Value::Object(texts.collect()));
    let public = public_key();
    let point = test_key().verifying_key().to_sec1_point(false);
    let (x, y) = (point.x().expect("a point"), point.y().expect("a point"));
    let (did, multikey) = (public.to_did_key(), public.to_multikey());
    let mut secret = vec![0x86, 0x26];
    secret.extend_from_slice(&test_key().to_bytes());
    write(
        "key.json",
        &json!({
            "did": did,
            "verificationMethod": format!("{did}#{multikey}"),
            "publicKeyMultibase": multikey,
            "secretKeyMultibase": format!("z{}", bs58::encode(secret).into_string()),
            "secretKeyHex": KEY_HEX,
            "jwk": {
                "kty": "EC", "crv": "P-256",
                "x": base64url(x), "y": base64url(y), "d": base64url(&test_key().to_bytes()),
            },
        }),
    );
    for nested in ["1", "10", "100", "400"] {
        let mut document = read(folder, nested, "");
        document["issuer"]["id"] = public.to_did_key().into();
        write(&format!("clr-{nested}.json"), &document);
        let proof = sign(&document.to_string(), &test_key(), &public);
        attach(&mut document, proof);
        write(&format!("clr-{nested}.signed.json"), &document);
    }
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = |chunk: &[u8]| {
        let number = (0..3).fold(0, |number, at| {
            number << 8 | usize::from(chunk.get(at).copied().unwrap_or_default())
        });
        let digit = |place: usize| char::from(ALPHABET[number >> (18 - 6 * place) & 63]);
        (0..=chunk.len()).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(digits).collect()
}

fn read(folder: &Path, nested: &str, kind: &str) -> Value {
    serde_json::from_str(&read_text(folder, nested, kind)).expect("JSON")
}

fn read_text(folder: &Path, nested: &str, kind: &str) -> String {
    std::fs::read_to_string(folder.join(format!("clr-{nested}{kind}.json"))).expect("a prepared folder")
}

/// From the text of a document to its proof.
fn sign(text: &str, key: &SigningKey, public: &PublicKey) -> Value {
    let options = ProofOptions {
        verification_method: format!("{}#{}", public.to_did_key(), public.to_multikey()),
        created: "2025-01-01T00:00:00Z".to_owned(),
    };
    let (document, _) = UnsecuredDocument::parse(text.as_bytes(), Contexts::standard()).expect("JSON");
    let data = document.hash_data(public, &options).expect("JSON-LD");
    let signature: Signature = key.sign_prehash(&Sha256::digest(data.bytes())).expect("a signature");
    data.into_proof(&signature.to_bytes())
}

fn verify(text: &str, key: &PublicKey) {
    let (document, proofs) = UnsecuredDocument::parse(text.as_bytes(), Contexts::standard()).expect("JSON");
    document
        .verify(&Proof::read(&proofs[0]).expect("a proof"), key)
        .expect("valid");
}

fn measure(operation: &str, nested: &str, folder: &Path, seconds: &str) {
    let kind = if ["verify", "first"].contains(&operation) {
        ".signed"
    } else {
        ""
    };
    let text = read_text(folder, nested, kind);
    let (secret, public) = (test_key(), public_key());
    match operation {
        "sign" => time(seconds, || drop(black_box(sign(&text, &secret, &public)))),
        "verify" => time(seconds, || verify(&text, &public)),
        // No run before it: contexts are read and processed in this one.
        "first" => print_runs(&[microseconds(|| verify(&text, &public))]),
        "poison" => print_runs(&[slowest_refusal()]),
        "bound-sign" => {
            let hashing = Bound::new(&text);
            time(seconds, || {
                black_box::<Signature>(secret.sign_prehash(&hashing.run()).expect("a signature"));
            });
        }
        "bound-verify" => {
            let hashing = Bound::new(&text);
            let signature: Signature = secret
                .sign_prehash(&Sha256::digest(hashing.run()))
                .expect("a signature");
            let point = secret.verifying_key().to_sec1_point(false);
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes());
            time(seconds, || {
                key.verify(&hashing.run(), &signature.to_bytes()).expect("valid")
            });
        }
        other => panic!("{other} cannot be measured"),
    }
}

/// What nobody can do without: reading the JSON, hashing the canonical form, and hashing what Hash First Degree Quads
/// hashes. The proof configuration, a few lines, is left out.
struct Bound<'a> {
    text: &'a str,
    canonical: String,
    first_degree: Vec<String>,
}

impl<'a> Bound<'a> {
    fn new(text: &'a str) -> Self {
        let document = serde_json::from_str(text).expect("JSON");
        let canonical = canonicalize(&document, Contexts::standard(), HashAlgorithm::Sha256).expect("JSON-LD");
        let first_degree = first_degree_inputs(&canonical);
        Self {
            text,
            canonical,
            first_degree,
        }
    }

    fn run(&self) -> [u8; 32] {
        black_box(Document::parse(self.text.as_bytes()).expect("JSON"));
        for input in &self.first_degree {
            black_box(Sha256::digest(input));
        }
        Sha256::digest(&self.canonical).into()
    }
}

/// For each blank node the sorted lines that mention it, itself as `_:a`, others as `_:z`.
fn first_degree_inputs(canonical: &str) -> Vec<String> {
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in canonical.lines() {
        // In these records no literal holds the start of a blank node's name after a space.
        let blanks = || line.split(' ').filter(|word| word.starts_with("_:c14n"));
        for this in blanks() {
            let name = |word: &str| match word {
                blank if blank == this => "_:a".to_owned(),
                blank if blank.starts_with("_:c14n") => "_:z".to_owned(),
                other => other.to_owned(),
            };
            let words: Vec<String> = line.split(' ').map(name).collect();
            lines.entry(this).or_default().push(words.join(" ") + "\n");
        }
    }
    let sorted = |mut lines: Vec<String>| {
        lines.sort_unstable();
        lines.concat()
    };
    lines.into_values().map(sorted).collect()
}

fn time(seconds: &str, mut run: impl FnMut()) {
    let limit = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    for _ in 0..3 {
        run();
    }
    let (start, mut runs) = (Instant::now(), Vec::new());
    while start.elapsed() < limit || runs.len() < 3 {
        runs.push(microseconds(&mut run));
    }
    print_runs(&runs);
}

fn microseconds(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64() * 1e6
}

fn print_runs(microseconds: &[f64]) {
    println!("{}", json!({ "runs_us": microseconds }));
}

/// Graphs that were made to take ages, with each hash and reading: how long the slowest refusal takes.
fn slowest_refusal() -> f64 {
    let edge = |from: usize, to: usize| format!("_:e{from} <urn:p> _:e{to} .\n");
    let clique = |size: usize| -> String {
        let pairs = (0..size).flat_map(|from| (0..size).map(move |to| (from, to)));
        pairs
            .filter(|(from, to)| from != to)
            .map(|(from, to)| edge(from, to))
            .collect()
    };
    let cycle = |size: usize| -> String { (0..size).map(|from| edge(from, (from + 1) % size)).collect() };
    // Each points at many alike, which point back.
    let two_sides = |size: usize| -> String {
        let pairs = (0..size).flat_map(|from| (size..2 * size).map(move |to| (from, to)));
        pairs.map(|(from, to)| edge(from, to) + &edge(to, from)).collect()
    };
    let long_predicate = clique(8).replace("urn:p", &format!("urn:{}", "p".repeat(100_000)));
    let graphs = [
        clique(10),
        clique(30),
        clique(100),
        cycle(5000),
        two_sides(12),
        two_sides(60),
        long_predicate,
    ];
    let mut slowest: f64 = 0.0;
    for graph in graphs {
        let dataset = Dataset::from_nquads(&graph).expect("N-Quads");
        for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
            for reading in [Reading::List, Reading::Set] {
                let refuse = || assert!(dataset.canonicalize(hash, reading).is_err(), "a poison graph was taken");
                slowest = slowest.max(microseconds(refuse));
            }
        }
    }
    slowest
}
