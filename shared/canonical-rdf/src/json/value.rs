//! From a [`serde_json::Value`], and to one.

use std::borrow::Cow;

use serde_json::Value;

use super::{Document, Extent, Json, MAX_DEPTH, Node, View};
use crate::error::{Error, Fault};

const OPEN: Extent = Extent { length: 0, size: 0 };

impl<'a> TryFrom<&'a Value> for Document<'a> {
    type Error = Error;

    fn try_from(value: &'a Value) -> Result<Self, Error> {
        let mut nodes = Vec::new();
        push(&mut nodes, value, 0).map_err(Error::document)?;
        Ok(Self { nodes })
    }
}

impl Json<'_> {
    /// The value by itself, unless a number in it cannot be held.
    pub(crate) fn to_value(self) -> Option<Value> {
        Some(match self.view() {
            View::Null => Value::Null,
            View::Bool(value) => value.into(),
            View::Number(text) => Value::Number(text.parse().ok()?),
            View::String(text) => text.into(),
            View::Array(items) => Value::Array(items.map(Json::to_value).collect::<Option<_>>()?),
            View::Object(entries) => {
                let entries = entries.map(|(key, value)| Some((key.to_owned(), value.to_value()?)));
                Value::Object(entries.collect::<Option<_>>()?)
            }
        })
    }
}

fn push<'a>(nodes: &mut Vec<Node<'a>>, value: &'a Value, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::Bound("nesting"));
    }
    let start = nodes.len();
    match value {
        Value::Null => Document::push(nodes, Node::Null),
        Value::Bool(value) => Document::push(nodes, Node::Bool(*value)),
        Value::Number(number) => Document::push(nodes, Node::Number(Cow::Owned(number.to_string()))),
        Value::String(text) => Document::push(nodes, Node::String(Cow::Borrowed(text))),
        Value::Array(items) => {
            Document::push(nodes, Node::Array(OPEN))?;
            items.iter().try_for_each(|item| push(nodes, item, depth + 1))?;
            Document::close(nodes, start, items.len() as u32);
            Ok(())
        }
        Value::Object(entries) => {
            Document::push(nodes, Node::Object(OPEN))?;
            for (key, value) in entries {
                Document::push(nodes, Node::String(Cow::Borrowed(key)))?;
                push(nodes, value, depth + 1)?;
            }
            Document::close(nodes, start, entries.len() as u32);
            Ok(())
        }
    }
}
