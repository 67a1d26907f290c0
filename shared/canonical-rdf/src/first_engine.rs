//! JSON-LD and RDFC-1.0 by the published crates `json-ld` and `rdf-canon`.

use std::{collections::HashMap, sync::LazyLock};

use json_ld::{
    BlankIdBuf, ExpandError, Iri, IriBuf, JsonLdProcessor, LoadError, Loader, LoadingResult, Options, RemoteDocument,
    ToRdf, ToRdfError,
    context_processing::{self, algorithm::Action},
    expansion,
    rdf_types::{self, LiteralType, generator},
    syntax::{IntoJsonWithContext, Parse, Print},
};
use oxrdf::{BlankNode, Dataset, GraphName, Literal, NamedNode, Quad, Subject, Term};
use rdf_canon::CanonicalizationOptions;
use serde_json::Value;

use crate::{Contexts, Error, Fault, HashAlgorithm, Located, locate};

/// Futures of `json-ld` nest as deep as the document; this is room for [`MAX_DEPTH`] levels of them in a debug build.
/// Only the pages that are touched are ever backed by memory.
const STACK_BYTES: usize = 512 << 20;

/// Levels of nesting in a document. The real ones stay below 20, `serde_json` stops at 128.
const MAX_DEPTH: usize = 128;

/// Calls of Hash N-Degree Quads in one document before it counts as hostile.
const MAX_N_DEGREE_CALLS: usize = 100_000;

pub(crate) fn canonicalize(document: &Value, contexts: &Contexts, hash: HashAlgorithm) -> Result<String, Error> {
    if depth(document) > MAX_DEPTH {
        return Err(Error::document(Fault::Bound("nesting")));
    }
    let unknown = locate::unknown_contexts(document, contexts);
    if !unknown.is_empty() {
        return Err(Error(unknown));
    }
    canonical_form(&dataset(document, contexts)?, hash)
}

fn canonical_form(dataset: &Dataset, hash: HashAlgorithm) -> Result<String, Error> {
    let options = CanonicalizationOptions {
        hndq_call_limit: Some(MAX_N_DEGREE_CALLS),
    };
    match hash {
        HashAlgorithm::Sha256 => rdf_canon::canonicalize_with::<sha2_0_10::Sha256>(dataset, &options),
        HashAlgorithm::Sha384 => rdf_canon::canonicalize_with::<sha2_0_10::Sha384>(dataset, &options),
    }
    .map_err(|error| match error {
        rdf_canon::CanonicalizationError::HndqCallLimitExceeded(_) => {
            Error::document(Fault::Bound("canonicalization work"))
        }
        other => Error::document(Fault::JsonLd(other.to_string())),
    })
}

fn dataset(document: &Value, contexts: &Contexts) -> Result<Dataset, Error> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || futures::executor::block_on(to_rdf(document, contexts)))
            .map_err(|error| Error::document(Fault::JsonLd(format!("no thread for the processor: {error}"))))?
            .join()
            .unwrap_or_else(|_| Err(Error::document(Fault::JsonLd("the processor panicked".into()))))
    })
}

async fn to_rdf(document: &Value, contexts: &Contexts) -> Result<Dataset, Error> {
    let (json, _) = json_ld::syntax::Value::parse_str(&document.to_string())
        .map_err(|error| Error::document(Fault::JsonLd(error.to_string())))?;
    let input = RemoteDocument::new(None, None, json);
    let mut rdf = match to_rdf_with(&input, contexts, Action::Reject).await {
        Ok(rdf) => rdf,
        // This error does not say which type it was: read on without it and look.
        Err(ExpandError::Expansion(expansion::Error::InvalidTypeValue)) => to_rdf_with(&input, contexts, Action::Keep)
            .await
            .map_err(|error| Error(vec![locate_error(document, &error)]))?,
        Err(error) => return Err(Error(vec![locate_error(document, &error)])),
    };
    let expanded = rdf
        .document()
        .iter()
        .map(|object| object.clone().into_json_with(&()).compact_print().to_string());
    let dropped: Vec<_> = expanded
        .flat_map(|object| dropped(&serde_json::from_str(&object).unwrap_or_default()))
        .collect();
    if !dropped.is_empty() {
        return Err(Error(
            dropped
                .into_iter()
                .map(|(name, fault)| locate::value(document, &name, fault))
                .collect(),
        ));
    }
    Ok(rdf.cloned_quads().map(to_oxrdf).collect())
}

async fn to_rdf_with(
    input: &RemoteDocument,
    contexts: &Contexts,
    invalid: Action,
) -> Result<ToRdf<(), generator::Blank>, ExpandError> {
    let expansion_policy = expansion::Policy {
        invalid,
        vocab: Action::Keep,
        allow_undefined: false,
    };
    let options = Options {
        expansion_policy,
        ..Options::default()
    };
    input
        .to_rdf_using(generator::Blank::new(), &ClosedSet(contexts), options)
        .await
        .map_err(|ToRdfError::Expand(error)| error)
}

/// The closed set as `json-ld` wants to see it.
struct ClosedSet<'a>(&'a Contexts);

impl Loader for ClosedSet<'_> {
    async fn load(&self, url: &Iri) -> LoadingResult<IriBuf> {
        /// Contexts in the JSON type of `json-ld`, parsed once.
        static PARSED: LazyLock<HashMap<&str, json_ld::syntax::Value>> = LazyLock::new(|| {
            let set = Contexts::with_w3c_examples();
            let parse = |text| json_ld::syntax::Value::parse_str(text).ok().map(|(value, _)| value);
            set.urls()
                .filter_map(|url| Some((url, parse(set.get(url)?)?)))
                .collect()
        });
        match PARSED.get(url.as_str()).filter(|_| self.0.get(url.as_str()).is_some()) {
            Some(context) => Ok(RemoteDocument::new(Some(url.to_owned()), None, context.clone())),
            None => Err(LoadError::new(
                url.to_owned(),
                std::io::Error::from(std::io::ErrorKind::NotFound),
            )),
        }
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
    let predicate = NamedNode::new_unchecked(p.as_str());
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
    Quad::new(subject, predicate, object, graph)
}

fn locate_error(document: &Value, error: &ExpandError) -> Located {
    match error {
        ExpandError::Expansion(expansion::Error::KeyExpansionFailed(key)) => {
            locate::key(document, key, Fault::UndefinedTerm)
        }
        ExpandError::Expansion(expansion::Error::ContextProcessing(error)) | ExpandError::ContextProcessing(error) => {
            locate_context_error(document, error)
        }
        other => Located {
            pointer: String::new(),
            fault: Fault::JsonLd(format!("{}: {other}", other.code())),
        },
    }
}

fn locate_context_error(document: &Value, error: &context_processing::Error) -> Located {
    match error {
        context_processing::Error::ContextLoadingFailed(error) => {
            locate::value(document, error.target.as_str(), Fault::UnknownContext)
        }
        other => Located {
            pointer: String::new(),
            fault: Fault::JsonLd(format!("{}: {other}", other.code())),
        },
    }
}

/// A name and the fault that it is.
type Dropped = (String, fn(String) -> Fault);

/// What stands in an expanded document as `@id` or `@type` and is no absolute IRI or blank node: `json-ld` drops it
/// without a word when it makes quads.
fn dropped(expanded: &Value) -> Vec<Dropped> {
    match expanded {
        Value::Array(items) => items.iter().flat_map(dropped).collect(),
        Value::Object(entries) if entries.get("@type").is_some_and(|datatype| datatype == "@json") => Vec::new(),
        Value::Object(entries) => entries
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("@id", Value::String(id)) if !is_absolute(id) => vec![(id.clone(), Fault::RelativeIri as _)],
                ("@type", Value::String(term)) if !is_absolute(term) => vec![(term.clone(), Fault::UndefinedTerm as _)],
                ("@type", Value::Array(types)) => {
                    let relative = types.iter().filter_map(Value::as_str).filter(|id| !is_absolute(id));
                    relative
                        .map(|term| (term.to_owned(), Fault::UndefinedTerm as _))
                        .collect()
                }
                _ => dropped(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_absolute(id: &str) -> bool {
    id.starts_with("_:") || Iri::new(id).is_ok()
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
