//! What must be right before a record is signed, JSON-LD included: a claim that it would silently drop is a claim that nobody signed.

use canonical_rdf::{Contexts, Fault, Located};
use serde_json::Value;

use crate::{
    Clause, CredentialKind, Finding, Validation,
    contexts::{VC_V1, VC_V2},
    embedded::{Embedded, unsigned_inside},
    has_proof,
    model::{Edition, classes},
    pointer::is_at_or_below,
    related_resource::check_related_resources,
    suggest::nearest,
    validate::{quoted, rules::IMAGE_SIZE, validate},
};

/// All that must be right before a credential is signed: it has no proof, [`validate`] and [`check_safe_mode`] find
/// nothing, and the digests of related resources are right where that is known.
/// Credentials of CLR and Open Badges are of VC 2.0; those of other types may be of VC 1.1. What would be told twice is told once.
///
/// What is only odd in a credential of others and must not be in one of ours, pictures beyond [`MAX_IMAGE_BYTES`](crate::MAX_IMAGE_BYTES),
/// is an error here.
#[must_use]
pub fn check_before_signing(record: &Value, contexts: &Contexts) -> Validation {
    let kind = CredentialKind::of(record);
    if kind != CredentialKind::Other && Edition::of(record) == Edition::V1_1 {
        let message = format!(
            "{} was found, which is VC 1.1: credentials of CLR and Open Badges are verified in it, but issued only in VC 2.0, so the first context must be {VC_V2}",
            quoted(VC_V1)
        );
        let finding = Finding::new("/@context/0", "vc-version", message).by(Clause::Vc("contexts"));
        return Validation {
            errors: vec![finding],
            warnings: Vec::new(),
        };
    }
    let mut validation = validate(record);
    let (refused, odd) = std::mem::take(&mut validation.warnings)
        .into_iter()
        .partition(|warning| warning.rule == IMAGE_SIZE);
    validation.warnings = odd;
    // It is about to be signed.
    validation
        .warnings
        .retain(|warning| warning.rule != "unsigned-endorsement");
    check_related_resources(record, &mut validation.errors);
    validation.errors.extend::<Vec<Finding>>(refused);
    if has_proof(record) {
        let message = "a record without \"proof\" is expected, this one is signed already";
        validation
            .errors
            .push(Finding::new("/proof", "already-signed", message));
    }
    let told: Vec<String> = validation
        .errors
        .iter()
        .filter(|error| matches!(error.rule, "uri" | "value-type" | "language-map" | "unknown-property"))
        .map(|error| error.pointer.clone())
        .collect();
    // Without its type, an object's members mean nothing: that is told once, not of each member.
    let without_type: Vec<String> = validation
        .errors
        .iter()
        .filter(|error| error.rule == "class-type")
        .filter_map(|error| error.pointer.strip_suffix("/type").map(str::to_owned))
        .collect();
    let is_told = |found: &Finding| {
        told.iter().any(|place| is_at_or_below(&found.pointer, place))
            || without_type
                .iter()
                .any(|object| found.rule == "undefined-term" && follows_from_type(&found.pointer, object))
    };
    let unsafe_places = check_safe_mode(record, contexts);
    validation
        .errors
        .extend(unsafe_places.into_iter().filter(|found| !is_told(found)));
    validation
}

/// Whether a term at this place is undefined because the object around it has the wrong type: it is one of the types, or a
/// property that some class has.
fn follows_from_type(pointer: &str, object: &str) -> bool {
    pointer
        .strip_prefix(object)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|member| {
            member == "type" || member.starts_with("type/") || properties().any(|known| known == member)
        })
}

/// The names of all properties of all classes.
fn properties() -> impl Iterator<Item = &'static str> {
    classes::ALL
        .iter()
        .flat_map(|class| class.properties)
        .map(|property| property.name)
}

/// Every place of a record that is not safe JSON-LD: undefined terms, unknown contexts, relative IRIs. Each credential inside it
/// without proof is read alone as well, because that is how it will be signed.
#[must_use]
pub fn check_safe_mode(record: &Value, contexts: &Contexts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = canonical_rdf::check(record, contexts)
        .into_iter()
        .map(Finding::from)
        .collect();
    for Embedded { pointer, .. } in unsigned_inside(record) {
        let Some(nested) = record.pointer(&pointer) else {
            continue;
        };
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
        let (rule, clause) = match &fault {
            Fault::UnknownContext(_) => ("unknown-context", Some("contexts")),
            Fault::UndefinedTerm(_) => ("undefined-term", Some("contexts")),
            Fault::RelativeIri(_) => ("relative-iri", Some("identifiers")),
            Fault::Bound(_) => ("bound", None),
            _ => ("json-ld", Some("syntaxes")),
        };
        let hint = match &fault {
            Fault::UndefinedTerm(term) => hint(term, &pointer),
            Fault::UnknownContext(_) => ": only contexts that come with this service are known".to_owned(),
            _ => String::new(),
        };
        Self {
            pointer,
            rule,
            message: format!("{fault}{hint}"),
            clause: clause.map(Clause::Vc),
        }
    }
}

/// What the author of an undefined term may have meant.
fn hint(term: &str, pointer: &str) -> String {
    let member = pointer.rsplit('/').find(|token| token.parse::<usize>().is_err());
    let known: Vec<&str> = if member == Some("type") {
        classes::ALL.iter().flat_map(|class| class.type_names()).collect()
    } else {
        properties().collect()
    };
    if known.contains(&term) {
        ": it is known, but not under the contexts and the type of this object".to_owned()
    } else {
        nearest(term, known)
            .map(|meant| format!(": did you mean {meant:?}?"))
            .unwrap_or_default()
    }
}
