//! Hash First Degree Quads, section 4.6: a blank node known by the statements that mention it, with every other
//! blank node unnamed.

use std::cmp::Ordering;

use super::statements::Statements;
use crate::{
    dataset::{Quad, Term},
    hash::{Digest, HashAlgorithm},
};

/// The hash of every blank node that some quad mentions, by the blank node's number.
pub(crate) fn hash_first_degree_quads(statements: &Statements<'_>, hash: HashAlgorithm) -> Vec<Option<Digest>> {
    let mut hashes = vec![None; statements.dataset.blank_count() as usize];
    let mut quads: Vec<&Quad> = Vec::new();
    let mut text = Vec::new();
    for blank in 0..statements.dataset.blank_count() {
        quads.clear();
        quads.extend(statements.mentioning(blank));
        if quads.is_empty() {
            continue;
        }
        let view = View { statements, blank };
        quads.sort_unstable_by(|a, b| view.compare(a, b));
        text.clear();
        for quad in &quads {
            view.write(quad, &mut text);
        }
        hashes[blank as usize] = Some(hash.hash(&text));
    }
    hashes
}

/// The statements as one blank node sees them: itself `_:a`, every other `_:z`.
struct View<'a> {
    statements: &'a Statements<'a>,
    blank: u32,
}

impl<'a> View<'a> {
    /// The order of the lines that [`Self::write`] writes: terms delimit themselves, so it is the order of terms.
    fn compare(&self, a: &Quad, b: &Quad) -> Ordering {
        let compare = |a, b| {
            if a == b {
                Ordering::Equal
            } else {
                self.text(a).cmp(self.text(b))
            }
        };
        compare(a.subject, b.subject)
            .then_with(|| {
                self.statements
                    .predicate_rank(a)
                    .cmp(&self.statements.predicate_rank(b))
            })
            .then_with(|| compare(a.object, b.object))
            .then_with(|| {
                a.graph
                    .map(|graph| self.text(graph))
                    .cmp(&b.graph.map(|graph| self.text(graph)))
            })
    }

    fn write(&self, quad: &Quad, out: &mut Vec<u8>) {
        for term in [Some(quad.subject), Some(quad.predicate), Some(quad.object), quad.graph]
            .into_iter()
            .flatten()
        {
            out.extend_from_slice(self.text(term));
            out.push(b' ');
        }
        out.extend_from_slice(b".\n");
    }

    fn text(&self, term: Term) -> &'a [u8] {
        match term.blank() {
            None => self.statements.text(term),
            Some(blank) if blank == self.blank => b"_:a",
            Some(_) => b"_:z",
        }
    }
}
