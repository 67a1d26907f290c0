//! `relatedResource`: a digest that the issuer vouches for must be that of the resource. Nothing is fetched: what is judged
//! are resources whose bytes never change and whose SHA-256 W3C publishes; of others a digest must only be one.
//!
//! <https://www.w3.org/TR/vc-data-model-2.0/#integrity-of-related-resources>

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use crate::{
    Clause, Finding,
    pointer::{child, items},
};

const CLAUSE: Clause = Clause::Vc("integrity-of-related-resources");

/// Contexts, the hexadecimal SHA-256 of their documents (appendix B.1 of the data models, Data Integrity section 2.4), and the
/// SHA-384 of those whose very bytes were at hand.
const PUBLISHED: [(&str, &str, Option<&str>); 4] = [
    (
        "https://www.w3.org/2018/credentials/v1",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
        Some("82c3b3eab863754bbfd2b9f17d8d6db9f61169f301cbf0b05e1fc4beb5f5c51dd4d2e888c274f49c3fbb2408f61faed1"),
    ),
    (
        "https://www.w3.org/ns/credentials/v2",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        Some("97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614"),
    ),
    (
        "https://w3id.org/security/data-integrity/v2",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
        None,
    ),
    (
        "https://w3id.org/security/multikey/v1",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
        None,
    ),
];

/// Digests that are none, and digests that are not those of their resource.
pub(crate) fn check_related_resources(credential: &Value, found: &mut Vec<Finding>) {
    for (pointer, resource) in items("/relatedResource".to_owned(), credential.get("relatedResource")) {
        let published = PUBLISHED.iter().find(|(url, ..)| resource["id"] == *url);
        for (name, read) in [("digestSRI", read_sri as Read), ("digestMultibase", read_multibase)] {
            let Some(written) = resource.get(name).and_then(Value::as_str) else {
                continue;
            };
            let fault = match (read(written), published) {
                (None, _) => format!("{written:?} is not a {name}"),
                (Some(Digest::Sha384(digest)), Some((.., Some(sha384)))) if hexadecimal(&digest) != *sha384 => {
                    format!("the digest is not that of the resource, whose SHA-384 is {sha384}")
                }
                (Some(Digest::Sha256(digest)), Some((_, sha256, _))) if hexadecimal(&digest) != *sha256 => {
                    format!("the digest is not that of the resource, whose SHA-256 is {sha256}")
                }
                _ => continue,
            };
            found.push(Finding::new(child(&pointer, name), "related-resource", fault).by(CLAUSE));
        }
    }
}

type Read = fn(&str) -> Option<Digest>;

enum Digest {
    Sha256(Vec<u8>),
    Sha384(Vec<u8>),
    Sha512,
}

/// `sha256-`, `sha384-` or `sha512-` and base64. What is no base64 of the right length matches nothing; it is not refused,
/// because W3C's own examples have it.
fn read_sri(text: &str) -> Option<Digest> {
    let (algorithm, encoded) = text.split_once('-')?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if encoded.is_empty() || !encoded.bytes().all(allowed) {
        return None;
    }
    match algorithm {
        "sha256" => Some(Digest::Sha256(STANDARD.decode(encoded).unwrap_or_default())),
        "sha384" => Some(Digest::Sha384(STANDARD.decode(encoded).unwrap_or_default())),
        "sha512" => Some(Digest::Sha512),
        _ => None,
    }
}

/// A multihash, base64url (`u`) or base58 (`z`). A digest without the header of a multihash is taken too, as in the examples of
/// the data model.
fn read_multibase(text: &str) -> Option<Digest> {
    let multihash = match (text.get(..1)?, text.get(1..)?) {
        ("u", encoded) => URL_SAFE_NO_PAD.decode(encoded).ok()?,
        ("z", encoded) => bs58::decode(encoded).into_vec().ok()?,
        _ => return None,
    };
    match multihash.as_slice() {
        digest if digest.len() == 32 => Some(Digest::Sha256(digest.to_vec())),
        digest if digest.len() == 48 => Some(Digest::Sha384(digest.to_vec())),
        digest if digest.len() == 64 => Some(Digest::Sha512),
        [0x12, 32, digest @ ..] if digest.len() == 32 => Some(Digest::Sha256(digest.to_vec())),
        [0x20, 48, digest @ ..] if digest.len() == 48 => Some(Digest::Sha384(digest.to_vec())),
        [0x13, 64, digest @ ..] if digest.len() == 64 => Some(Digest::Sha512),
        _ => None,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
    const SHA256: [u8; 32] = [
        0x59, 0x95, 0x5c, 0xed, 0x66, 0x97, 0xd6, 0x1e, 0x03, 0xf2, 0xb2, 0x55, 0x6f, 0xeb, 0xe5, 0x30, 0x8a, 0xb1,
        0x68, 0x42, 0x84, 0x6f, 0x5b, 0x58, 0x6d, 0x7f, 0x1f, 0x7a, 0xde, 0xc9, 0x27, 0x34,
    ];

    fn places(resource: Value) -> Vec<String> {
        let mut found = Vec::new();
        check_related_resources(&json!({"relatedResource": [resource]}), &mut found);
        found.into_iter().map(|finding| finding.pointer).collect()
    }

    fn multibase(digest: &[u8]) -> String {
        format!("u{}", URL_SAFE_NO_PAD.encode([&[0x12, 32], digest].concat()))
    }

    #[test]
    fn a_right_digest_is_right_in_every_encoding() {
        let sri = format!("sha256-{}", STANDARD.encode(SHA256));
        let base58 = format!("z{}", bs58::encode([&[0x12, 32][..], &SHA256].concat()).into_string());
        let resource = json!({"id": CONTEXT, "digestSRI": sri, "digestMultibase": multibase(&SHA256)});
        assert_eq!(places(resource), [""; 0]);
        assert_eq!(places(json!({"id": CONTEXT, "digestMultibase": base58})), [""; 0]);
        let bare = format!("u{}", URL_SAFE_NO_PAD.encode(SHA256));
        assert_eq!(places(json!({"id": CONTEXT, "digestMultibase": bare})), [""; 0]);
    }

    #[test]
    fn another_digest_of_a_published_resource_is_refused() {
        let sri = format!("sha256-{}", STANDARD.encode([7; 32]));
        let found = places(json!({"id": CONTEXT, "digestSRI": sri, "digestMultibase": multibase(&[7; 32])}));
        assert_eq!(
            found,
            ["/relatedResource/0/digestSRI", "/relatedResource/0/digestMultibase"]
        );
    }

    #[test]
    fn a_text_that_is_no_digest_is_refused_whatever_the_resource() {
        let resource =
            json!({"id": "https://a.example/b", "digestSRI": "md5-AA==", "digestMultibase": "uZTQ0MjM1NiAgcmVwb3J0cw"});
        assert_eq!(places(resource).len(), 2);
    }

    #[test]
    fn a_resource_that_is_not_at_hand_is_not_judged() {
        let resource = json!({"id": "https://a.example/b", "digestMultibase": multibase(&[7; 32])});
        assert_eq!(places(resource), [""; 0]);
    }
}
