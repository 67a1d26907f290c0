//! What was fetched a moment ago, so that a hundred credentials of one issuer ask for its keys once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::FetchError;

/// So long a revocation may stay unseen here, and a rotated key unknown.
pub const MAX_AGE: Duration = Duration::from_secs(300);
/// Of all documents together: a fraction of the smallest Lambda function's memory.
const MAX_BYTES: usize = 8_000_000;
const MAX_DOCUMENTS: usize = 256;

/// Documents by URL.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    outcome: Result<Arc<str>, FetchError>,
    since: Instant,
    asked: Instant,
}

impl Cache {
    pub(super) fn get(&self, url: &str) -> Option<Arc<str>> {
        let documents = self.documents();
        let kept = documents.get(url)?;
        kept.outcome.clone().ok().filter(|_| kept.since.elapsed() < MAX_AGE)
    }

    /// What came of the last attempt where that was less than `pause` ago, and a document of this age at most.
    pub(super) fn recent(&self, url: &str, max_age: Duration, pause: Duration) -> Option<Result<Arc<str>, FetchError>> {
        let documents = self.documents();
        let kept = documents.get(url)?;
        let is_recent =
            kept.asked.elapsed() < pause || (kept.outcome.is_ok() && kept.since.elapsed() < max_age.min(MAX_AGE));
        is_recent.then(|| kept.outcome.clone())
    }

    /// A failure is kept too, but takes no document's place while that is of use.
    pub(super) fn keep_outcome(&self, url: &str, outcome: &Result<Arc<str>, FetchError>) {
        if outcome.is_err()
            && let Some(kept) = self.documents().get_mut(url)
            && kept.outcome.is_ok()
            && kept.since.elapsed() < MAX_AGE
        {
            kept.asked = Instant::now();
            return;
        }
        self.insert(url, outcome.clone());
    }

    pub(super) fn keep(&self, url: &str, text: &Arc<str>) {
        self.insert(url, Ok(text.clone()));
    }

    /// Old documents make room; where that is not enough, the oldest ones do.
    fn insert(&self, url: &str, outcome: Result<Arc<str>, FetchError>) {
        let mut documents = self.documents();
        documents.retain(|_, kept| kept.since.elapsed() < MAX_AGE);
        let now = Instant::now();
        let kept = Kept {
            outcome,
            since: now,
            asked: now,
        };
        documents.insert(url.to_owned(), kept);
        while documents.len() > MAX_DOCUMENTS || bytes(&documents) > MAX_BYTES {
            let oldest = documents.iter().min_by_key(|(_, kept)| kept.since);
            let Some(url) = oldest.map(|(url, _)| url.clone()) else {
                break;
            };
            documents.remove(&url);
        }
    }

    /// A panic elsewhere leaves no half-written document behind: each change is one insert or removal.
    fn documents(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(documents: &HashMap<String, Kept>) -> usize {
    let texts = documents.values().filter_map(|kept| kept.outcome.as_ref().ok());
    texts.map(|text| text.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_document_is_kept_for_some_minutes() {
        let cache = Cache::default();
        cache.keep("https://a.example", &Arc::from("a"));
        tokio::time::advance(MAX_AGE - Duration::from_secs(1)).await;
        assert_eq!(cache.get("https://a.example").as_deref(), Some("a"));
        assert_eq!(cache.get("https://b.example"), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(cache.get("https://a.example"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_documents_make_room() {
        let cache = Cache::default();
        let half: Arc<str> = Arc::from("x".repeat(MAX_BYTES / 2));
        for url in ["https://a.example", "https://b.example", "https://c.example"] {
            cache.keep(url, &half);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(cache.get("https://a.example").is_none());
        assert!(cache.get("https://b.example").is_some() && cache.get("https://c.example").is_some());
        for index in 0..=MAX_DOCUMENTS {
            cache.keep(&format!("https://{index}.example"), &Arc::from(""));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(cache.documents().len(), MAX_DOCUMENTS);
    }
}
