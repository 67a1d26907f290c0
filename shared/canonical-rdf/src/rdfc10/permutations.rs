//! The orders in which related blank nodes can be taken: the Steinhaus–Johnson–Trotter algorithm.
//!
//! Every order of different blank nodes comes exactly once. Of a list in which some stand more than once only some
//! orders come, and which depends on the order of the list: the reference implementations (rdf-canonize, PyLD) run the
//! algorithm over such lists too, and what they signed must be found again. With three or more different blank nodes
//! the outcome may then depend on their labels, which is why [`super::Canonical::disputed`] reports them.

pub(crate) struct Permutations {
    /// Indexes into `distinct`.
    current: Vec<usize>,
    distinct: Vec<u32>,
    leftward: Vec<bool>,
}

impl Permutations {
    /// `list` holds equal blank nodes side by side. It is the first permutation.
    pub(crate) fn new(list: &[u32]) -> Self {
        let mut distinct = list.to_vec();
        distinct.dedup();
        let mut index = 0;
        let current = list
            .iter()
            .map(|node| {
                index += usize::from(distinct[index] != *node);
                index
            })
            .collect();
        Self {
            current,
            leftward: vec![true; distinct.len()],
            distinct,
        }
    }

    pub(crate) fn current(&self) -> impl Iterator<Item = u32> {
        self.current.iter().map(|index| self.distinct[*index])
    }

    /// Goes on to the next permutation; false after the last.
    pub(crate) fn advance(&mut self) -> bool {
        // The greatest element that is greater than the neighbour it looks at.
        let mobile = (0..self.current.len())
            .rev()
            .filter(|at| self.is_mobile(*at))
            .max_by_key(|at| self.current[*at]);
        let Some(at) = mobile else { return false };
        let element = self.current[at];
        self.current
            .swap(at, if self.leftward[element] { at - 1 } else { at + 1 });
        // Directions belong to elements, but they are turned once for each place where a greater one stands.
        for greater in self.current.iter().filter(|other| **other > element) {
            self.leftward[*greater] = !self.leftward[*greater];
        }
        true
    }

    fn is_mobile(&self, at: usize) -> bool {
        let element = self.current[at];
        let neighbour = if self.leftward[element] {
            at.checked_sub(1)
        } else {
            Some(at + 1)
        };
        neighbour
            .and_then(|neighbour| self.current.get(neighbour))
            .is_some_and(|neighbour| element > *neighbour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(list: &[u32]) -> Vec<Vec<u32>> {
        let mut permutations = Permutations::new(list);
        let mut visited = vec![permutations.current().collect()];
        while permutations.advance() {
            visited.push(permutations.current().collect());
        }
        visited
    }

    #[test]
    fn each_order_of_different_nodes_comes_once() {
        for (list, orders) in [(vec![], 1), (vec![7], 1), (vec![9, 4], 2), (vec![3, 1, 2, 5, 4], 120)] {
            let mut visited = visited(&list);
            assert_eq!(visited[0], list);
            visited.sort();
            visited.dedup();
            assert_eq!(visited.len(), orders);
        }
    }

    #[test]
    fn twice_the_same_node_is_not_two_orders() {
        assert_eq!(visited(&[7, 7, 7]), [[7, 7, 7]]);
        assert_eq!(visited(&[4, 4, 9]), [[4, 4, 9], [4, 9, 4], [9, 4, 4]]);
    }

    #[test]
    fn lists_with_repeats_are_gone_through_like_the_reference_implementations_do() {
        assert_eq!(
            visited(&[1, 1, 2, 2]),
            [[1, 1, 2, 2], [1, 2, 1, 2], [2, 1, 1, 2], [2, 1, 2, 1], [2, 2, 1, 1]]
        );
        assert_eq!(visited(&[1, 1, 2, 2, 3, 3]).len(), 13);
        assert_eq!(visited(&[1, 1, 1, 2, 2, 2, 3, 3, 3]).len(), 190);
    }
}
