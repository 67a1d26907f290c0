//! Values as items: their own members, the key, and when the item may be deleted.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    TableError,
    definition::{PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE},
    keys::Key,
};
use crate::oauth::Expiry;

pub(super) type Item = HashMap<String, AttributeValue>;

impl Key {
    /// As the key of a request.
    pub(super) fn attributes(&self) -> Item {
        HashMap::from([
            (PARTITION_KEY.to_owned(), AttributeValue::S(self.pk.clone())),
            (SORT_KEY.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }

    /// Whether this is the key of an item.
    pub(super) fn names(&self, item: &Item) -> bool {
        let equals = |name: &str, text: &String| item.get(name).and_then(|value| value.as_s().ok()) == Some(text);
        equals(PARTITION_KEY, &self.pk) && equals(SORT_KEY, &self.sk)
    }
}

/// The item of a value.
pub(super) fn write<T: Serialize>(key: &Key, value: &T, expires: Option<Expiry>) -> Result<Item, TableError> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|error| TableError::Corrupt(error.to_string()))?;
    item.extend(key.attributes());
    if let Some(expires) = expires {
        item.insert(TTL_ATTRIBUTE.to_owned(), number(expires.epoch_seconds()));
    }
    Ok(item)
}

/// The value of an item. The error names the item's kind, never its content.
pub(super) fn read<T: DeserializeOwned>(kind: &str, item: Item) -> Result<T, TableError> {
    serde_dynamo::from_item(item).map_err(|_| TableError::Corrupt(format!("{kind} has another form")))
}

/// The value with this key among many items.
pub(super) fn take<T: DeserializeOwned>(kind: &str, key: &Key, items: &mut Vec<Item>) -> Result<Option<T>, TableError> {
    let position = items.iter().position(|item| key.names(item));
    position
        .map(|position| read(kind, items.swap_remove(position)))
        .transpose()
}

pub(super) fn text(text: String) -> AttributeValue {
    AttributeValue::S(text)
}

pub(super) fn bytes(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// A number, as DynamoDB writes it.
pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// UTC with nanoseconds, 30 characters: text order is time order (from year 0 on).
pub(super) fn fixed_width(time: Timestamp) -> String {
    format!("{time:.9}")
}

/// The day of a time in UTC.
pub(super) fn utc_date(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_width_and_sort_as_text() {
        let times = [
            "0999-12-31T23:59:59Z",
            "2024-01-01T01:00:00+02:00",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.5Z",
        ];
        let texts = times.map(|time| fixed_width(time.parse().unwrap()));
        assert!(texts.is_sorted(), "{texts:?}");
        assert!(texts.iter().all(|text| text.len() == 30), "{texts:?}");
    }
}
