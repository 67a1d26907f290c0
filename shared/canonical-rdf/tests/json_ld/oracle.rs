//! Another implementation: the crate `json-ld`, told to be strict.

use canonical_rdf::{Contexts, Dataset, LiteralKind, Term};
use json_ld::{
    BlankIdBuf, Iri, IriBuf, JsonLdProcessor, LoadError, Loader, LoadingResult, Options, RemoteDocument,
    context_processing::algorithm::Action,
    expansion::Policy,
    rdf_types::{self, LiteralType, generator},
    syntax::{IntoJsonWithContext, Parse, Print},
};
use serde_json::Value;

/// Its futures nest as deep as the document, and take much room in a debug build.
const STACK_BYTES: usize = 512 << 20;

/// The statements of a document in safe mode.
pub(crate) fn to_rdf(document: &Value, contexts: &Contexts) -> Result<Dataset, String> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || futures::executor::block_on(interpret(document, contexts)))
            .unwrap()
            .join()
            .unwrap_or_else(|_| Err("the oracle panicked".into()))
    })
}

async fn interpret(document: &Value, contexts: &Contexts) -> Result<Dataset, String> {
    let (json, _) = json_ld::syntax::Value::parse_str(&document.to_string()).map_err(|error| error.to_string())?;
    let input = RemoteDocument::new(None, None, json);
    let expansion_policy = Policy {
        invalid: Action::Reject,
        vocab: Action::Keep,
        allow_undefined: false,
    };
    let options = Options {
        expansion_policy,
        ..Options::default()
    };
    let mut rdf = input
        .to_rdf_using(generator::Blank::new(), &ClosedSet(contexts), options)
        .await
        .map_err(|error| error.to_string())?;
    for object in rdf.document().iter() {
        let json = object.clone().into_json_with(&()).compact_print().to_string();
        refuse_relative(&serde_json::from_str(&json).unwrap())?;
    }
    let mut dataset = Dataset::new();
    for rdf_types::Quad(subject, predicate, object, graph) in rdf.cloned_quads() {
        let subject = node(&mut dataset, &subject);
        let predicate = node(&mut dataset, &predicate);
        let object = match &object {
            rdf_types::Term::Id(id) => node(&mut dataset, id),
            rdf_types::Term::Literal(literal) => {
                let kind = match &literal.type_ {
                    LiteralType::Any(datatype) => LiteralKind::Typed(datatype.as_str()),
                    LiteralType::LangString(tag) => LiteralKind::Tagged(tag.as_str()),
                };
                dataset.literal(&literal.value, kind).unwrap()
            }
        };
        let graph = graph.map(|graph| node(&mut dataset, &graph));
        dataset.push(subject, predicate, object, graph).unwrap();
    }
    Ok(dataset)
}

fn node(dataset: &mut Dataset, id: &rdf_types::Id<IriBuf, BlankIdBuf>) -> Term {
    match id {
        rdf_types::Id::Iri(iri) => dataset.iri(iri.as_str()).unwrap(),
        rdf_types::Id::Blank(blank) => dataset.labelled_blank(blank.suffix()).unwrap(),
    }
}

/// The closed set as `json-ld` wants to see it.
struct ClosedSet<'a>(&'a Contexts);

impl Loader for ClosedSet<'_> {
    async fn load(&self, url: &Iri) -> LoadingResult<IriBuf> {
        let context = self
            .0
            .get(url.as_str())
            .and_then(|text| json_ld::syntax::Value::parse_str(text).ok());
        match context {
            Some((context, _)) => Ok(RemoteDocument::new(Some(url.to_owned()), None, context)),
            None => Err(LoadError::new(
                url.to_owned(),
                std::io::Error::from(std::io::ErrorKind::NotFound),
            )),
        }
    }
}

/// Relative ids and types stay in its expanded form; it drops them when it makes statements.
fn refuse_relative(expanded: &Value) -> Result<(), String> {
    match expanded {
        Value::Array(items) => items.iter().try_for_each(refuse_relative),
        Value::Object(entries) if entries.get("@type").is_some_and(|datatype| datatype == "@json") => Ok(()),
        Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            let names = match (key.as_str(), value) {
                ("@id" | "@type", Value::String(name)) => vec![name.as_str()],
                ("@type", Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
                _ => return refuse_relative(value),
            };
            let relative = names
                .iter()
                .find(|name| !name.starts_with("_:") && Iri::new(name).is_err());
            relative.map_or(Ok(()), |name| Err(format!("{name} is relative")))
        }),
        _ => Ok(()),
    }
}
