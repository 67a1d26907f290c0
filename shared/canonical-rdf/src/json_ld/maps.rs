//! Language maps and index, id, type and graph maps (JSON-LD 1.1 API, section 5.1.2, steps 13.7 and 13.8).

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Context, Definition, Expanded, RelativeTo},
    context_processing::Flags,
    expansion::{Graph, Kind, Place, Property, PropertyName, Wrap},
    keyword::Keyword,
    object_conversion::RDF_TYPE,
};
use crate::{
    Term,
    json::{Entries, Json},
};

impl<'d> Expander<'d> {
    /// Texts by language.
    pub(super) fn language_map(
        &mut self,
        context: &Arc<Context<'d>>,
        definition: &Definition<'d>,
        entries: Entries<'d>,
    ) -> Result<(), Stop> {
        let direction = definition.direction.unwrap_or(context.direction);
        for (key, value) in entries {
            let language = (!is_none(context, key)).then(|| key.to_ascii_lowercase());
            for item in value.as_array().filter(|item| !item.is_null()) {
                let text = item
                    .as_str()
                    .ok_or_else(|| self.stop(item, "invalid language map value"))?;
                let object = self.text(text, language.as_deref(), direction, item)?;
                self.objects.push(object);
            }
        }
        Ok(())
    }

    /// Values by index, id or type.
    pub(super) fn index_map(
        &mut self,
        context: &Arc<Context<'d>>,
        key: &'d str,
        definition: &Definition<'d>,
        entries: Entries<'d>,
        graph: Graph,
    ) -> Result<(), Stop> {
        let container = definition.container;
        for (index, value) in entries {
            let none = is_none(context, index);
            let (map_context, from_type);
            let base = match &context.previous {
                Some(previous) if container.id || container.r#type => previous,
                _ => context,
            };
            map_context = match base.terms.get(index).and_then(|definition| definition.context) {
                Some(scoped) if container.r#type => {
                    from_type = self.apply(base, scoped, Flags::TYPE_SCOPED, value)?;
                    &from_type
                }
                _ => base,
            };
            let id = if container.id && !none {
                Some(self.reference(context, index, RelativeTo::Base, value)?)
            } else {
                None
            };
            let by_index = container.index && definition.index.is_none() && !none;
            let place = Place {
                wrap: if container.graph { Wrap::UnlessGraph } else { Wrap::Not },
                id,
                index: by_index.then_some(index),
                ..Place::in_map(graph)
            };
            let start = self.objects.len();
            let property = Property::within(PropertyName::Key(key), map_context);
            self.element(map_context, property, value, place)?;
            let statement = match definition.index {
                _ if none => None,
                Some(property) if container.index => self.index_statement(context, property, index, value)?,
                _ if container.r#type => self.type_statement(context, index, value)?,
                _ => None,
            };
            for at in start..self.objects.len() {
                let object = self.objects[at];
                let keyed = container.id || definition.index.is_some() || container.r#type;
                if keyed && !none && object.kind != Kind::Node {
                    return Err(self.stop(object.json, "invalid value object"));
                }
                if let Some((predicate, index)) = statement {
                    self.emit(object.term, predicate, Some(index), graph, object.json)?;
                }
            }
        }
        Ok(())
    }

    /// Step 13.8.3.7.2: the index is the value of a property.
    fn index_statement(
        &mut self,
        context: &Arc<Context<'d>>,
        property: &'d str,
        index: &'d str,
        at: Json<'d>,
    ) -> Result<Option<(Term, Term)>, Stop> {
        let predicate = self.reference(context, property, RelativeTo::Vocabulary, at)?;
        let definition = context.terms.get(property).map(|definition| &**definition);
        let object = self.string_expansion(context, definition, index, at)?;
        Ok(predicate.zip(object.term))
    }

    /// Step 13.8.3.7.5: the index is a type.
    fn type_statement(
        &mut self,
        context: &Arc<Context<'d>>,
        index: &'d str,
        at: Json<'d>,
    ) -> Result<Option<(Term, Term)>, Stop> {
        let rdf_type = self.vocabulary(RDF_TYPE, at)?;
        let object = self.type_term(context, index, RelativeTo::Vocabulary, at)?;
        Ok(object.map(|object| (rdf_type, object)))
    }
}

/// Whether a key of a map is or stands for `@none`.
fn is_none(context: &Context<'_>, key: &str) -> bool {
    matches!(
        context.expand_iri(key, RelativeTo::Vocabulary),
        Expanded::Keyword(Keyword::None)
    )
}
