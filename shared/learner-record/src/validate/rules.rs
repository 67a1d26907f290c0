//! Rules that the published schemas do not catch, each named by the class that it belongs to.

mod images;
mod results;

use serde_json::Value;

pub use self::images::MAX_IMAGE_BYTES;
pub(crate) use self::{
    images::{IMAGE_SIZE, image_data},
    results::{find_by_id, levels, required_level, result_links},
};
use super::{Object, Report, brief, formats, quoted};
use crate::{
    Clause,
    contexts::Required,
    kind::CredentialKind,
    pointer::{child, items, one_or_many},
};

/// The contexts stand in the standard's order (digest section 4).
pub(crate) fn context_order(credential: &Object<'_>, report: &mut Report) {
    let pointer = child(credential.pointer, "@context");
    let kind = CredentialKind::of(credential.value);
    let written = credential.value.get("@context");
    if written.is_none() {
        return;
    }
    let required = Required::of(kind);
    if kind != CredentialKind::Other && !written.is_some_and(Value::is_array) {
        let message = format!(
            "an array of contexts is expected, starting with {}",
            current_contexts(required)
        );
        return report.error(pointer, "context-order", message);
    }
    let written = one_or_many(written);
    for (index, required_here) in required.iter().enumerate() {
        let found = written.get(index);
        if !found
            .and_then(Value::as_str)
            .is_some_and(|url| required_here.matches(url))
        {
            let message = format!(
                "the contexts must start with {}; {} was found at position {}",
                current_contexts(required),
                found.map_or_else(|| "nothing".to_owned(), brief),
                index + 1
            );
            return report.error(pointer, "context-order", message);
        }
    }
    for (index, required_here) in required.iter().enumerate().skip(1) {
        if written[index] != required_here.current() {
            let message = format!(
                "{} is not the current version {}",
                brief(&written[index]),
                required_here.current()
            );
            report.warning(format!("{pointer}/{index}"), "context-version", message);
        }
    }
}

fn current_contexts(required: &[Required]) -> String {
    required
        .iter()
        .map(|required| required.current())
        .collect::<Vec<_>>()
        .join(", ")
}

/// `validUntil` does not lie before `validFrom`.
pub(crate) fn validity_period(credential: &Object<'_>, report: &mut Report) {
    for (from, until) in [("validFrom", "validUntil"), ("issuanceDate", "expirationDate")] {
        let instant = |member: &str| credential.value.get(member)?.as_str().and_then(formats::date_time);
        if let (Some(start), Some(end)) = (instant(from), instant(until))
            && end < start
        {
            let message = format!(
                "{} lies before {from:?}, so the credential is never valid: {until:?} must not be earlier",
                brief(&credential.value[until])
            );
            report.under(Clause::Vc("validity-period"), |report| {
                report.error(child(credential.pointer, until), "validity-period", message);
            });
        }
    }
}

/// One entry of `credentialSchema` is the schema of the class (digest section 3.5).
pub(crate) fn credential_schema(credential: &Object<'_>, report: &mut Report) {
    let Some(written) = credential.value.get("credentialSchema") else {
        return;
    };
    let kind = CredentialKind::of(credential.value);
    if !one_or_many(Some(written))
        .iter()
        .any(|entry| crate::schemas::names_schema_of(entry, kind))
    {
        let url = crate::schemas::schema_url(kind).unwrap_or_default();
        let message = format!(
            "none of the schemas is {url} with the type \"{}\"",
            crate::schemas::SCHEMA_TYPE
        );
        report.warning(
            child(credential.pointer, "credentialSchema"),
            "credential-schema",
            message,
        );
    }
}

/// The issuer of an achievement is written out: 1EdTech's validator refuses a bare id.
pub(crate) fn issuer_profile(credential: &Object<'_>, report: &mut Report) {
    if credential.value.get("issuer").is_some_and(Value::is_string) {
        let message = "validators expect the issuer's Profile here, not its id alone";
        report.warning(child(credential.pointer, "issuer"), "issuer-profile", message);
    }
}

/// The resources that a credential vouches for have ids of their own each.
pub(crate) fn related_resources(credential: &Object<'_>, report: &mut Report) {
    let resources = items(
        child(credential.pointer, "relatedResource"),
        credential.value.get("relatedResource"),
    );
    let mut seen: Vec<&str> = Vec::new();
    for (pointer, resource) in resources {
        let Some(id) = resource.get("id").and_then(Value::as_str) else {
            continue;
        };
        if seen.contains(&id) {
            let message = format!(
                "{} is the id of another related resource too: each needs its own",
                quoted(id)
            );
            report.under(Clause::Vc("integrity-of-related-resources"), |report| {
                report.error(child(&pointer, "id"), "related-resource-id", message);
            });
        }
        seen.push(id);
    }
}

/// A related resource has at least one digest.
pub(crate) fn related_digest(resource: &Object<'_>, report: &mut Report) {
    if resource.value.get("digestSRI").is_none() && resource.value.get("digestMultibase").is_none() {
        let message = "a related resource needs a \"digestSRI\" or a \"digestMultibase\", it has neither";
        report.error(resource.pointer, "related-resource-digest", message);
    }
}

/// A subject of W3C's rules is the subject of some claim.
pub(crate) fn some_claim(subject: &Object<'_>, report: &mut Report) {
    if subject.value.as_object().is_some_and(serde_json::Map::is_empty) {
        let message = "the subject needs at least one claim, an empty object was found";
        report.error(subject.pointer, "no-claim", message);
    }
}

/// A proof of a credential says that its issuer asserts it.
pub(crate) fn proof_purpose(proof: &Object<'_>, report: &mut Report) {
    if let Some(purpose) = proof
        .value
        .get("proofPurpose")
        .filter(|purpose| *purpose != "assertionMethod")
    {
        let message = format!("{} was found, the purpose must be \"assertionMethod\"", brief(purpose));
        report.warning(child(proof.pointer, "proofPurpose"), "proof-purpose", message);
    }
}

/// A subject has an `id` or an `identifier`.
pub(crate) fn subject_identity(subject: &Object<'_>, report: &mut Report) {
    if subject.value.get("id").is_none() && one_or_many(subject.value.get("identifier")).is_empty() {
        let message =
            "the subject needs an \"id\" or at least one \"identifier\", it has neither, so the record is about nobody";
        report.error(subject.pointer, "subject-identity", message);
    }
}

/// Associations join achievements of this record.
pub(crate) fn association_link(subject: &Object<'_>, report: &mut Report) {
    let id_of = |value: &'_ Value| value.get("id").and_then(Value::as_str).map(str::to_owned);
    let nested = one_or_many(subject.value.get("verifiableCredential"));
    let achievement_of = |credential: &Value| id_of(credential.get("credentialSubject")?.get("achievement")?);
    let achievements: Vec<String> = one_or_many(subject.value.get("achievement"))
        .iter()
        .filter_map(id_of)
        .chain(nested.iter().filter_map(achievement_of))
        .collect();
    if achievements.is_empty() {
        // What is missing has been told already.
        return;
    }
    for (pointer, association) in items(child(subject.pointer, "association"), subject.value.get("association")) {
        for end in ["sourceId", "targetId"] {
            let Some(id) = association.get(end).and_then(Value::as_str) else {
                continue;
            };
            if achievements.iter().any(|known| known == id) {
                continue;
            }
            let credential = nested
                .iter()
                .find(|credential| id_of(credential).is_some_and(|known| known == id));
            let found = match credential.map(achievement_of) {
                Some(Some(achievement)) => {
                    format!(
                        "is the id of a credential, the one of its achievement is expected: {}",
                        quoted(&achievement)
                    )
                }
                _ => "is not the id of an achievement in this record, which an association joins".to_owned(),
            };
            report.under(Clause::Clr("Association"), |report| {
                report.warning(
                    child(&pointer, end),
                    "association-link",
                    format!("{} {found}", quoted(id)),
                );
            });
        }
    }
}

/// No two credentials in a record share an `id`: in the signed graph they would be one.
pub(crate) fn duplicate_id(subject: &Object<'_>, report: &mut Report) {
    let mut seen: Vec<&str> = Vec::new();
    for (pointer, credential) in items(
        child(subject.pointer, "verifiableCredential"),
        subject.value.get("verifiableCredential"),
    ) {
        let Some(id) = credential.get("id").and_then(Value::as_str) else {
            continue;
        };
        if seen.contains(&id) {
            let message = format!("{} is the id of another credential of this record too", quoted(id));
            report.warning(child(&pointer, "id"), "duplicate-id", message);
        }
        seen.push(id);
    }
}

/// Criteria say something: an `id` or a `narrative`.
pub(crate) fn criteria_content(criteria: &Object<'_>, report: &mut Report) {
    if criteria.value.get("id").is_none() && criteria.value.get("narrative").is_none() {
        report.error(
            criteria.pointer,
            "criteria-content",
            "the criteria need a \"narrative\" or an \"id\", they have neither",
        );
    }
}

/// A hashed identity has the form of a hash (digest section 5.5).
pub(crate) fn identity_hash(identity: &Object<'_>, report: &mut Report) {
    let Some(hash) = identity.value.get("identityHash").and_then(Value::as_str) else {
        return;
    };
    let pointer = child(identity.pointer, "identityHash");
    match identity.value.get("hashed") {
        Some(Value::Bool(true)) if !formats::is_identity_hash(hash) => {
            // The value itself may be what should have been hidden.
            let message = "\"hashed\" is true, so \"sha256$\" and 64 hexadecimal digits are expected, something else was found: hash the value, or say false";
            report.error(pointer, "identity-hash", message);
        }
        Some(Value::Bool(true)) if hash.starts_with("md5$") => {
            report.warning(pointer, "identity-hash", "md5 hides nothing any more: hash with sha256");
        }
        Some(Value::Bool(false)) if formats::is_identity_hash(hash) => {
            report.warning(
                pointer,
                "identity-hash",
                "this looks like a hash, but \"hashed\" is false",
            );
        }
        _ => {}
    }
}
