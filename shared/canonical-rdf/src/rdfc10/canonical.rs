//! The canonicalized dataset (section 4.3), and its serialized canonical form.

use std::{cmp::Ordering, collections::BTreeSet};

use super::{Reading, issuer::Issuer, n_degree::Repeats, statements::Statements};
use crate::{
    dataset::{Quad, Term},
    error::Fault,
    hash::{Digest, HashAlgorithm},
};

/// A dataset whose blank nodes have canonical identifiers and whose statements have an order.
pub struct Canonical<'a> {
    statements: Statements<'a>,
    identifiers: Issuer,
    hash: HashAlgorithm,
    reading: Reading,
    n_degree: bool,
    repeats: Repeats,
}

impl<'a> Canonical<'a> {
    pub(super) fn new(
        mut statements: Statements<'a>,
        identifiers: Issuer,
        hash: HashAlgorithm,
        reading: Reading,
        n_degree: bool,
        repeats: Repeats,
    ) -> Self {
        sort(&mut statements, &identifiers);
        Self {
            statements,
            identifiers,
            hash,
            reading,
            n_degree,
            repeats,
        }
    }

    /// The serialized canonical form: canonical N-Quads, lines in code point order.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        self.write(usize::MAX, |_| {}, &mut text);
        // Terms were strings, and what stands between them is ASCII.
        String::from_utf8(text).unwrap_or_default()
    }

    /// The hash of the serialized canonical form, which is never built for it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hasher = self.hash.hasher();
        let mut buffer = Vec::with_capacity(BUFFER + 1024);
        self.write(BUFFER, |bytes| hasher.update(bytes), &mut buffer);
        hasher.update(&buffer);
        hasher.finish()
    }

    /// The issued identifiers map: the labels that the source gave to blank nodes, each with its canonical identifier,
    /// both without `_:`. A label that no statement mentions has none.
    pub fn issued_identifiers(&self) -> impl Iterator<Item = (&str, String)> {
        self.statements
            .dataset
            .labels()
            .filter_map(|(label, term)| Some((label, self.identifier(term)?)))
    }

    /// The canonical identifier of a blank node, without `_:`.
    #[must_use]
    pub fn identifier(&self, term: Term) -> Option<String> {
        Some(format!("c14n{}", self.identifiers.number(term.blank()?)?))
    }

    /// Whether Hash N-Degree Quads ran: only then can the two readings differ.
    #[must_use]
    pub fn ran_n_degree(&self) -> bool {
        self.n_degree
    }

    /// The blank nodes that verifiers may name differently, with another canonical form as the outcome: those on which
    /// the two readings disagree. Empty for nearly every document. An issuer gives them ids before he signs.
    ///
    /// # Errors
    /// The bound on work, which holds for the other reading too.
    pub fn disputed(&self) -> Result<Vec<Term>, Fault> {
        if !self.repeats.any {
            return Ok(Vec::new());
        }
        let other = match self.reading {
            Reading::List => Reading::Set,
            Reading::Set => Reading::List,
        };
        let other = self.statements.dataset.canonicalize(self.hash, other)?;
        let of_many: BTreeSet<u32> = [self, &other]
            .into_iter()
            .flat_map(|one| &one.repeats.of_many)
            .copied()
            .collect();
        let differ = other.digest() != self.digest();
        let blanks = self
            .statements
            .quads
            .iter()
            .flat_map(|quad| [Some(quad.subject), Some(quad.object), quad.graph]);
        let disputed: BTreeSet<Term> = blanks
            .flatten()
            .filter(|term| {
                term.blank().is_some_and(|blank| {
                    of_many.contains(&blank)
                        || differ && self.identifiers.number(blank) != other.identifiers.number(blank)
                })
            })
            .collect();
        Ok(disputed.into_iter().collect())
    }

    /// Writes to `buffer`, and empties it into `flush` when it holds more than `full` bytes.
    fn write(&self, full: usize, mut flush: impl FnMut(&[u8]), buffer: &mut Vec<u8>) {
        for quad in &self.statements.quads {
            for term in [Some(quad.subject), Some(quad.predicate), Some(quad.object), quad.graph]
                .into_iter()
                .flatten()
            {
                match term.blank() {
                    Some(blank) => _ = self.identifiers.push_identifier(blank, buffer),
                    None => buffer.extend_from_slice(self.statements.text(term)),
                }
                buffer.push(b' ');
            }
            buffer.extend_from_slice(b".\n");
            if buffer.len() >= full {
                flush(buffer);
                buffer.clear();
            }
        }
    }
}

/// How much is hashed at a time: it stays in the first-level cache.
const BUFFER: usize = 8 << 10;

/// Sorts by code points of the lines. Terms delimit themselves, so it is the order of terms. The statements come grouped
/// by subject and within a group by predicate, which leaves little to do.
fn sort(statements: &mut Statements<'_>, identifiers: &Issuer) {
    let labels: Vec<u64> = (0..statements.dataset.blank_count())
        .map(|blank| left_aligned(identifiers.number(blank)))
        .collect();
    let compare = |a, b| compare(a, b, statements, &labels);
    let mut groups: Vec<&[Quad]> = statements.quads.chunk_by(|a, b| a.subject == b.subject).collect();
    groups.sort_unstable_by(|a, b| compare(a[0].subject, b[0].subject));
    let mut quads = Vec::with_capacity(statements.quads.len());
    for group in groups {
        for alike in group.chunk_by(|a, b| a.predicate == b.predicate) {
            let start = quads.len();
            quads.extend_from_slice(alike);
            quads[start..].sort_unstable_by(|a, b| {
                compare(a.object, b.object).then_with(|| match (a.graph, b.graph) {
                    (Some(a), Some(b)) => compare(a, b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                })
            });
        }
    }
    statements.quads = quads;
}

/// `labels`: of each blank node, its canonical number, [`left_aligned`].
fn compare(a: Term, b: Term, statements: &Statements<'_>, labels: &[u64]) -> Ordering {
    match (a.blank(), b.blank()) {
        _ if a == b => Ordering::Equal,
        (None, None) => statements.text(a).cmp(statements.text(b)),
        // An underscore comes after an angle bracket and a quotation mark.
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => labels[a as usize].cmp(&labels[b as usize]),
    }
}

/// A number in a form that compares as its decimal digits do: 2, 20, 200, 21.
fn left_aligned(number: Option<u32>) -> u64 {
    let number = u64::from(number.unwrap_or_default());
    let mut digits = number;
    while digits != 0 && digits < 1_000_000 {
        digits *= 10;
    }
    // Numbers are below MAX_QUADS, so that both fit.
    digits << 32 | number
}
