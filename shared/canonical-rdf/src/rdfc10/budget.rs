//! The bound on the work that blank nodes which look alike may cause.

use crate::error::Fault;

/// Granted to every document, however few blank nodes look alike in it. Cliques of seven and cycles of a hundred and
/// fifty need it.
pub(crate) const BASE: usize = 100_000;
/// Granted for each blank node that shares its first degree hash. In transcripts such a node costs about 10.
pub(crate) const PER_NODE: usize = 100;
/// Never more than this, so that a document made to take ages is refused within 100 milliseconds: a step takes up to a
/// third of a microsecond.
pub(crate) const MOST: usize = 200_000;

/// So many bytes of a predicate or label count as another step. Usual predicates are shorter.
pub(crate) const BYTES_PER_STEP: usize = 256;

/// Steps left: one for a call of Hash N-Degree Quads, for a statement that it looks at, and for a blank node on a path.
#[derive(Debug)]
pub(crate) struct Budget {
    left: usize,
}

impl Budget {
    /// `alike`: how many blank nodes share their first degree hash with another.
    pub(crate) fn new(alike: usize) -> Self {
        Self {
            left: (BASE + PER_NODE * alike).min(MOST),
        }
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(steps).ok_or(Fault::Bound(
            "the work that blank nodes which look alike may cause; give them ids",
        ))?;
        Ok(())
    }
}
