//! RDF Dataset Canonicalization, RDFC-1.0, <https://www.w3.org/TR/rdf-canon/>: blank nodes get names that depend on
//! nothing but what is said about them, and statements an order.
//!
//! The algorithms stand under their names in the specification: [`first_degree`] (4.6), [`n_degree`] (4.7 and 4.8),
//! [`issuer`] (4.5), and here the one that calls them (4.4). Work is bounded ([`budget`]): graphs can be made that take
//! ages.

mod budget;
mod canonical;
mod first_degree;
mod issuer;
mod n_degree;
mod permutations;
mod statements;

use self::{
    budget::Budget,
    first_degree::hash_first_degree_quads,
    issuer::Issuer,
    n_degree::{NDegree, Repeats},
    statements::Statements,
};
use crate::{
    dataset::Dataset,
    error::Fault,
    hash::{Digest, HashAlgorithm},
};

pub use self::canonical::Canonical;

/// What Hash N-Degree Quads, step 3.1.2, collects: the specification leaves open whether one related blank node may
/// stand under one hash more than once. It matters where two blank nodes share a first degree hash and have several
/// statements in a graph that a blank node names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// It may: most implementations, among them those of JavaScript and Python.
    #[default]
    List,
    /// It may not: some implementations, among them the one in 1EdTech's validator.
    Set,
}

impl Dataset {
    /// Runs RDFC-1.0.
    ///
    /// # Errors
    /// The bound on the work that blank nodes which look alike may cause.
    pub fn canonicalize(&self, hash: HashAlgorithm, reading: Reading) -> Result<Canonical<'_>, Fault> {
        let statements = Statements::new(self);
        let hashes = hash_first_degree_quads(&statements, hash);
        let mut order: Vec<(u64, u32)> = (0..)
            .zip(&hashes)
            .filter_map(|(blank, hash)| Some((hash.as_ref()?.prefix(), blank)))
            .collect();
        order.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| hashes[a.1 as usize].cmp(&hashes[b.1 as usize]))
        });
        let mut canonical = Issuer::new(b"_:c14n", self.blank_count());
        let mut alike = Vec::new();
        for group in order.chunk_by(|a, b| hashes[a.1 as usize] == hashes[b.1 as usize]) {
            match group {
                [(_, blank)] => _ = canonical.issue(*blank),
                _ => alike.push(group),
            }
        }
        let n_degree = !alike.is_empty();
        let mut repeats = Repeats::default();
        if n_degree {
            (canonical, repeats) = label_alike(&statements, hash, reading, &hashes, &alike, canonical)?;
        }
        Ok(Canonical::new(statements, canonical, hash, reading, n_degree, repeats))
    }
}

/// Section 4.4.3, step 5: canonical identifiers for blank nodes whose first degree hashes are shared.
fn label_alike(
    statements: &Statements<'_>,
    hash: HashAlgorithm,
    reading: Reading,
    first_degree: &[Option<Digest>],
    alike: &[&[(u64, u32)]],
    canonical: Issuer,
) -> Result<(Issuer, Repeats), Fault> {
    let blanks = statements.dataset.blank_count();
    let mut search = NDegree {
        statements,
        hash,
        reading,
        first_degree,
        canonical,
        temporary: Issuer::new(b"_:b", blanks),
        budget: Budget::new(alike.iter().map(|group| group.len()).sum()),
        repeats: Repeats::default(),
    };
    for group in alike {
        let mut paths = Vec::with_capacity(group.len());
        for (_, blank) in *group {
            if search.canonical.number(*blank).is_some() {
                continue;
            }
            search.temporary.truncate(0);
            search.temporary.issue(*blank);
            let path = search.hash_n_degree_quads(*blank, 0)?;
            paths.push((path, search.temporary.order().to_vec()));
        }
        paths.sort();
        for blank in paths.into_iter().flat_map(|(_, issued)| issued) {
            search.canonical.issue(blank);
        }
    }
    Ok((search.canonical, search.repeats))
}

#[cfg(test)]
mod tests;
