//! An RDF dataset as canonicalization wants it: every distinct term serialized once, in canonical N-Quads form, in
//! one arena; a term is an integer; a quad is four integers.
//!
//! Two terms of one dataset are equal exactly when their integers are, so equality of quads costs nothing.

use std::num::NonZeroU32;

use crate::{
    error::Fault,
    escape::{is_iri, push_escaped},
    interner::Interner,
};

/// The most quads in a dataset. A record of 400 nested credentials has 46 000.
pub const MAX_QUADS: usize = 1_000_000;
/// The most bytes of terms and blank node labels, each counted as often as the source mentions it. Compact IRIs can make
/// a small document swell, so the bound on its bytes does not bound this.
pub const MAX_TERM_BYTES: usize = 64 << 20;
/// The most bytes of statements, which is what there is to sort and to hash. One long IRI can stand in each of them. A
/// record of 400 nested credentials has 5 MB.
pub const MAX_STATEMENT_BYTES: usize = 64 << 20;

const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";

/// A term of one [`Dataset`]: an IRI, a literal or a blank node. Meaningless in another dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(NonZeroU32);

/// A statement; `graph` is `None` in the default graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "RDF names them")]
pub struct Quad {
    pub subject: Term,
    pub predicate: Term,
    pub object: Term,
    pub graph: Option<Term>,
}

/// What a literal carries beside its lexical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralKind<'a> {
    /// `xsd:string`.
    Simple,
    /// A datatype IRI, without angle brackets.
    Typed(&'a str),
    /// A language tag, kept as it is written.
    Tagged(&'a str),
}

/// Quads, in the order in which they were pushed; equal ones may stand there more than once.
#[derive(Debug, Default)]
pub struct Dataset {
    arena: String,
    named: Interner,
    labels: Interner,
    /// The blank node of each label, ascending.
    labelled: Vec<Term>,
    blanks: u32,
    quads: Vec<Quad>,
    /// See [`MAX_TERM_BYTES`].
    term_bytes: usize,
    /// See [`MAX_STATEMENT_BYTES`].
    statement_bytes: usize,
}

const BLANK: u32 = 1 << 31;

impl Term {
    fn new(index: u32, kind: u32) -> Self {
        // Indexes are bounded far below 2³¹ - 1 by MAX_TERM_BYTES and MAX_QUADS, so the sum never wraps to zero.
        Self(NonZeroU32::MIN.saturating_add(index) | kind)
    }

    /// The number of a blank node, dense from 0 in order of creation.
    #[must_use]
    pub fn blank(self) -> Option<u32> {
        (self.0.get() & BLANK != 0).then(|| self.index())
    }

    pub(crate) fn is_blank(self) -> bool {
        self.0.get() & BLANK != 0
    }

    /// Never zero.
    pub(crate) fn bits(self) -> u32 {
        self.0.get()
    }

    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        NonZeroU32::new(bits).map(Self)
    }

    /// The number of the blank node, or that of the IRI or literal.
    pub(crate) fn index(self) -> u32 {
        (self.0.get() & !BLANK) - 1
    }
}

impl Dataset {
    /// An empty dataset.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The term for an IRI, given without angle brackets.
    ///
    /// # Errors
    /// A character that N-Quads does not let stand in an IRI ([`is_iri`]), or the bound on bytes.
    pub fn iri(&mut self, iri: &str) -> Result<Term, Fault> {
        if !is_iri(iri) {
            return Err(Fault::InvalidIri(iri.to_owned()));
        }
        self.intern(|arena| {
            arena.push('<');
            arena.push_str(iri);
            arena.push('>');
        })
    }

    /// The term for an IRI that is already written as `<...>` and known to satisfy [`is_iri`].
    ///
    /// # Errors
    /// The bound on bytes.
    pub fn serialized_iri(&mut self, iri: &str) -> Result<Term, Fault> {
        debug_assert!(
            iri.strip_prefix('<')
                .and_then(|iri| iri.strip_suffix('>'))
                .is_some_and(is_iri)
        );
        self.intern(|arena| arena.push_str(iri))
    }

    /// The term for a literal.
    ///
    /// # Errors
    /// A datatype that [`is_iri`] refuses, or the bound on bytes. A language tag is the caller's to check.
    pub fn literal(&mut self, lexical: &str, kind: LiteralKind<'_>) -> Result<Term, Fault> {
        if let LiteralKind::Typed(datatype) = kind
            && !is_iri(datatype)
        {
            return Err(Fault::InvalidIri(datatype.to_owned()));
        }
        self.intern(|arena| {
            arena.push('"');
            push_escaped(arena, lexical);
            arena.push('"');
            match kind {
                LiteralKind::Simple | LiteralKind::Typed(XSD_STRING) => {}
                LiteralKind::Typed(datatype) => {
                    arena.push_str("^^<");
                    arena.push_str(datatype);
                    arena.push('>');
                }
                LiteralKind::Tagged(language) => {
                    arena.push('@');
                    arena.push_str(language);
                }
            }
        })
    }

    /// A new blank node.
    ///
    /// # Errors
    /// The bound on quads, which holds for blank nodes as well.
    pub fn blank(&mut self) -> Result<Term, Fault> {
        if self.blanks as usize >= MAX_QUADS {
            return Err(Fault::Bound("the number of blank nodes"));
        }
        self.blanks += 1;
        Ok(Term::new(self.blanks - 1, BLANK))
    }

    /// The blank node with this label (given without `_:`), the same one each time.
    ///
    /// # Errors
    /// The bounds on blank nodes and on bytes.
    pub fn labelled_blank(&mut self, label: &str) -> Result<Term, Fault> {
        let start = self.room()?;
        self.arena.push_str(label);
        self.term_bytes += label.len();
        let index = self.labels.intern(&mut self.arena, start);
        if let Some(known) = self.labelled.get(index as usize) {
            return Ok(*known);
        }
        let blank = self.blank()?;
        self.labelled.push(blank);
        Ok(blank)
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// The bounds on quads and on their bytes.
    pub fn push(&mut self, subject: Term, predicate: Term, object: Term, graph: Option<Term>) -> Result<(), Fault> {
        if self.quads.len() >= MAX_QUADS {
            return Err(Fault::Bound("the number of statements"));
        }
        self.statement_bytes += self.length(subject) + self.length(predicate) + self.length(object);
        self.statement_bytes += graph.map_or(0, |graph| self.length(graph));
        if self.statement_bytes > MAX_STATEMENT_BYTES {
            return Err(Fault::Bound("the bytes of its statements"));
        }
        self.quads.push(Quad {
            subject,
            predicate,
            object,
            graph,
        });
        Ok(())
    }

    /// The statements, in the order in which they were pushed.
    #[must_use]
    pub fn quads(&self) -> &[Quad] {
        &self.quads
    }

    /// How many blank nodes were made.
    #[must_use]
    pub fn blank_count(&self) -> u32 {
        self.blanks
    }

    /// The labels given to [`Self::labelled_blank`], each with its blank node, in order of first appearance.
    pub fn labels(&self) -> impl Iterator<Item = (&str, Term)> {
        (0..)
            .zip(&self.labelled)
            .map(|(index, blank)| (self.labels.get(&self.arena, index), *blank))
    }

    /// The label of a blank node that has one.
    pub(crate) fn label_of(&self, blank: u32) -> Option<&str> {
        let index = self.labelled.binary_search(&Term::new(blank, BLANK)).ok()?;
        Some(self.labels.get(&self.arena, index as u32))
    }

    /// The text of an IRI or literal in canonical N-Quads form; `None` for a blank node.
    #[must_use]
    pub fn text(&self, term: Term) -> Option<&str> {
        (!term.is_blank()).then(|| self.named.get(&self.arena, term.index()))
    }

    /// How many distinct IRIs and literals there are.
    pub(crate) fn named_count(&self) -> usize {
        self.named.len()
    }

    fn intern(&mut self, write: impl FnOnce(&mut String)) -> Result<Term, Fault> {
        let start = self.room()?;
        write(&mut self.arena);
        self.term_bytes += self.arena.len() - start;
        Ok(Term::new(self.named.intern(&mut self.arena, start), 0))
    }

    /// The bytes of a term in a statement; a blank node's name is short.
    fn length(&self, term: Term) -> usize {
        if term.is_blank() {
            0
        } else {
            self.named.length(term.index())
        }
    }

    /// Where the next term will start. One term may pass the bound by its own length, which its source bounds.
    fn room(&self) -> Result<usize, Fault> {
        if self.term_bytes < MAX_TERM_BYTES {
            Ok(self.arena.len())
        } else {
            Err(Fault::Bound("the bytes of its terms"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_terms_are_one_term() {
        let mut dataset = Dataset::new();
        let a = dataset.iri("urn:a").unwrap();
        assert_eq!(dataset.serialized_iri("<urn:a>"), Ok(a));
        assert_ne!(dataset.iri("urn:b"), Ok(a));
        assert_ne!(dataset.literal("urn:a", LiteralKind::Simple), Ok(a));
        let typed = dataset.literal("x", LiteralKind::Typed(XSD_STRING));
        assert_eq!(dataset.literal("x", LiteralKind::Simple), typed);
        assert_ne!(dataset.literal("x", LiteralKind::Tagged("en")), typed);
        assert_eq!(dataset.text(a), Some("<urn:a>"));
    }

    #[test]
    fn a_label_names_one_blank_node() {
        let mut dataset = Dataset::new();
        let anonymous = dataset.blank().unwrap();
        let x = dataset.labelled_blank("x").unwrap();
        let y = dataset.labelled_blank("y").unwrap();
        assert_eq!(dataset.labelled_blank("x"), Ok(x));
        assert_eq!([anonymous, x, y].map(Term::blank), [Some(0), Some(1), Some(2)]);
        assert_eq!(dataset.labels().collect::<Vec<_>>(), [("x", x), ("y", y)]);
    }

    #[test]
    fn an_iri_cannot_end_early() {
        let mut dataset = Dataset::new();
        for iri in [
            "urn:a> <urn:p> <urn:o> .\n<urn:b",
            "urn:a b",
            "urn:a\u{0}",
            "urn:\\u0041",
        ] {
            assert_eq!(dataset.iri(iri), Err(Fault::InvalidIri(iri.to_owned())));
            assert!(dataset.literal("", LiteralKind::Typed(iri)).is_err());
        }
    }

    #[test]
    fn an_absent_graph_costs_no_space() {
        assert_eq!(size_of::<Quad>(), 16);
    }

    #[test]
    fn terms_are_bounded() {
        let mut dataset = Dataset::new();
        let long = "x".repeat(MAX_TERM_BYTES / 2);
        dataset.literal(&long, LiteralKind::Simple).unwrap();
        dataset.literal(&long, LiteralKind::Simple).unwrap();
        assert!(matches!(
            dataset.literal("y", LiteralKind::Simple),
            Err(Fault::Bound(_))
        ));
    }

    #[test]
    fn a_long_term_cannot_stand_in_any_number_of_statements() {
        let mut dataset = Dataset::new();
        let long = dataset.iri(&format!("urn:{}", "x".repeat(1 << 20))).unwrap();
        let blank = dataset.blank().unwrap();
        let pushed = (0..1000).take_while(|_| dataset.push(blank, long, blank, None).is_ok());
        assert_eq!(pushed.count(), 63);
    }
}
