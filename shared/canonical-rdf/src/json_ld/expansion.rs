//! The expansion algorithm (JSON-LD 1.1 API, section 5.1.2), from which statements come forth as it goes.

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Context, Definition},
    context_processing::Flags,
    keyword::Keyword,
    scan::Keywords,
};
use crate::{
    Fault, Term,
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

    pub(super) fn is_free_floating(self) -> bool {
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
        if let Some(index) = found.index.filter(|index| index.as_str().is_none()) {
            return Err(self.stop(index, "invalid @index value"));
        }
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
