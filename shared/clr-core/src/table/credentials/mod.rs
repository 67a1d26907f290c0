//! The credentials of a learner: a list with dense ordinals, each credential in it once.
//!
//! A credential is three kinds of items (see `table/keys.rs`): an identity item that says where it is and which version,
//! an ordinal item with its head and the first part of its compressed body, and further parts. Whatever changes more than
//! one of them is one transaction. Parts carry the digest of the body they belong to, so that a reader who meets a
//! replacement halfway notices and reads again.

mod item;
mod list;
mod upsert;

use jiff::Timestamp;

pub use self::list::{CredentialPage, PageRequest};
use crate::verification::Judgement;

/// A learner's credentials are pages of at most this many (`BatchGetItem` takes 100 keys).
pub const MAX_PAGE_ITEMS: u32 = 100;

/// No page's bodies are longer than this, counted as they stand in Lambda's response: a JSON string, quotes escaped.
/// (Lambda itself stops at 6 MB.) No credential is longer either, so that each can be listed.
pub const MAX_PAGE_BYTES: u64 = 5_500_000;

/// How a credential came, and so how it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON with embedded proofs.
    Json,
    /// A compact JWS.
    Jws,
}

/// A credential to be kept for a learner; verified, as it was submitted.
#[derive(Clone, Debug)]
pub struct SubmittedCredential<'a> {
    /// Identity: [`learner_record::CredentialIdentity::clr_credential_id`].
    pub clr_credential_id: &'a str,
    /// `validFrom`; of two versions the later is the newer.
    pub issued: Timestamp,
    /// Its form.
    pub form: Form,
    /// The submitted text, kept byte for byte.
    pub text: &'a str,
    /// What is known of its life.
    pub judgement: Judgement,
}

/// What became of a submitted credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// It is new to the learner.
    Created,
    /// It took the place of the version that was there.
    Replaced,
    /// These very bytes were there already; nothing was written, but for another state of its life.
    Identical,
    /// A newer version is there; nothing was written.
    Older,
}

/// A credential that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCredential {
    /// As it was submitted.
    pub credential: StoredCredential,
    /// What was known of its life when it was submitted first, or later in another state.
    pub judgement: Judgement,
}

/// A credential as it was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// Its form.
    pub form: Form,
    /// The submitted text, byte for byte.
    pub text: String,
}
