//! The items of a credential, to and from DynamoDB attributes.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::Timestamp;

use super::{Form, SubmittedCredential};
use crate::{
    table::{
        TableError,
        body::{self, Body, part_item},
        definition::ISSUED_ATTRIBUTE,
        item::{Item, fixed_width},
        keys::{self, Key},
    },
    verification::{Judgement, State},
};

pub(super) const COUNT: &str = "count";
pub(super) const ORDINAL: &str = "ordinal";
pub(super) const DIGEST: &str = "digest";
/// The identity item's issue time. Not [`ISSUED_ATTRIBUTE`]: that would put the item into the index beside its credential.
const VERSION: &str = "version";
const PARTS: &str = "parts";
const FORM: &str = "form";
const LENGTH: &str = "length";
const ESCAPED_LENGTH: &str = "escapedLength";
const STATE: &str = "state";
const NESTED_STATE: &str = "nestedState";
const JUDGED: &str = "judged";
const CLR_CREDENTIAL_ID: &str = "clrCredentialId";

/// Where a credential is, and which version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) ordinal: u64,
    pub(super) version: Timestamp,
    pub(super) digest: Vec<u8>,
    pub(super) parts: usize,
    pub(super) judgement: Judgement,
}

/// A credential's place in the list: what is known of it without its whole body, and the body's first part.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) ordinal: u64,
    pub(super) issued: Timestamp,
    pub(super) form: Form,
    pub(super) digest: Vec<u8>,
    pub(super) parts: usize,
    pub(super) length: u64,
    pub(super) escaped_length: u64,
    first_part: Vec<u8>,
}

impl Identity {
    pub(super) fn of(submitted: &SubmittedCredential<'_>, body: &Body, ordinal: u64) -> Self {
        let (version, parts) = (submitted.issued, body.parts().len());
        Self {
            ordinal,
            version,
            digest: body.digest.clone(),
            parts,
            judgement: submitted.judgement,
        }
    }

    /// Whether it is known in the state in which it comes now.
    pub(super) fn is_in_state_of(&self, submitted: &SubmittedCredential<'_>) -> bool {
        let (known, now) = (self.judgement, submitted.judgement);
        (known.state, known.nested) == (now.state, now.nested)
    }

    pub(super) fn to_item(&self, key: &Key) -> Item {
        let mut item = key.attributes();
        item.insert(ORDINAL.to_owned(), number_value(self.ordinal));
        item.insert(VERSION.to_owned(), AttributeValue::S(fixed_width(self.version)));
        item.insert(DIGEST.to_owned(), bytes_value(&self.digest));
        item.insert(PARTS.to_owned(), number_value(self.parts as u64));
        let Judgement { state, nested, at } = self.judgement;
        item.insert(STATE.to_owned(), AttributeValue::S(state.to_string()));
        item.insert(NESTED_STATE.to_owned(), AttributeValue::S(nested.to_string()));
        item.insert(JUDGED.to_owned(), AttributeValue::S(fixed_width(at)));
        item
    }

    pub(super) fn from_item(item: &Item) -> Result<Self, TableError> {
        // What was kept before states were, was in force: nothing else was taken then. Its issue time is as far back as that is known.
        let is_judged = item.contains_key(JUDGED);
        let state = |name| match is_judged {
            true => text(item, name)?.parse().map_err(|_| unreadable(name)),
            false => Ok(State::Valid),
        };
        let version = timestamp(item, VERSION)?;
        Ok(Self {
            ordinal: number(item, ORDINAL)?,
            version,
            digest: bytes(item, DIGEST)?,
            parts: parts(item)?,
            judgement: Judgement {
                state: state(STATE)?,
                nested: state(NESTED_STATE)?,
                at: if is_judged { timestamp(item, JUDGED)? } else { version },
            },
        })
    }
}

impl Head {
    pub(super) fn from_item(item: &Item) -> Result<Self, TableError> {
        let Key { sk, .. } = Key::of_item(item)?;
        let ordinal = keys::ordinal_of(&sk).ok_or_else(|| unreadable("sk"))?;
        let form = match text(item, FORM)?.as_str() {
            "json" => Form::Json,
            "jws" => Form::Jws,
            _ => return Err(unreadable(FORM)),
        };
        Ok(Self {
            ordinal,
            issued: timestamp(item, ISSUED_ATTRIBUTE)?,
            form,
            digest: bytes(item, DIGEST)?,
            parts: parts(item)?,
            length: number(item, LENGTH)?,
            escaped_length: number(item, ESCAPED_LENGTH)?,
            first_part: body::read_part(item)?.0,
        })
    }

    /// The submitted text; `further` are the parts after the first, in order.
    pub(super) fn into_text(self, further: Vec<Vec<u8>>) -> Result<String, TableError> {
        let parts: Vec<Vec<u8>> = std::iter::once(self.first_part).chain(further).collect();
        body::restore(&parts, self.length)
    }
}

/// The ordinal item of a submitted credential.
pub(super) fn head_item(key: &Key, submitted: &SubmittedCredential<'_>, body: &Body) -> Item {
    let form = match submitted.form {
        Form::Json => "json",
        Form::Jws => "jws",
    };
    let parts = body.parts();
    let mut item = part_item(key, &body.digest, parts[0]);
    item.insert(
        CLR_CREDENTIAL_ID.to_owned(),
        AttributeValue::S(submitted.clr_credential_id.to_owned()),
    );
    item.insert(
        ISSUED_ATTRIBUTE.to_owned(),
        AttributeValue::S(fixed_width(submitted.issued)),
    );
    item.insert(FORM.to_owned(), AttributeValue::S(form.to_owned()));
    item.insert(PARTS.to_owned(), number_value(parts.len() as u64));
    item.insert(LENGTH.to_owned(), number_value(body.length));
    item.insert(ESCAPED_LENGTH.to_owned(), number_value(body.escaped_length));
    item
}

/// How many credentials the learner has; no item: none yet.
pub(super) fn read_count(item: Option<&Item>) -> Result<u64, TableError> {
    item.map_or(Ok(0), |item| number(item, COUNT))
}

pub(super) fn number_value(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn bytes_value(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn parts(item: &Item) -> Result<usize, TableError> {
    usize::try_from(number(item, PARTS)?).map_err(|_| unreadable(PARTS))
}

fn number(item: &Item, name: &str) -> Result<u64, TableError> {
    let text = item.get(name).and_then(|value| value.as_n().ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| unreadable(name))
}

fn text(item: &Item, name: &str) -> Result<String, TableError> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .ok_or_else(|| unreadable(name))
}

fn timestamp(item: &Item, name: &str) -> Result<Timestamp, TableError> {
    text(item, name)?.parse().map_err(|_| unreadable(name))
}

fn bytes(item: &Item, name: &str) -> Result<Vec<u8>, TableError> {
    let blob = item.get(name).and_then(|value| value.as_b().ok());
    blob.map(|blob| blob.as_ref().to_vec()).ok_or_else(|| unreadable(name))
}

fn unreadable(attribute: &str) -> TableError {
    TableError::Corrupt(format!("the attribute {attribute} of a credential's item"))
}
