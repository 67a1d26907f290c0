//! The value expansion algorithm (JSON-LD 1.1 API, section 5.3.2), value objects (5.1.2, step 15), and their conversion
//! to literals (8.2).

use std::sync::Arc;

use super::{
    Expander, Stop,
    context::{Coercion, Context, Definition, Direction, Expanded, RelativeTo, is_absolute},
    expansion::{Kind, Object, Place, Property, PropertyName, Shape, Wrap},
    jcs,
    keyword::Keyword,
    number,
    scan::Keywords,
};
use crate::{
    Fault, LiteralKind,
    json::{Json, View},
};

const XSD_BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";
const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";

impl<'d> Expander<'d> {
    /// A scalar that is the value of a property.
    pub(super) fn value_expansion(
        &mut self,
        context: &Context<'d>,
        definition: Option<&Definition<'d>>,
        value: Json<'d>,
    ) -> Result<Object<'d>, Stop> {
        match value.as_str() {
            Some(text) => self.string_expansion(context, definition, text, value),
            None => match definition.and_then(|definition| definition.coercion.as_ref()) {
                Some(Coercion::Json) => self.json_literal(value),
                Some(Coercion::Datatype(datatype)) => self.typed(value, Some(datatype)),
                _ => self.typed(value, None),
            },
        }
    }

    /// The same for a string, which may also be a key in an index map.
    pub(super) fn string_expansion(
        &mut self,
        context: &Context<'d>,
        definition: Option<&Definition<'d>>,
        text: &'d str,
        at: Json<'d>,
    ) -> Result<Object<'d>, Stop> {
        match definition.and_then(|definition| definition.coercion.as_ref()) {
            Some(Coercion::Id) => self.reference_object(context, text, RelativeTo::Base, at),
            Some(Coercion::Vocab) => self.reference_object(context, text, RelativeTo::Both, at),
            Some(Coercion::Json) => self.literal(&jcs::string(text), LiteralKind::Typed(RDF_JSON), at),
            Some(Coercion::Datatype(datatype)) => self.literal(text, LiteralKind::Typed(datatype), at),
            Some(Coercion::None) | None => {
                let language = match definition.and_then(|definition| definition.language.as_ref()) {
                    Some(language) => language.as_deref(),
                    None => context.language.as_deref(),
                };
                let direction = match definition.and_then(|definition| definition.direction) {
                    Some(direction) => direction,
                    None => context.direction,
                };
                self.text(text, language, direction, at)
            }
        }
    }

    fn reference_object(
        &mut self,
        context: &Context<'d>,
        text: &'d str,
        relative_to: RelativeTo,
        json: Json<'d>,
    ) -> Result<Object<'d>, Stop> {
        Ok(Object {
            term: self.reference(context, text, relative_to, json)?,
            kind: Kind::Node,
            json,
        })
    }

    /// A string, perhaps in a language.
    pub(super) fn text(
        &mut self,
        text: &str,
        language: Option<&str>,
        direction: Option<Direction>,
        json: Json<'d>,
    ) -> Result<Object<'d>, Stop> {
        match direction {
            Some(direction) if self.i18n_datatypes && language.is_none_or(is_language) => {
                let datatype = i18n_datatype(language, direction);
                return self.literal(text, LiteralKind::Typed(&datatype), json);
            }
            Some(_) => self.drop(json, Fault::Dropped("the direction of a text")),
            None => {}
        }
        match language {
            None => self.literal(text, LiteralKind::Simple, json),
            Some(language) if is_language(language) => self.literal(text, LiteralKind::Tagged(language), json),
            Some(_) => {
                self.drop(json, Fault::Dropped("a text in a language that has no well-formed tag"));
                Ok(Object {
                    term: None,
                    kind: Kind::Value,
                    json,
                })
            }
        }
    }

    /// Section 8.2.2: a scalar with a datatype, or with that of its JSON type.
    fn typed(&mut self, value: Json<'d>, datatype: Option<&str>) -> Result<Object<'d>, Stop> {
        let typed = |default| LiteralKind::Typed(datatype.unwrap_or(default));
        match value.view() {
            View::String(text) => {
                let kind = datatype.map_or(LiteralKind::Simple, LiteralKind::Typed);
                self.literal(text, kind, value)
            }
            View::Bool(truth) => self.literal(if truth { "true" } else { "false" }, typed(XSD_BOOLEAN), value),
            View::Number(text) => {
                let (lexical, integer) = number::lexical(text, datatype == Some(XSD_DOUBLE));
                self.literal(&lexical, typed(if integer { XSD_INTEGER } else { XSD_DOUBLE }), value)
            }
            _ => Err(self.stop(value, "invalid value object value")),
        }
    }

    pub(super) fn json_literal(&mut self, value: Json<'d>) -> Result<Object<'d>, Stop> {
        self.literal(&jcs::canonical(value), LiteralKind::Typed(RDF_JSON), value)
    }

    /// An object with `@value`.
    pub(super) fn value_object(
        &mut self,
        (context, type_scoped): (&Arc<Context<'d>>, &Arc<Context<'d>>),
        property: Property<'_, 'd>,
        element: Json<'d>,
        found: &Keywords<'d>,
        place: Place<'d>,
    ) -> Result<Shape, Stop> {
        let Some(value) = found.value else {
            return Ok(Shape::Null);
        };
        let language = match found.language {
            Some(json) => {
                let text = json.as_str();
                Some(text.ok_or_else(|| self.stop(json, "invalid language-tagged string"))?)
            }
            None => None,
        };
        let direction = match found.direction {
            Some(json) => match json.as_str() {
                Some("ltr") => Some(Direction::LeftToRight),
                Some("rtl") => Some(Direction::RightToLeft),
                _ => return Err(self.stop(json, "invalid base direction")),
            },
            None => None,
        };
        let allowed = [found.value, found.r#type, found.language, found.direction, found.index];
        let others = found.count() - allowed.iter().flatten().count() + found.properties;
        if others > 0 || found.r#type.is_some() && (language.is_some() || direction.is_some()) {
            return Err(self.stop(element, "invalid value object"));
        }
        let datatype = match found.r#type {
            Some(r#type) => Some(self.datatype(context, type_scoped, r#type)?),
            None => None,
        };
        if datatype != Some(Datatype::Json) {
            match value.view() {
                View::Array(_) | View::Object(_) => return Err(self.stop(value, "invalid value object value")),
                View::Null => {
                    self.drop(value, Fault::Dropped("a value object whose value is null"));
                    return Ok(Shape::Null);
                }
                View::Bool(_) | View::Number(_) if language.is_some() => {
                    return Err(self.stop(value, "invalid language-tagged value"));
                }
                _ => {}
            }
        }
        if matches!(property.name, PropertyName::None | PropertyName::Graph) || place.wrap != Wrap::Not {
            self.drop(element, Fault::Dropped("a value that belongs to no property"));
            return Ok(Shape::Null);
        }
        let object = match (datatype, value.view()) {
            (Some(Datatype::Json), _) => self.json_literal(value)?,
            (Some(Datatype::Iri(iri)), _) => self.typed(value, Some(&iri))?,
            (None, View::String(text)) => {
                let language = language.map(str::to_ascii_lowercase);
                self.text(text, language.as_deref(), direction, value)?
            }
            (None, _) => self.typed(value, None)?,
        };
        self.objects.push(Object {
            json: element,
            ..object
        });
        Ok(Shape::One)
    }

    /// The `@type` of a value object.
    fn datatype(
        &mut self,
        context: &Context<'d>,
        type_scoped: &Context<'d>,
        r#type: Json<'d>,
    ) -> Result<Datatype, Stop> {
        let mut items = r#type.as_array();
        let name = match (items.next(), items.next()) {
            (Some(only), None) => only.as_str(),
            _ => None,
        };
        let Some(name) = name else {
            let strings = r#type.as_array().all(|item| item.as_str().is_some());
            let error = if strings {
                "invalid typed value"
            } else {
                "invalid type value"
            };
            return Err(self.stop(r#type, error));
        };
        if let Expanded::Keyword(Keyword::Json) = context.expand_iri(name, RelativeTo::Both) {
            return Ok(Datatype::Json);
        }
        match type_scoped.expand_iri(name, RelativeTo::Both).text() {
            Some(iri) if is_absolute(iri) && !iri.starts_with("_:") => Ok(Datatype::Iri(iri.to_owned())),
            _ => Err(self.stop(r#type, "invalid typed value")),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Datatype {
    Json,
    Iri(String),
}

/// The datatype that stands for a text's language and direction: <https://www.w3.org/TR/json-ld11/#the-i18n-namespace>
fn i18n_datatype(language: Option<&str>, direction: Direction) -> String {
    let direction = match direction {
        Direction::LeftToRight => "ltr",
        Direction::RightToLeft => "rtl",
    };
    let language = language.unwrap_or_default().to_ascii_lowercase();
    format!("https://www.w3.org/ns/i18n#{language}_{direction}")
}

/// Whether a language tag is well-formed, as far as N-Quads cares.
fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let legal = |subtag: &str| (1..=8).contains(&subtag.len());
    let first = subtags.next().unwrap_or_default();
    legal(first)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| legal(subtag) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
