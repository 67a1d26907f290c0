//! Hash N-Degree Quads, section 4.8: blank nodes whose first degree hashes are equal are told apart by the paths that
//! lead from them to other blank nodes.

use super::{
    Reading,
    budget::{BYTES_PER_STEP, Budget},
    issuer::Issuer,
    permutations::Permutations,
    statements::Statements,
};
use crate::{
    dataset::{Quad, Term},
    error::Fault,
    hash::{Digest, HashAlgorithm},
};

/// How deep paths may lead. Recursion goes along with them, and a thread's stack is finite; in honest documents they
/// end after a handful of steps.
pub(crate) const MAX_DEPTH: usize = 250;

/// Room for a hash and some identifiers.
const PATH: usize = 128;

pub(crate) struct NDegree<'a> {
    pub(crate) statements: &'a Statements<'a>,
    pub(crate) hash: HashAlgorithm,
    pub(crate) reading: Reading,
    /// By number of blank node.
    pub(crate) first_degree: &'a [Option<Digest>],
    pub(crate) canonical: Issuer,
    pub(crate) temporary: Issuer,
    pub(crate) budget: Budget,
    pub(crate) repeats: Repeats,
}

/// Lists of related blank nodes that named one of them more than once.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    /// There was one, so the readings may differ.
    pub(crate) any: bool,
    /// The blank nodes of those that named three or more: not every order of them was looked at.
    pub(crate) of_many: Vec<u32>,
}

impl NDegree<'_> {
    /// Hashes a blank node, and issues temporary identifiers to it and to those that its paths lead to.
    pub(crate) fn hash_n_degree_quads(&mut self, blank: u32, depth: usize) -> Result<Digest, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::Bound(
                "the length of paths between blank nodes that look alike; give them ids",
            ));
        }
        let mut related = self.related_blank_nodes(blank)?;
        let mut data = Vec::with_capacity(PATH * related.len());
        for alike in related.chunk_by_mut(|a, b| a.0 == b.0) {
            alike[0].0.push_hex(&mut data);
            let mut nodes: Vec<u32> = alike.iter().map(|(_, blank)| *blank).collect();
            if nodes.windows(2).any(|pair| pair[0] == pair[1]) {
                self.resolve_repeats(&mut nodes)?;
            }
            data.append(&mut self.least_path(&nodes, depth)?);
        }
        Ok(self.hash.hash(&data))
    }

    /// Steps 1 to 3: the map from hashes to related blank nodes, as a sorted list.
    fn related_blank_nodes(&mut self, blank: u32) -> Result<Vec<(Digest, u32)>, Fault> {
        let quads = self.statements.mentioning(blank);
        self.budget.spend(1 + quads.len())?;
        let mut related = Vec::with_capacity(quads.len());
        let mut scratch = Vec::with_capacity(PATH);
        for quad in quads {
            // A predicate may be as long as a document.
            self.budget
                .spend(self.statements.text(quad.predicate).len() / BYTES_PER_STEP)?;
            let positions = [
                (Some(quad.subject), b's'),
                (Some(quad.object), b'o'),
                (quad.graph, b'g'),
            ];
            for (term, position) in positions {
                if let Some(other) = term.and_then(Term::blank)
                    && other != blank
                {
                    related.push((self.hash_related_blank_node(other, quad, position, &mut scratch), other));
                }
            }
        }
        related.sort_unstable();
        Ok(related)
    }

    /// Section 4.7.
    fn hash_related_blank_node(&self, related: u32, quad: &Quad, position: u8, input: &mut Vec<u8>) -> Digest {
        input.clear();
        input.push(position);
        if position != b'g' {
            input.extend_from_slice(self.statements.text(quad.predicate));
        }
        if !self.canonical.push_identifier(related, input)
            && !self.temporary.push_identifier(related, input)
            && let Some(first_degree) = &self.first_degree[related as usize]
        {
            first_degree.push_hex(input);
        }
        self.hash.hash(input)
    }

    /// Treats a list that names a blank node more than once as the reading wants it, and takes note of it.
    fn resolve_repeats(&mut self, nodes: &mut Vec<u32>) -> Result<(), Fault> {
        self.repeats.any = true;
        let mut distinct = nodes.clone();
        distinct.dedup();
        if self.reading == Reading::Set {
            *nodes = distinct;
            return Ok(());
        }
        let label = |blank: &u32| self.statements.dataset.label_of(*blank);
        let bytes: usize = nodes.iter().filter_map(label).map(str::len).sum();
        self.budget.spend(bytes / BYTES_PER_STEP)?;
        nodes.sort_by_key(label);
        if distinct.len() > 2 {
            self.repeats.of_many.append(&mut distinct);
        }
        Ok(())
    }

    /// Step 5.4: of the paths through some related blank nodes, one for each order in which they can be taken, the
    /// least. The temporary identifiers issued along it stay.
    fn least_path(&mut self, nodes: &[u32], depth: usize) -> Result<Vec<u8>, Fault> {
        self.budget.spend(nodes.len())?;
        if let [only] = nodes {
            return Ok(self.path([*only].into_iter(), None, depth)?.unwrap_or_default());
        }
        let issued = self.temporary.order().len();
        let mut permutations = Permutations::new(nodes);
        let mut least: Option<(Vec<u8>, Vec<u32>)> = None;
        loop {
            let bound = least.as_ref().map(|(path, _)| path.as_slice());
            if let Some(path) = self.path(permutations.current(), bound, depth)?
                && bound.is_none_or(|bound| path.as_slice() < bound)
            {
                least = Some((path, self.temporary.order()[issued..].to_vec()));
            }
            self.temporary.truncate(issued);
            if !permutations.advance() {
                break;
            }
            self.budget.spend(nodes.len())?;
        }
        let (path, issued) = least.unwrap_or_default();
        for blank in issued {
            self.temporary.issue(blank);
        }
        Ok(path)
    }

    /// Steps 5.4.2 to 5.4.5: the path through related blank nodes in one order, or nothing once it is seen that it
    /// comes after `bound`.
    fn path(
        &mut self,
        nodes: impl Iterator<Item = u32>,
        bound: Option<&[u8]>,
        depth: usize,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let too_late = |path: &[u8]| bound.is_some_and(|bound| path.len() >= bound.len() && path > bound);
        let mut path = Vec::with_capacity(PATH);
        let mut to_visit = Vec::new();
        for related in nodes {
            if !self.canonical.push_identifier(related, &mut path) {
                if self.temporary.issue(related) {
                    to_visit.push(related);
                }
                self.temporary.push_identifier(related, &mut path);
            }
            if too_late(&path) {
                return Ok(None);
            }
        }
        for related in to_visit {
            let hash = self.hash_n_degree_quads(related, depth + 1)?;
            self.temporary.push_identifier(related, &mut path);
            path.push(b'<');
            hash.push_hex(&mut path);
            path.push(b'>');
            if too_late(&path) {
                return Ok(None);
            }
        }
        Ok(Some(path))
    }
}
