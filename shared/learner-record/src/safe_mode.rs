//! What must be right before a record is signed, JSON-LD included: a claim that it would silently drop is a claim that nobody signed.

use canonical_rdf::{Contexts, Fault, Located};
use serde_json::Value;

use crate::{
    CredentialKind, Finding, Validation,
    contexts::VC_V2,
    has_proof,
    model::{Edition, classes},
    nested_credentials,
    pointer::is_at_or_below,
    suggest::nearest,
    validate::validate,
};

/// All that must be right before a record is signed: it is a ClrCredential of VC 2.0 without proof, and [`validate`] and
/// [`check_safe_mode`] find nothing. What would be told twice is told once; of a document of another kind no more is told.
#[must_use]
pub fn check_before_signing(record: &Value, contexts: &Contexts) -> Validation {
    let mut validation = Validation::default();
    if CredentialKind::of(record) != CredentialKind::Clr {
        validation.error(
            "/type",
            "credential-type",
            "a ClrCredential is expected: \"type\" must contain \"ClrCredential\"",
        );
        return validation;
    }
    if Edition::of(record) == Edition::V1_1 {
        let message = format!("credentials of VC 1.1 are verified, not issued: the first context must be {VC_V2}");
        validation.error("/@context/0", "vc-version", message);
        return validation;
    }
    validation = validate(record);
    if has_proof(record) {
        validation.error(
            "/proof",
            "already-signed",
            "the record is signed already: send it without \"proof\"",
        );
    }
    let told: Vec<String> = validation
        .errors
        .iter()
        .filter(|error| matches!(error.rule, "uri" | "value-type" | "language-map" | "unknown-property"))
        .map(|error| error.pointer.clone())
        .collect();
    let unsafe_places = check_safe_mode(record, contexts);
    validation.errors.extend(
        unsafe_places
            .into_iter()
            .filter(|found| !told.iter().any(|place| is_at_or_below(&found.pointer, place))),
    );
    validation
}

/// Every place of a record that is not safe JSON-LD: undefined terms, unknown contexts, relative IRIs. Each nested credential without
/// proof is read alone as well, because that is how it will be signed.
#[must_use]
pub fn check_safe_mode(record: &Value, contexts: &Contexts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = canonical_rdf::check(record, contexts)
        .into_iter()
        .map(Finding::from)
        .collect();
    for (pointer, nested) in nested_credentials(record) {
        if has_proof(nested) {
            continue;
        }
        for fault in canonical_rdf::check(nested, contexts) {
            let mut finding = Finding::from(fault);
            finding.pointer.insert_str(0, &pointer);
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

impl From<Located> for Finding {
    fn from(Located { pointer, fault }: Located) -> Self {
        let rule = match &fault {
            Fault::UnknownContext(_) => "unknown-context",
            Fault::UndefinedTerm(_) => "undefined-term",
            Fault::RelativeIri(_) => "relative-iri",
            Fault::Bound(_) => "bound",
            _ => "json-ld",
        };
        let hint = match &fault {
            Fault::UndefinedTerm(term) => hint(term, &pointer),
            _ => String::new(),
        };
        Self {
            pointer,
            rule,
            message: format!("{fault}{hint}"),
        }
    }
}

/// What the author of an undefined term may have meant.
fn hint(term: &str, pointer: &str) -> String {
    let member = pointer.rsplit('/').find(|token| token.parse::<usize>().is_err());
    let known: Vec<&str> = if member == Some("type") {
        classes::ALL.iter().flat_map(|class| class.type_names()).collect()
    } else {
        classes::ALL
            .iter()
            .flat_map(|class| class.properties)
            .map(|property| property.name)
            .collect()
    };
    if known.contains(&term) {
        ": it is known, but not to the contexts and the type of this object".to_owned()
    } else {
        nearest(term, known)
            .map(|meant| format!(": did you mean {meant:?}?"))
            .unwrap_or_default()
    }
}
