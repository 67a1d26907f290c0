//! Expanded term definitions (JSON-LD 1.1, section 9.15.1): their entries, and what containers they may name.

use super::{
    context::Container,
    context_processing::{Result, fail},
    keyword::Keyword,
};
use crate::json::Json;

/// The entries of an expanded term definition.
pub(super) struct Entries<'d> {
    pub(super) value: Json<'d>,
    pub(super) id: Option<Json<'d>>,
    pub(super) reverse: Option<Json<'d>>,
    pub(super) r#type: Option<Json<'d>>,
    pub(super) container: Option<Json<'d>>,
    pub(super) context: Option<Json<'d>>,
    pub(super) direction: Option<Json<'d>>,
    pub(super) index: Option<Json<'d>>,
    pub(super) language: Option<Json<'d>>,
    pub(super) nest: Option<Json<'d>>,
    pub(super) prefix: Option<Json<'d>>,
    pub(super) protected: Option<Json<'d>>,
}

impl<'d> Entries<'d> {
    pub(super) fn only_id(value: Json<'d>) -> Self {
        Self {
            id: Some(value),
            ..Self::none(value)
        }
    }

    fn none(value: Json<'d>) -> Self {
        Self {
            value,
            id: None,
            reverse: None,
            r#type: None,
            container: None,
            context: None,
            direction: None,
            index: None,
            language: None,
            nest: None,
            prefix: None,
            protected: None,
        }
    }

    pub(super) fn new(value: Json<'d>, version_1_0: bool) -> Result<'d, Self> {
        let mut entries = Self::none(value);
        for (key, entry) in value.entries().into_iter().flatten() {
            let (place, since_1_1) = match Keyword::parse(key) {
                Some(Keyword::Id) => (&mut entries.id, false),
                Some(Keyword::Reverse) => (&mut entries.reverse, false),
                Some(Keyword::Type) => (&mut entries.r#type, false),
                Some(Keyword::Container) => (&mut entries.container, false),
                Some(Keyword::Language) => (&mut entries.language, false),
                Some(Keyword::Context) => (&mut entries.context, true),
                Some(Keyword::Direction) => (&mut entries.direction, true),
                Some(Keyword::Index) => (&mut entries.index, true),
                Some(Keyword::Nest) => (&mut entries.nest, true),
                Some(Keyword::Prefix) => (&mut entries.prefix, true),
                Some(Keyword::Protected) => (&mut entries.protected, true),
                _ => return Err(fail(entry, "invalid term definition")),
            };
            if since_1_1 && version_1_0 {
                return Err(fail(entry, "invalid term definition"));
            }
            *place = Some(entry);
        }
        Ok(entries)
    }
}

/// Step 4: all that may be said about `@type` is that it is a set, and protected.
pub(super) fn check_type_redefinition(value: Json<'_>) -> Result<'_, ()> {
    let is_container = |key: &str, value: Json<'_>| key == "@container" && value.as_str() == Some("@set");
    let allowed = value.entries().is_some_and(|mut entries| {
        entries.len() > 0 && entries.all(|(key, value)| is_container(key, value) || key == "@protected")
    });
    if allowed {
        Ok(())
    } else {
        Err(fail(value, "keyword redefinition"))
    }
}

/// Step 19.
pub(super) fn container_of(value: Json<'_>, version_1_0: bool) -> Result<'_, Container> {
    let mut container = Container::default();
    if version_1_0 && value.is_array() {
        return Err(fail(value, "invalid container mapping"));
    }
    let items = value.as_array();
    let count = items.len();
    for item in items {
        let (place, since_1_1) = match item.as_str().and_then(Keyword::parse) {
            Some(Keyword::Graph) => (&mut container.graph, true),
            Some(Keyword::Id) => (&mut container.id, true),
            Some(Keyword::Type) => (&mut container.r#type, true),
            Some(Keyword::Index) => (&mut container.index, false),
            Some(Keyword::Language) => (&mut container.language, false),
            Some(Keyword::List) => (&mut container.list, false),
            Some(Keyword::Set) => (&mut container.set, false),
            _ => return Err(fail(value, "invalid container mapping")),
        };
        if *place || since_1_1 && version_1_0 {
            return Err(fail(value, "invalid container mapping"));
        }
        *place = true;
    }
    let others = count - usize::from(container.set);
    let allowed = match others {
        0 => container.set,
        1 => !(container.list && container.set),
        2 => container.graph && (container.id || container.index),
        _ => false,
    };
    if allowed {
        Ok(container)
    } else {
        Err(fail(value, "invalid container mapping"))
    }
}
