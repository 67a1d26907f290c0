//! Processed contexts that are kept for all documents of a process.
//!
//! Only what is derived from contexts of the closed set is kept, and no more than a bound: documents may combine them in
//! endless ways.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use hashbrown::HashMap;

use super::{
    context::Context,
    context_processing::{ContextFault, Flags, Processor},
};
use crate::{Contexts, error::Fault};

/// The most kept contexts; one takes about 10 KB. Records of our kind need below 100. When it is reached, all are
/// dropped and made anew as they are asked for.
const MAX_KEPT: usize = 1000;

/// What a processed context depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) active: u64,
    /// The address of the local context.
    pub(crate) local: usize,
    pub(crate) flags: Flags,
}

pub(crate) struct Kept {
    initial: Arc<Context<'static>>,
    processed: Mutex<Processed>,
}

#[derive(Default)]
struct Processed {
    by_id: HashMap<u64, Arc<Context<'static>>>,
    derived: HashMap<Key, Arc<Context<'static>>>,
}

impl Kept {
    pub(crate) fn new() -> Self {
        let mut initial = Context::new(None);
        initial.kept = true;
        Self {
            initial: Arc::new(initial),
            processed: Mutex::default(),
        }
    }

    /// The initial context of a document without a base.
    pub(crate) fn initial(&self) -> Arc<Context<'static>> {
        self.initial.clone()
    }

    /// The context that a local context of the closed set makes of a kept one. None when either is not that.
    pub(crate) fn derive(&self, contexts: &Contexts, key: Key) -> Option<Result<Arc<Context<'static>>, Fault>> {
        let mut processed = self.processed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = processed.derived.get(&key) {
            return Some(Ok(known.clone()));
        }
        let active = match processed.by_id.get(&key.active) {
            Some(active) => active.clone(),
            None if key.active == self.initial.id => self.initial.clone(),
            None => return None,
        };
        let local = contexts.local_context(key.local)?;
        let mut processor = Processor {
            contexts,
            base: None,
            version_1_0: false,
            terms: 0,
        };
        let made = if local.is_document {
            processor.process_remote(&active, (local.url, local.json), key.flags)
        } else {
            processor.process(&active, local.json, key.flags, Some(local.url))
        };
        Some(match made {
            Ok(made) => {
                // Unless it is the active context unchanged, this is the only reference to it.
                let mut made = Arc::unwrap_or_clone(made);
                made.kept = true;
                let made = Arc::new(made);
                if processed.derived.len() >= MAX_KEPT {
                    *processed = Processed::default();
                }
                processed.by_id.insert(made.id, made.clone());
                processed.derived.insert(key, made.clone());
                Ok(made)
            }
            Err(ContextFault { fault, .. }) => Err(fault),
        })
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Kept")
    }
}
