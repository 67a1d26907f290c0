//! JSON-LD contexts of credentials: which ones, in which order (digest section 4).

use serde_json::{Map, Value};

use crate::kind::CredentialKind;

pub(crate) const VC_V1: &str = "https://www.w3.org/2018/credentials/v1";
pub(crate) const VC_V2: &str = "https://www.w3.org/ns/credentials/v2";
pub(crate) const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
pub(crate) const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
/// Either defines Data Integrity proofs in credentials of VC 1.1, the current one first.
pub(crate) const DATA_INTEGRITY: [&str; 2] = [
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/data-integrity/v1",
];
pub(crate) const EXTENSIONS: &str = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";

/// A context that credentials of some kind must have at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Required {
    Vc,
    Clr,
    Ob,
}

impl Required {
    /// The contexts a credential must start with.
    pub(crate) fn of(kind: CredentialKind) -> &'static [Self] {
        match kind {
            CredentialKind::Clr => &[Self::Vc, Self::Clr, Self::Ob],
            CredentialKind::Achievement | CredentialKind::Endorsement => &[Self::Vc, Self::Ob],
            CredentialKind::Other => &[Self::Vc],
        }
    }

    /// The current one.
    pub(crate) fn current(self) -> &'static str {
        match self {
            Self::Vc => VC_V2,
            Self::Clr => CLR,
            Self::Ob => OB,
        }
    }

    /// Whether this is the context, in any version.
    pub(crate) fn matches(self, url: &str) -> bool {
        match self {
            Self::Vc => url == VC_V1 || url == VC_V2,
            Self::Clr => is_version_of(url, "https://purl.imsglobal.org/spec/clr/v2p0/context", b'2'),
            Self::Ob => is_version_of(url, "https://purl.imsglobal.org/spec/ob/v3p0/context", b'3'),
        }
    }
}

/// `{stem}.json`, or `{stem}-{major}.d.d.json`.
fn is_version_of(url: &str, stem: &str, major: u8) -> bool {
    let Some(version) = url.strip_prefix(stem).and_then(|rest| rest.strip_suffix(".json")) else {
        return false;
    };
    match version.as_bytes() {
        [] => true,
        [b'-', first, b'.', minor, b'.', patch] => *first == major && minor.is_ascii_digit() && patch.is_ascii_digit(),
        _ => false,
    }
}

/// Puts the contexts of a credential in the standard's order: the current ones of its kind, the extensions, then what the registrar
/// added, inline objects included, in the order in which they stood. An old version of a 1EdTech context gives way to the current one.
///
/// A credential of VC 1.1 is left as it is.
pub(crate) fn put_in_order(credential: &mut Map<String, Value>, kind: CredentialKind) {
    let written = match credential.get("@context") {
        None => Vec::new(),
        Some(Value::Array(contexts)) => contexts.clone(),
        Some(single) => vec![single.clone()],
    };
    if written.iter().any(|context| context == VC_V1) {
        return;
    }
    let mut ordered: Vec<Value> = Required::of(kind)
        .iter()
        .map(|required| required.current().into())
        .collect();
    if kind != CredentialKind::Other {
        ordered.push(EXTENSIONS.into());
    }
    for context in written.into_iter().map(current_version) {
        if !ordered.contains(&context) {
            ordered.push(context);
        }
    }
    if let Some(contexts) = credential.get_mut("@context") {
        *contexts = ordered.into();
    } else {
        credential.shift_insert(0, "@context".to_owned(), ordered.into());
    }
}

/// The current version of a 1EdTech context; anything else as it is.
fn current_version(context: Value) -> Value {
    let url = context.as_str().unwrap_or_default();
    [Required::Clr, Required::Ob]
        .into_iter()
        .find(|required| required.matches(url))
        .map_or(context, |required| required.current().into())
}
