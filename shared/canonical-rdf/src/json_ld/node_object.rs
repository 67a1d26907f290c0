//! Node objects: what step 13 of expansion does with the entries of one, and the statements that node map generation
//! (JSON-LD 1.1 API, section 7.2) finds in it.

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Coercion, Context, Mapping, RelativeTo, is_absolute},
    context_processing::Flags,
    expansion::{Graph, Kind, Object, Place, Property, PropertyName, Shape, Wrap},
    keyword::Keyword,
    object_conversion::RDF_TYPE,
    scan::Keywords,
};
use crate::{
    Fault, Term,
    json::{Entries, Json},
};

/// A node whose entries are under work.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// None if its id is none that a node can have.
    pub(super) subject: Option<Term>,
    /// The graph that it stands in.
    pub(super) graph: Graph,
    /// The graph of its `@graph`.
    within: Graph,
}

impl<'d> Expander<'d> {
    /// A node object: its statements, and those of the nodes within.
    pub(super) fn node_object(
        &mut self,
        (context, type_scoped): (&Arc<Context<'d>>, &Arc<Context<'d>>),
        element: Json<'d>,
        entries: Entries<'d>,
        found: &Keywords<'d>,
        place: Place<'d>,
    ) -> Result<(), Stop> {
        let is_graph_object = found.graph.is_some() && {
            let ids = usize::from(found.id.is_some()) + usize::from(found.index.is_some());
            found.count() == 1 + ids && found.properties == 0
        };
        let wrapped = match place.wrap {
            Wrap::Not => false,
            Wrap::Always => true,
            Wrap::UnlessGraph => !is_graph_object,
        };
        let (graph, name) = if wrapped {
            let name = self.graph_name(place, element)?;
            (Graph::named(name), Some(name))
        } else {
            (place.graph, None)
        };
        let subject = match (found.id, place.id) {
            (Some(id), key) => {
                let own = self.node_id(context, id)?;
                if !wrapped && key.is_some_and(|key| key.is_some() && key != own) {
                    self.drop(id, Fault::Dropped("the key of an id map for a node with another id"));
                }
                own
            }
            (None, Some(id)) if !wrapped => id,
            _ => Some(self.blank(element)?),
        };
        self.check_index(found.index, subject, graph, place)?;
        let whole = place.root && is_graph_object && found.count() == 1;
        let node = Node {
            subject,
            graph,
            within: if whole { place.graph } else { Graph::named(subject) },
        };
        if let Some(reverse) = found.reverse {
            let entries = reverse
                .entries()
                .ok_or_else(|| self.stop(reverse, "invalid @reverse value"))?;
            self.reverse_map(context, reverse, entries, node)?;
        }
        if let Some(r#type) = found.r#type.filter(|_| found.types == 1 && found.nests == 0) {
            self.types(type_scoped, r#type, node)?;
        }
        let types_done = found.types == 1 && found.nests == 0;
        self.entries(context, type_scoped, entries, node, types_done)?;
        self.objects.push(Object {
            term: name.unwrap_or(subject),
            kind: Kind::Node,
            json: element,
        });
        Ok(())
    }

    /// Step 13, what is left of it, and step 14.
    fn entries(
        &mut self,
        context: &Arc<Context<'d>>,
        type_scoped: &Arc<Context<'d>>,
        entries: Entries<'d>,
        node: Node,
        types_done: bool,
    ) -> Result<(), Stop> {
        for (key, value) in entries {
            match context.keyword(key) {
                None => self.property(context, key, value, node, false)?,
                Some(Keyword::Type) if !types_done => self.types(type_scoped, value, node)?,
                Some(Keyword::Graph) => {
                    let start = self.objects.len();
                    let property = Property {
                        name: PropertyName::Graph,
                        definition: None,
                    };
                    self.element(context, property, value, Place::inside(node.within))?;
                    self.objects.truncate(start);
                }
                Some(Keyword::Included) => self.included(context, value, node)?,
                Some(Keyword::Nest) => {
                    let inner = self.nest_context(context, key, value)?;
                    for nest in value.as_array() {
                        if let Some(entries) = nest.entries() {
                            self.entries(inner.as_ref().unwrap_or(context), type_scoped, entries, node, false)?;
                        }
                    }
                }
                Some(
                    Keyword::Context
                    | Keyword::Id
                    | Keyword::Type
                    | Keyword::Index
                    | Keyword::Reverse
                    | Keyword::Direction
                    | Keyword::Language,
                ) => self.check_out_of_place(key, value, context)?,
                Some(_) => self.drop(value, Fault::UndefinedTerm(key.to_owned())),
            }
        }
        Ok(())
    }

    /// `@language` and `@direction` belong into value objects; a node object's are dropped.
    fn check_out_of_place(&mut self, key: &str, value: Json<'d>, context: &Context<'d>) -> Result<(), Stop> {
        let error = match (context.keyword(key), value.as_str()) {
            (Some(Keyword::Language), None) => "invalid language-tagged string",
            (Some(Keyword::Direction), text) if !matches!(text, Some("ltr" | "rtl")) => "invalid base direction",
            (Some(Keyword::Language | Keyword::Direction), _) => {
                let what = "a language or direction of something that is no text";
                self.drop(value, Fault::Dropped(what));
                return Ok(());
            }
            _ => return Ok(()),
        };
        Err(self.stop(value, error))
    }

    /// The values of `@type` of a node.
    fn types(&mut self, type_scoped: &Arc<Context<'d>>, value: Json<'d>, node: Node) -> Result<(), Stop> {
        for item in value.as_array() {
            let name = item.as_str().ok_or_else(|| self.stop(item, "invalid type value"))?;
            let object = self.type_term(type_scoped, name, RelativeTo::Both, item)?;
            let rdf_type = self.vocabulary(RDF_TYPE, item)?;
            self.emit(node.subject, rdf_type, object, node.graph, item)?;
        }
        Ok(())
    }

    /// Steps 13.5 to 13.14: a property. `inverted` within `@reverse`.
    fn property(
        &mut self,
        context: &Arc<Context<'d>>,
        key: &'d str,
        value: Json<'d>,
        node: Node,
        inverted: bool,
    ) -> Result<(), Stop> {
        let property = Property::within(PropertyName::Key(key), context);
        let predicate = match property.definition {
            Some(definition) => match &definition.mapping {
                Mapping::Iri(_) => self.mapped(definition, value)?,
                Mapping::Blank(_) => {
                    self.drop(value, Fault::Dropped("a property that is a blank node"));
                    None
                }
                Mapping::Null | Mapping::Keyword(_) => {
                    self.drop(value, Fault::UndefinedTerm(key.to_owned()));
                    return Ok(());
                }
            },
            None => match context.expand_iri(key, RelativeTo::Vocabulary).text() {
                Some(blank) if blank.starts_with("_:") => {
                    self.drop(value, Fault::Dropped("a property that is a blank node"));
                    None
                }
                Some(iri) if iri.contains(':') => {
                    let undefined = !is_absolute(iri);
                    match self.resource(iri, value, Fault::UndefinedTerm)? {
                        None if undefined => return Ok(()),
                        predicate => predicate,
                    }
                }
                _ => {
                    self.drop(value, Fault::UndefinedTerm(key.to_owned()));
                    return Ok(());
                }
            },
        };
        let start = self.objects.len();
        let shape = self.property_value(context, property, key, value, node.graph)?;
        let container = property.definition.map(|it| it.container).unwrap_or_default();
        let is_list = shape == Shape::One && self.objects.last().is_some_and(|object| object.kind == Kind::List);
        if container.list && shape != Shape::Null && !is_list {
            self.make_list(start, value, node.graph)?;
        }
        let reverse = property.definition.is_some_and(|it| it.reverse);
        for index in start..self.objects.len() {
            let object = self.objects[index];
            if (reverse || inverted) && object.kind != Kind::Node {
                return Err(self.stop(object.json, "invalid reverse property value"));
            }
            let Some(predicate) = predicate else { continue };
            if reverse == inverted {
                self.emit(node.subject, predicate, object.term, node.graph, object.json)?;
            } else {
                self.emit(object.term, predicate, node.subject, node.graph, object.json)?;
            }
        }
        self.objects.truncate(start);
        Ok(())
    }

    fn property_value(
        &mut self,
        context: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        key: &'d str,
        value: Json<'d>,
        graph: Graph,
    ) -> Result<Shape, Stop> {
        let Some(definition) = property.definition else {
            return self.element(context, property, value, Place::inside(graph));
        };
        if definition.coercion == Some(Coercion::Json) {
            let object = self.json_literal(value)?;
            self.objects.push(object);
            return Ok(Shape::One);
        }
        let container = definition.container;
        if let Some(entries) = value.entries().filter(|_| container.is_map()) {
            if container.language {
                self.language_map(context, definition, entries)?;
            } else {
                self.index_map(context, key, definition, entries, graph)?;
            }
            return Ok(Shape::Array);
        }
        let simple_graph = container.graph && !container.id && !container.index;
        let place = Place {
            wrap: if simple_graph { Wrap::Always } else { Wrap::Not },
            ..Place::inside(graph)
        };
        self.element(context, property, value, place)
    }

    /// Step 13.4.13: `@reverse`, an object whose properties point the other way.
    fn reverse_map(
        &mut self,
        context: &Arc<Context<'d>>,
        reverse: Json<'d>,
        entries: Entries<'d>,
        node: Node,
    ) -> Result<(), Stop> {
        let local;
        let context = match reverse.entry("@context") {
            Some(json) => {
                local = self.apply(context, json, Flags::LOCAL, json)?;
                &local
            }
            None => context,
        };
        for (key, value) in entries {
            match context.keyword(key) {
                None => self.property(context, key, value, node, true)?,
                Some(Keyword::Context) => {}
                Some(_) => return Err(self.stop(value, "invalid reverse property map")),
            }
        }
        Ok(())
    }

    /// Step 13.4.6: nothing but nodes.
    fn included(&mut self, context: &Arc<Context<'d>>, value: Json<'d>, node: Node) -> Result<(), Stop> {
        let start = self.objects.len();
        let shape = self.element(context, Property::NONE, value, Place::inside(node.graph))?;
        let only_nodes = self.objects[start..].iter().all(|object| object.kind == Kind::Node);
        if shape == Shape::Null || !only_nodes {
            return Err(self.stop(value, "invalid @included value"));
        }
        self.objects.truncate(start);
        Ok(())
    }

    /// A node has one `@index` at most (node map generation, step 6.7).
    fn check_index(
        &mut self,
        own: Option<Json<'d>>,
        subject: Option<Term>,
        graph: Graph,
        place: Place<'d>,
    ) -> Result<(), Stop> {
        let index = own.map_or(place.index, Json::as_str);
        let name = match graph {
            Graph::Default => None,
            Graph::Named(name) => Some(name),
            Graph::Dropped => return Ok(()),
        };
        if let (Some(index), Some(subject)) = (index, subject)
            && *self.indexes.entry((name, subject)).or_insert(index) != index
        {
            return Err(self.stop(own.unwrap_or(self.document.root()), "conflicting indexes"));
        }
        Ok(())
    }
}
