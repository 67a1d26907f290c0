//! The keys that a client publishes under `jwks_uri` ([RFC 7591, section 2](https://www.rfc-editor.org/rfc/rfc7591#section-2)).
//!
//! Anyone can write an assertion that names a client, and so have its keys asked for: they are fetched sparingly.

use url::Url;

use crate::{
    fetch::{Budget, FetchError, Fetcher, MAX_AGE, PAUSE},
    oauth::ClientKeys,
};

/// Why there are no keys to check an assertion with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// The document could not be had.
    #[error("the keys under jwks_uri could not be had: {0}")]
    NotFetched(#[from] FetchError),
    /// It was had and is of no use.
    #[error("the document under jwks_uri {0}")]
    NotKeys(String),
}

/// The keys at this URL, as they were known some minutes ago; where the key that the assertion names is not among them, as they are
/// now, or were a minute ago.
///
/// # Errors
/// See [`NoKeys`].
pub async fn published_keys(fetcher: &Fetcher, url: &Url, assertion: &str) -> Result<ClientKeys, NoKeys> {
    let keys = async |max_age| {
        let text = fetcher
            .get_sparingly(url.as_str(), max_age, &Budget::for_a_key_set())
            .await?;
        ClientKeys::published(&text).map_err(NoKeys::NotKeys)
    };
    let known = keys(MAX_AGE).await;
    match known {
        Ok(known) if known.may_have_made(assertion) => Ok(known),
        Err(NoKeys::NotFetched(error)) => Err(error.into()),
        Ok(_) | Err(NoKeys::NotKeys(_)) => keys(PAUSE).await,
    }
}
