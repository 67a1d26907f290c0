//! Active contexts and their term definitions (JSON-LD 1.1 API, section 4), and IRI expansion (section 5.2).

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use hashbrown::HashMap;

use super::keyword::Keyword;
use crate::{escape::is_iri, iri, json::Json};

/// An active context. Never changed once it is shared.
#[derive(Clone, Debug)]
pub(crate) struct Context<'d> {
    /// No two contexts of a process have the same.
    pub(crate) id: u64,
    /// Whether it is among the contexts that are kept for all documents.
    pub(crate) kept: bool,
    pub(crate) terms: HashMap<&'d str, Arc<Definition<'d>>>,
    /// The terms that stand for keywords: few, and asked for more often than all others.
    pub(crate) aliases: Vec<(&'d str, Keyword)>,
    pub(crate) base: Option<Arc<str>>,
    pub(crate) vocabulary: Option<Arc<str>>,
    pub(crate) language: Option<Arc<str>>,
    pub(crate) direction: Option<Direction>,
    /// What to go back to in the next node object: a type-scoped context ends there.
    pub(crate) previous: Option<Arc<Context<'d>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    LeftToRight,
    RightToLeft,
}

/// A term definition.
#[derive(Clone, Debug)]
pub(crate) struct Definition<'d> {
    /// No two definitions of a process have the same.
    pub(crate) number: u64,
    pub(crate) mapping: Mapping,
    pub(crate) prefix: bool,
    pub(crate) protected: bool,
    pub(crate) reverse: bool,
    pub(crate) container: Container,
    pub(crate) coercion: Option<Coercion>,
    /// `Some(None)` takes the default language away.
    pub(crate) language: Option<Option<Arc<str>>>,
    /// `Some(None)` takes the default direction away.
    pub(crate) direction: Option<Option<Direction>>,
    pub(crate) index: Option<&'d str>,
    pub(crate) nest: Option<&'d str>,
    pub(crate) context: Option<Json<'d>>,
}

/// An IRI mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// The term is there to be ignored.
    Null,
    Keyword(Keyword),
    Iri(Serialized),
    /// With its `_:`.
    Blank(Box<str>),
}

/// An IRI as it stands in N-Quads, between angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Serialized {
    text: Box<str>,
    /// Whether N-Quads lets it stand there: absolute, of the right characters.
    pub(crate) legal: bool,
}

/// A type mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Coercion {
    Id,
    Vocab,
    Json,
    None,
    Datatype(Box<str>),
}

/// A container mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Container {
    pub(crate) graph: bool,
    pub(crate) id: bool,
    pub(crate) index: bool,
    pub(crate) language: bool,
    pub(crate) list: bool,
    pub(crate) set: bool,
    pub(crate) r#type: bool,
}

impl Container {
    pub(crate) fn is_map(self) -> bool {
        self.language || self.index || self.id || self.r#type
    }
}

impl Serialized {
    pub(crate) fn new(iri: &str) -> Self {
        Self {
            text: format!("<{iri}>").into(),
            legal: iri::has_scheme(iri) && is_iri(iri) && iri::has_one_fragment(iri),
        }
    }

    /// With its angle brackets.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn iri(&self) -> &str {
        &self.text[1..self.text.len() - 1]
    }
}

impl Mapping {
    /// From an expanded IRI, blank node identifier or keyword.
    pub(crate) fn new(expanded: &str) -> Self {
        match Keyword::parse(expanded) {
            Some(keyword) => Self::Keyword(keyword),
            None if expanded.starts_with("_:") => Self::Blank(expanded.into()),
            None => Self::Iri(Serialized::new(expanded)),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Keyword(keyword) => Some(keyword.text()),
            Self::Blank(text) => Some(text),
            Self::Iri(iri) => Some(iri.iri()),
        }
    }
}

impl Definition<'_> {
    pub(crate) fn new() -> Self {
        Self {
            number: unique(),
            mapping: Mapping::Null,
            prefix: false,
            protected: false,
            reverse: false,
            container: Container::default(),
            coercion: None,
            language: None,
            direction: None,
            index: None,
            nest: None,
            context: None,
        }
    }

    /// Whether two definitions are the same but for being protected.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.mapping == other.mapping
            && self.prefix == other.prefix
            && self.reverse == other.reverse
            && self.container == other.container
            && self.coercion == other.coercion
            && self.language == other.language
            && self.direction == other.direction
            && self.index == other.index
            && self.nest == other.nest
            && self.context == other.context
    }
}

impl<'d> Context<'d> {
    /// The initial context.
    pub(crate) fn new(base: Option<&str>) -> Self {
        Self {
            id: unique(),
            kept: false,
            terms: HashMap::new(),
            aliases: Vec::new(),
            base: base.map(Arc::from),
            vocabulary: None,
            language: None,
            direction: None,
            previous: None,
        }
    }

    /// A copy to be changed.
    pub(crate) fn successor(&self) -> Self {
        Self {
            id: unique(),
            kept: false,
            ..self.clone()
        }
    }

    pub(crate) fn remove(&mut self, term: &str) -> Option<Arc<Definition<'d>>> {
        let removed = self.terms.remove(term)?;
        if matches!(removed.mapping, Mapping::Keyword(_)) {
            self.aliases.retain(|alias| alias.0 != term);
        }
        Some(removed)
    }

    pub(crate) fn define(&mut self, term: &'d str, definition: Arc<Definition<'d>>) {
        if let Mapping::Keyword(keyword) = definition.mapping
            && !term.starts_with('@')
        {
            self.aliases.push((term, keyword));
        }
        self.terms.insert(term, definition);
    }

    /// The keyword that a key is or stands for.
    pub(crate) fn keyword(&self, key: &str) -> Option<Keyword> {
        if key.starts_with('@') {
            return Keyword::parse(key);
        }
        if self.aliases.len() <= FEW_ALIASES {
            return self.aliases.iter().find(|alias| alias.0 == key).map(|alias| alias.1);
        }
        match self.terms.get(key)?.mapping {
            Mapping::Keyword(keyword) => Some(keyword),
            _ => None,
        }
    }

    /// IRI expansion, section 5.2.2, of a string that is not a key of a local context still under work.
    pub(crate) fn expand_iri<'s>(&'s self, value: &'s str, relative_to: RelativeTo) -> Expanded<'s, 'd> {
        if value.starts_with('@') {
            if let Some(keyword) = Keyword::parse(value) {
                return Expanded::Keyword(keyword);
            }
            if Keyword::is_form(value) {
                return Expanded::Null;
            }
        }
        let vocabulary = relative_to != RelativeTo::Base;
        if vocabulary && let Some(definition) = self.terms.get(value) {
            return match &definition.mapping {
                Mapping::Null => Expanded::Null,
                Mapping::Keyword(keyword) => Expanded::Keyword(*keyword),
                _ => Expanded::Term(definition),
            };
        }
        if let Some((prefix, suffix)) = split_prefix(value) {
            if prefix == "_" || suffix.starts_with("//") {
                return Expanded::Text(Cow::Borrowed(value));
            }
            if let Some(definition) = self.terms.get(prefix)
                && definition.prefix
                && let Some(iri) = definition.mapping.text()
            {
                return Expanded::Text(Cow::Owned(format!("{iri}{suffix}")));
            }
            if is_iri_form(value) {
                return Expanded::Text(Cow::Borrowed(value));
            }
        }
        if vocabulary && let Some(prefix) = &self.vocabulary {
            return Expanded::Text(Cow::Owned(format!("{prefix}{value}")));
        }
        if relative_to != RelativeTo::Vocabulary
            && let Some(base) = &self.base
        {
            return Expanded::Text(Cow::Owned(iri::resolve(base, value)));
        }
        Expanded::Text(Cow::Borrowed(value))
    }
}

/// What a string that is no absolute IRI is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelativeTo {
    /// The document: keys of `@id` maps, values of `@id`.
    Base,
    /// Terms and the vocabulary mapping: properties.
    Vocabulary,
    /// Terms and the vocabulary mapping, then the document: types.
    Both,
}

/// What IRI expansion makes of a string.
#[derive(Debug)]
pub(crate) enum Expanded<'s, 'd> {
    Null,
    Keyword(Keyword),
    /// The IRI or blank node identifier of this term.
    Term(&'s Arc<Definition<'d>>),
    /// An IRI, a blank node identifier, or what could not be made one.
    Text(Cow<'s, str>),
}

impl Expanded<'_, '_> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Null | Self::Keyword(_) => None,
            Self::Term(definition) => definition.mapping.text(),
            Self::Text(text) => Some(text),
        }
    }
}

/// Whether an expanded string is an IRI or a blank node identifier.
pub(crate) fn is_absolute(expanded: &str) -> bool {
    expanded.starts_with("_:") || is_iri_form(expanded)
}

fn is_iri_form(value: &str) -> bool {
    iri::has_scheme(value) && !value.bytes().any(|byte| byte <= b' ')
}

/// Splits at the first colon, unless the string begins with it.
pub(crate) fn split_prefix(value: &str) -> Option<(&str, &str)> {
    value.split_once(':').filter(|(prefix, _)| !prefix.is_empty())
}

/// So many are searched faster one by one than by hashing. Our contexts have two.
const FEW_ALIASES: usize = 16;

fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
