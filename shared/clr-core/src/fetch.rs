//! The one way out: documents of others, fetched from URLs that strangers wrote.
//!
//! A credential names the URLs of keys, status lists, schemas and newer versions of itself. Whoever sends one here chooses
//! where this service connects to, so every request goes through this guard:
//!
//! - https only; no user name or password in the URL; no cookies, no proxy, nothing sent but `GET` with an `Accept`;
//! - the host is resolved here, every address it has must be a public one, and an address that was vetted is the one that is
//!   connected to, so a name that changes its answer in between gains nothing;
//! - redirects are followed here, each target vetted like the first URL;
//! - bytes, inflated bytes, time, redirects and documents per verification are bounded.
//!
//! Any content type is taken: what a document is shows when it is read.

mod address;
mod cache;
mod lookup;

use std::{
    hash::{BuildHasher as _, RandomState},
    io::Read as _,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flate2::read::GzDecoder;
use reqwest::{Certificate, Client, StatusCode, header, redirect};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};
use url::{Host, Url};

pub use self::cache::MAX_AGE;
use self::{
    address::is_public,
    cache::Cache,
    lookup::{Lookup, NotPublic, VettedLookup},
};

/// As long as the longest request body: the longest document of all is a newer version of a record.
pub const MAX_BYTES: usize = 4_000_000;
/// With its redirects. A visitor waits for it; who needs longer is taken as out of reach.
pub const TIME_PER_FETCH: Duration = Duration::from_secs(5);
/// As many as sites need that moved once and added a `www`.
const MAX_REDIRECTS: usize = 3;
/// A record of a learner's life names a dozen issuers, each with a key document and a status list.
const MAX_FETCHES: usize = 32;
/// All fetches for one verdict: the answer must be out before API Gateway's 30 seconds.
const TIME_PER_VERIFICATION: Duration = Duration::from_secs(12);
/// A set of public keys of one client is not longer.
const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// Whatever came of it, the fetcher asks for no document again before this time is over.
pub const PAUSE: Duration = Duration::from_secs(60);
/// Documents that are asked for sparingly wait for each other in as many queues.
const QUEUES: usize = 16;
/// Longer URLs are data in disguise.
const LONGEST_URL: usize = 2048;

/// Fetches documents. One per process: its cache is shared.
#[derive(Debug)]
pub struct Fetcher {
    // Made for the first fetch: reading the system's certificates takes longer than most requests.
    client: OnceLock<Client>,
    lookup: Lookup,
    trusted: Vec<Certificate>,
    reach: Reach,
    cache: Cache,
    queues: [Mutex<()>; QUEUES],
    hasher: RandomState,
}

/// Which addresses are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Public,
    /// For tests and `clr serve`, which run beside the servers that they ask: loopback too, and there http.
    PublicAndLoopback,
}

/// What one verification may spend on fetching.
#[derive(Debug)]
pub struct Budget {
    fetches_left: AtomicUsize,
    deadline: Instant,
    longest: usize,
}

/// Why there is no document. The text names the URL's host, no more of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not fetched, and never will be: the guard stands in the way.
    #[error("{0}")]
    Refused(String),
    /// Its server says that it has no such document.
    #[error("{0}")]
    Absent(String),
    /// Could not be reached; another try may succeed.
    #[error("{0}")]
    OutOfReach(String),
}

impl Fetcher {
    /// Reaches public addresses only.
    #[expect(clippy::new_without_default, reason = "how far a fetcher reaches is said aloud")]
    pub fn new() -> Self {
        Self::build(Reach::Public, Lookup::System, [])
    }

    /// Reaches loopback addresses too, also by http, and trusts these certificates beside the system's: for tests and
    /// laptops. No environment variable leads here.
    pub fn reaching_loopback(trusted: impl IntoIterator<Item = Certificate>) -> Self {
        Self::build(Reach::PublicAndLoopback, Lookup::System, trusted)
    }

    /// Reaches servers on this machine only and finds no other host, without asking the network: for tests.
    pub fn offline(trusted: impl IntoIterator<Item = Certificate>) -> Self {
        Self::build(Reach::PublicAndLoopback, Lookup::ThisMachine, trusted)
    }

    fn build(reach: Reach, lookup: Lookup, trusted: impl IntoIterator<Item = Certificate>) -> Self {
        Self {
            client: OnceLock::new(),
            lookup,
            trusted: trusted.into_iter().collect(),
            reach,
            cache: Cache::default(),
            queues: Default::default(),
            hasher: RandomState::new(),
        }
    }

    fn client(&self) -> Result<&Client, FetchError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let lookup = VettedLookup {
            lookup: self.lookup.clone(),
            reach: self.reach,
        };
        let client = Client::builder()
            .user_agent(concat!("clr-serverless/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(lookup))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .http1_only()
            // A connection that is kept would outlive the freezing of a Lambda function.
            .pool_max_idle_per_host(0)
            .tls_certs_merge(self.trusted.iter().cloned())
            .build()
            .map_err(|error| FetchError::OutOfReach(format!("the TLS library does not start: {error}")))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// The text at a URL, from the cache where it was fetched within the last minutes.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, budget: &Budget) -> Result<Arc<str>, FetchError> {
        let url = self.vet(url)?;
        if let Some(text) = self.cache.get(url.as_str()) {
            return Ok(text);
        }
        let deadline = budget.spend()?;
        let text = self.fetch(&url, deadline, budget.longest).await?;
        self.cache.keep(url.as_str(), &text);
        Ok(text)
    }

    /// The same for a document that strangers can make this process ask for as often as they like: its server is asked once a
    /// minute at most, however many want it and whatever comes of it. What is older than `max_age` is asked for again.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub(crate) async fn get_sparingly(
        &self,
        url: &str,
        max_age: Duration,
        budget: &Budget,
    ) -> Result<Arc<str>, FetchError> {
        let url = self.vet(url)?;
        if let Some(outcome) = self.cache.recent(url.as_str(), max_age, PAUSE) {
            return outcome;
        }
        let deadline = budget.spend()?;
        let queue = usize::try_from(self.hasher.hash_one(url.as_str()) % QUEUES as u64).unwrap_or_default();
        let _turn = timeout_at(deadline, self.queues[queue].lock())
            .await
            .map_err(|_| too_late(&url))?;
        // Another request may have asked for it meanwhile.
        if let Some(outcome) = self.cache.recent(url.as_str(), max_age, PAUSE) {
            return outcome;
        }
        let outcome = self.fetch(&url, deadline, budget.longest).await;
        self.cache.keep_outcome(url.as_str(), &outcome);
        outcome
    }

    async fn fetch(&self, url: &Url, deadline: Instant, longest: usize) -> Result<Arc<str>, FetchError> {
        timeout_at(deadline, self.follow(url.clone(), longest))
            .await
            .map_err(|_| too_late(url))?
    }

    /// Takes a document as if it had just been fetched.
    #[cfg(test)]
    pub(crate) fn remember(&self, url: &str, text: &str) {
        self.cache.keep(url, &Arc::from(text));
    }

    async fn follow(&self, mut url: Url, longest: usize) -> Result<Arc<str>, FetchError> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.request(&url).await?;
            let status = response.status();
            let host = url.host_str().unwrap_or_default();
            if status.is_redirection() {
                let location = response.headers().get(header::LOCATION);
                let target = location
                    .and_then(|location| location.to_str().ok())
                    .and_then(|location| url.join(location).ok())
                    .ok_or_else(|| FetchError::Absent(format!("{host} redirects to nowhere ({status})")))?;
                url = self.vet(target.as_str())?;
                continue;
            }
            match status {
                StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
                    return text(response, host, longest).await;
                }
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {}
                status if status.is_client_error() || status.is_success() => {
                    return Err(FetchError::Absent(format!("{host} has no such document ({status})")));
                }
                _ => {}
            }
            return Err(FetchError::OutOfReach(format!("{host} answered {status}")));
        }
        Err(FetchError::Refused(format!(
            "{} redirects more than {MAX_REDIRECTS} times",
            url.host_str().unwrap_or_default()
        )))
    }

    async fn request(&self, url: &Url) -> Result<reqwest::Response, FetchError> {
        let request = self
            .client()?
            .get(url.clone())
            .header(header::ACCEPT, "application/json, application/ld+json;q=0.9, */*;q=0.8")
            .header(header::ACCEPT_ENCODING, "gzip, identity");
        request.send().await.map_err(|error| {
            let host = url.host_str().unwrap_or_default();
            match NotPublic::behind(&error) {
                Some(NotPublic) => FetchError::Refused(format!("{host} has an address that is not public")),
                None if error.is_timeout() => FetchError::OutOfReach(format!("{host} did not answer in time")),
                None => FetchError::OutOfReach(format!("{host} could not be reached")),
            }
        })
    }

    /// Reads a URL that may be fetched, as far as one can tell before its host is resolved. Its fragment is dropped.
    fn vet(&self, text: &str) -> Result<Url, FetchError> {
        let refused = |reason: &str| FetchError::Refused(reason.to_owned());
        if text.len() > LONGEST_URL {
            return Err(refused("the URL is too long"));
        }
        let mut url = Url::parse(text).map_err(|_| refused("is not a URL"))?;
        url.set_fragment(None);
        let is_local = self.reach == Reach::PublicAndLoopback
            && match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
        match url.scheme() {
            "https" => {}
            "http" if is_local => {}
            _ => return Err(refused("only https URLs are fetched")),
        }
        let host = url.host().ok_or_else(|| refused("the URL names no host"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("a URL with a user name or password is not fetched"));
        }
        let is_allowed = match host {
            Host::Domain(_) => true,
            Host::Ipv4(address) => self.reach.allows(address.into()),
            Host::Ipv6(address) => self.reach.allows(address.into()),
        };
        if !is_allowed {
            return Err(refused("the URL's address is not public"));
        }
        Ok(url)
    }
}

impl Reach {
    fn allows(self, address: std::net::IpAddr) -> bool {
        is_public(address) || (self == Self::PublicAndLoopback && address.is_loopback())
    }
}

impl Budget {
    /// For a verification that starts now.
    #[must_use]
    pub fn full() -> Self {
        Self {
            fetches_left: AtomicUsize::new(MAX_FETCHES),
            deadline: Instant::now() + TIME_PER_VERIFICATION,
            longest: MAX_BYTES,
        }
    }

    /// For the keys of one client that waits for an answer.
    pub(crate) fn for_a_key_set() -> Self {
        Self {
            fetches_left: AtomicUsize::new(1),
            deadline: Instant::now() + TIME_PER_FETCH,
            longest: MAX_KEY_SET_BYTES,
        }
    }

    /// Takes one fetch, and tells until when it must be done.
    fn spend(&self) -> Result<Instant, FetchError> {
        let left = self
            .fetches_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(FetchError::Refused(
                "more documents would have to be fetched than may be for one request".to_owned(),
            ));
        }
        let now = Instant::now();
        if now >= self.deadline {
            return Err(FetchError::OutOfReach(
                "fetching other documents took too long".to_owned(),
            ));
        }
        Ok(self.deadline.min(now + TIME_PER_FETCH))
    }
}

fn too_late(url: &Url) -> FetchError {
    FetchError::OutOfReach(format!("{} did not answer in time", url.host_str().unwrap_or_default()))
}

/// The body, inflated where its server compressed it.
async fn text(mut response: reqwest::Response, host: &str, longest: usize) -> Result<Arc<str>, FetchError> {
    let too_long = || FetchError::Refused(format!("the document of {host} is too long"));
    let encoding = response.headers().get(header::CONTENT_ENCODING).cloned();
    let mut bytes = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let chunk = chunk.map_err(|_| FetchError::OutOfReach(format!("{host} broke off its answer")))?;
        let Some(chunk) = chunk else { break };
        if bytes.len() + chunk.len() > longest {
            return Err(too_long());
        }
        bytes.extend_from_slice(&chunk);
    }
    let bytes = match encoding.as_ref().map(header::HeaderValue::as_bytes) {
        None | Some(b"identity") => bytes,
        Some(b"gzip" | b"x-gzip") => inflate(&bytes, longest).map_err(|error| match error {
            NotInflated::TooLong => too_long(),
            NotInflated::Broken => FetchError::Refused(format!("the document of {host} is not well compressed")),
        })?,
        Some(_) => {
            let reason = format!("the document of {host} has a content encoding that nobody asked for");
            return Err(FetchError::Refused(reason));
        }
    };
    String::from_utf8(bytes)
        .map(Arc::from)
        .map_err(|_| FetchError::Refused(format!("the document of {host} is not UTF-8 text")))
}

enum NotInflated {
    TooLong,
    Broken,
}

/// Compression hides no longer document than may come in the open.
fn inflate(bytes: &[u8], longest: usize) -> Result<Vec<u8>, NotInflated> {
    let mut inflated = Vec::new();
    GzDecoder::new(bytes)
        .take(longest as u64 + 1)
        .read_to_end(&mut inflated)
        .map_err(|_| NotInflated::Broken)?;
    if inflated.len() > longest {
        return Err(NotInflated::TooLong);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests;
