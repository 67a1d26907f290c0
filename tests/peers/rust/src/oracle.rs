//! Crates `json-ld`, `rdf-canon` and `p256` 0.13, put together as ecdsa-rdfc-2019 asks.

use std::collections::HashMap;

use json_ld::{
    BlankIdBuf, Iri, IriBuf, JsonLdProcessor, LoadError, Loader, LoadingResult, Options, RemoteDocument,
    context_processing::algorithm::Action,
    expansion,
    rdf_types::{self, LiteralType, generator},
    syntax::Parse,
};
use oxrdf::{BlankNode, Dataset, GraphName, Literal, NamedNode, Quad, Subject, Term};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::hazmat::{PrehashSigner, PrehashVerifier},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Task;

pub fn sign(task: Task) -> Box<dyn FnMut()> {
    let (contexts, key) = (Contexts::new(&task), signing_key(&task.key));
    Box::new(move || {
        let mut document: Value = serde_json::from_str(&task.text).expect("JSON");
        let mut proof = json!({
            "@context": document["@context"],
            "type": "DataIntegrityProof",
            "cryptosuite": "ecdsa-rdfc-2019",
            "created": "2025-01-01T00:00:00Z",
            "verificationMethod": task.key["verificationMethod"],
            "proofPurpose": "assertionMethod",
        });
        let signature: Signature = key
            .sign_prehash(&contexts.hash_data(&document, &proof))
            .expect("a signature");
        let members = proof.as_object_mut().expect("an object");
        members.remove("@context");
        // Base58 of 64 bytes does not weigh anything here: hexadecimal stands in for it.
        members.insert("proofValue".into(), format!("{signature:X}").into());
        document["proof"] = proof;
    })
}

pub fn verify(task: Task) -> Box<dyn FnMut()> {
    let (contexts, key) = (Contexts::new(&task), VerifyingKey::from(&signing_key(&task.key)));
    Box::new(move || {
        let mut document: Value = serde_json::from_str(&task.text).expect("JSON");
        let mut proof = document
            .as_object_mut()
            .expect("an object")
            .remove("proof")
            .expect("a proof");
        if let Value::Array(proofs) = &mut proof {
            proof = proofs.remove(0);
        }
        let members = proof.as_object_mut().expect("an object");
        let value = members.remove("proofValue").expect("a value");
        members.insert("@context".into(), document["@context"].clone());
        let signature = Signature::from_slice(&base58(value.as_str().expect("text"))).expect("64 bytes");
        key.verify_prehash(&contexts.hash_data(&document, &proof), &signature)
            .expect("valid");
    })
}

fn signing_key(key: &Value) -> SigningKey {
    let digits = key["secretKeyHex"].as_str().expect("text");
    let bytes: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("digits"))
        .collect();
    SigningKey::from_slice(&bytes).expect("a scalar")
}

fn base58(multibase: &str) -> [u8; 64] {
    const ALPHABET: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0; 64];
    for character in multibase.strip_prefix('z').expect("base58btc").chars() {
        let mut carry = ALPHABET.find(character).expect("base58btc");
        for byte in bytes.iter_mut().rev() {
            carry += 58 * usize::from(*byte);
            *byte = (carry & 255) as u8;
            carry >>= 8;
        }
    }
    bytes
}

struct Contexts(HashMap<String, json_ld::syntax::Value>);

impl Contexts {
    fn new(task: &Task) -> Self {
        let parse = |text: String| json_ld::syntax::Value::parse_str(&text).expect("JSON").0;
        Self(
            task.contexts
                .iter()
                .map(|(url, context)| (url.clone(), parse(context.to_string())))
                .collect(),
        )
    }

    fn hash_data(&self, document: &Value, proof: &Value) -> [u8; 32] {
        let hash = |document| Sha256::digest(self.canonicalize(document));
        Sha256::digest([hash(proof), hash(document)].concat()).into()
    }

    fn canonicalize(&self, document: &Value) -> String {
        let dataset = futures::executor::block_on(self.to_rdf(document));
        rdf_canon::canonicalize_with::<Sha256>(
            &dataset,
            &rdf_canon::CanonicalizationOptions {
                hndq_call_limit: Some(1_000_000),
            },
        )
        .expect("canonicalizable")
    }

    /// In safe mode: what JSON-LD would drop is an error.
    async fn to_rdf(&self, document: &Value) -> Dataset {
        let (json, _) = json_ld::syntax::Value::parse_str(&document.to_string()).expect("JSON");
        let policy = expansion::Policy {
            invalid: Action::Reject,
            vocab: Action::Keep,
            allow_undefined: false,
        };
        let options = Options {
            expansion_policy: policy,
            ..Options::default()
        };
        let document = RemoteDocument::new(None, None, json);
        let mut rdf = document
            .to_rdf_using(generator::Blank::new(), self, options)
            .await
            .expect("JSON-LD");
        rdf.cloned_quads().map(to_oxrdf).collect()
    }
}

impl Loader for Contexts {
    async fn load(&self, url: &Iri) -> LoadingResult<IriBuf> {
        let Some(context) = self.0.get(url.as_str()) else {
            return Err(LoadError::new(
                url.to_owned(),
                std::io::Error::from(std::io::ErrorKind::NotFound),
            ));
        };
        Ok(RemoteDocument::new(Some(url.to_owned()), None, context.clone()))
    }
}

type JsonLdQuad = rdf_types::Quad<
    rdf_types::Id,
    rdf_types::Id,
    json_ld::rdf::Value<IriBuf, BlankIdBuf, rdf_types::Literal>,
    rdf_types::Id,
>;

fn to_oxrdf(rdf_types::Quad(s, p, o, g): JsonLdQuad) -> Quad {
    let iri = |iri: &IriBuf| NamedNode::new_unchecked(iri.as_str());
    let blank = |id: &BlankIdBuf| BlankNode::new_unchecked(id.suffix());
    let subject = match &s {
        rdf_types::Id::Iri(id) => Subject::NamedNode(iri(id)),
        rdf_types::Id::Blank(id) => Subject::BlankNode(blank(id)),
    };
    let object = match &o {
        rdf_types::Term::Id(rdf_types::Id::Iri(id)) => Term::NamedNode(iri(id)),
        rdf_types::Term::Id(rdf_types::Id::Blank(id)) => Term::BlankNode(blank(id)),
        rdf_types::Term::Literal(literal) => Term::Literal(match &literal.type_ {
            LiteralType::Any(datatype) => Literal::new_typed_literal(&literal.value, iri(datatype)),
            LiteralType::LangString(tag) => {
                Literal::new_language_tagged_literal_unchecked(&literal.value, tag.as_str())
            }
        }),
    };
    let graph = match &g {
        None => GraphName::DefaultGraph,
        Some(rdf_types::Id::Iri(id)) => GraphName::NamedNode(iri(id)),
        Some(rdf_types::Id::Blank(id)) => GraphName::BlankNode(blank(id)),
    };
    Quad::new(subject, NamedNode::new_unchecked(p.as_str()), object, graph)
}
