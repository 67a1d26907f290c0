//! What every handler can use.

use std::{fmt, sync::Arc};

use canonical_rdf::Contexts;
use clr_core::{Clock, Randomness, Table, issuers::Issuers};

use crate::Config;

/// The service's parts, made once at start-up. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The store, seen by the default tenant.
    pub table: Table,
    /// Who signs here.
    pub issuers: Arc<Issuers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and secrets.
    pub randomness: Arc<Randomness>,
    /// The contexts that documents may use.
    pub contexts: &'static Contexts,
    /// The settings.
    pub config: Arc<Config>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}
