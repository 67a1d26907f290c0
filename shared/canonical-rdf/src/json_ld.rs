//! JSON-LD 1.1 documents to RDF, <https://www.w3.org/TR/json-ld11-api/>.
//!
//! The algorithms stand under their names in the specification: [`context_processing`] (4.1), [`create_term_definition`]
//! (4.2), IRI expansion in [`context`] (5.2), [`expansion`] (5.1) with [`node_object`] and [`maps`], [`value_expansion`]
//! (5.3). Deserialization to RDF (8.1) needs no expanded document here: expansion emits statements as it goes, by
//! [`object_conversion`] (8.2) and [`list_conversion`] (8.3), and what node map generation (7.2) merges, a set of
//! statements merges by itself.
//!
//! Whatever is dropped on the way is recorded with its place: an undefined term, a relative IRI, a value without a
//! node. In *safe mode* that makes the document an error.

mod context;
mod context_processing;
mod create_term_definition;
mod expanded_term_definition;
mod expansion;
mod jcs;
mod kept;
mod keyword;
mod list_conversion;
mod maps;
mod node_object;
mod number;
mod object_conversion;
mod scan;
#[cfg(test)]
mod tests;
mod value_expansion;

use std::sync::Arc;

use hashbrown::HashMap;

use self::{
    context::Context,
    context_processing::{ContextFault, Flags, Processor, resolve_url},
    expansion::{Object, Place, Property, PropertyName},
    kept::Key,
};
use crate::{
    Contexts, Dataset, Error, Fault, Located, Term, iri,
    json::{Document, Json, View},
};

pub use self::context_processing::{MAX_CONTEXT_CHAIN, MAX_CONTEXT_IRI, MAX_TERMS};
pub(crate) use self::kept::Kept;

/// The most faults that are told: a document with more is wrong as a whole, and each takes a search for its place.
pub const MAX_FAULTS: usize = 100;

/// How a document is read. The default has what the specification has; signatures need [`ToRdfOptions::for_signatures`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ToRdfOptions<'o> {
    /// The base IRI. Without one, relative IRIs are dropped, which is an error in safe mode.
    pub base: Option<&'o str>,
    /// A context that is applied before those of the document: `expandContext` of the API.
    pub expand_context: Option<&'o Document<'o>>,
    /// Features that JSON-LD 1.0 lacks are errors.
    pub json_ld_1_0: bool,
    /// The direction of a text becomes its datatype (`rdfDirection` of the API is `i18n-datatype`). Without, it is dropped.
    pub i18n_datatypes: bool,
}

impl ToRdfOptions<'_> {
    /// Without a base, and with the direction of texts: as the widespread implementations of the `rdfc` suites read.
    #[must_use]
    pub fn for_signatures() -> Self {
        Self {
            i18n_datatypes: true,
            ..Self::default()
        }
    }
}

/// What a document says, and what it says in vain.
#[derive(Debug)]
pub struct Interpretation {
    /// The statements.
    pub dataset: Dataset,
    /// All that was dropped.
    pub dropped: Vec<Located>,
}

impl Dataset {
    /// The statements of a JSON-LD document, in safe mode.
    ///
    /// # Errors
    /// All that is wrong with the document or would be dropped from it, each with its JSON pointer; or a bound.
    pub fn from_json_ld(document: &Document<'_>, contexts: &Contexts) -> Result<Self, Error> {
        let options = ToRdfOptions::for_signatures();
        let mut expander = Expander::new(document, contexts, &options);
        expander.complete(&options)?;
        Ok(expander.dataset)
    }
}

/// The statements of a JSON-LD document, and what was dropped from it.
///
/// # Errors
/// What the specification calls an error, or a bound. What was dropped up to there is told too.
pub fn to_rdf(
    document: &Document<'_>,
    contexts: &Contexts,
    options: &ToRdfOptions<'_>,
) -> Result<Interpretation, Error> {
    let mut expander = Expander::new(document, contexts, options);
    expander.run_or_tell(options)?;
    Ok(Interpretation {
        dropped: expander.dropped(),
        dataset: expander.dataset,
    })
}

/// An error that ends the processing.
struct Stop {
    position: usize,
    fault: Fault,
}

/// The state of one run.
struct Expander<'d> {
    document: &'d Document<'d>,
    contexts: &'d Contexts,
    processor: Processor<'d>,
    i18n_datatypes: bool,
    /// Contexts derived while reading this document, those of the process among them.
    derived: HashMap<Key, Arc<Context<'d>>>,
    dataset: Dataset,
    /// The terms of definitions met before; none if their IRI cannot stand in a statement.
    mapped: HashMap<u64, Option<Term>>,
    /// Values of the properties under work, the innermost last.
    objects: Vec<Object<'d>>,
    /// `@index` of each node that has one.
    indexes: HashMap<(Option<Term>, Term), &'d str>,
    /// Positions and what was dropped there.
    faults: Vec<(usize, Fault)>,
}

impl<'d> Expander<'d> {
    fn new(document: &'d Document<'d>, contexts: &'d Contexts, options: &ToRdfOptions<'d>) -> Self {
        Self {
            document,
            contexts,
            processor: Processor {
                contexts,
                base: options.base,
                version_1_0: options.json_ld_1_0,
                terms: 0,
            },
            i18n_datatypes: options.i18n_datatypes,
            derived: HashMap::new(),
            dataset: Dataset::new(),
            mapped: HashMap::new(),
            objects: Vec::new(),
            indexes: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// The whole document in safe mode.
    fn complete(&mut self, options: &ToRdfOptions<'d>) -> Result<(), Error> {
        self.run_or_tell(options)?;
        let dropped = self.dropped();
        if dropped.is_empty() {
            Ok(())
        } else {
            Err(Error(dropped))
        }
    }

    /// The whole document; in the error, what was dropped comes before what ended the processing.
    fn run_or_tell(&mut self, options: &ToRdfOptions<'d>) -> Result<(), Error> {
        let Err(stop) = self.run(options) else { return Ok(()) };
        if let Fault::UnknownContext(_) = stop.fault {
            let unknown = unknown_contexts(self.document, self.contexts);
            if !unknown.is_empty() {
                return Err(Error(unknown));
            }
        }
        let mut faults = self.dropped();
        faults.push(Located {
            pointer: self.document.pointer(stop.position),
            fault: stop.fault,
        });
        Err(Error(faults))
    }

    fn run(&mut self, options: &ToRdfOptions<'d>) -> Result<(), Stop> {
        let root = self.document.root();
        let mut initial: Arc<Context<'d>> = match options.base {
            None if !options.json_ld_1_0 => self.contexts.kept().initial(),
            base => Arc::new(Context::new(base)),
        };
        if let Some(document) = options.expand_context {
            let context = document.root();
            let context = context.entry("@context").unwrap_or(context);
            initial = self.apply(&initial, context, Flags::LOCAL, root)?;
        }
        let property = Property {
            name: PropertyName::None,
            definition: None,
        };
        self.element(&initial, property, root, Place::ROOT)?;
        Ok(())
    }

    /// Context processing, through what was processed before.
    fn apply(
        &mut self,
        active: &Arc<Context<'d>>,
        local: Json<'d>,
        flags: Flags,
        at: Json<'d>,
    ) -> Result<Arc<Context<'d>>, Stop> {
        let one_by_one = flags.propagate
            && local.is_array()
            && local.as_array().all(|context| context.entry("@propagate").is_none());
        if one_by_one {
            let mut result = active.clone();
            for context in local.as_array() {
                result = self.apply_one(&result, context, flags, at)?;
            }
            return Ok(result);
        }
        self.apply_one(active, local, flags, at)
    }

    fn apply_one(
        &mut self,
        active: &Arc<Context<'d>>,
        local: Json<'d>,
        flags: Flags,
        at: Json<'d>,
    ) -> Result<Arc<Context<'d>>, Stop> {
        let mut key = Key {
            active: active.id,
            local: local.address(),
            flags,
        };
        if let Some(known) = self.derived.get(&key) {
            return Ok(known.clone());
        }
        let url = local
            .as_str()
            .map(|reference| resolve_url(reference, self.base_url(local, reference)));
        let mut remote = None;
        if let Some(url) = url.as_deref() {
            let Some(document) = self.contexts.document(url) else {
                return Err(self.stop_in(local, at, Fault::UnknownContext(url.to_owned())));
            };
            let Some(context) = document.root().entry("@context") else {
                return Err(self.stop_in(local, at, code("invalid remote context")));
            };
            key.local = context.address();
            if let Some(known) = self.derived.get(&key) {
                return Ok(known.clone());
            }
            remote = Some((url, context));
        }
        let kept = if active.kept {
            self.contexts.kept().derive(self.contexts, key)
        } else {
            None
        };
        let made = match (kept, remote) {
            (Some(Ok(made)), _) => made,
            (Some(Err(fault)), _) => return Err(self.stop_in(local, at, fault)),
            (None, Some(remote)) => self
                .processor
                .process_remote(active, remote, flags)
                .map_err(|fault| self.stop_in(fault.at, at, fault.fault))?,
            (None, None) => {
                let base_url = self.base_url(local, "");
                self.processor
                    .process(active, local, flags, base_url)
                    .map_err(|fault: ContextFault<'d>| self.stop_in(fault.at, at, fault.fault))?
            }
        };
        self.derived.insert(key, made.clone());
        Ok(made)
    }

    /// What a URL in a local context is relative to; none if it is absolute.
    fn base_url(&self, local: Json<'d>, reference: &str) -> Option<&'d str> {
        if iri::has_scheme(reference) {
            return None;
        }
        match self.contexts.local_context(local.address()) {
            Some(inner) => Some(inner.url),
            None => self.processor.base,
        }
    }

    /// The place of `json` if it stands in the document, else that of `outer`: contexts come from elsewhere too.
    fn stop_in(&self, json: Json<'_>, outer: Json<'_>, fault: Fault) -> Stop {
        let position = self.document.position(json).or_else(|| self.document.position(outer));
        Stop {
            position: position.unwrap_or_default(),
            fault,
        }
    }

    fn stop(&self, json: Json<'_>, error_code: &str) -> Stop {
        self.stop_in(json, json, code(error_code))
    }

    /// A bound of the dataset ends the processing.
    fn bounded<T>(&self, json: Json<'_>, outcome: Result<T, Fault>) -> Result<T, Stop> {
        outcome.map_err(|fault| self.stop_in(json, json, fault))
    }

    /// Records what is dropped.
    fn drop(&mut self, json: Json<'_>, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults
                .push((self.document.position(json).unwrap_or_default(), fault));
        }
    }

    fn dropped(&mut self) -> Vec<Located> {
        // In the order of the document.
        self.faults.sort_by_key(|(position, _)| *position);
        self.faults
            .drain(..)
            .map(|(position, fault)| Located {
                pointer: self.document.pointer(position),
                fault,
            })
            .collect()
    }
}

fn code(error_code: &str) -> Fault {
    Fault::JsonLd(error_code.to_owned())
}

/// Every string under an `@context` key that is no URL of the closed set.
fn unknown_contexts(document: &Document<'_>, contexts: &Contexts) -> Vec<Located> {
    fn walk<'d>(json: Json<'d>, found: &mut Vec<Json<'d>>) {
        match json.view() {
            View::Array(items) => items.for_each(|item| walk(item, found)),
            View::Object(entries) => {
                for (key, value) in entries {
                    if key == "@context" {
                        found.extend(value.as_array());
                    }
                    walk(value, found);
                }
            }
            _ => {}
        }
    }
    let mut references = Vec::new();
    walk(document.root(), &mut references);
    let unknown = references.into_iter().filter_map(|reference| {
        let url = reference.as_str().filter(|url| contexts.get(url).is_none())?;
        Some(Located {
            pointer: document.pointer(document.position(reference)?),
            fault: Fault::UnknownContext(url.to_owned()),
        })
    });
    unknown.take(MAX_FAULTS).collect()
}
