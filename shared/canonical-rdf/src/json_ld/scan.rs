//! What an object's keywords make of it, before its properties are looked at.

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Coercion, Context},
    context_processing::Flags,
    keyword::Keyword,
};
use crate::json::{Entries, Json};

/// The keyword entries of an object, those in `@nest` included.
#[derive(Default)]
pub(super) struct Keywords<'d> {
    pub(super) direction: Option<Json<'d>>,
    pub(super) graph: Option<Json<'d>>,
    pub(super) id: Option<Json<'d>>,
    pub(super) index: Option<Json<'d>>,
    pub(super) language: Option<Json<'d>>,
    pub(super) list: Option<Json<'d>>,
    pub(super) reverse: Option<Json<'d>>,
    pub(super) set: Option<Json<'d>>,
    pub(super) value: Option<Json<'d>>,
    /// There may be several, under aliases.
    pub(super) types: usize,
    /// The value of the last.
    pub(super) r#type: Option<Json<'d>>,
    pub(super) included: usize,
    pub(super) nests: usize,
    /// Keys that are no keywords and whose values are not null.
    pub(super) properties: usize,
}

impl Keywords<'_> {
    /// How many different keywords there are.
    pub(super) fn count(&self) -> usize {
        let entries = [
            self.direction,
            self.graph,
            self.id,
            self.index,
            self.language,
            self.list,
            self.reverse,
            self.set,
            self.value,
            self.r#type,
        ];
        entries.iter().flatten().count() + usize::from(self.included > 0)
    }
}

impl<'d> Expander<'d> {
    pub(super) fn scan(
        &mut self,
        context: &Arc<Context<'d>>,
        entries: Entries<'d>,
        found: &mut Keywords<'d>,
        nested: bool,
    ) -> Result<(), Stop> {
        for (key, value) in entries {
            let Some(keyword) = context.keyword(key) else {
                found.properties += usize::from(!value.is_null() || is_json(context, key));
                continue;
            };
            let place = match keyword {
                Keyword::Context => continue,
                Keyword::Direction => &mut found.direction,
                Keyword::Graph => &mut found.graph,
                Keyword::Id => &mut found.id,
                Keyword::Index => &mut found.index,
                Keyword::Language => &mut found.language,
                Keyword::List => &mut found.list,
                Keyword::Reverse => &mut found.reverse,
                Keyword::Set => &mut found.set,
                Keyword::Value if nested => return Err(self.stop(value, "invalid @nest value")),
                Keyword::Value => &mut found.value,
                Keyword::Type => {
                    found.types += 1;
                    found.r#type = Some(value);
                    continue;
                }
                Keyword::Included => {
                    found.included += 1;
                    continue;
                }
                Keyword::Nest => {
                    found.nests += 1;
                    for nest in value.as_array() {
                        let entries = nest.entries().ok_or_else(|| self.stop(nest, "invalid @nest value"))?;
                        let inner = self.nest_context(context, key, nest)?;
                        self.scan(inner.as_ref().unwrap_or(context), entries, found, true)?;
                    }
                    continue;
                }
                _ => {
                    found.properties += 1;
                    continue;
                }
            };
            if place.replace(value).is_some() {
                return Err(self.stop(value, "colliding keywords"));
            }
        }
        Ok(())
    }

    /// The context within a nest: its key may have a scoped one.
    pub(super) fn nest_context(
        &mut self,
        context: &Arc<Context<'d>>,
        key: &str,
        at: Json<'d>,
    ) -> Result<Option<Arc<Context<'d>>>, Stop> {
        match context.terms.get(key).and_then(|definition| definition.context) {
            Some(scoped) => self.apply(context, scoped, Flags::PROPERTY_SCOPED, at).map(Some),
            None => Ok(None),
        }
    }
}

/// Whether even null is a value of this property.
fn is_json(context: &Context<'_>, key: &str) -> bool {
    let coercion = context
        .terms
        .get(key)
        .and_then(|definition| definition.coercion.as_ref());
    coercion == Some(&Coercion::Json)
}
