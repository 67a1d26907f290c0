//! The validator held against the published JSON Schemas: on every sample that is published, and on records that were altered
//! at random, both accept or both refuse, except by the rules of [`STRICTER`].
//!
//! A disagreement prints its seed; the same seed makes the same record again.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

#[path = "../src/vectors.rs"]
mod vectors;

mod differential {
    pub(crate) mod mutate;
    pub(crate) mod schemas;
}

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use differential::{
    mutate::{mutate, places},
    schemas::{Schemas, faults, own_schema},
};
use learner_record::{CredentialKind, Finding, nested_credentials, validate, validate_profile};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::Value;

/// So many records are altered; those that no schema is published for do not count.
const RECORDS: u64 = 22_500;
const COMPARED: u64 = 20_000;

/// A rule by which we refuse what a schema accepts.
struct Stricter {
    rule: &'static str,
    /// Whether a schema may refuse the same fault in another guise.
    also_in_schema: bool,
    reason: &'static str,
}

const fn only_ours(rule: &'static str, reason: &'static str) -> Stricter {
    Stricter {
        rule,
        also_in_schema: false,
        reason,
    }
}

const fn in_part_ours(rule: &'static str, reason: &'static str) -> Stricter {
    Stricter {
        rule,
        also_in_schema: true,
        reason,
    }
}

/// Where prose, safe JSON-LD or the official validator ask more than the schemas.
const STRICTER: &[Stricter] = &[
    in_part_ours(
        "class-type",
        "the schemas take any name where `type` is a single string; the prose and the official validator do not",
    ),
    in_part_ours(
        "context-order",
        "the schemas take any single context in place of the ordered set that the prose asks for",
    ),
    in_part_ours(
        "language-map",
        "the schemas take a map of languages for any text; no context defines one, so it cannot be signed",
    ),
    only_ours(
        "uri",
        "the schemas take any text for a URI; a relative or malformed one has no meaning in safe JSON-LD",
    ),
    only_ours(
        "subject-identity",
        "the prose asks for an `id` or an `identifier`, the schemas for neither",
    ),
    only_ours(
        "criteria-content",
        "the official validator asks for an `id` or a `narrative`",
    ),
    only_ours(
        "identity-hash",
        "the prose gives a hash its form, the schemas take any text",
    ),
    only_ours("result-description-link", "a schema cannot follow a reference"),
    only_ours("achieved-level-link", "a schema cannot follow a reference"),
    only_ours("required-level-link", "a schema cannot follow a reference"),
    only_ours("result-status", "a schema cannot follow a reference"),
    only_ours("validity-period", "a schema cannot compare two members"),
    only_ours("image-data", "the prose asks for PNG or SVG, the schemas for any text"),
];

/// Why a schema's verdict does not count.
fn is_beyond_the_schemas(document: &Value) -> Option<&'static str> {
    let is_v1_1 = |credential: &Value| {
        let contexts = credential.get("@context");
        let first = contexts.and_then(|contexts| contexts.get(0)).or(contexts);
        first.is_some_and(|context| context == "https://www.w3.org/2018/credentials/v1")
    };
    if is_v1_1(document)
        || nested_credentials(document)
            .into_iter()
            .any(|(_, nested)| is_v1_1(nested))
    {
        Some("the published schemas know VC 2.0 only; VC 1.1 is verified by its own rules")
    } else if has_issuer_like_a_text(document) {
        Some(ISSUER_LIKE_A_TEXT)
    } else if CredentialKind::of(document) == CredentialKind::Other {
        Some("no schema is published for credentials of other types; W3C's general rules apply")
    } else {
        None
    }
}

const ISSUER_LIKE_A_TEXT: &str =
    "the schemas take {\"en\": …}, {\"id\": …} and {} as texts in some language, so as URIs of issuers";

/// Whether some issuer is an object that the schemas read as a text in several languages, `id` being Indonesian.
fn has_issuer_like_a_text(value: &Value) -> bool {
    let is_language = |name: &str| name.len() == 2 || name.as_bytes().get(2) == Some(&b'-');
    let is_like_a_text = |issuer: &Value| {
        issuer
            .as_object()
            .is_some_and(|members| members.iter().all(|(name, text)| is_language(name) && text.is_string()))
    };
    match value {
        Value::Object(members) => {
            members.get("issuer").is_some_and(is_like_a_text) || members.values().any(has_issuer_like_a_text)
        }
        Value::Array(items) => items.iter().any(has_issuer_like_a_text),
        _ => false,
    }
}

/// Where the two part.
fn disagreement(accepted: bool, ours: &[Finding]) -> Option<&'static str> {
    let stricter = |finding: &Finding| STRICTER.iter().find(|known| known.rule == finding.rule);
    if accepted && ours.iter().any(|finding| stricter(finding).is_none()) {
        Some("the schema accepts, we refuse by a rule that is not listed as stricter")
    } else if !accepted
        && !ours
            .iter()
            .any(|finding| stricter(finding).is_none_or(|known| known.also_in_schema))
    {
        Some("the schema refuses, we accept")
    } else {
        None
    }
}

#[test]
fn every_published_sample_gets_the_schemas_verdict() {
    let Some(vectors) = vectors::root() else { return };
    let schemas = Schemas::published(&vectors);
    let mut compared = 0;
    for file in samples(&vectors) {
        let document = vectors::json(&file);
        if is_beyond_the_schemas(&document).is_some() {
            continue;
        }
        compared += 1;
        let accepted = schemas.accept(&document);
        let ours = validate(&document).errors;
        assert_eq!(disagreement(accepted, &ours), None, "{}: {ours:?}", file.display());
    }
    assert!(compared >= 20, "only {compared} samples were compared");
}

#[test]
fn altered_records_get_the_schemas_verdict() {
    let Some(vectors) = vectors::root() else { return };
    let schemas = Schemas::published(&vectors);
    let bases = bases(&vectors);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let outcomes = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let (schemas, bases) = (&schemas, &bases);
                scope.spawn(move || {
                    let seeds = (first..RECORDS).step_by(usize::try_from(threads).unwrap());
                    seeds
                        .map(|seed| compare(seed, bases, schemas))
                        .fold(Outcome::default(), Outcome::and)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .fold(Outcome::default(), Outcome::and)
    });
    println!("{outcomes:?}");
    assert!(outcomes.accepted + outcomes.refused >= COMPARED, "{outcomes:?}");
    // Neither verdict is rare, so both are put to the test.
    assert!(
        outcomes.accepted > COMPARED / 5 && outcomes.refused > COMPARED / 5,
        "{outcomes:?}"
    );
    // What is listed is needed, else it would hide something one day.
    for known in STRICTER {
        assert!(
            outcomes.stricter.contains(known.rule),
            "{} was never needed ({})",
            known.rule,
            known.reason
        );
    }
}

#[test]
fn the_schemas_that_we_publish_ourselves_take_what_we_take() {
    let Some(vectors) = vectors::root() else { return };
    let names = [
        ("ClrCredential", CredentialKind::Clr),
        ("AchievementCredential", CredentialKind::Achievement),
        ("EndorsementCredential", CredentialKind::Endorsement),
    ];
    let schemas = names.map(|(name, kind)| (kind, own_schema(name)));
    let profile_schema = own_schema("Profile");
    let bases = bases(&vectors);
    let mut taken = [0, 0];
    for seed in 0..4_000 {
        let random = &mut StdRng::seed_from_u64(seed);
        let Base { name, document, places } = &bases[usize::try_from(seed).unwrap() % bases.len()];
        let mut document = document.clone();
        let mutations = mutate(&mut document, places, random);
        let (schema, errors) = if *name == "Profile" {
            (Some(&profile_schema), validate_profile(&document).errors)
        } else {
            let kind = CredentialKind::of(&document);
            let schema = schemas.iter().find(|(known, _)| *known == kind);
            (schema.map(|(_, schema)| schema), validate(&document).errors)
        };
        let Some(schema) = schema.filter(|_| errors.is_empty()) else {
            continue;
        };
        taken[usize::from(*name == "Profile")] += 1;
        let faults = faults(schema, &document);
        assert!(
            faults.is_empty(),
            "seed {seed} ({name})\nmutations: {mutations:#?}\n{faults:#?}"
        );
    }
    println!("taken: {} credentials, {} Profiles", taken[0], taken[1]);
    assert!(taken[0] > 500 && taken[1] > 50, "{taken:?}");
}

/// What a run has seen.
#[derive(Debug, Default)]
struct Outcome {
    accepted: u64,
    refused: u64,
    beyond: BTreeMap<&'static str, u64>,
    /// The rules by which we refused what the schemas accept.
    stricter: BTreeSet<&'static str>,
}

impl Outcome {
    fn and(mut self, other: Self) -> Self {
        self.accepted += other.accepted;
        self.refused += other.refused;
        for (reason, count) in other.beyond {
            *self.beyond.entry(reason).or_default() += count;
        }
        self.stricter.extend(other.stricter);
        self
    }
}

/// Alters a base by a seed, and holds the two verdicts against each other.
fn compare(seed: u64, bases: &[Base], schemas: &Schemas) -> Outcome {
    let random = &mut StdRng::seed_from_u64(seed);
    let Base { name, document, places } = &bases[usize::try_from(seed).unwrap() % bases.len()];
    let mut document = document.clone();
    let mutations = mutate(&mut document, places, random);
    let mut outcome = Outcome::default();
    let beyond = if *name == "Profile" {
        has_issuer_like_a_text(&document).then_some(ISSUER_LIKE_A_TEXT)
    } else {
        is_beyond_the_schemas(&document)
    };
    if let Some(reason) = beyond {
        outcome.beyond.insert(reason, 1);
        return outcome;
    }
    let accepted = if *name == "Profile" {
        schemas.profile(&document)
    } else {
        schemas.accept(&document)
    };
    let ours = match *name {
        "Profile" => validate_profile(&document).errors,
        _ => validate(&document).errors,
    };
    if let Some(how) = disagreement(accepted, &ours) {
        let published = if *name == "Profile" {
            schemas.profile_faults(&document)
        } else {
            schemas.faults(&document)
        };
        panic!(
            "seed {seed} ({name}): {how}\nmutations: {mutations:#?}\nschema: {}\nours: {ours:#?}",
            published.join("\n        ")
        );
    }
    if accepted {
        outcome.accepted = 1;
        outcome.stricter = ours.iter().map(|finding| finding.rule).collect();
    } else {
        outcome.refused = 1;
    }
    outcome
}

/// A right document, rich in properties, that is altered.
struct Base {
    name: &'static str,
    document: Value,
    /// JSON pointers of all its values.
    places: Vec<String>,
}

fn bases(vectors: &Path) -> Vec<Base> {
    let every = vectors::json(&vectors.join("generated/clr-ecdsa-p256-every-property/signed.json"));
    let mut transcript = vectors::fixture("transcript.json");
    // The capstone has levels, a status and two results: it shows as much as all courses together.
    let courses = transcript["credentialSubject"]["verifiableCredential"]
        .as_array_mut()
        .unwrap();
    *courses = vec![courses[5].take()];
    let capstone = courses[0].clone();
    let badge = vectors::json(&vectors.join("credentials/ob30/complete.json"));
    let issuer = badge["issuer"].clone();
    let endorsement = vectors::json(&vectors.join("credentials/ob30/endorsement-valid.json"));
    let simple = vectors::json(&vectors.join("credentials/clr20/simple.json"));
    let base = |(name, document)| {
        let errors = if name == "Profile" {
            validate_profile(&document).errors
        } else {
            validate(&document).errors
        };
        assert_eq!(errors, [], "{name}");
        let places = places(&document);
        Base { name, document, places }
    };
    [
        ("every property", every),
        ("transcript", transcript),
        ("capstone", capstone),
        ("badge", badge),
        ("endorsement", endorsement),
        ("simple record", simple),
        ("Profile", issuer),
    ]
    .map(base)
    .into()
}

/// All JSON documents among the published samples.
fn samples(vectors: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![
        vectors.join("credentials/clr20"),
        vectors.join("credentials/ob30"),
        vectors.join("generated"),
    ];
    folders.push(vectors.join("ldp-clr-v2p0"));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
