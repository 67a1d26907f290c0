//! N-Quads, <https://www.w3.org/TR/n-quads/>: the reader, with the whole grammar, and a writer for datasets whose
//! blank nodes have no canonical identifiers.

mod grammar;

use self::grammar::{Cursor, Unreadable, lines};
use crate::{
    dataset::{Dataset, Quad, Term},
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
