//! From text (RFC 8259), with bounds; a key that stands twice in an object is an error.

use std::collections::HashSet;

use super::{Document, Extent, MAX_BYTES, MAX_DEPTH, Node, push_step};
use crate::error::{Error, Fault, Located};

impl<'a> Document<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// Where it is not JSON, a key that stands twice in an object, or a bound.
    pub fn parse(json: &'a [u8]) -> Result<Self, Error> {
        if json.len() > MAX_BYTES {
            return Err(Error::document(Fault::Bound("bytes")));
        }
        let text = std::str::from_utf8(json).map_err(|error| {
            Error::document(Fault::Json {
                at: error.valid_up_to(),
                reason: "not UTF-8",
            })
        })?;
        // A value takes 16 bytes or more in real records.
        let nodes = Vec::with_capacity(json.len() / 16);
        let mut reader = Reader {
            text,
            at: 0,
            nodes,
            path: Vec::new(),
        };
        match reader.document() {
            Ok(()) => Ok(Self { nodes: reader.nodes }),
            Err(fault @ Fault::DuplicateKey(_)) => Err(Error(vec![Located {
                pointer: reader.pointer(),
                fault,
            }])),
            Err(fault) => Err(Error::document(fault)),
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    nodes: Vec<Node<'a>>,
    /// Where in which of the open arrays and objects the reader is.
    path: Vec<Step>,
}

enum Step {
    /// The node that holds the key.
    Key(usize),
    Item(u32),
}

/// An object with more keys than this is searched for duplicates by hashing.
const FEW_KEYS: u32 = 16;

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<(), Fault> {
        self.space();
        self.value()?;
        self.space();
        if self.at < self.text.len() {
            return self.fail("something after the end of the document");
        }
        Ok(())
    }

    fn value(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                self.push(Node::String(text))
            }
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => self.fail("a value was expected"),
        }
    }

    fn object(&mut self) -> Result<(), Fault> {
        let start = self.open(Node::Object(OPEN))?;
        let mut length = 0;
        self.path.push(Step::Key(start));
        while self.another(b'}', length == 0)? {
            if self.peek() != Some(b'"') {
                return self.fail("a key was expected");
            }
            let key = self.string()?;
            if let Some(step) = self.path.last_mut() {
                *step = Step::Key(self.nodes.len());
            }
            let known = length < FEW_KEYS && self.has_key(start, &key);
            self.push(Node::String(key))?;
            if known {
                return Err(self.duplicate());
            }
            self.space();
            if self.peek() != Some(b':') {
                return self.fail("a colon was expected");
            }
            self.at += 1;
            self.space();
            self.value()?;
            length += 1;
        }
        Document::close(&mut self.nodes, start, length);
        if length > FEW_KEYS {
            self.check_many_keys(start)?;
        }
        self.path.pop();
        Ok(())
    }

    fn array(&mut self) -> Result<(), Fault> {
        let start = self.open(Node::Array(OPEN))?;
        let mut length = 0;
        self.path.push(Step::Item(0));
        while self.another(b']', length == 0)? {
            if let Some(step) = self.path.last_mut() {
                *step = Step::Item(length);
            }
            self.value()?;
            length += 1;
        }
        Document::close(&mut self.nodes, start, length);
        self.path.pop();
        Ok(())
    }

    fn open(&mut self, node: Node<'a>) -> Result<usize, Fault> {
        if self.path.len() >= MAX_DEPTH {
            return Err(Fault::Bound("nesting"));
        }
        self.at += 1;
        self.push(node)?;
        Ok(self.nodes.len() - 1)
    }

    /// Moves to the next item or entry, if there is one, or past the closing bracket.
    fn another(&mut self, close: u8, first: bool) -> Result<bool, Fault> {
        self.space();
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            _ if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(true)
            }
            _ => self.fail("a comma or a closing bracket was expected"),
        }
    }

    /// Whether the open object that begins at `start` has this key already.
    fn has_key(&self, start: usize, key: &str) -> bool {
        let mut at = start + 1;
        while let Some(Node::String(known)) = self.nodes.get(at) {
            if known.as_ref() == key {
                return true;
            }
            at += 1 + self.size(at + 1);
        }
        false
    }

    fn check_many_keys(&mut self, start: usize) -> Result<(), Fault> {
        let mut keys = HashSet::new();
        let mut at = start + 1;
        while let Some(Node::String(key)) = self.nodes.get(at) {
            if !keys.insert(key.as_ref()) {
                if let Some(step) = self.path.last_mut() {
                    *step = Step::Key(at);
                }
                return Err(self.duplicate());
            }
            at += 1 + self.size(at + 1);
        }
        Ok(())
    }

    fn size(&self, at: usize) -> usize {
        match self.nodes.get(at) {
            Some(Node::Array(extent) | Node::Object(extent)) => extent.size as usize,
            _ => 1,
        }
    }

    fn duplicate(&self) -> Fault {
        match self.path.last() {
            Some(Step::Key(at)) => Fault::DuplicateKey(self.key(*at).to_owned()),
            _ => Fault::DuplicateKey(String::new()),
        }
    }

    fn key(&self, at: usize) -> &str {
        match self.nodes.get(at) {
            Some(Node::String(key)) => key,
            _ => "",
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            match step {
                Step::Key(at) => push_step(&mut pointer, self.key(*at)),
                Step::Item(index) => push_step(&mut pointer, &index.to_string()),
            }
        }
        pointer
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Result<(), Fault> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.fail("a value was expected");
        }
        self.at += word.len();
        self.push(node)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn push(&mut self, node: Node<'a>) -> Result<(), Fault> {
        Document::push(&mut self.nodes, node)
    }

    pub(super) fn fail<T>(&self, reason: &'static str) -> Result<T, Fault> {
        Err(Fault::Json { at: self.at, reason })
    }
}

const OPEN: Extent = Extent { length: 0, size: 0 };

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::json::View;

    fn to_value(json: crate::json::Json<'_>) -> Value {
        match json.view() {
            View::Null => Value::Null,
            View::Bool(value) => value.into(),
            View::Number(text) => serde_json::from_str(text).unwrap(),
            View::String(text) => text.into(),
            View::Array(items) => items.map(to_value).collect(),
            View::Object(entries) => {
                Value::Object(entries.map(|(key, value)| (key.to_owned(), to_value(value))).collect())
            }
        }
    }

    fn faults(json: &str) -> Vec<Located> {
        Document::parse(json.as_bytes()).unwrap_err().0
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        for json in [
            r#" {"a" : [1, -2.5e+10, 0, true, false, null, "", {}, []], "b": {"c": "d"}, "": "x"} "#,
            r#"["\"\\\/\b\f\n\r\t", "a\u00e9\uD83D\uDE00z", "é😀", "plain"]"#,
            "0.10",
            "\"x\"",
            &deep,
        ] {
            let expected: Value = serde_json::from_str(json).unwrap();
            let document = Document::parse(json.as_bytes()).unwrap();
            assert_eq!(to_value(document.root()), expected);
            assert_eq!(to_value(Document::try_from(&expected).unwrap().root()), expected);
        }
    }

    #[test]
    fn it_refuses_what_serde_json_refuses() {
        for json in [
            "",
            " ",
            "{",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "b":2}"#,
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "tru",
            "nul",
            "falsey",
            "NaN",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12é4\"",
            "\"\\uD800\"",
            "\"\\uD800\\u0041\"",
            "\"\\uDC00\"",
            "\"\n\"",
            "1 2",
            "[1]]",
            "'a'",
            "\u{FEFF}1",
        ] {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json:?}");
            assert!(Document::parse(json.as_bytes()).is_err(), "{json:?}");
        }
        assert!(Document::parse(b"\"\xFF\"").is_err());
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_place() {
        let located = |pointer: &str, key: &str| {
            vec![Located {
                pointer: pointer.into(),
                fault: Fault::DuplicateKey(key.into()),
            }]
        };
        assert_eq!(faults(r#"{"a":1,"b":2,"\u0061":3}"#), located("/a", "a"));
        assert_eq!(faults(r#"[0,{"x/y":{"b":[],"b":[]}}]"#), located("/1/x~1y/b", "b"));
        let many: Vec<_> = (0..100).map(|key| format!("\"{}\":[{{}}]", key % 99)).collect();
        assert_eq!(faults(&format!("[{{{}}}]", many.join(","))), located("/0/0", "0"));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Document::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(matches!(
            faults(&nested(MAX_DEPTH + 1))[0].fault,
            Fault::Bound("nesting")
        ));
        assert!(Document::parse("[".repeat(1_000_000).as_bytes()).is_err());
    }

    #[test]
    fn values_are_bounded() {
        let many = format!("[{}0]", "0,".repeat(crate::json::MAX_NODES));
        assert!(matches!(faults(&many)[0].fault, Fault::Bound("the number of values")));
    }

    #[test]
    fn bytes_are_bounded() {
        let long = format!("\"{}\"", "x".repeat(MAX_BYTES));
        assert!(matches!(faults(&long)[0].fault, Fault::Bound("bytes")));
    }

    #[test]
    fn a_position_has_a_pointer() {
        let document = Document::parse(br#"{"a":[1,{"b/c":{"d~":null}}],"e":0}"#).unwrap();
        let check = |json: crate::json::Json<'_>, pointer: &str| {
            assert_eq!(document.pointer(document.position(json).unwrap()), pointer);
        };
        let root = document.root();
        check(root, "");
        let a = root.entry("a").unwrap();
        check(a, "/a");
        let inner = a.as_array().nth(1).unwrap().entry("b/c").unwrap();
        check(inner.entry("d~").unwrap(), "/a/1/b~1c/d~0");
        check(root.entry("e").unwrap(), "/e");
    }
}
