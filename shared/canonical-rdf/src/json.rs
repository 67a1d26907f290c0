//! A JSON document, read once: its values stand in one vector in the order of the text, strings borrowed from it.

mod reader;
mod scalars;
mod value;

use std::{borrow::Cow, collections::HashMap};

use crate::error::Fault;

/// The most bytes of a document. The service takes 4 MB; a record of 400 nested credentials has 2.2 MB.
pub const MAX_BYTES: usize = 16 << 20;
/// The most levels of nesting: real records stay below 20. Processing recurses, so this also bounds the stack.
pub const MAX_DEPTH: usize = 128;
/// The most values and keys. A record of 400 nested credentials has 140 000.
pub const MAX_NODES: usize = 1_000_000;

/// A JSON document, borrowed from its text or from a [`serde_json::Value`].
#[derive(Debug)]
pub struct Document<'a> {
    nodes: Vec<Node<'a>>,
}

#[derive(Debug)]
enum Node<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    Array(Extent),
    /// Its entries follow, each a key and a value.
    Object(Extent),
}

#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Items or entries.
    length: u32,
    /// Nodes, this one included.
    size: u32,
}

/// A value within a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<'d> {
    /// From its first node to the end of the document.
    nodes: &'d [Node<'d>],
}

/// A value to match on.
#[derive(Clone, Debug)]
pub(crate) enum View<'d> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'d str),
    String(&'d str),
    Array(Items<'d>),
    Object(Entries<'d>),
}

impl Document<'_> {
    pub(crate) fn root(&self) -> Json<'_> {
        Json { nodes: &self.nodes }
    }

    /// The place of a value, if it stands in this document.
    pub(crate) fn position(&self, json: Json<'_>) -> Option<usize> {
        let index = self.nodes.len().checked_sub(json.nodes.len())?;
        std::ptr::eq(self.nodes.get(index)?, json.nodes.first()?).then_some(index)
    }

    /// The value whose [`Json::address`] is given, if it stands in this document.
    pub(crate) fn at_address(&self, address: usize) -> Option<Json<'_>> {
        let index = address.checked_sub(self.root().address())? / size_of::<Node<'_>>();
        let nodes = self.nodes.get(index..).filter(|nodes| !nodes.is_empty())?;
        Some(Json { nodes })
    }

    /// The RFC 6901 pointer of the value at this position.
    pub(crate) fn pointer(&self, position: usize) -> String {
        let mut pointer = String::new();
        let mut here = self.root();
        loop {
            let covers = |json: &Json<'_>| {
                self.position(*json)
                    .is_some_and(|at| at <= position && position < at + json.size())
            };
            let step = match here.view() {
                View::Array(mut items) => items.clone().position(|item| covers(&item)).and_then(|index| {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    items.nth(index)
                }),
                View::Object(mut entries) => entries.find(|(_, value)| covers(value)).map(|(key, value)| {
                    push_step(&mut pointer, key);
                    value
                }),
                _ => None,
            };
            match step {
                Some(inner) => here = inner,
                None => return pointer,
            }
        }
    }
}

fn push_step(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

impl<'d> Json<'d> {
    pub(crate) fn view(self) -> View<'d> {
        let rest = self.nodes.get(1..).unwrap_or_default();
        match &self.nodes[0] {
            Node::Null => View::Null,
            Node::Bool(value) => View::Bool(*value),
            Node::Number(text) => View::Number(text),
            Node::String(text) => View::String(text),
            Node::Array(extent) => View::Array(Items {
                nodes: rest,
                left: extent.length,
            }),
            Node::Object(extent) => View::Object(Entries {
                nodes: rest,
                left: extent.length,
            }),
        }
    }

    pub(crate) fn as_str(self) -> Option<&'d str> {
        match &self.nodes[0] {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_bool(self) -> Option<bool> {
        match &self.nodes[0] {
            Node::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(&self.nodes[0], Node::Null)
    }

    pub(crate) fn is_array(self) -> bool {
        matches!(&self.nodes[0], Node::Array(_))
    }

    pub(crate) fn entries(self) -> Option<Entries<'d>> {
        match self.view() {
            View::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of an entry, by a search through the object.
    pub(crate) fn entry(self, key: &str) -> Option<Json<'d>> {
        self.entries()?.find(|entry| entry.0 == key).map(|entry| entry.1)
    }

    /// The items of an array, or the value itself.
    pub(crate) fn as_array(self) -> Items<'d> {
        match self.view() {
            View::Array(items) => items,
            _ => Items {
                nodes: self.nodes,
                left: 1,
            },
        }
    }

    /// How many nodes it takes.
    pub(crate) fn size(self) -> usize {
        match &self.nodes[0] {
            Node::Array(extent) | Node::Object(extent) => extent.size as usize,
            _ => 1,
        }
    }

    /// Tells one value from all others that are in memory at the same time.
    pub(crate) fn address(self) -> usize {
        self.nodes.as_ptr().addr()
    }

    fn split(nodes: &'d [Node<'d>]) -> (Self, &'d [Node<'d>]) {
        let json = Self { nodes };
        (json, nodes.get(json.size()..).unwrap_or_default())
    }
}

/// Values are equal whatever the order of their entries.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.address() == other.address() {
            return true;
        }
        match (self.view(), other.view()) {
            (View::Null, View::Null) => true,
            (View::Bool(a), View::Bool(b)) => a == b,
            (View::Number(a), View::Number(b)) | (View::String(a), View::String(b)) => a == b,
            (View::Array(a), View::Array(b)) => a.left == b.left && a.eq(b),
            (View::Object(a), View::Object(b)) => {
                if a.left != b.left {
                    return false;
                }
                // The order is nearly always the same.
                if a.clone().zip(b.clone()).all(|(a, b)| a.0 == b.0) {
                    return a.zip(b).all(|(a, b)| a.1 == b.1);
                }
                let b: HashMap<_, _> = b.collect();
                a.into_iter().all(|(key, value)| b.get(key) == Some(&value))
            }
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Items<'d> {
    nodes: &'d [Node<'d>],
    left: u32,
}

impl<'d> Iterator for Items<'d> {
    type Item = Json<'d>;

    fn next(&mut self) -> Option<Json<'d>> {
        self.left = self.left.checked_sub(1)?;
        let (json, rest) = Json::split(self.nodes);
        self.nodes = rest;
        Some(json)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}

#[derive(Clone, Debug)]
pub(crate) struct Entries<'d> {
    nodes: &'d [Node<'d>],
    left: u32,
}

impl<'d> Iterator for Entries<'d> {
    type Item = (&'d str, Json<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (key, rest) = self.nodes.split_first()?;
        let (value, rest) = Json::split(rest);
        self.nodes = rest;
        match key {
            Node::String(key) => Some((key, value)),
            // Keys are strings: both readers write them so.
            _ => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl<'a> Document<'a> {
    /// The value of a member, if the document is an object that has it. (A number in it that no `f64` can hold hides it.)
    #[must_use]
    pub fn member(&self, key: &str) -> Option<serde_json::Value> {
        self.root().entry(key)?.to_value()
    }

    /// The document without a member, if it is an object that has it.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        let member = self
            .root()
            .entry(key)
            .and_then(|value| Some((self.position(value)?, value.size())));
        if let Some((position, size)) = member
            && let Some(Node::Object(extent)) = self.nodes.first_mut()
        {
            // The key stands before its value.
            extent.length -= 1;
            extent.size -= 1 + size as u32;
            self.nodes.drain(position - 1..position + size);
        }
        self
    }

    fn push(nodes: &mut Vec<Node<'a>>, node: Node<'a>) -> Result<(), Fault> {
        if nodes.len() >= MAX_NODES {
            return Err(Fault::Bound("the number of values"));
        }
        nodes.push(node);
        Ok(())
    }

    /// Says how far the array or object that was begun at `start` reaches, now that it ends.
    fn close(nodes: &mut [Node<'a>], start: usize, length: u32) {
        // MAX_NODES is below 2³².
        let size = (nodes.len() - start) as u32;
        if let Node::Array(extent) | Node::Object(extent) = &mut nodes[start] {
            *extent = Extent { length, size };
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_without_a_member_is_the_rest() {
        let text = br#"{"a": [1, {"b": null}], "proof": {"x": ["y", 2.50, true]}, "c": "d"}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document.member("proof"), Some(json!({"x": ["y", 2.50, true]})));
        assert_eq!(document.member("x"), None);
        let rest = document.without("proof").without("not there");
        assert_eq!(rest.root().to_value(), Some(json!({"a": [1, {"b": null}], "c": "d"})));
        let last = rest.without("c").without("a");
        assert_eq!(last.root().to_value(), Some(json!({})));
        let list = Document::parse(b"[1]").unwrap().without("a");
        assert_eq!((list.member("a"), list.root().to_value()), (None, Some(json!([1]))));
    }
}
