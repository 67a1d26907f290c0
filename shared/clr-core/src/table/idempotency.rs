//! Requests that their client may send again (`Idempotency-Key`): done once, answered with the same bytes for a day.
//!
//! One item says who is at it. Whoever does the work writes the answer on the condition that the item still names him, in
//! one transaction with the audit of what he did: so an answer is there as a whole or not at all, and work that was lost
//! (the process died, or somebody else took over after its time) is neither answered nor on record.
//!
//! <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Patience, Table, TableError,
    body::{self, Body},
    definition::{PARTITION_KEY, TTL_ATTRIBUTE},
    incomplete, item,
    keys::{self, Key},
    transaction::{Transacted, fits},
};
use crate::{
    Randomness,
    audit::AuditEntry,
    oauth::Expiry,
    secret::{Digest, Secret},
};

/// So long a key stands for its first request.
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// After so long nobody can be at it any more: a function's time is over after 28 seconds.
const TAKEOVER_SECONDS: i64 = 30;

/// What a client calls a request: 1 to 128 visible ASCII characters, without quotes around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// A request that may come again.
#[derive(Clone, Copy, Debug)]
pub struct Idempotent<'a> {
    /// Whose key it is.
    pub client: &'a str,
    /// Its key.
    pub key: &'a IdempotencyKey,
    /// Its body.
    pub body: &'a str,
}

/// The right to do the work of a request, until it is finished, released, or taken over.
#[derive(Clone, Debug)]
pub struct Attempt {
    client: String,
    key: IdempotencyKey,
    head: Head,
}

/// How a request stands.
#[derive(Debug)]
pub enum Begun {
    /// The caller is to do it.
    Ours(Attempt),
    /// It was done. This is the answer, byte for byte.
    Done(String),
    /// Somebody is at it.
    Running,
    /// The key stands for another body.
    OtherBody,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    /// Of the request's body.
    request: Digest,
    attempt: Uuid,
    /// From then on somebody else may take over what has no answer.
    takeover: Expiry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    /// By the name of the table's TTL attribute.
    expires: Expiry,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    parts: usize,
    length: u64,
}

impl IdempotencyKey {
    /// Reads the header, with the quotes of a structured field or without.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let key = inner.unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        ((1..=128).contains(&key.len()) && key.bytes().all(allowed)).then(|| Self(key.to_owned()))
    }
}

impl Table {
    /// Begins a request, or tells how it stands. Of many that begin it at the same time one gets [`Begun::Ours`].
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn begin(
        &self,
        request: Idempotent<'_>,
        now: Timestamp,
        randomness: &Randomness,
        patience: Patience<'_>,
    ) -> Result<Begun, TableError> {
        let Idempotent { client, key, body } = request;
        let digest = Secret::presented(body);
        let mine = Attempt {
            client: client.to_owned(),
            key: key.clone(),
            head: Head {
                request: digest.digest(),
                attempt: randomness.uuid(),
                takeover: Expiry::after(now, TAKEOVER_SECONDS),
                answer: None,
                expires: Expiry::after(now, KEPT_SECONDS),
            },
        };
        let place = self.attempt_key(&mine);
        let mut attempts = patience.attempts();
        loop {
            if self.take(&mine, now).await? {
                return Ok(Begun::Ours(mine));
            }
            match self.read::<Head>("an attempt", &place).await? {
                // The answer to our own write was lost and the SDK wrote again.
                Some(theirs) if theirs.attempt == mine.head.attempt => return Ok(Begun::Ours(mine)),
                Some(theirs) if theirs.is_free(now) => {}
                Some(theirs) if !theirs.request.matches(&digest) => return Ok(Begun::OtherBody),
                Some(Head { answer: None, .. }) => return Ok(Begun::Running),
                Some(Head {
                    answer: Some(answer), ..
                }) => {
                    if let Some(text) = self.answer(request, &answer, patience).await? {
                        return Ok(Begun::Done(text));
                    }
                }
                // Released in between.
                None => {}
            }
            attempts.pause().await?;
        }
    }

    /// Keeps the answer and the audit of what was done for it, both or neither. `false`: somebody else has taken over;
    /// nothing was kept, and the answer may not be given.
    ///
    /// # Errors
    /// `TooLarge` when the answer does not fit into one transaction; the table is busy or refuses.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        answer: &str,
        audit: &AuditEntry,
        patience: Patience<'_>,
    ) -> Result<bool, TableError> {
        let body = Body::of(answer)?;
        let actions = self.finishing(attempt, &body, audit)?;
        if !fits(actions.len(), &body) {
            return Err(TableError::TooLarge);
        }
        let place = self.attempt_key(attempt);
        let mut attempts = patience.attempts();
        loop {
            if self.transact(actions.clone()).await? == Transacted::Committed {
                return Ok(true);
            }
            match self.read::<Head>("an attempt", &place).await? {
                Some(head) if head.attempt == attempt.head.attempt => {
                    if head.answer.is_some() {
                        return Ok(true);
                    }
                }
                _ => return Ok(false),
            }
            attempts.pause().await?;
        }
    }

    /// Gives up a request for which nothing was done, so that its key is free again.
    ///
    /// # Errors
    /// The table is busy or refuses.
    pub async fn release(&self, attempt: &Attempt) -> Result<(), TableError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(self.attempt_key(attempt).attributes()))
            .condition_expression("#attempt = :attempt AND attribute_not_exists(#answer)")
            .expression_attribute_names("#attempt", "attempt")
            .expression_attribute_names("#answer", "answer")
            .expression_attribute_values(":attempt", attempt.value());
        match delete.send().await {
            Ok(_) => Ok(()),
            // Somebody has taken over: then it is his.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(TableError::of("DeleteItem", error)),
        }
    }

    /// Whether the request is ours now: nobody was at it, or his time is over.
    async fn take(&self, attempt: &Attempt, now: Timestamp) -> Result<bool, TableError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item::write(&self.attempt_key(attempt), &attempt.head, None)?))
            .condition_expression(
                "attribute_not_exists(#pk) OR #expires <= :now OR (attribute_not_exists(#answer) AND #takeover <= :now)",
            )
            .expression_attribute_names("#pk", PARTITION_KEY)
            .expression_attribute_names("#expires", TTL_ATTRIBUTE)
            .expression_attribute_names("#answer", "answer")
            .expression_attribute_names("#takeover", "takeover")
            .expression_attribute_values(":now", item::number(now.as_second()));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(TableError::of("PutItem", error)),
        }
    }

    /// The answer's text; none when it was replaced while it was read.
    async fn answer(
        &self,
        request: Idempotent<'_>,
        answer: &Answer,
        patience: Patience<'_>,
    ) -> Result<Option<String>, TableError> {
        let (client, key) = (request.client, &request.key.0);
        let wanted: Vec<Key> = (0..answer.parts)
            .map(|part| keys::answer_part(&self.tenant, client, key, part))
            .collect();
        let mut items = self.read_all(&wanted, patience).await?;
        let mut parts = Vec::new();
        let mut digests = Vec::new();
        for key in &wanted {
            let Some(position) = items.iter().position(|item| key.names(item)) else {
                return Ok(None);
            };
            let (bytes, digest) = body::read_part(&items.swap_remove(position))?;
            parts.push(bytes);
            digests.push(digest);
        }
        if digests.windows(2).any(|pair| pair[0] != pair[1]) {
            return Ok(None);
        }
        body::restore(&parts, answer.length).map(Some)
    }

    fn finishing(
        &self,
        attempt: &Attempt,
        body: &Body,
        audit: &AuditEntry,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let parts = body.parts();
        let head = Head {
            answer: Some(Answer {
                parts: parts.len(),
                length: body.length,
            }),
            ..attempt.head.clone()
        };
        let put = |item| Put::builder().table_name(&self.name).set_item(Some(item));
        let head = put(item::write(&self.attempt_key(attempt), &head, None)?)
            .condition_expression("#attempt = :attempt AND attribute_not_exists(#answer)")
            .expression_attribute_names("#attempt", "attempt")
            .expression_attribute_names("#answer", "answer")
            .expression_attribute_values(":attempt", attempt.value());
        let mut puts = vec![head, self.audit_put(audit)?];
        for (number, part) in parts.into_iter().enumerate() {
            let key = keys::answer_part(&self.tenant, &attempt.client, &attempt.key.0, number);
            let mut item = body::part_item(&key, &body.digest, part);
            item.insert(
                TTL_ATTRIBUTE.to_owned(),
                item::number(attempt.head.expires.epoch_seconds()),
            );
            puts.push(put(item));
        }
        puts.into_iter()
            .map(|put| {
                Ok(TransactWriteItem::builder()
                    .put(put.build().map_err(incomplete)?)
                    .build())
            })
            .collect()
    }

    fn attempt_key(&self, attempt: &Attempt) -> Key {
        keys::attempt(&self.tenant, &attempt.client, &attempt.key.0)
    }
}

impl Head {
    /// Whether anybody may take it.
    fn is_free(&self, now: Timestamp) -> bool {
        self.expires.has_passed(now) || (self.answer.is_none() && self.takeover.has_passed(now))
    }
}

impl Attempt {
    fn value(&self) -> aws_sdk_dynamodb::types::AttributeValue {
        aws_sdk_dynamodb::types::AttributeValue::S(self.head.attempt.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_1_to_128_visible_characters_with_or_without_quotes() {
        let key = |text: &str| IdempotencyKey::parse(text).map(|key| key.0);
        assert_eq!(key("\"8e03978e-40d5\"").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(key(" 8e03978e-40d5 ").as_deref(), Some("8e03978e-40d5"));
        assert!(key(&"a".repeat(128)).is_some());
        for wrong in ["", "\"\"", "a b", "a\"b", "zoë", "\"a", &"a".repeat(129)] {
            assert_eq!(key(wrong), None, "{wrong:?}");
        }
    }
}
