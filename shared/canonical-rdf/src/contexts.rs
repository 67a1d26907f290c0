//! The closed set of contexts, compiled in under their URLs.
//!
//! W3C's come from crate `ssi-contexts`, except those that it has only in an older text or not at all. Those and
//! 1EdTech's are in `contexts/`. To add one, add its line to [`STANDARD`].

use std::sync::{LazyLock, OnceLock};

use crate::{
    json::{Document, Json},
    json_ld::Kept,
};

/// A closed set of JSON-LD contexts, and what was made of them. Process-wide and shared: `&'static`.
#[derive(Debug)]
pub struct Contexts {
    /// Sorted by URL.
    entries: Box<[Entry]>,
    kept: Kept,
}

#[derive(Debug)]
struct Entry {
    url: &'static str,
    text: &'static str,
    /// Parsed when it is first asked for; none if it is not JSON.
    document: OnceLock<Option<&'static Document<'static>>>,
}

/// A local context of the set: the context of a document, or a scoped one within.
pub(crate) struct LocalContext {
    pub(crate) url: &'static str,
    pub(crate) json: Json<'static>,
    pub(crate) is_document: bool,
}

impl Contexts {
    /// W3C and 1EdTech contexts; see the crate's README for the list.
    #[must_use]
    pub fn standard() -> &'static Self {
        static SET: LazyLock<Contexts> = LazyLock::new(|| Contexts::new(STANDARD.iter().copied()));
        &SET
    }

    /// The standard set and `https://www.w3.org/ns/credentials/examples/v2`, which has `@vocab` and so switches safe
    /// mode off for terms: for test suites only.
    #[must_use]
    pub fn with_w3c_examples() -> &'static Self {
        static SET: LazyLock<Contexts> = LazyLock::new(|| Contexts::new(STANDARD.iter().chain(EXAMPLES).copied()));
        &SET
    }

    /// A set of your own: URLs and the JSON texts of their context documents. It is never freed: make it once.
    #[must_use]
    pub fn closed_set(entries: impl IntoIterator<Item = (String, String)>) -> &'static Self {
        let leak = |text: String| -> &'static str { text.leak() };
        Box::leak(Box::new(Self::new(
            entries.into_iter().map(|(url, text)| (leak(url), leak(text))),
        )))
    }

    fn new(entries: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let mut entries: Box<[_]> = entries
            .map(|(url, text)| Entry {
                url,
                text,
                document: OnceLock::new(),
            })
            .collect();
        entries.sort_unstable_by_key(|entry| entry.url);
        Self {
            entries,
            kept: Kept::new(),
        }
    }

    /// The JSON text of a context.
    #[must_use]
    pub fn get(&self, url: &str) -> Option<&'static str> {
        self.entry(url).map(|entry| entry.text)
    }

    /// All URLs, sorted.
    pub fn urls(&self) -> impl Iterator<Item = &'static str> {
        self.entries.iter().map(|entry| entry.url)
    }

    pub(crate) fn document(&self, url: &str) -> Option<&'static Document<'static>> {
        let entry = self.entry(url)?;
        *entry.document.get_or_init(|| {
            let document = Document::parse(entry.text.as_bytes()).ok()?;
            // One leak for each context of a set that is itself never freed.
            Some(Box::leak(Box::new(document)))
        })
    }

    /// The local context at an address, if it belongs to this set.
    pub(crate) fn local_context(&self, address: usize) -> Option<LocalContext> {
        self.entries.iter().find_map(|entry| {
            let document = entry.document.get().copied().flatten()?;
            let json = document.at_address(address)?;
            let context = document.root().entry("@context")?;
            Some(LocalContext {
                url: entry.url,
                json,
                is_document: context.address() == address,
            })
        })
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    fn entry(&self, url: &str) -> Option<&Entry> {
        let index = self.entries.binary_search_by_key(&url, |entry| entry.url).ok()?;
        Some(&self.entries[index])
    }
}

const OB_3_0_0: &str = include_str!("../contexts/ob-v3p0-context.json");

const STANDARD: &[(&str, &str)] = &[
    (
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        include_str!("../contexts/clr-v2p0-context-2.0.1.json"),
    ),
    (
        "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
        include_str!("../contexts/clr-v2p0-context.json"),
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
        include_str!("../contexts/ob-v3p0-context-3.0.1.json"),
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
        include_str!("../contexts/ob-v3p0-context-3.0.2.json"),
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        include_str!("../contexts/ob-v3p0-context-3.0.3.json"),
    ),
    ("https://purl.imsglobal.org/spec/ob/v3p0/context.json", OB_3_0_0),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context/ob_v3p0.jsonld",
        OB_3_0_0,
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        include_str!("../contexts/ob-v3p0-extensions.json"),
    ),
    (
        "https://w3id.org/security/data-integrity/v1",
        ssi_contexts::W3ID_DATA_INTEGRITY_V1,
    ),
    (
        "https://w3id.org/security/data-integrity/v2",
        ssi_contexts::W3ID_DATA_INTEGRITY_V2,
    ),
    (
        "https://w3id.org/security/multikey/v1",
        include_str!("../contexts/multikey-v1.jsonld"),
    ),
    (
        "https://w3id.org/security/suites/ed25519-2020/v1",
        ssi_contexts::W3ID_ED2020_V1,
    ),
    (
        "https://w3id.org/security/suites/jws-2020/v1",
        ssi_contexts::W3ID_JWS2020_V1,
    ),
    (
        "https://w3id.org/vc/status-list/2021/v1",
        ssi_contexts::STATUS_LIST_2021_V1,
    ),
    ("https://www.w3.org/2018/credentials/v1", ssi_contexts::CREDENTIALS_V1),
    (
        "https://www.w3.org/ns/credentials/status/v1",
        include_str!("../contexts/bitstring-status-list-v1.jsonld"),
    ),
    ("https://www.w3.org/ns/credentials/v2", ssi_contexts::CREDENTIALS_V2),
    ("https://www.w3.org/ns/did/v1", ssi_contexts::DID_V1),
];

const EXAMPLES: &[(&str, &str)] = &[(
    "https://www.w3.org/ns/credentials/examples/v2",
    ssi_contexts::CREDENTIALS_EXAMPLES_V2,
)];

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::vectors;

    #[test]
    fn each_entry_is_found_under_its_url() {
        for (url, text) in STANDARD {
            assert_eq!(Contexts::standard().get(url), Some(*text));
        }
    }

    #[test]
    fn the_examples_context_is_only_in_the_set_for_test_suites() {
        let url = "https://www.w3.org/ns/credentials/examples/v2";
        assert!(Contexts::standard().get(url).is_none());
        assert!(Contexts::with_w3c_examples().get(url).is_some());
        assert!(Contexts::with_w3c_examples().urls().is_sorted());
        assert_eq!(
            Contexts::with_w3c_examples().urls().count(),
            Contexts::standard().urls().count() + 1
        );
    }

    #[test]
    fn each_context_has_the_json_value_of_its_publisher() {
        let Some(vectors) = vectors::root() else { return };
        let map: Value = vectors::json(&vectors.join("contexts/url-map.json"));
        let map = map.as_object().unwrap();
        assert!(Contexts::with_w3c_examples().urls().eq(map.keys().map(String::as_str)));
        for (url, file) in map {
            let ours: Value = serde_json::from_str(Contexts::with_w3c_examples().get(url).unwrap()).unwrap();
            let published = vectors::json(&vectors.join("contexts").join(file.as_str().unwrap()));
            assert!(ours == published, "{url}");
        }
    }
}
