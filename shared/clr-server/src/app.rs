//! What every handler can use.

use std::{fmt, sync::Arc};

use canonical_rdf::Contexts;
use clr_core::{
    Clock, Randomness, Table,
    fetch::Fetcher,
    issuers::Issuers,
    status::StatusLists,
    verification::{Policy, Verifier},
};

use crate::{Config, RequestLog, SignIn};

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
    /// Fetches the documents of others.
    pub fetcher: Arc<Fetcher>,
    /// The settings.
    pub config: Arc<Config>,
    /// How learners sign in.
    pub sign_in: Arc<SignIn>,
    /// Where each request is told of.
    pub request_log: RequestLog,
}

impl App {
    /// A verifier for this moment, who knows the status lists under this URL without fetching them.
    #[must_use]
    pub fn verifier<'a>(&'a self, policy: Policy, status_lists: &'a str) -> Verifier<'a> {
        Verifier {
            policy,
            issuers: &self.issuers,
            own_lists: Some(self.status_lists(status_lists)),
            fetcher: &self.fetcher,
            contexts: self.contexts,
            now: self.clock.now(),
            recipient: Arc::new([]),
        }
    }

    /// The status lists under this URL.
    #[must_use]
    pub fn status_lists<'a>(&'a self, base: &'a str) -> StatusLists<'a> {
        StatusLists {
            table: &self.table,
            issuers: &self.issuers,
            contexts: self.contexts,
            clock: &*self.clock,
            randomness: &self.randomness,
            patience: self.patience(),
            base,
        }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
