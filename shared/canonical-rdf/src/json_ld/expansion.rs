//! The expansion algorithm (JSON-LD 1.1 API, section 5.1.2), from which statements come forth as it goes.

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Coercion, Context, Definition, Expanded, Mapping, RelativeTo, is_absolute},
    context_processing::Flags,
    keyword::Keyword,
    scan::Keywords,
};
use crate::{
    Fault, LiteralKind, Term,
    json::{Entries, Json, View},
};

/// The active property, with its definition in the active context.
#[derive(Clone, Copy)]
pub(super) struct Property<'c, 'd> {
    pub(super) name: PropertyName<'d>,
    pub(super) definition: Option<&'c Arc<Definition<'d>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PropertyName<'d> {
    /// At the top, and in `@included`.
    None,
    Graph,
    Key(&'d str),
}

impl<'c, 'd> Property<'c, 'd> {
    pub(super) const NONE: Self = Self {
        name: PropertyName::None,
        definition: None,
    };

    /// The property of this name in another context.
    pub(super) fn within(name: PropertyName<'d>, context: &'c Context<'d>) -> Self {
        let definition = match name {
            PropertyName::Key(key) => context.terms.get(key),
            _ => None,
        };
        Self { name, definition }
    }

    fn is_free_floating(self) -> bool {
        !matches!(self.name, PropertyName::Key(_))
    }
}

/// Where a value stands, and so what becomes of it.
#[derive(Clone, Copy)]
pub(super) struct Place<'d> {
    pub(super) graph: Graph,
    pub(super) wrap: Wrap,
    /// Whether it is the document itself.
    pub(super) root: bool,
    /// Whether it is in a list, where arrays are lists of their own.
    pub(super) in_list: bool,
    /// Whether it is in an index map, where type-scoped contexts hold on.
    pub(super) from_map: bool,
    /// The `@id` that the key of an id map gives to a node without one; its term, if it has one.
    pub(super) id: Option<Option<Term>>,
    /// The `@index` that the key of an index map gives to a node without one.
    pub(super) index: Option<&'d str>,
}

impl Place<'_> {
    pub(super) const ROOT: Self = Self {
        root: true,
        ..Self::inside(Graph::Default)
    };

    pub(super) const fn inside(graph: Graph) -> Self {
        Self {
            graph,
            wrap: Wrap::Not,
            root: false,
            in_list: false,
            from_map: false,
            id: None,
            index: None,
        }
    }

    pub(super) const fn in_map(graph: Graph) -> Self {
        Self {
            from_map: true,
            ..Self::inside(graph)
        }
    }
}

/// The graph that statements go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Graph {
    Default,
    Named(Term),
    /// Its name is none that a graph can have: its statements are dropped.
    Dropped,
}

impl Graph {
    pub(super) fn named(name: Option<Term>) -> Self {
        name.map_or(Self::Dropped, Self::Named)
    }
}

/// Whether a value is put into a graph of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    Not,
    /// In a graph container.
    Always,
    /// In a graph map.
    UnlessGraph,
}

/// What a value has become: an object of statements, or nothing that could be one.
#[derive(Clone, Copy)]
pub(super) struct Object<'d> {
    pub(super) term: Option<Term>,
    pub(super) kind: Kind,
    pub(super) json: Json<'d>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Value,
    List,
}

/// What expansion of an element gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Null,
    One,
    /// Possibly empty.
    Array,
}

impl<'d> Expander<'d> {
    /// The algorithm itself. What the element becomes is pushed on `self.objects`.
    pub(super) fn element(
        &mut self,
        context: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        element: Json<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        match element.view() {
            View::Null => Ok(Shape::Null),
            View::Array(items) => {
                let in_list = place.in_list || property.definition.is_some_and(|it| it.container.list);
                let place = Place {
                    root: false,
                    in_list,
                    ..place
                };
                for item in items {
                    let start = self.objects.len();
                    let shape = self.element(context, property, item, place)?;
                    if in_list && shape == Shape::Array {
                        self.make_list(start, item, place.graph)?;
                    }
                }
                Ok(Shape::Array)
            }
            View::Object(entries) => self.object(context, property, element, entries, place),
            _ if property.is_free_floating() => {
                self.drop(element, Fault::Dropped("a value that belongs to no property"));
                Ok(Shape::Null)
            }
            _ => self.scalar(context, property, element, place),
        }
    }

    /// Step 4.
    fn scalar(
        &mut self,
        context: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        element: Json<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        let object = match property.definition.and_then(|definition| definition.context) {
            Some(scoped) => {
                let context = self.apply(context, scoped, Flags::PROPERTY_SCOPED, element)?;
                let property = Property::within(property.name, &context);
                self.value_expansion(&context, property.definition.map(|it| &**it), element)?
            }
            None => self.value_expansion(context, property.definition.map(|it| &**it), element)?,
        };
        if place.wrap == Wrap::Not {
            self.objects.push(object);
        } else {
            self.drop(element, Fault::Dropped("a graph without statements"));
            let term = self.graph_name(place, element)?;
            self.objects.push(Object {
                term,
                kind: Kind::Node,
                json: element,
            });
        }
        Ok(Shape::One)
    }

    /// Steps 7 to 20: an object.
    fn object(
        &mut self,
        active: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        element: Json<'d>,
        entries: Entries<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        let context = match &active.previous {
            Some(previous) if !place.from_map && reverts(active, &entries) => previous,
            _ => active,
        };
        let property_scoped;
        let context = match property.definition.and_then(|definition| definition.context) {
            Some(scoped) => {
                property_scoped = self.apply(context, scoped, Flags::PROPERTY_SCOPED, element)?;
                &property_scoped
            }
            None => context,
        };
        let local;
        let context = match entries.clone().find(|(key, _)| *key == "@context") {
            Some((_, json)) => {
                local = self.apply(context, json, Flags::LOCAL, json)?;
                &local
            }
            None => context,
        };
        let type_scoped = context;
        let applied = self.apply_type_scoped(context, &entries)?;
        let context = applied.as_ref().unwrap_or(context);
        let property = if std::ptr::eq(context, active) {
            property
        } else {
            Property::within(property.name, context)
        };

        let mut found = Keywords::default();
        self.scan(context, entries.clone(), &mut found, false)?;
        if found.value.is_some() {
            return self.value_object((context, type_scoped), property, element, &found, place);
        }
        if let Some(json) = found.set.or(found.list) {
            let others = found.count() - 1 - usize::from(found.index.is_some()) + found.properties;
            if others > 0 {
                return Err(self.stop(element, "invalid set or list object"));
            }
            return if found.set.is_some() {
                let place = Place { root: false, ..place };
                self.element(context, property, json, place)?;
                Ok(Shape::Array)
            } else {
                self.list_object(context, property, json, place)
            };
        }
        let keywords = found.count();
        if found.language.is_some() && keywords == 1 && found.properties == 0 {
            self.drop(element, Fault::Dropped("an object with nothing but @language"));
            return Ok(Shape::Null);
        }
        if keywords <= 1 && found.properties == 0 && (property.is_free_floating() || place.wrap != Wrap::Not) {
            let nothing = keywords == 0;
            if let Some(id) = found.id.filter(|id| id.as_str().is_none()) {
                return Err(self.stop(id, "invalid @id value"));
            }
            if nothing || found.id.is_some() {
                let what = if nothing {
                    "an object without entries"
                } else {
                    "an object with nothing but an id"
                };
                self.drop(element, Fault::Dropped(what));
                if property.is_free_floating() {
                    return Ok(Shape::Null);
                }
            }
        }
        self.node_object((context, type_scoped), element, entries, &found, place)?;
        Ok(Shape::One)
    }

    /// Step 11.
    fn apply_type_scoped(
        &mut self,
        context: &Arc<Context<'d>>,
        entries: &Entries<'d>,
    ) -> Result<Option<Arc<Context<'d>>>, Stop> {
        // Nearly always there is one key for @type, and at most one of its types has a context.
        let mut types: Vec<(&str, &str, Json<'d>, Json<'d>)> = Vec::new();
        let mut only = None;
        for (key, value) in entries.clone() {
            if context.keyword(key) != Some(Keyword::Type) {
                continue;
            }
            for item in value.as_array() {
                if let Some(name) = item.as_str()
                    && let Some(definition) = context.terms.get(name)
                    && let Some(scoped) = definition.context
                    && let Some(first) = only.replace((key, name, scoped, item))
                {
                    types.push(first);
                }
            }
        }
        let Some(last) = only else { return Ok(None) };
        if types.is_empty() {
            let (_, _, scoped, at) = last;
            return self.apply(context, scoped, Flags::TYPE_SCOPED, at).map(Some);
        }
        types.push(last);
        types.sort_by_key(|(key, name, ..)| (*key, *name));
        let mut result = context.clone();
        for (_, _, scoped, at) in types {
            result = self.apply(&result, scoped, Flags::TYPE_SCOPED, at)?;
        }
        Ok(Some(result))
    }

    /// A node object: its statements, and those of the nodes within.
    fn node_object(
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
            (Some(id), _) => self.node_id(context, id)?,
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
                ) => self.check_out_of_place(key, value, context),
                Some(_) => self.drop(value, Fault::UndefinedTerm(key.to_owned())),
            }
        }
        Ok(())
    }

    /// `@language` and `@direction` belong into value objects; a node object's are dropped.
    fn check_out_of_place(&mut self, key: &str, value: Json<'d>, context: &Context<'d>) {
        if let Some(Keyword::Language | Keyword::Direction) = context.keyword(key) {
            self.drop(
                value,
                Fault::Dropped("a language or direction of something that is no text"),
            );
        }
    }

    /// The subject that an `@id` names.
    fn node_id(&mut self, context: &Context<'d>, id: Json<'d>) -> Result<Option<Term>, Stop> {
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

    /// The values of `@type` of a node.
    fn types(&mut self, type_scoped: &Arc<Context<'d>>, value: Json<'d>, node: Node) -> Result<(), Stop> {
        for item in value.as_array() {
            let name = item.as_str().ok_or_else(|| self.stop(item, "invalid type value"))?;
            let object = self.type_term(type_scoped, name, item)?;
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

    /// Step 13.4.6.
    fn included(&mut self, context: &Arc<Context<'d>>, value: Json<'d>, node: Node) -> Result<(), Stop> {
        for item in value.as_array() {
            let start = self.objects.len();
            let shape = self.element(context, Property::NONE, item, Place::inside(node.graph))?;
            if shape != Shape::One || self.objects[start..].iter().any(|object| object.kind != Kind::Node) {
                return Err(self.stop(item, "invalid @included value"));
            }
            self.objects.truncate(start);
        }
        Ok(())
    }

    /// Step 13.4.11: `@list`.
    fn list_object(
        &mut self,
        context: &Arc<Context<'d>>,
        property: Property<'_, 'd>,
        list: Json<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        if property.is_free_floating() || place.wrap != Wrap::Not {
            self.drop(list, Fault::Dropped("a list that belongs to no property"));
            return Ok(Shape::Null);
        }
        let start = self.objects.len();
        let inside = Place {
            in_list: true,
            ..Place::inside(place.graph)
        };
        self.element(context, property, list, inside)?;
        self.make_list(start, list, place.graph)?;
        Ok(Shape::One)
    }

    /// List conversion (section 8.3) of the objects from `start` on, which the list replaces.
    fn make_list(&mut self, start: usize, at: Json<'d>, graph: Graph) -> Result<(), Stop> {
        let first = self.vocabulary(RDF_FIRST, at)?;
        let rest = self.vocabulary(RDF_REST, at)?;
        let mut tail = self.vocabulary(RDF_NIL, at)?;
        for index in (start..self.objects.len()).rev() {
            let object = self.objects[index];
            let blank = self.blank(object.json)?;
            self.emit(Some(blank), first, object.term, graph, at)?;
            self.emit(Some(blank), rest, Some(tail), graph, at)?;
            tail = blank;
        }
        self.objects.truncate(start);
        self.objects.push(Object {
            term: Some(tail),
            kind: Kind::List,
            json: at,
        });
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
        let index = match own {
            Some(json) => Some(json.as_str().ok_or_else(|| self.stop(json, "invalid @index value"))?),
            None => place.index,
        };
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

    /// The name of a graph that is made for a value.
    fn graph_name(&mut self, place: Place<'d>, at: Json<'d>) -> Result<Option<Term>, Stop> {
        match place.id {
            Some(id) => Ok(id),
            None => self.blank(at).map(Some),
        }
    }

    /// A new blank node, for what stands at `at`.
    fn blank(&mut self, at: Json<'d>) -> Result<Term, Stop> {
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

/// Step 7: whether a type-scoped context ends with this object, which is neither a value nor a mere reference.
fn reverts(context: &Context<'_>, entries: &Entries<'_>) -> bool {
    let mut keys = entries.clone().map(|(key, _)| key);
    if entries.len() == 1 {
        let keyword = keys.next().and_then(|key| context.keyword(key));
        return !matches!(keyword, Some(Keyword::Value | Keyword::Id));
    }
    // An alias of @value is rare, and the search through the aliases of each key is what this step costs.
    let aliased = context.aliases.iter().any(|alias| alias.1 == Keyword::Value);
    !keys.any(|key| (aliased || key.starts_with('@')) && context.keyword(key) == Some(Keyword::Value))
}

pub(super) const RDF_TYPE: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
const RDF_FIRST: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>";
const RDF_REST: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>";
const RDF_NIL: &str = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>";
