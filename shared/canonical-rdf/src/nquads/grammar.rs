//! The grammar of N-Quads, a method for each of its productions.

use crate::{
    dataset::{Dataset, LiteralKind, Term},
    error::Fault,
};

/// Why a line could not be read.
pub(super) enum Unreadable {
    Expected(&'static str),
    Fault(Fault),
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The document's lines, each ended by LF, CR LF or CR.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let (line, after) = text.split_at(end);
        rest = Some(after.strip_prefix("\r\n").unwrap_or(&after[1..]));
        Some(line)
    })
}

/// What is left of a line, and where its terms go.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
    pub(super) scratch: &'a mut String,
    pub(super) dataset: &'a mut Dataset,
}

impl<'a> Cursor<'a> {
    /// `subject predicate object graphLabel? '.'`, or nothing.
    pub(super) fn statement(&mut self) -> Result<(), Unreadable> {
        self.skip_blanks();
        if self.at_end() {
            return Ok(());
        }
        let subject = self
            .iri_or_blank_node()?
            .ok_or(Unreadable::Expected("expected an IRI or a blank node"))?;
        self.skip_blanks();
        let predicate = self
            .iri()?
            .ok_or(Unreadable::Expected("expected an IRI as predicate"))?;
        self.skip_blanks();
        let object = match self.iri_or_blank_node()? {
            Some(object) => object,
            None => self
                .literal()?
                .ok_or(Unreadable::Expected("expected an IRI, a blank node or a literal"))?,
        };
        self.skip_blanks();
        let graph = self.iri_or_blank_node()?;
        self.skip_blanks();
        if !self.take(".") {
            return Err(Unreadable::Expected(
                "expected a graph name or the full stop that ends a statement",
            ));
        }
        self.skip_blanks();
        if !self.at_end() {
            return Err(Unreadable::Expected("expected one statement on a line"));
        }
        Ok(self.dataset.push(subject, predicate, object, graph)?)
    }

    fn iri_or_blank_node(&mut self) -> Result<Option<Term>, Unreadable> {
        match self.iri()? {
            None => self.blank_node(),
            iri => Ok(iri),
        }
    }

    fn iri(&mut self) -> Result<Option<Term>, Unreadable> {
        let Some(iri) = self.iriref()? else { return Ok(None) };
        Ok(Some(self.dataset.iri(iri.resolve(self.scratch))?))
    }

    fn blank_node(&mut self) -> Result<Option<Term>, Unreadable> {
        if !self.take("_:") {
            return Ok(None);
        }
        let long = self
            .rest
            .find(|c| !(is_pn_char(c) || c == '.'))
            .unwrap_or(self.rest.len());
        let label = self.rest[..long].trim_end_matches('.');
        if !label.starts_with(|c: char| is_pn_char_u(c) || c.is_ascii_digit()) {
            return Err(Unreadable::Expected("expected a blank node label"));
        }
        self.rest = &self.rest[label.len()..];
        Ok(Some(self.dataset.labelled_blank(label)?))
    }

    fn literal(&mut self) -> Result<Option<Term>, Unreadable> {
        if !self.take("\"") {
            return Ok(None);
        }
        let lexical = self.until('"', "expected the quotation mark that ends a literal", &STRING_ESCAPES)?;
        if self.take("@") {
            let language = self.language_tag()?;
            let lexical = lexical.resolve(self.scratch);
            return Ok(Some(self.dataset.literal(lexical, LiteralKind::Tagged(language))?));
        }
        if !self.take("^^") {
            return Ok(Some(
                self.dataset
                    .literal(lexical.resolve(self.scratch), LiteralKind::Simple)?,
            ));
        }
        // The datatype may have escapes too, and there is one scratch.
        let lexical = lexical.resolve(self.scratch).to_owned();
        let datatype = self.iriref()?.ok_or(Unreadable::Expected("expected a datatype IRI"))?;
        let datatype = LiteralKind::Typed(datatype.resolve(self.scratch));
        Ok(Some(self.dataset.literal(&lexical, datatype)?))
    }

    /// `[a-zA-Z]+ ('-' [a-zA-Z0-9]+)*`
    fn language_tag(&mut self) -> Result<&'a str, Unreadable> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest;
        let primary = tag.split('-').next().unwrap_or_default();
        if tag.split('-').any(str::is_empty) || !primary.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(Unreadable::Expected("expected a language tag"));
        }
        Ok(tag)
    }

    fn iriref(&mut self) -> Result<Option<Unescaped<'a>>, Unreadable> {
        if !self.take("<") {
            return Ok(None);
        }
        let iri = self.until('>', "expected the angle bracket that ends an IRI", &[])?;
        if !is_absolute(iri.resolve(self.scratch)) {
            return Err(Unreadable::Expected("expected an absolute IRI"));
        }
        Ok(Some(iri))
    }

    /// Takes the text up to a delimiter, and the delimiter; what is escaped in it goes to the scratch.
    fn until(
        &mut self,
        delimiter: char,
        missing: &'static str,
        escapes: &[(u8, char)],
    ) -> Result<Unescaped<'a>, Unreadable> {
        let text = self.rest;
        let end = text.find(['\\', delimiter]).ok_or(Unreadable::Expected(missing))?;
        if text[end..].starts_with(delimiter) {
            self.rest = &text[end + 1..];
            return Ok(Unescaped::Verbatim(&text[..end]));
        }
        self.scratch.clear();
        let mut rest = text;
        loop {
            let end = rest.find(['\\', delimiter]).ok_or(Unreadable::Expected(missing))?;
            self.scratch.push_str(&rest[..end]);
            rest = &rest[end..];
            if rest.starts_with(delimiter) {
                self.rest = &rest[1..];
                return Ok(Unescaped::InScratch);
            }
            let (character, length) = unescape(rest, escapes).ok_or(Unreadable::Expected("expected an escape"))?;
            self.scratch.push(character);
            rest = &rest[length..];
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// At the end of the line, or at a comment.
    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }
}

/// A token's text after its escapes.
enum Unescaped<'a> {
    Verbatim(&'a str),
    InScratch,
}

impl<'a> Unescaped<'a> {
    fn resolve<'b>(&self, scratch: &'b str) -> &'b str
    where
        'a: 'b,
    {
        match self {
            Self::Verbatim(text) => text,
            Self::InScratch => scratch,
        }
    }
}

const STRING_ESCAPES: [(u8, char); 8] = [
    (b't', '\t'),
    (b'b', '\u{8}'),
    (b'n', '\n'),
    (b'r', '\r'),
    (b'f', '\u{C}'),
    (b'"', '"'),
    (b'\'', '\''),
    (b'\\', '\\'),
];

/// The character of the escape at the start of the text, and the escape's length.
fn unescape(text: &str, escapes: &[(u8, char)]) -> Option<(char, usize)> {
    let kind = *text.as_bytes().get(1)?;
    let digits = match kind {
        b'u' => 4,
        b'U' => 8,
        _ => {
            return escapes
                .iter()
                .find(|(letter, _)| *letter == kind)
                .map(|(_, character)| (*character, 2));
        }
    };
    let hex = text.get(2..2 + digits)?;
    // `from_str_radix` would take a sign.
    if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, 2 + digits))
}

/// Whether the IRI starts with a scheme.
fn is_absolute(iri: &str) -> bool {
    iri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

fn is_pn_char(c: char) -> bool {
    is_pn_char_u(c) || matches!(c, '-' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

fn is_pn_char_u(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | ':'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}
