//! The object to RDF conversion algorithm (JSON-LD 1.1 API, section 8.2): IRIs, blank nodes and literals as terms of the
//! dataset, and the statements over them.

use super::{
    Expander, Stop,
    context::{Context, Definition, Expanded, Mapping, RelativeTo},
    expansion::{Graph, Kind, Object, Place},
};
use crate::{Fault, LiteralKind, Term, iri, json::Json};

pub(super) const RDF_TYPE: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";

impl<'d> Expander<'d> {
    /// The RDF term of an expanded IRI or blank node identifier. What is neither is dropped.
    pub(super) fn resource(
        &mut self,
        expanded: &str,
        at: Json<'d>,
        relative: fn(String) -> Fault,
    ) -> Result<Option<Term>, Stop> {
        if let Some(label) = expanded.strip_prefix("_:") {
            let blank = self.dataset.labelled_blank(label);
            return self.bounded(at, blank).map(Some);
        }
        if !iri::has_scheme(expanded) {
            self.drop(at, relative(expanded.to_owned()));
            return Ok(None);
        }
        if !iri::has_one_fragment(expanded) {
            self.drop(at, Fault::InvalidIri(expanded.to_owned()));
            return Ok(None);
        }
        match self.dataset.iri(expanded) {
            Ok(term) => Ok(Some(term)),
            Err(fault @ Fault::InvalidIri(_)) => {
                self.drop(at, fault);
                Ok(None)
            }
            Err(fault) => Err(self.stop_in(at, at, fault)),
        }
    }

    /// The RDF term of a definition's IRI mapping.
    pub(super) fn mapped(&mut self, definition: &Definition<'d>, at: Json<'d>) -> Result<Option<Term>, Stop> {
        if let Some(Some(term)) = self.mapped.get(&definition.number) {
            return Ok(Some(*term));
        }
        let term = match &definition.mapping {
            Mapping::Iri(iri) if iri.legal => {
                let term = self.dataset.serialized_iri(iri.text());
                Some(self.bounded(at, term)?)
            }
            mapping => match mapping.text() {
                Some(text) => self.resource(text, at, Fault::UndefinedTerm)?,
                None => None,
            },
        };
        self.mapped.insert(definition.number, term);
        Ok(term)
    }

    /// The RDF term of a type.
    pub(super) fn type_term(
        &mut self,
        context: &Context<'d>,
        name: &'d str,
        relative_to: RelativeTo,
        at: Json<'d>,
    ) -> Result<Option<Term>, Stop> {
        match context.expand_iri(name, relative_to) {
            Expanded::Term(definition) => self.mapped(definition, at),
            Expanded::Text(text) => self.resource(&text, at, Fault::UndefinedTerm),
            Expanded::Null | Expanded::Keyword(_) => {
                self.drop(at, Fault::UndefinedTerm(name.to_owned()));
                Ok(None)
            }
        }
    }

    /// The subject that an `@id` names.
    pub(super) fn node_id(&mut self, context: &Context<'d>, id: Json<'d>) -> Result<Option<Term>, Stop> {
        let text = id.as_str().ok_or_else(|| self.stop(id, "invalid @id value"))?;
        self.reference(context, text, RelativeTo::Base, id)
    }

    /// The resource that a string refers to.
    pub(super) fn reference(
        &mut self,
        context: &Context<'d>,
        text: &'d str,
        relative_to: RelativeTo,
        at: Json<'d>,
    ) -> Result<Option<Term>, Stop> {
        match context.expand_iri(text, relative_to) {
            Expanded::Text(iri) => self.resource(&iri, at, Fault::RelativeIri),
            Expanded::Term(definition) => self.mapped(definition, at),
            Expanded::Null | Expanded::Keyword(_) => {
                self.drop(at, Fault::RelativeIri(text.to_owned()));
                Ok(None)
            }
        }
    }

    /// The name of a graph that is made for a value.
    pub(super) fn graph_name(&mut self, place: Place<'d>, at: Json<'d>) -> Result<Option<Term>, Stop> {
        match place.id {
            Some(id) => Ok(id),
            None => self.blank(at).map(Some),
        }
    }

    /// A new blank node, for what stands at `at`.
    pub(super) fn blank(&mut self, at: Json<'d>) -> Result<Term, Stop> {
        let blank = self.dataset.blank();
        self.bounded(at, blank)
    }

    pub(super) fn emit(
        &mut self,
        subject: Option<Term>,
        predicate: Term,
        object: Option<Term>,
        graph: Graph,
        at: Json<'d>,
    ) -> Result<(), Stop> {
        let graph = match graph {
            Graph::Default => None,
            Graph::Named(name) => Some(name),
            Graph::Dropped => return Ok(()),
        };
        match (subject, object) {
            (Some(subject), Some(object)) => {
                let pushed = self.dataset.push(subject, predicate, object, graph);
                self.bounded(at, pushed)
            }
            // That there is none was recorded where it was found.
            _ => Ok(()),
        }
    }

    pub(super) fn vocabulary(&mut self, iri: &str, at: Json<'d>) -> Result<Term, Stop> {
        let term = self.dataset.serialized_iri(iri);
        self.bounded(at, term)
    }

    pub(super) fn literal(&mut self, lexical: &str, kind: LiteralKind<'_>, json: Json<'d>) -> Result<Object<'d>, Stop> {
        let term = match self.dataset.literal(lexical, kind) {
            Ok(term) => Some(term),
            Err(fault @ Fault::InvalidIri(_)) => {
                self.drop(json, fault);
                None
            }
            Err(fault) => return Err(self.stop_in(json, json, fault)),
        };
        Ok(Object {
            term,
            kind: Kind::Value,
            json,
        })
    }
}
