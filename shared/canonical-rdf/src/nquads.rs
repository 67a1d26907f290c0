//! N-Quads, <https://www.w3.org/TR/n-quads/>: the reader, with the whole grammar, and a writer for datasets whose
//! blank nodes have no canonical identifiers.

use crate::{
    dataset::{Dataset, LiteralKind, Quad, Term},
    error::{Error, Fault},
};

impl Dataset {
    /// Reads an N-Quads document.
    ///
    /// # Errors
    /// The first line that is not N-Quads, or a bound.
    pub fn from_nquads(text: &str) -> Result<Self, Error> {
        let mut dataset = Self::new();
        let mut scratch = String::new();
        for (number, line) in lines(text).enumerate() {
            let mut cursor = Cursor {
                rest: line,
                scratch: &mut scratch,
                dataset: &mut dataset,
            };
            cursor.statement().map_err(|unreadable| {
                let fault = match unreadable {
                    Unreadable::Expected(reason) => Fault::NQuads {
                        line: number + 1,
                        reason: reason.to_owned(),
                    },
                    Unreadable::Fault(bound @ Fault::Bound(_)) => bound,
                    Unreadable::Fault(fault) => Fault::NQuads {
                        line: number + 1,
                        reason: fault.to_string(),
                    },
                };
                Error::document(fault)
            })?;
        }
        Ok(dataset)
    }

    /// The statements as N-Quads, in the order in which they were pushed, blank nodes named `_:b0`, `_:b1`, … by
    /// their numbers. Not the canonical form, but for these names each line is as there.
    #[must_use]
    pub fn to_nquads(&self) -> String {
        self.quads().iter().map(|quad| self.line(quad)).collect()
    }

    /// The statements that mention a term, as [`Self::to_nquads`] writes them: to tell people which blank node is meant.
    #[must_use]
    pub fn nquads_about(&self, term: Term) -> String {
        let mentions = |quad: &&Quad| [Some(quad.subject), Some(quad.object), quad.graph].contains(&Some(term));
        self.quads()
            .iter()
            .filter(mentions)
            .map(|quad| self.line(quad))
            .collect()
    }

    fn line(&self, quad: &Quad) -> String {
        let terms = [Some(quad.subject), Some(quad.predicate), Some(quad.object), quad.graph];
        let mut line = String::new();
        for term in terms.into_iter().flatten() {
            match term.blank() {
                Some(number) => line.push_str(&format!("_:b{number}")),
                None => line.push_str(self.text(term).unwrap_or_default()),
            }
            line.push(' ');
        }
        line + ".\n"
    }
}

/// Why a line could not be read.
enum Unreadable {
    Expected(&'static str),
    Fault(Fault),
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The document's lines, each ended by LF, CR LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
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
struct Cursor<'a> {
    rest: &'a str,
    scratch: &'a mut String,
    dataset: &'a mut Dataset,
}

impl<'a> Cursor<'a> {
    /// `subject predicate object graphLabel? '.'`, or nothing.
    fn statement(&mut self) -> Result<(), Unreadable> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_as(text: &str, expected: &str) {
        assert_eq!(
            Dataset::from_nquads(text).map(|dataset| dataset.to_nquads()),
            Ok(expected.to_owned()),
            "{text:?}"
        );
    }

    fn fails_at(text: &str, line: usize, reason: &str) {
        let Error(faults) = Dataset::from_nquads(text).unwrap_err();
        assert_eq!(
            Error(faults),
            Error::document(Fault::NQuads {
                line,
                reason: reason.to_owned()
            }),
            "{text:?}"
        );
    }

    #[test]
    fn every_term_is_read() {
        reads_as(
            "<urn:s> <urn:p> <urn:o> <urn:g> .\n_:x <urn:p> _:y _:x .\n<urn:s> <urn:p> \"a\"@en-GB-x1 .\n\
             <urn:s> <urn:p> \"1\"^^<urn:d> _:x .",
            "<urn:s> <urn:p> <urn:o> <urn:g> .\n_:b0 <urn:p> _:b1 _:b0 .\n<urn:s> <urn:p> \"a\"@en-GB-x1 .\n\
             <urn:s> <urn:p> \"1\"^^<urn:d> _:b0 .\n",
        );
    }

    #[test]
    fn statements_about_a_term_are_those_that_mention_it() {
        let dataset =
            Dataset::from_nquads("_:x <urn:p> _:y .\n_:y <urn:p> \"1\" _:z .\n_:z <urn:p> <urn:o> .").unwrap();
        let about = |label: &str| {
            let (_, term) = dataset.labels().find(|(known, _)| *known == label).unwrap();
            dataset.nquads_about(term)
        };
        assert_eq!(about("x"), "_:b0 <urn:p> _:b1 .\n");
        assert_eq!(about("z"), "_:b1 <urn:p> \"1\" _:b2 .\n_:b2 <urn:p> <urn:o> .\n");
    }

    #[test]
    fn blanks_comments_and_line_ends_are_free() {
        let spare = "# c\r\n\r\n \t<urn:s>\t<urn:p>  <urn:o>\t. # <urn:x>\r\n\n  # c\n<urn:s><urn:p>_:o.\r<urn:s><urn:p>\"#\"<urn:g>.#";
        reads_as(
            spare,
            "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> _:b0 .\n<urn:s> <urn:p> \"#\" <urn:g> .\n",
        );
        reads_as("", "");
        reads_as("\n\n", "");
    }

    #[test]
    fn escapes_are_read_and_written_canonically() {
        reads_as(
            r#"<urn:\u00E9> <urn:p> "\t\b\n\r\f\"\'\\\u0041\u00e9\U0001F600\u007F\uFFFF/" ."#,
            "<urn:é> <urn:p> \"\\t\\b\\n\\r\\f\\\"'\\\\Aé😀\\u007F\\uFFFF/\" .\n",
        );
        reads_as(
            r#"<urn:s> <urn:p> "\u0031"^^<urn:\u0064> ."#,
            "<urn:s> <urn:p> \"1\"^^<urn:d> .\n",
        );
        reads_as(
            r#"<urn:s> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#\u0073tring> ."#,
            "<urn:s> <urn:p> \"x\" .\n",
        );
        for wrong in [r"\x", r"\u12", r"\u+041", r"\uD800", r"\U00110000", r"\u00g0", "\\"] {
            fails_at(
                &format!("<urn:s> <urn:p> \"{wrong}\" ."),
                1,
                if wrong == "\\" {
                    "expected the quotation mark that ends a literal"
                } else {
                    "expected an escape"
                },
            );
        }
        fails_at(r"<urn:\t> <urn:p> <urn:o> .", 1, "expected an escape");
    }

    #[test]
    fn labels_may_hold_dots_and_colons_but_not_end_in_a_dot() {
        reads_as("_:a.b..c <urn:p> _:1:é-·. ", "_:b0 <urn:p> _:b1 .\n");
        fails_at("_:-a <urn:p> <urn:o> .", 1, "expected a blank node label");
        fails_at("_: <urn:p> <urn:o> .", 1, "expected a blank node label");
        fails_at("_:. <urn:p> <urn:o> .", 1, "expected a blank node label");
    }

    #[test]
    fn an_error_names_its_line() {
        fails_at("<urn:s> <urn:p> <urn:o> .\n\nx", 3, "expected an IRI or a blank node");
        fails_at(
            "<urn:s> <urn:p> <urn:o> .\r\n\"s\" <urn:p> <urn:o> .",
            2,
            "expected an IRI or a blank node",
        );
        fails_at("\r\r<urn:s> _:p <urn:o> .", 3, "expected an IRI as predicate");
        fails_at("<urn:s> <urn:p> .", 1, "expected an IRI, a blank node or a literal");
        fails_at(
            "<urn:s> <urn:p> <urn:o>",
            1,
            "expected a graph name or the full stop that ends a statement",
        );
        fails_at(
            "<urn:s> <urn:p> <urn:o> \"g\" .",
            1,
            "expected a graph name or the full stop that ends a statement",
        );
        fails_at(
            "<urn:s> <urn:p> <urn:o> . <urn:s> <urn:p> <urn:o> .",
            1,
            "expected one statement on a line",
        );
    }

    #[test]
    fn what_the_grammar_forbids_is_refused() {
        fails_at("<s> <urn:p> <urn:o> .", 1, "expected an absolute IRI");
        fails_at("<1a:s> <urn:p> <urn:o> .", 1, "expected an absolute IRI");
        fails_at("<urn:s> <urn:p> \"1\"^^<d> .", 1, "expected an absolute IRI");
        fails_at("<urn:s> <urn:p> \"1\"^^x .", 1, "expected a datatype IRI");
        fails_at("<urn:s> <urn:p> \"1\"@1a .", 1, "expected a language tag");
        fails_at("<urn:s> <urn:p> \"1\"@en--x .", 1, "expected a language tag");
        fails_at("<urn:s> <urn:p> \"1\"@ .", 1, "expected a language tag");
        fails_at("<urn:s> <urn:p> 'x' .", 1, "expected an IRI, a blank node or a literal");
        fails_at(
            "<urn:s> <urn:p> \"x\ny\" .",
            1,
            "expected the quotation mark that ends a literal",
        );
        for space in ["<urn:a b>", r"<urn:a\u0020b>", "<urn:a`b>"] {
            let Error(faults) = Dataset::from_nquads(&format!("{space} <urn:p> <urn:o> .")).unwrap_err();
            assert!(matches!(&faults[0].fault, Fault::NQuads { line: 1, .. }), "{space}");
        }
    }
}
