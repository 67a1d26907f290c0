//! The status entries of what is issued: each credential has one of its own, and none of another's.
//!
//! What is signed is for good. Were its entry another credential's, revoking the one would revoke both. So what a credential brings
//! with it must, in a list of this deployment, be word for word an entry that its id was given here, as it has who is issued again.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use learner_record::{Finding, StatusPurpose, items, unsigned_inside};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{IssueError, Issuing, refused_option};
use crate::{TableError, status::StatusLists};

/// The context that defines status entries.
const VC_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// So many credentials' entries are read at once.
const MOST_READS: usize = 16;

impl Issuing<'_> {
    /// The entries in lists of this deployment that are not those of the credential which brings them.
    pub(super) async fn misplaced_entries(&self, record: &Value) -> Result<Vec<Finding>, TableError> {
        let Some(lists) = &self.lists else {
            return Ok(Vec::new());
        };
        let mut brought = brought_entries(lists.base, record);
        if brought.is_empty() {
            return Ok(Vec::new());
        }
        let opened: HashSet<Uuid> = lists.table.status_lists().await?.into_iter().collect();
        brought.retain(|entry| entry.is_below_base || !opened.is_disjoint(&entry.named));
        let credentials: HashSet<&str> = brought.iter().map(|entry| entry.credential).collect();
        let reads: Vec<_> = credentials.into_iter().map(|id| entries_of(lists, id)).collect();
        let own: HashMap<&str, Vec<Value>> = stream::iter(reads).buffer_unordered(MOST_READS).try_collect().await?;
        brought.retain(|entry| own.get(entry.credential).is_none_or(|own| !own.contains(entry.entry)));
        Ok(brought.into_iter().map(|entry| entry.finding()).collect())
    }

    /// Gives the credential, and every one inside it that is about to be signed, an entry of its own.
    pub(super) async fn give_status(&self, record: &mut Value, asked: Option<StatusPurpose>) -> Result<(), IssueError> {
        let Some(lists) = self.lists.as_ref().filter(|_| self.gives_status) else {
            let none = |_| {
                Err(refused_option(
                    "/options/statusPurpose",
                    "this deployment keeps no status lists",
                ))
            };
            return asked.map_or(Ok(()), none);
        };
        let purpose = asked.unwrap_or(StatusPurpose::Revocation);
        let places = without_status(record);
        let ids: Vec<_> = places.iter().map(|(_, id)| id.as_str()).collect();
        let entries = lists.assign(purpose, &ids).await?;
        for ((pointer, _), entry) in places.iter().zip(entries) {
            if let Some(Value::Object(credential)) = record.pointer_mut(pointer) {
                credential.insert("credentialStatus".to_owned(), entry);
            }
        }
        Ok(())
    }
}

async fn entries_of<'a>(lists: &StatusLists<'_>, credential: &'a str) -> Result<(&'a str, Vec<Value>), TableError> {
    Ok((credential, lists.entries_of(credential).await?))
}

/// An entry that a credential brings, and that may be in a list of this deployment.
struct Brought<'a> {
    pointer: String,
    credential: &'a str,
    entry: &'a Value,
    /// Whether it names a URL where this deployment's lists are, whether or not there is such a list.
    is_below_base: bool,
    /// What may be the ids of lists in its URLs: a list may be known by other host names, too.
    named: HashSet<Uuid>,
}

impl Brought<'_> {
    fn finding(&self) -> Finding {
        let message = format!(
            "points into a status list of this deployment, and is no entry that the credential {:?} was given there: leave it out to \
             get one, or bring the credential's own, unchanged",
            self.credential
        );
        Finding::new(self.pointer.as_str(), "status-entry", message)
    }
}

/// What may be in a list below `base`, or in one of ours by another name.
fn brought_entries<'a>(base: &str, record: &'a Value) -> Vec<Brought<'a>> {
    let base = Url::parse(base).ok();
    let mut brought = Vec::new();
    for (pointer, credential) in about_to_be_signed(record) {
        let id = credential["id"].as_str().unwrap_or_default();
        for (pointer, entry) in items(
            format!("{pointer}/credentialStatus"),
            credential.get("credentialStatus"),
        ) {
            let mut urls = Vec::new();
            urls_in(entry, &mut urls);
            let is_below_base = urls
                .iter()
                .any(|url| base.as_ref().is_some_and(|base| is_below(url, base)));
            let named: HashSet<_> = urls
                .iter()
                .flat_map(segments)
                .filter_map(|segment| segment.parse().ok())
                .collect();
            if is_below_base || !named.is_empty() {
                brought.push(Brought {
                    pointer,
                    credential: id,
                    entry,
                    is_below_base,
                    named,
                });
            }
        }
    }
    brought
}

/// The URLs anywhere in a value.
fn urls_in(value: &Value, found: &mut Vec<Url>) {
    match value {
        Value::String(text) => found.extend(Url::parse(text)),
        Value::Array(items) => items.iter().for_each(|item| urls_in(item, found)),
        Value::Object(members) => members.values().for_each(|member| urls_in(member, found)),
        _ => {}
    }
}

fn is_below(url: &Url, base: &Url) -> bool {
    url.origin() == base.origin()
        && segments(url).len() > segments(base).len()
        && segments(url).starts_with(&segments(base))
}

/// The steps of a URL's path, as a server reads them.
fn segments(url: &Url) -> Vec<String> {
    let segments = url.path_segments().into_iter().flatten();
    segments
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

/// What gets a proof, with its pointer: the credentials inside the record that have none, and the record.
fn about_to_be_signed(record: &Value) -> impl Iterator<Item = (String, &Value)> {
    let inside = unsigned_inside(record).into_iter().map(|embedded| embedded.pointer);
    inside
        .chain([String::new()])
        .filter_map(|pointer| Some((record.pointer(&pointer)?, pointer)))
        .map(|(credential, pointer)| (pointer, credential))
}

/// What is to be signed, has an id and brings no status: pointers and ids. A credential of VC 1.1 knows no such entries.
fn without_status(record: &Value) -> Vec<(String, String)> {
    let lacks_status = |credential: &Value| {
        let contexts = credential["@context"].as_array();
        let is_v2 = contexts.is_some_and(|contexts| contexts.iter().any(|context| context == VC_V2));
        is_v2 && credential.get("credentialStatus").is_none()
    };
    about_to_be_signed(record)
        .filter(|(_, credential)| lacks_status(credential))
        .filter_map(|(pointer, credential)| Some((pointer, credential["id"].as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "https://records.example.edu/status";

    fn suspected(url: &str) -> bool {
        let record = json!({"id": "urn:a", "credentialStatus": {"statusListCredential": url}});
        !brought_entries(BASE, &record).is_empty()
    }

    #[test]
    fn a_url_where_lists_are_is_known_however_it_is_spelled() {
        for url in [
            "https://records.example.edu/status/x",
            "HTTPS://Records.Example.edu:443/a/../status/x?y#1",
            "https://records.example.edu/%73tatus/x",
            "https://someone@records.example.edu/status/x",
        ] {
            assert!(suspected(url), "{url}");
        }
    }

    #[test]
    fn an_id_that_could_be_a_lists_is_seen_at_any_host_and_in_any_spelling() {
        for url in [
            "https://elsewhere.example/lists/f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
            "http://records.example.edu//status/F81D4FAE7DEC41D0A76500A0C91E6BF6/",
            "https://elsewhere.example/%6681d4fae-7dec-41d0-a765-00a0c91e6bf6#7",
        ] {
            assert!(suspected(url), "{url}");
        }
    }

    #[test]
    fn lists_of_others_are_none_of_ours() {
        for url in [
            "https://elsewhere.example/status/3",
            "https://records.example.edu/statuses/3",
            "https://records.example.edu/status",
            "urn:uuid:f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
            "3",
        ] {
            assert!(!suspected(url), "{url}");
        }
    }

    #[test]
    fn what_is_deeper_in_an_entry_is_seen_and_what_is_signed_already_is_not_looked_at() {
        let entry = json!({"statusListCredential": [{"id": "https://records.example.edu/status/x"}]});
        let record = json!({"id": "urn:a", "credentialSubject": {"verifiableCredential": [
            {"id": "urn:signed", "proof": {}, "credentialStatus": entry},
            {"id": "urn:unsigned", "credentialStatus": [{"id": "urn:other"}, entry]},
        ]}});
        let found = brought_entries(BASE, &record);
        let found: Vec<_> = found
            .iter()
            .map(|entry| (entry.pointer.as_str(), entry.credential))
            .collect();
        let pointer = "/credentialSubject/verifiableCredential/1/credentialStatus/1";
        assert_eq!(found, [(pointer, "urn:unsigned")]);
    }
}
