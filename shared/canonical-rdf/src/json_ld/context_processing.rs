//! The context processing algorithm (JSON-LD 1.1 API, section 4.1.2).

use std::sync::Arc;

use hashbrown::HashMap;

use super::{
    context::{Context, Direction, Expanded, RelativeTo, is_absolute},
    keyword::Keyword,
};
use crate::{
    Contexts,
    error::Fault,
    iri,
    json::{Json, View},
};

/// The most term definitions that one document may have copied or made. Each node with an inline context copies the
/// definitions in scope; a record of 400 nested credentials with inline contexts takes 200 000.
pub const MAX_TERMS: usize = 2_000_000;
/// The most bytes of an IRI that a context makes: of a term, a vocabulary, a base or a datatype. A short key stands for it
/// any number of times. Those of our contexts stay below 120.
pub const MAX_CONTEXT_IRI: usize = 2048;
/// So many bytes of an IRI count as another term definition.
const BYTES_PER_TERM: usize = 64;
/// The most contexts that may refer to one another in a chain.
pub const MAX_CONTEXT_CHAIN: usize = 32;

/// What is wrong with a context, and where, if it is known better than by the context itself.
pub(crate) struct ContextFault<'d> {
    pub(crate) at: Json<'d>,
    pub(crate) fault: Fault,
}

pub(crate) type Result<'d, T> = std::result::Result<T, ContextFault<'d>>;

/// How a local context is to be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Flags {
    /// Whether protected terms may be redefined: by property-scoped contexts.
    pub(crate) override_protected: bool,
    /// Whether the context also holds in the nodes within: type-scoped ones do not.
    pub(crate) propagate: bool,
}

impl Flags {
    pub(crate) const LOCAL: Self = Self {
        override_protected: false,
        propagate: true,
    };
    pub(crate) const PROPERTY_SCOPED: Self = Self {
        override_protected: true,
        propagate: true,
    };
    pub(crate) const TYPE_SCOPED: Self = Self {
        override_protected: false,
        propagate: false,
    };
}

/// Processes local contexts.
pub(crate) struct Processor<'p> {
    pub(crate) contexts: &'p Contexts,
    /// The base IRI that `null` brings back.
    pub(crate) base: Option<&'p str>,
    /// Features of JSON-LD 1.1 are errors. For the test suite.
    pub(crate) version_1_0: bool,
    /// Term definitions copied or made so far.
    pub(crate) terms: usize,
}

/// What the recursion hands down.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    pub(super) flags: Flags,
    /// What relative URLs of contexts are relative to.
    pub(super) base_url: Option<&'s str>,
    /// The URLs of the contexts that led here.
    pub(super) remote: Vec<String>,
    /// Whether scoped contexts that were met before are to be looked at again.
    pub(super) validate: bool,
}

impl Processor<'_> {
    pub(crate) fn process<'d>(
        &mut self,
        active: &Arc<Context<'d>>,
        local: Json<'d>,
        flags: Flags,
        base_url: Option<&str>,
    ) -> Result<'d, Arc<Context<'d>>> {
        let scope = Scope {
            flags,
            base_url,
            remote: Vec::new(),
            validate: true,
        };
        self.process_in(active, local, &scope)
    }

    /// The same for the context document at a URL of the closed set.
    pub(crate) fn process_remote<'d>(
        &mut self,
        active: &Arc<Context<'d>>,
        (url, local): (&str, Json<'d>),
        flags: Flags,
    ) -> Result<'d, Arc<Context<'d>>> {
        let scope = Scope {
            flags,
            base_url: Some(url),
            remote: vec![url.to_owned()],
            validate: true,
        };
        self.process_in(active, local, &scope)
    }

    pub(super) fn process_in<'d>(
        &mut self,
        active: &Arc<Context<'d>>,
        local: Json<'d>,
        scope: &Scope<'_>,
    ) -> Result<'d, Arc<Context<'d>>> {
        let mut propagate = scope.flags.propagate;
        if let Some(value) = local.entry("@propagate") {
            propagate = value.as_bool().ok_or_else(|| fail(value, "invalid @propagate value"))?;
        }
        let mut result = active.clone();
        if !propagate && result.previous.is_none() {
            self.spend(local, result.terms.len())?;
            let mut changed = result.successor();
            changed.previous = Some(active.clone());
            result = Arc::new(changed);
        }
        for context in local.as_array() {
            result = match context.view() {
                View::Null => {
                    self.spend(context, result.terms.len())?;
                    let protected = !scope.flags.override_protected && result.terms.values().any(|term| term.protected);
                    if protected {
                        return Err(fail(context, "invalid context nullification"));
                    }
                    let mut initial = Context::new(self.base);
                    if !propagate {
                        initial.previous = Some(result);
                    }
                    Arc::new(initial)
                }
                View::String(reference) => match self.enter(context, reference, scope)? {
                    Some((url, remote, scope)) => {
                        let scope = Scope {
                            base_url: Some(&url),
                            ..scope
                        };
                        self.process_in(&result, remote, &scope)?
                    }
                    None => result,
                },
                View::Object(_) => self.process_definition(&result, context, scope)?,
                _ => return Err(fail(context, "invalid local context")),
            };
        }
        Ok(result)
    }

    /// Step 5.2: the remote context that a string refers to; none if it need not be looked at again.
    fn enter<'d, 's>(
        &self,
        at: Json<'d>,
        reference: &str,
        scope: &Scope<'s>,
    ) -> Result<'d, Option<(String, Json<'d>, Scope<'s>)>> {
        let url = resolve_url(reference, scope.base_url);
        if !scope.validate && scope.remote.contains(&url) {
            return Ok(None);
        }
        if scope.remote.len() >= MAX_CONTEXT_CHAIN {
            return Err(fail(at, "context overflow"));
        }
        let remote = self.load(at, &url)?;
        let mut scope = scope.clone();
        scope.remote.push(url.clone());
        Ok(Some((url, remote, scope)))
    }

    /// The value of `@context` in the context document at a URL.
    fn load<'d>(&self, at: Json<'d>, url: &str) -> Result<'d, Json<'d>> {
        let document = self.contexts.document(url).ok_or_else(|| ContextFault {
            at,
            fault: Fault::UnknownContext(url.to_owned()),
        })?;
        document
            .root()
            .entry("@context")
            .ok_or_else(|| fail(at, "invalid remote context"))
    }

    /// Steps 5.3 to 5.13: a context definition.
    fn process_definition<'d>(
        &mut self,
        active: &Arc<Context<'d>>,
        context: Json<'d>,
        scope: &Scope<'_>,
    ) -> Result<'d, Arc<Context<'d>>> {
        let mut local = Local::default();
        if let Some(import) = context.entry("@import") {
            self.import(import, &mut local, scope)?;
        }
        local.add(context);
        self.spend(context, active.terms.len() + local.order.len())?;
        let mut result = active.successor();
        if let Some(version) = local.get("@version") {
            if !is_1_1(version) {
                return Err(fail(version, "invalid @version value"));
            }
            self.needs_1_1(version, "processing mode conflict")?;
        }
        if let Some(propagate) = local.get("@propagate") {
            self.needs_1_1(propagate, "invalid context entry")?;
            propagate
                .as_bool()
                .ok_or_else(|| fail(propagate, "invalid @propagate value"))?;
        }
        if let Some(base) = local.get("@base").filter(|_| scope.remote.is_empty()) {
            result.base = match (base.view(), &result.base) {
                (View::Null, _) => None,
                (View::String(value), _) if is_absolute(value) => Some(value.into()),
                (View::String(value), Some(base)) => Some(iri::resolve(base, value).into()),
                _ => return Err(fail(base, "invalid base IRI")),
            };
            self.spend_iri(base, result.base.as_deref())?;
        }
        if let Some(vocabulary) = local.get("@vocab") {
            result.vocabulary = match vocabulary.view() {
                View::Null => None,
                View::String(value) => match result.expand_iri(value, RelativeTo::Both) {
                    Expanded::Null | Expanded::Keyword(_) => return Err(fail(vocabulary, "invalid vocab mapping")),
                    expanded => expanded.text().map(Arc::from),
                },
                _ => return Err(fail(vocabulary, "invalid vocab mapping")),
            };
            self.spend_iri(vocabulary, result.vocabulary.as_deref())?;
        }
        if let Some(language) = local.get("@language") {
            result.language = match language.view() {
                View::Null => None,
                View::String(value) => Some(value.to_ascii_lowercase().into()),
                _ => return Err(fail(language, "invalid default language")),
            };
        }
        if let Some(direction) = local.get("@direction") {
            self.needs_1_1(direction, "invalid context entry")?;
            result.direction = direction_of(direction)?;
        }
        let protected = match local.get("@protected") {
            None => false,
            Some(value) => {
                self.needs_1_1(value, "invalid context entry")?;
                value.as_bool().ok_or_else(|| fail(value, "invalid @protected value"))?
            }
        };
        local.protected = protected;
        for index in 0..local.order.len() {
            let term = local.order[index];
            let of_the_context = matches!(
                Keyword::parse(term),
                Some(
                    Keyword::Base
                        | Keyword::Direction
                        | Keyword::Import
                        | Keyword::Language
                        | Keyword::Propagate
                        | Keyword::Protected
                        | Keyword::Version
                        | Keyword::Vocab
                )
            );
            if !of_the_context {
                self.create_term_definition(&mut result, &mut local, term, scope)?;
            }
        }
        Ok(Arc::new(result))
    }

    /// Step 5.6: the entries of an imported context, which those of the importing one replace.
    fn import<'d>(&self, import: Json<'d>, local: &mut Local<'d>, scope: &Scope<'_>) -> Result<'d, ()> {
        self.needs_1_1(import, "invalid context entry")?;
        let reference = import.as_str().ok_or_else(|| fail(import, "invalid @import value"))?;
        let url = resolve_url(reference, scope.base_url);
        let imported = self.load(import, &url)?;
        if imported.entries().is_none() {
            return Err(fail(import, "invalid remote context"));
        }
        if imported.entry("@import").is_some() {
            return Err(fail(import, "invalid context entry"));
        }
        local.add(imported);
        Ok(())
    }

    pub(super) fn spend<'d>(&mut self, at: Json<'d>, terms: usize) -> Result<'d, ()> {
        self.terms += terms;
        if self.terms > MAX_TERMS {
            let fault = Fault::Bound("the work of contexts");
            return Err(ContextFault { at, fault });
        }
        Ok(())
    }

    /// For an IRI that is kept, and that short keys will stand for.
    pub(super) fn spend_iri<'d>(&mut self, at: Json<'d>, iri: Option<&str>) -> Result<'d, ()> {
        let length = iri.map_or(0, str::len);
        if length > MAX_CONTEXT_IRI {
            let fault = Fault::Bound("the length of an IRI that a context makes");
            return Err(ContextFault { at, fault });
        }
        self.spend(at, length / BYTES_PER_TERM)
    }

    pub(super) fn needs_1_1<'d>(&self, at: Json<'d>, code: &str) -> Result<'d, ()> {
        if self.version_1_0 { Err(fail(at, code)) } else { Ok(()) }
    }
}

/// The entries of a context definition, and how far each has come.
#[derive(Default)]
pub(super) struct Local<'d> {
    pub(super) entries: HashMap<&'d str, (Json<'d>, Progress)>,
    order: Vec<&'d str>,
    pub(super) protected: bool,
}

/// Whether a term is defined already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    NotYet,
    UnderWay,
    Done,
}

impl<'d> Local<'d> {
    fn add(&mut self, context: Json<'d>) {
        for (key, value) in context.entries().into_iter().flatten() {
            if self.entries.insert(key, (value, Progress::NotYet)).is_none() {
                self.order.push(key);
            }
        }
    }

    /// The key of an entry whose term is yet to be defined.
    pub(super) fn pending(&self, key: &str) -> Option<&'d str> {
        let (key, (_, progress)) = self.entries.get_key_value(key)?;
        (*progress != Progress::Done).then_some(*key)
    }

    fn get(&self, key: &str) -> Option<Json<'d>> {
        self.entries.get(key).map(|entry| entry.0)
    }
}

pub(super) fn fail<'d>(at: Json<'d>, code: &str) -> ContextFault<'d> {
    ContextFault {
        at,
        fault: Fault::JsonLd(code.to_owned()),
    }
}

pub(super) fn direction_of(value: Json<'_>) -> Result<'_, Option<Direction>> {
    match value.view() {
        View::Null => Ok(None),
        View::String("ltr") => Ok(Some(Direction::LeftToRight)),
        View::String("rtl") => Ok(Some(Direction::RightToLeft)),
        _ => Err(fail(value, "invalid base direction")),
    }
}

pub(crate) fn resolve_url(reference: &str, base: Option<&str>) -> String {
    match base {
        Some(base) => iri::resolve(base, reference),
        None => reference.to_owned(),
    }
}

fn is_1_1(version: Json<'_>) -> bool {
    matches!(version.view(), View::Number(text) if text.parse() == Ok(1.1))
}
