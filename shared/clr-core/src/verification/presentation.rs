//! A presentation: credentials, shown by their holder.
//!
//! <https://www.w3.org/TR/vc-data-model-2.0/#verifiable-presentations>, VC 1.1 alike. Its proof is for authentication, may be
//! bound to a challenge and a domain, and is made by the holder where one is named; or it is a JWT of the holder's, with the
//! claims `nonce` and `aud`. Each credential in it gets the verdict that it would get alone.

use std::sync::Arc;

use data_integrity::proofs_of;
use learner_record::{has_type, items};
use serde_json::Value;

use super::{
    Check, CheckName, CheckOutcome, Policy, Verdict, Verifier,
    jwt::{self, Jwt},
    subject::{Role, Securing, Subject, Tree},
};

/// A presentation, and what it must have been made for.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// The document: JSON, an `EnvelopedVerifiablePresentation`, or a string that is a compact JWS.
    pub document: Arc<Value>,
    /// Whether it must be signed. The credentials in it must be, either way.
    pub signed: bool,
    /// What the verifier gave the holder to sign, if anything.
    pub challenge: Option<String>,
    /// Whom the presentation is for, if that matters.
    pub domain: Option<String>,
}

impl Verifier<'_> {
    /// Judges a presentation and the credentials in it.
    pub async fn verify_presentation(&self, presentation: &Presentation) -> Verdict {
        let role = Role::Presentation {
            signed: presentation.signed,
        };
        let outer = match read(&presentation.document) {
            Ok(outer) => Subject { role, ..outer },
            Err(reason) => {
                let outer = Subject::outer(presentation.document.clone());
                let check = outer.check(CheckName::Proof, "", CheckOutcome::Failed, reason);
                return Verdict::new(self.policy, vec![check]);
            }
        };
        let mut checks = check_shape(&outer);
        if checks.is_empty() {
            let reason = "keeps the rules of presentations";
            checks.push(outer.check(CheckName::DataModel, "", CheckOutcome::Passed, reason));
            for (name, asked) in [
                (CheckName::Challenge, &presentation.challenge),
                (CheckName::Domain, &presentation.domain),
            ] {
                checks.extend(asked.as_deref().map(|asked| check_bound(&outer, name, asked)));
            }
        }
        let mut tree = Tree::default();
        tree.subjects.push(outer.clone());
        for (member, shown) in shown(outer.credential()) {
            grow(&mut tree, &outer, &member, shown, self.policy);
        }
        checks.append(&mut tree.checks);
        tree.checks = checks;
        self.judge_tree(tree).await
    }
}

/// The presentation itself: JSON, or the payload of a JWT.
fn read(document: &Arc<Value>) -> Result<Subject, String> {
    let text = match (&**document, jwt::in_envelope(document, &jwt::PRESENTATION_ENVELOPE)) {
        (Value::String(text), _) => text.as_str(),
        (_, Some(text)) => text?,
        _ => return Ok(Subject::outer(document.clone())),
    };
    let jwt = Jwt::read_presentation(text);
    jwt.map(Subject::outer_jwt)
        .map_err(|error| format!("is no presentation that can be read: {error}"))
}

/// Whoever shows the presentation, by their own word.
pub(super) fn holder(presentation: &Value) -> Option<&str> {
    match presentation.get("holder")? {
        Value::String(id) => Some(id),
        holder => holder.get("id")?.as_str(),
    }
}

fn shown(presentation: &Value) -> Vec<(String, &Value)> {
    match presentation.get("verifiableCredential") {
        None => Vec::new(),
        Some(shown) => items("/verifiableCredential".to_owned(), Some(shown)),
    }
}

/// Takes in a credential that is shown: an object with proofs, or a JWT in one of its wrappings.
fn grow(tree: &mut Tree, outer: &Subject, member: &str, shown: &Value, policy: Policy) {
    let with_endorsements = policy != Policy::ProofOnly;
    let text = match (jwt::in_envelope(shown, &jwt::CREDENTIAL_ENVELOPE), shown) {
        (Some(text), _) => text,
        (None, Value::String(text)) => Ok(text.as_str()),
        (None, _) => return tree.grow(outer.inside(member, Role::Presented), with_endorsements),
    };
    match text.and_then(|text| Jwt::read(text).map_err(|error| error.to_string())) {
        Ok(jwt) => {
            let subject = Subject {
                role: Role::Presented,
                ..outer.elsewhere(member, Subject::outer_jwt(jwt))
            };
            tree.grow(subject, with_endorsements);
        }
        Err(reason) => tree.refuse_as_proof(outer, member, reason),
    }
}

/// What every presentation has, of either version.
fn check_shape(outer: &Subject) -> Vec<Check> {
    let presentation = outer.credential();
    let mut checks = Vec::new();
    let mut fault = |member: &str, reason: &str| {
        checks.push(outer.check(CheckName::DataModel, member, CheckOutcome::Failed, reason));
    };
    if !presentation.is_object() {
        fault("", "a presentation is a JSON object");
        return checks;
    }
    let first = presentation
        .get("@context")
        .map(|context| items(String::new(), Some(context)));
    let first = first.and_then(|entries| entries.first()?.1.as_str());
    let is_vc_1_1 = first == Some("https://www.w3.org/2018/credentials/v1");
    if !is_vc_1_1 && first != Some("https://www.w3.org/ns/credentials/v2") {
        fault("/@context", "the first context is that of VC 2.0 or of VC 1.1");
    }
    if !has_type(presentation, "VerifiablePresentation") {
        fault("/type", "the type must contain \"VerifiablePresentation\"");
    }
    let is_uri = |value: &Value| value.as_str().is_some_and(|text| url::Url::parse(text).is_ok());
    if presentation.get("id").is_some_and(|id| !is_uri(id)) {
        fault("/id", "is not one absolute URI");
    }
    let is_holder = |holder: &Value| is_uri(holder) || holder.get("id").is_some_and(is_uri);
    if presentation.get("holder").is_some_and(|holder| !is_holder(holder)) {
        fault("/holder", "is neither a URI nor an object with one as its id");
    }
    for (member, shown) in shown(presentation) {
        // VC 1.1 has JWTs as they are, VC 2.0 in an EnvelopedVerifiableCredential.
        if !(shown.is_object() || is_vc_1_1 && shown.is_string()) {
            fault(&member, "is not a credential as a JSON object");
            break;
        }
    }
    checks
}

/// Whether every proof, or the JWT, is bound to what was asked for.
fn check_bound(outer: &Subject, name: CheckName, asked: &str) -> Check {
    let Securing::Jwt(jwt) = &outer.securing else {
        return check_member(outer, name, &name.to_string(), asked);
    };
    let claim = if name == CheckName::Challenge { "nonce" } else { "aud" };
    let bound = items(String::new(), jwt.claim(claim));
    if bound.iter().any(|(_, bound)| *bound == asked) {
        let reason = format!("was made for the {name} that was asked for");
        return outer.check(name, "", CheckOutcome::Passed, reason);
    }
    let reason = format!("the claim {claim:?} of the JWT does not name the {name} {asked:?}");
    outer.check(name, "", CheckOutcome::Failed, reason)
}

/// Whether a member of every proof is what was asked for, or has it.
pub(super) fn check_member(outer: &Subject, name: CheckName, member: &str, asked: &str) -> Check {
    let proofs = proofs_of(outer.credential());
    let is_bound = |proof: &&Value| {
        proof.get(member).is_some_and(|bound| {
            items(String::new(), Some(bound))
                .iter()
                .any(|(_, bound)| *bound == asked)
        })
    };
    let (outcome, reason) = if !proofs.is_empty() && proofs.iter().all(is_bound) {
        (
            CheckOutcome::Passed,
            format!("was made for the {member} that was asked for"),
        )
    } else {
        (CheckOutcome::Failed, format!("was not made for the {member} {asked:?}"))
    };
    outer.check(name, "/proof", outcome, reason)
}
