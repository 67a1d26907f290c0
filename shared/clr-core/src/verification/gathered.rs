//! What must be had from elsewhere before a verdict can be given: key documents, status lists, schemas, newer versions.
//!
//! All of it is collected first, several documents at a time, then everything is judged without I/O. What is fetched may itself
//! need more (a status list is signed by a key, a newer version has a status of its own), so collecting goes on for some
//! rounds, within one budget.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use data_integrity::proofs_of;
use futures::{StreamExt as _, stream};
use learner_record::{CredentialKind, StatusEntry, issuer_id, items};
use serde_json::Value;

use super::{
    Policy, Verifier, issuer_page,
    jwt::Jwt,
    key_documents::{Keys, NoKey, jwks_url, key_document_url, needs_document, split},
    schema,
    status::{self, Entry, Told},
    subject::{Securing, Subject},
};
use crate::fetch::{Budget, FetchError};

/// Documents that are fetched at the same time.
const AT_ONCE: usize = 8;

/// Credential, newer version, its status list, the keys of that list.
const MOST_ROUNDS: usize = 4;

/// What was had, or why it was not.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) own_keys: BTreeMap<String, Result<Keys, String>>,
    pub(super) texts: BTreeMap<String, Result<Arc<str>, FetchError>>,
    /// What own status lists say now, by list, purpose and index.
    own_bits: BTreeMap<(String, String, usize), Told>,
}

/// What a credential needs from elsewhere.
#[derive(Debug, Default)]
struct Needs {
    /// Who signed, and whether their document must be had where they are not of this deployment.
    signers: BTreeMap<String, bool>,
    urls: BTreeSet<String>,
    /// Pages of issuers, by the issuer.
    pages: BTreeMap<String, String>,
    entries: Vec<StatusEntry>,
}

impl Gathered {
    /// Collects for these credentials.
    pub(super) async fn gather(subjects: &[Subject], verifier: &Verifier<'_>) -> Self {
        let budget = Budget::full();
        let mut gathered = Self::default();
        let mut needs = Needs::default();
        for subject in subjects {
            needs.of_credential(subject, verifier.policy, true);
        }
        for _ in 0..MOST_ROUNDS {
            let urls = gathered.load_own(needs, verifier).await;
            if urls.is_empty() {
                break;
            }
            let fetched: Vec<_> = stream::iter(urls)
                .map(|url| async {
                    let text = verifier.fetcher.get(&url, &budget).await;
                    (url, text)
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            needs = Needs::default();
            for (url, text) in fetched {
                if let Ok(text) = &text
                    && let Ok(credential) = read_credential(text)
                {
                    needs.of_credential(&credential, verifier.policy, false);
                }
                gathered.texts.insert(url, text);
            }
        }
        gathered
    }

    /// The keys of an own issuer; none where it is not one.
    pub(super) fn own_keys(&self, controller: &str) -> Result<Option<&Keys>, NoKey> {
        match self.own_keys.get(controller) {
            None => Ok(None),
            Some(Ok(keys)) => Ok(Some(keys)),
            Some(Err(reason)) => Err(NoKey::OutOfReach {
                reason: reason.clone(),
                retry: true,
            }),
        }
    }

    pub(super) fn text(&self, url: &str) -> Result<&str, FetchError> {
        match self.texts.get(url) {
            Some(Ok(text)) => Ok(text),
            Some(Err(error)) => Err(error.clone()),
            None => Err(FetchError::Refused("was not fetched".to_owned())),
        }
    }

    pub(super) fn json(&self, url: &str) -> Result<Value, FetchError> {
        let text = self.text(url)?;
        learner_record::read(text).map_err(|error| FetchError::Refused(format!("{url} is not JSON: {error}")))
    }

    /// A credential that was fetched: JSON or a compact JWS.
    pub(super) fn credential(&self, url: &str) -> Result<Subject, FetchError> {
        read_credential(self.text(url)?)
            .map_err(|reason| FetchError::Refused(format!("{url} is no credential: {reason}")))
    }

    /// What an own status list says of an entry; none where it is somebody else's.
    pub(super) fn own_bit(&self, entry: &StatusEntry) -> Option<&Told> {
        self.own_bits.get(&place(entry))
    }

    /// Takes from the deployment itself what is its own; gives the URLs of the rest.
    async fn load_own(&mut self, needs: Needs, verifier: &Verifier<'_>) -> BTreeSet<String> {
        let mut urls = needs.urls;
        for (signer, must_be_had) in needs.signers {
            if self.own_keys.contains_key(&signer) {
                continue;
            }
            match verifier.own_keys(&signer).await {
                Ok(None) => urls.extend(key_document_url(&signer).filter(|_| must_be_had)),
                Ok(Some(keys)) => drop(self.own_keys.insert(signer, Ok(keys))),
                Err(reason) => drop(self.own_keys.insert(signer, Err(reason))),
            }
        }
        for (issuer, page) in needs.pages {
            if !matches!(verifier.issuers.find(&issuer).await, Ok(Some(_))) {
                urls.insert(page);
            }
        }
        let own_lists = verifier.own_lists.as_ref();
        let bits = match own_lists {
            Some(lists) => lists.are_set(&needs.entries).await,
            None => Ok(vec![None; needs.entries.len()]),
        };
        match bits {
            Ok(bits) => {
                for (entry, bit) in needs.entries.into_iter().zip(bits) {
                    match bit {
                        Some(bit) => drop(self.own_bits.insert(place(&entry), status::of_bit(&entry, bit))),
                        None => drop(urls.insert(entry.list)),
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "states of own lists could not be read");
                let told = Told::unseen("its status could not be read at the moment".to_owned(), true);
                let places = needs.entries.iter().map(|entry| (place(entry), told.clone()));
                self.own_bits.extend(places);
            }
        }
        urls.retain(|url| !self.texts.contains_key(url));
        urls
    }
}

impl Needs {
    /// `alone`: it was submitted, not fetched for another one, so what it names beside keys and status counts too.
    fn of_credential(&mut self, subject: &Subject, policy: Policy, submitted: bool) {
        let credential = subject.credential();
        match &subject.securing {
            Securing::Jwt(jwt) => self.of_jwt(jwt, policy),
            Securing::Embedded => {
                let methods = proofs_of(credential).into_iter();
                let methods = methods.filter_map(|proof| proof.get("verificationMethod")?.as_str());
                for method in methods {
                    self.of_method(method, policy);
                }
            }
        }
        if policy == Policy::ProofOnly {
            return;
        }
        for (_, entry) in status::entries(credential).0 {
            match Entry::read(entry) {
                Ok(Entry::Bit(entry)) => self.entries.push(entry),
                Ok(Entry::RevokedIds(url)) => drop(self.urls.insert(url)),
                Err(_) => {}
            }
        }
        if submitted {
            let kind = CredentialKind::of(credential);
            let schemas = credential
                .get("credentialSchema")
                .map(|schemas| items(String::new(), Some(schemas)));
            for (_, entry) in schemas.into_iter().flatten().take(schema::MOST_SCHEMAS) {
                self.urls.extend(schema::url_to_fetch(entry, kind).map(str::to_owned));
            }
            self.urls.extend(refresh_url(credential).map(str::to_owned));
            if let (Some(page), Some(issuer)) = (issuer_page::url_to_visit(subject, policy), issuer_id(credential)) {
                self.pages.insert(issuer.to_owned(), page.to_owned());
            }
        }
    }

    fn of_method(&mut self, method: &str, policy: Policy) {
        let (controller, _) = split(method);
        if !controller.starts_with("did:key:") {
            *self.signers.entry(controller.to_owned()).or_default() |= needs_document(method, policy);
        }
    }

    fn of_jwt(&mut self, jwt: &Jwt, policy: Policy) {
        match (&jwt.key_id, issuer_id(&jwt.credential)) {
            (Some(method), _) => self.of_method(method, policy),
            (None, Some(issuer)) if policy == Policy::Strict => {
                self.signers.entry(issuer.to_owned()).or_default();
                self.urls.extend(jwks_url(issuer));
            }
            _ => {}
        }
    }
}

fn place(entry: &StatusEntry) -> (String, String, usize) {
    (entry.list.clone(), entry.purpose.clone(), entry.index)
}

/// The URL of a newer version, where the credential offers one in the way that is known here.
pub(super) fn refresh_url(credential: &Value) -> Option<&str> {
    let service = credential.get("refreshService")?;
    let is_known = service
        .get("type")
        .is_some_and(|kind| kind == "1EdTechCredentialRefresh");
    service.get("id").filter(|_| is_known)?.as_str()
}

fn read_credential(text: &str) -> Result<Subject, String> {
    if text.trim_start().starts_with('{') {
        let value = learner_record::read(text).map_err(|error| error.to_string())?;
        return Ok(Subject::outer(Arc::new(value)));
    }
    Jwt::read(text)
        .map(Subject::outer_jwt)
        .map_err(|error| error.to_string())
}
