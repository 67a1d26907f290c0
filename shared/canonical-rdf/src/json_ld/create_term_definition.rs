//! The create term definition algorithm (JSON-LD 1.1 API, section 4.2.2).

use std::sync::Arc;

use super::{
    context::{Coercion, Context, Definition, Expanded, Mapping, RelativeTo, is_absolute, split_prefix},
    context_processing::{ContextFault, Flags, Local, Processor, Progress, Result, Scope, direction_of, fail},
    expanded_term_definition::{Entries, check_type_redefinition, container_of},
    keyword::Keyword,
};
use crate::{
    error::Fault,
    json::{Json, View},
};

/// The most terms that may be defined one by the other in a chain, as prefixes are. Real ones need two.
const MAX_TERM_CHAIN: usize = 32;

impl Processor<'_> {
    pub(super) fn create_term_definition<'d>(
        &mut self,
        active: &mut Context<'d>,
        local: &mut Local<'d>,
        term: &'d str,
        scope: &Scope<'_>,
    ) -> Result<'d, ()> {
        let mut creation = Creation {
            processor: self,
            active,
            local,
            scope,
            depth: 0,
        };
        creation.create(term)
    }
}

/// What the steps of the algorithm have in common.
struct Creation<'c, 'p, 'd> {
    processor: &'c mut Processor<'p>,
    active: &'c mut Context<'d>,
    local: &'c mut Local<'d>,
    scope: &'c Scope<'c>,
    depth: usize,
}

impl<'d> Creation<'_, '_, 'd> {
    fn create(&mut self, term: &'d str) -> Result<'d, ()> {
        let Some((value, progress)) = self.local.entries.get_mut(term) else {
            return Ok(());
        };
        let value = *value;
        match progress {
            Progress::Done => return Ok(()),
            Progress::UnderWay => return Err(fail(value, "cyclic IRI mapping")),
            Progress::NotYet if self.depth > MAX_TERM_CHAIN => {
                let fault = Fault::Bound("terms that define one another");
                return Err(ContextFault { at: value, fault });
            }
            Progress::NotYet => *progress = Progress::UnderWay,
        }
        self.depth += 1;
        self.create_from(term, value)?;
        self.depth -= 1;
        if let Some((_, progress)) = self.local.entries.get_mut(term) {
            *progress = Progress::Done;
        }
        Ok(())
    }

    /// Steps 2 to 28.
    fn create_from(&mut self, term: &'d str, value: Json<'d>) -> Result<'d, ()> {
        if term.is_empty() {
            return Err(fail(value, "invalid term definition"));
        }
        if term == "@type" {
            self.processor.needs_1_1(value, "keyword redefinition")?;
            check_type_redefinition(value)?;
        } else if Keyword::parse(term).is_some() {
            return Err(fail(value, "keyword redefinition"));
        } else if Keyword::is_form(term) {
            return Ok(());
        }
        let previous = self.active.remove(term);
        let mut definition = Definition::new();
        definition.protected = self.local.protected;
        // Steps 7 to 9: null and a string stand for a map with @id alone.
        let (entries, simple) = match value.view() {
            View::Null => (Entries::only_id(value), false),
            View::String(_) => (Entries::only_id(value), true),
            View::Object(_) => (Entries::new(value, self.processor.version_1_0)?, false),
            _ => return Err(fail(value, "invalid term definition")),
        };
        if let Some(protected) = entries.protected {
            definition.protected = protected
                .as_bool()
                .ok_or_else(|| fail(protected, "invalid @protected value"))?;
        }
        if let Some(r#type) = entries.r#type {
            definition.coercion = Some(self.coercion(r#type)?);
        }
        let kept = if let Some(reverse) = entries.reverse {
            definition.reverse = true;
            if entries.id.is_some() || entries.nest.is_some() {
                return Err(fail(reverse, "invalid reverse property"));
            }
            self.reverse(&mut definition, reverse, &entries)?
        } else {
            let kept = self.forward(&mut definition, term, &entries, simple)?;
            if kept {
                self.details(&mut definition, term, &entries)?;
            }
            kept
        };
        if !kept {
            return Ok(());
        }
        self.processor.spend_iri(value, definition.mapping.text())?;
        if let Some(Coercion::Datatype(datatype)) = &definition.coercion {
            self.processor.spend_iri(value, Some(datatype))?;
        }
        let mut definition = Arc::new(definition);
        if let Some(previous) = previous.filter(|previous| previous.protected && !self.scope.flags.override_protected) {
            if !definition.says_the_same(&previous) {
                return Err(fail(value, "protected term redefinition"));
            }
            definition = previous;
        }
        self.active.define(term, definition);
        Ok(())
    }

    /// Step 12.
    fn coercion(&mut self, value: Json<'d>) -> Result<'d, Coercion> {
        let text = value.as_str().ok_or_else(|| fail(value, "invalid type mapping"))?;
        self.define_dependencies(text)?;
        let expanded = self.active.expand_iri(text, RelativeTo::Vocabulary);
        match expanded {
            Expanded::Keyword(Keyword::Id) => Ok(Coercion::Id),
            Expanded::Keyword(Keyword::Vocab) => Ok(Coercion::Vocab),
            Expanded::Keyword(Keyword::Json | Keyword::None) if self.processor.version_1_0 => {
                Err(fail(value, "invalid type mapping"))
            }
            Expanded::Keyword(Keyword::Json) => Ok(Coercion::Json),
            Expanded::Keyword(Keyword::None) => Ok(Coercion::None),
            _ => match expanded.text().filter(|iri| is_absolute(iri) && !iri.starts_with("_:")) {
                Some(iri) => Ok(Coercion::Datatype(iri.into())),
                None => Err(fail(value, "invalid type mapping")),
            },
        }
    }

    /// Step 13. False when the term is to be ignored.
    fn reverse(
        &mut self,
        definition: &mut Definition<'d>,
        reverse: Json<'d>,
        entries: &Entries<'d>,
    ) -> Result<'d, bool> {
        let text = reverse.as_str().ok_or_else(|| fail(reverse, "invalid IRI mapping"))?;
        if Keyword::parse(text).is_none() && Keyword::is_form(text) {
            return Ok(false);
        }
        self.define_dependencies(text)?;
        match self.active.expand_iri(text, RelativeTo::Vocabulary).text() {
            Some(iri) if is_absolute(iri) => definition.mapping = Mapping::new(iri),
            _ => return Err(fail(reverse, "invalid IRI mapping")),
        }
        if let Some(container) = entries.container {
            match container.view() {
                View::Null => {}
                View::String("@set") => definition.container.set = true,
                View::String("@index") => definition.container.index = true,
                _ => return Err(fail(container, "invalid reverse property")),
            }
        }
        Ok(true)
    }

    /// Steps 14 to 18: the IRI mapping. False when the term is to be ignored.
    fn forward(
        &mut self,
        definition: &mut Definition<'d>,
        term: &'d str,
        entries: &Entries<'d>,
        simple: bool,
    ) -> Result<'d, bool> {
        let at = entries.value;
        if let Some(id) = entries.id.filter(|id| id.as_str() != Some(term)) {
            if id.is_null() {
                return Ok(true);
            }
            let text = id.as_str().ok_or_else(|| fail(id, "invalid IRI mapping"))?;
            if Keyword::parse(text).is_none() && Keyword::is_form(text) {
                return Ok(false);
            }
            self.define_dependencies(text)?;
            definition.mapping = match self.active.expand_iri(text, RelativeTo::Vocabulary) {
                Expanded::Keyword(Keyword::Context) => return Err(fail(id, "invalid keyword alias")),
                Expanded::Keyword(keyword) => Mapping::Keyword(keyword),
                expanded => match expanded.text() {
                    Some(iri) if is_absolute(iri) => Mapping::new(iri),
                    _ => return Err(fail(id, "invalid IRI mapping")),
                },
            };
            let inner = term.as_bytes().get(1..term.len() - 1).unwrap_or_default();
            if inner.contains(&b':') || term.contains('/') {
                self.define_prefix_of_iri(term)?;
                let same = self.active.expand_iri(term, RelativeTo::Vocabulary).text() == definition.mapping.text();
                if !same {
                    return Err(fail(id, "invalid IRI mapping"));
                }
            } else if !term.contains(':') && simple {
                definition.prefix = match &definition.mapping {
                    Mapping::Blank(_) => true,
                    Mapping::Iri(iri) => iri.iri().ends_with([':', '/', '?', '#', '[', ']', '@']),
                    _ => false,
                };
            }
        } else if let Some((prefix, suffix)) = split_prefix(term) {
            self.define_prefix(term)?;
            definition.mapping = match self.active.terms.get(prefix).and_then(|prefix| prefix.mapping.text()) {
                Some(iri) => Mapping::new(&format!("{iri}{suffix}")),
                None => Mapping::new(term),
            };
        } else if term.contains('/') {
            match self.active.expand_iri(term, RelativeTo::Vocabulary).text() {
                Some(iri) if is_absolute(iri) => definition.mapping = Mapping::new(iri),
                _ => return Err(fail(at, "invalid IRI mapping")),
            }
        } else if term == "@type" {
            definition.mapping = Mapping::new(term);
        } else if let Some(vocabulary) = &self.active.vocabulary {
            definition.mapping = Mapping::new(&format!("{vocabulary}{term}"));
        } else {
            return Err(fail(at, "invalid IRI mapping"));
        }
        Ok(true)
    }

    /// Steps 19 to 25: all but the IRI mapping.
    fn details(&mut self, definition: &mut Definition<'d>, term: &'d str, entries: &Entries<'d>) -> Result<'d, ()> {
        if let Some(container) = entries.container {
            definition.container = container_of(container, self.processor.version_1_0)?;
            if definition.container.r#type {
                match definition.coercion.get_or_insert(Coercion::Id) {
                    Coercion::Id | Coercion::Vocab => {}
                    _ => return Err(fail(container, "invalid type mapping")),
                }
            }
        }
        if let Some(index) = entries.index {
            let text = index.as_str().filter(|_| definition.container.index);
            let text = text.ok_or_else(|| fail(index, "invalid term definition"))?;
            // It is expanded when it is used: it may be a term that is yet to be defined, this one even.
            let expanded = self.active.expand_iri(text, RelativeTo::Vocabulary);
            if self.local.pending(text).is_none() && !expanded.text().is_some_and(is_absolute) {
                return Err(fail(index, "invalid term definition"));
            }
            definition.index = Some(text);
        }
        if let Some(context) = entries.context {
            self.validate_scoped_context(context)?;
            definition.context = Some(context);
        }
        if let Some(language) = entries.language.filter(|_| entries.r#type.is_none()) {
            definition.language = Some(match language.view() {
                View::Null => None,
                View::String(text) => Some(text.to_ascii_lowercase().into()),
                _ => return Err(fail(language, "invalid language mapping")),
            });
        }
        if let Some(direction) = entries.direction.filter(|_| entries.r#type.is_none()) {
            definition.direction = Some(direction_of(direction)?);
        }
        if let Some(nest) = entries.nest {
            let text = nest.as_str().filter(|text| *text == "@nest" || !text.starts_with('@'));
            definition.nest = Some(text.ok_or_else(|| fail(nest, "invalid @nest value"))?);
        }
        if let Some(prefix) = entries.prefix {
            if term.contains([':', '/']) {
                return Err(fail(prefix, "invalid term definition"));
            }
            definition.prefix = prefix.as_bool().ok_or_else(|| fail(prefix, "invalid @prefix value"))?;
            if definition.prefix && matches!(definition.mapping, Mapping::Keyword(_)) {
                return Err(fail(prefix, "invalid term definition"));
            }
        }
        Ok(())
    }

    /// Step 21: a scoped context must be one that could be applied here.
    fn validate_scoped_context(&mut self, context: Json<'d>) -> Result<'d, ()> {
        let scope = Scope {
            flags: Flags::PROPERTY_SCOPED,
            validate: false,
            ..self.scope.clone()
        };
        self.processor.spend(context, self.active.terms.len())?;
        match self
            .processor
            .process_in(&Arc::new(self.active.successor()), context, &scope)
        {
            Ok(_) => Ok(()),
            Err(inner) if matches!(inner.fault, Fault::JsonLd(_)) => Err(fail(inner.at, "invalid scoped context")),
            Err(inner) => Err(inner),
        }
    }

    /// IRI expansion, steps 3 and 6.3: defines the terms of the local context that a string depends on.
    fn define_dependencies(&mut self, value: &str) -> Result<'d, ()> {
        if Keyword::parse(value).is_some() {
            return Ok(());
        }
        if let Some(term) = self.local.pending(value) {
            self.create(term)?;
        }
        if self.active.terms.contains_key(value) {
            return Ok(());
        }
        self.define_prefix_of_iri(value)
    }

    /// The prefix of a compact IRI, if it may be one.
    fn define_prefix_of_iri(&mut self, value: &str) -> Result<'d, ()> {
        match split_prefix(value) {
            Some(("_", _)) => Ok(()),
            Some((_, suffix)) if suffix.starts_with("//") => Ok(()),
            _ => self.define_prefix(value),
        }
    }

    fn define_prefix(&mut self, value: &str) -> Result<'d, ()> {
        match split_prefix(value).and_then(|(prefix, _)| self.local.pending(prefix)) {
            Some(prefix) => self.create(prefix),
            None => Ok(()),
        }
    }
}
