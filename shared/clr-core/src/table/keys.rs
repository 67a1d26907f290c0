//! Every key format of the table, so that it can be understood at a glance.
//!
//! | pk | sk | item |
//! |---|---|---|
//! | `T#{tenant}#CLIENT#{client id}` | `CLIENT` | a registered client |
//! | same | `GRANT#{grant id}` | one of its grants is there |
//! | `T#{tenant}#CLIENTS` | `{client id}` | such a client is there |
//! | `T#{tenant}#AUTHORIZATION#{id}` | `AUTHORIZATION` | what a learner came for, while signing in and deciding |
//! | `T#{tenant}#PUSHED#{digest of its reference}` | `PUSHED` | an authorization request that the browser has not brought yet |
//! | `T#{tenant}#ONCE#{digest}` | `ONCE` | an assertion or a proof that must not come again |
//! | `T#{tenant}#GRANT#{grant id}` | `GRANT` | a grant: code, tokens and all |
//! | `T#{tenant}#ATTEMPTS#{class}#{address or client}` | `{first second of the minute}` | how often it tried; gone by TTL |
//! | `T#{tenant}#LEARNER#{learner id}` | `LEARNER` | who the learner is |
//! | same | `PROFILE` | the Profile that an application put for the learner |
//! | same | `GRANT#{grant id}` | one of the learner's grants is there |
//! | same | `CONSENT#{client id}` | what the learner allowed this application before |
//! | same | `COUNT` | how many credentials there are |
//! | same | `ID#{clrCredentialId}` | a credential's ordinal and version |
//! | same | `ORD#{ordinal, 10 digits}` | a credential: its head and the first part of its body; carries `issued` |
//! | same | `PART#{ordinal, 10 digits}#{part, 2 digits}` | a further part of its body |
//! | `T#{tenant}#IDEMPOTENCY#{client id}#{key}` | `ATTEMPT` | who works at a request, and what became of it |
//! | same | `PART#{part, 2 digits}` | a part of its answer |
//! | `T#{tenant}#AUDIT#{UTC date}` | `{time, fixed width}#{id}` | an act of that day: never changed, never deleted |
//! | `T#{tenant}#STATUSLISTS#ALL` | `CURRENT#{purpose}` | the status list that new entries of a purpose go into |
//! | same | `LIST#{list}` | there is such a list |
//! | `T#{tenant}#STATUSLIST#{list}` | `HEAD` | its purpose, and how often its bits were changed |
//! | same | `SIGNED` | the list credential that was signed last |
//! | `T#{tenant}#STATUSLIST#{list}#{segment, 2 digits}` | `SEGMENT` | a sixteenth of its entries: which are assigned, which set |
//! | `T#{tenant}#CREDENTIAL#{SHA-256 of the credential's id}` | `STATUS#{purpose}#{list}#{index}` | an entry that it was given |
//! | `T#{tenant}#ISSUER#{SHA-256 of the issuer's id}` | `KEY#{multikey}` | a public key that the issuer signs or signed with |

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, civil::Date};
use learner_record::StatusPurpose;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    TableError, TenantId,
    item::{fixed_width, utc_date},
    status::StatusPlace,
};
use crate::{
    Digest,
    learners::LearnerId,
    oauth::{AuthorizationId, ClientId, GrantId, Holder, SingleUse},
    rate_limit::RateClass,
};

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

fn key(tenant: &TenantId, kind: &str, id: &str, sk: String) -> Key {
    Key {
        pk: format!("T#{}#{kind}#{id}", tenant.as_str()),
        sk,
    }
}

pub(crate) fn client(tenant: &TenantId, id: ClientId) -> Key {
    key(tenant, "CLIENT", &id.to_string(), "CLIENT".to_owned())
}

/// Where the clients of a tenant are listed.
pub(crate) fn listed_client(tenant: &TenantId, id: ClientId) -> Key {
    Key {
        pk: format!("T#{}#CLIENTS", tenant.as_str()),
        sk: id.to_string(),
    }
}

/// Before the id of a grant, in the sort key of the entries below.
pub(crate) const GRANT_ENTRY: &str = "GRANT#";

/// That a client has this grant.
pub(crate) fn grant_of_client(tenant: &TenantId, client: ClientId, id: GrantId) -> Key {
    key(tenant, "CLIENT", &client.to_string(), format!("{GRANT_ENTRY}{id}"))
}

/// That a learner gave this grant; none where the institution itself is the holder.
pub(crate) fn grant_of_holder(tenant: &TenantId, holder: &Holder, id: GrantId) -> Option<Key> {
    match holder {
        Holder::Learner(learner) => Some(of_learner(tenant, learner, format!("{GRANT_ENTRY}{id}"))),
        Holder::Operator => None,
    }
}

/// What a learner allowed a client before.
pub(crate) fn consent(tenant: &TenantId, learner: &LearnerId, client: ClientId) -> Key {
    of_learner(tenant, learner, format!("CONSENT#{client}"))
}

pub(crate) fn pushed_request(tenant: &TenantId, id: &Digest) -> Key {
    key(tenant, "PUSHED", id.as_str(), "PUSHED".to_owned())
}

pub(crate) fn single_use(tenant: &TenantId, once: &SingleUse) -> Key {
    key(tenant, "ONCE", once.id(), "ONCE".to_owned())
}

pub(crate) fn authorization(tenant: &TenantId, id: AuthorizationId) -> Key {
    key(tenant, "AUTHORIZATION", &id.to_string(), "AUTHORIZATION".to_owned())
}

pub(crate) fn grant(tenant: &TenantId, id: GrantId) -> Key {
    key(tenant, "GRANT", &id.to_string(), "GRANT".to_owned())
}

pub(crate) fn attempts(tenant: &TenantId, class: RateClass, source: &str, window: i64) -> Key {
    key(
        tenant,
        "ATTEMPTS",
        &format!("{}#{source}", class.as_str()),
        window.to_string(),
    )
}

/// The sort key of who a learner is.
pub(crate) const LEARNER: &str = "LEARNER";

pub(crate) fn learner(tenant: &TenantId, id: &LearnerId) -> Key {
    of_learner(tenant, id, LEARNER.to_owned())
}

/// The Profile that an application put for the learner.
pub(crate) fn profile(tenant: &TenantId, learner: &LearnerId) -> Key {
    of_learner(tenant, learner, "PROFILE".to_owned())
}

/// The learner's counter of credentials.
pub(crate) fn credential_count(tenant: &TenantId, learner: &LearnerId) -> Key {
    of_learner(tenant, learner, "COUNT".to_owned())
}

/// Where a credential is, by its identity.
pub(crate) fn credential_identity(tenant: &TenantId, learner: &LearnerId, clr_credential_id: &str) -> Key {
    of_learner(tenant, learner, format!("{IDENTITY}{clr_credential_id}"))
}

/// A credential by its place in the learner's list.
pub(crate) fn credential_at(tenant: &TenantId, learner: &LearnerId, ordinal: u64) -> Key {
    of_learner(tenant, learner, format!("ORD#{ordinal:010}"))
}

/// A further part of a credential's body; the first one, 0, is in the ordinal item itself.
pub(crate) fn credential_part(tenant: &TenantId, learner: &LearnerId, ordinal: u64, part: usize) -> Key {
    of_learner(tenant, learner, format!("PART#{ordinal:010}#{part:02}"))
}

/// What the sort keys of a credential's identity begin with.
pub(crate) const IDENTITY: &str = "ID#";

/// The learner in the partition key of one of his items.
pub(crate) fn learner_in<'a>(tenant: &TenantId, pk: &'a str) -> Option<&'a str> {
    pk.strip_prefix("T#")?
        .strip_prefix(tenant.as_str())?
        .strip_prefix("#LEARNER#")
}

/// An act in the audit of its day.
pub(crate) fn audit_entry(tenant: &TenantId, at: Timestamp, id: Uuid) -> Key {
    Key {
        pk: audit_day(tenant, utc_date(at)),
        sk: format!("{}#{id}", fixed_width(at)),
    }
}

/// The partition of a day's audit.
pub(crate) fn audit_day(tenant: &TenantId, day: Date) -> String {
    key(tenant, "AUDIT", &day.to_string(), String::new()).pk
}

/// Who works at a request that its client named.
pub(crate) fn attempt(tenant: &TenantId, client: &str, name: &str) -> Key {
    key(tenant, "IDEMPOTENCY", &format!("{client}#{name}"), "ATTEMPT".to_owned())
}

/// A part of the answer to a request that its client named.
pub(crate) fn answer_part(tenant: &TenantId, client: &str, name: &str, part: usize) -> Key {
    let id = format!("{client}#{name}");
    key(tenant, "IDEMPOTENCY", &id, format!("PART#{part:02}"))
}

/// The list that new entries of a purpose go into.
pub(crate) fn current_status_list(tenant: &TenantId, purpose: StatusPurpose) -> Key {
    key(tenant, "STATUSLISTS", "ALL", format!("CURRENT#{purpose}"))
}

/// A list in the list of lists.
pub(crate) fn listed_status_list(tenant: &TenantId, list: Uuid) -> Key {
    key(tenant, "STATUSLISTS", "ALL", format!("LIST#{list}"))
}

/// Partition and beginning of the sort keys of the list of lists.
pub(crate) fn status_lists(tenant: &TenantId) -> (String, String) {
    (key(tenant, "STATUSLISTS", "ALL", String::new()).pk, "LIST#".to_owned())
}

/// A list's head.
pub(crate) fn status_list(tenant: &TenantId, list: Uuid) -> Key {
    key(tenant, "STATUSLIST", &list.to_string(), "HEAD".to_owned())
}

pub(crate) fn signed_status_list(tenant: &TenantId, list: Uuid) -> Key {
    key(tenant, "STATUSLIST", &list.to_string(), "SIGNED".to_owned())
}

pub(crate) fn status_segment(tenant: &TenantId, list: Uuid, segment: usize) -> Key {
    key(
        tenant,
        "STATUSLIST",
        &format!("{list}#{segment:02}"),
        "SEGMENT".to_owned(),
    )
}

/// An entry of a credential.
pub(crate) fn status_entry(tenant: &TenantId, credential_id: &str, place: &StatusPlace) -> Key {
    let StatusPlace { list, purpose, index } = place;
    let (pk, prefix) = status_entries(tenant, credential_id);
    Key {
        pk,
        sk: format!("{prefix}{purpose}#{list}#{index}"),
    }
}

/// Partition and beginning of the sort keys of a credential's entries.
pub(crate) fn status_entries(tenant: &TenantId, credential_id: &str) -> (String, String) {
    (
        key(tenant, "CREDENTIAL", &hash(credential_id), String::new()).pk,
        "STATUS#".to_owned(),
    )
}

/// A public key of an issuer.
pub(crate) fn issuer_key(tenant: &TenantId, issuer: &str, multikey: &str) -> Key {
    key(tenant, "ISSUER", &hash(issuer), format!("KEY#{multikey}"))
}

/// Partition and beginning of the sort keys of an issuer's keys.
pub(crate) fn issuer_keys(tenant: &TenantId, issuer: &str) -> (String, String) {
    (
        key(tenant, "ISSUER", &hash(issuer), String::new()).pk,
        "KEY#".to_owned(),
    )
}

/// An id of any length and any letters, as part of a key.
fn hash(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(id))
}

/// The place in the sort key of an entry.
pub(crate) fn status_place(sk: &str) -> Result<StatusPlace, TableError> {
    let mut parts = sk.split('#').skip(1);
    let place = (|| {
        Some(StatusPlace {
            purpose: StatusPurpose::named(parts.next()?)?,
            list: parts.next()?.parse().ok()?,
            index: parts.next()?.parse().ok()?,
        })
    })();
    place.ok_or_else(|| TableError::Corrupt("the place of a status entry".to_owned()))
}

/// The ordinal in the sort key of an ordinal item.
pub(crate) fn ordinal_of(sk: &str) -> Option<u64> {
    sk.strip_prefix("ORD#")?.parse().ok()
}

fn of_learner(tenant: &TenantId, learner: &LearnerId, sk: String) -> Key {
    key(tenant, "LEARNER", learner.as_str(), sk)
}
