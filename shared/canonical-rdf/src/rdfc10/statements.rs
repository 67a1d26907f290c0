//! The dataset as the algorithm reads it: a set of quads, and for each blank node the quads that mention it
//! (the blank node to quads map, section 4.2).

use crate::dataset::{Dataset, Quad, Term};

pub(crate) struct Statements<'a> {
    pub(crate) dataset: &'a Dataset,
    /// Without repetition, in order of subject, then of predicate by its text.
    pub(crate) quads: Vec<Quad>,
    /// The place of each predicate among the sorted predicates, by number of term.
    predicate_ranks: Vec<u32>,
    /// Where in `mentions` those of each blank node start; one more at the end.
    starts: Vec<u32>,
    mentions: Vec<u32>,
}

impl<'a> Statements<'a> {
    pub(crate) fn new(dataset: &'a Dataset) -> Self {
        let (predicates, predicate_ranks) = rank_predicates(dataset);
        let rank = |quad: &Quad| predicate_ranks[quad.predicate.index() as usize];
        // Integers sort several times faster than structures.
        let mut keys: Vec<u128> = dataset
            .quads()
            .iter()
            .map(|quad| {
                let [subject, object] = [quad.subject, quad.object].map(Term::bits);
                let graph = quad.graph.map_or(0, Term::bits);
                [subject, rank(quad), object, graph]
                    .into_iter()
                    .fold(0, |key, part| key << 32 | u128::from(part))
            })
            .collect();
        keys.sort_unstable();
        // RDF is a set: a statement made twice is one statement, and must be hashed once.
        keys.dedup();
        let quads: Vec<Quad> = keys
            .into_iter()
            .filter_map(|key| {
                let part = |place: u32| (key >> (32 * place)) as u32;
                let predicate = predicates[part(2) as usize];
                let (subject, object) = (Term::from_bits(part(3))?, Term::from_bits(part(1))?);
                Some(Quad {
                    subject,
                    predicate,
                    object,
                    graph: Term::from_bits(part(0)),
                })
            })
            .collect();
        let (starts, mentions) = mentions(&quads, dataset.blank_count() as usize);
        Self {
            dataset,
            quads,
            predicate_ranks,
            starts,
            mentions,
        }
    }

    /// The quads that mention a blank node, each once.
    pub(crate) fn mentioning(&self, blank: u32) -> impl ExactSizeIterator<Item = &Quad> + Clone {
        self.mentions[self.starts[blank as usize] as usize..self.starts[blank as usize + 1] as usize]
            .iter()
            .map(|index| &self.quads[*index as usize])
    }

    pub(crate) fn predicate_rank(&self, quad: &Quad) -> u32 {
        self.predicate_ranks[quad.predicate.index() as usize]
    }

    pub(crate) fn text(&self, term: Term) -> &'a [u8] {
        self.dataset.text(term).unwrap_or_default().as_bytes()
    }
}

/// The predicates, sorted by their texts, and the place of each there, by number of term.
fn rank_predicates(dataset: &Dataset) -> (Vec<Term>, Vec<u32>) {
    let mut ranks = vec![u32::MAX; dataset.named_count()];
    let mut predicates = Vec::new();
    for quad in dataset.quads() {
        let rank = &mut ranks[quad.predicate.index() as usize];
        if *rank == u32::MAX {
            *rank = 0;
            predicates.push(quad.predicate);
        }
    }
    predicates.sort_unstable_by_key(|predicate| dataset.text(*predicate));
    for (rank, predicate) in (0..).zip(&predicates) {
        ranks[predicate.index() as usize] = rank;
    }
    (predicates, ranks)
}

fn mentions(quads: &[Quad], blanks: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0; blanks + 1];
    for blank in quads.iter().flat_map(blanks_of) {
        starts[blank as usize + 1] += 1;
    }
    for blank in 0..blanks {
        starts[blank + 1] += starts[blank];
    }
    let mut mentions = vec![0; starts[blanks] as usize];
    let mut free = starts.clone();
    for (index, quad) in (0..).zip(quads) {
        for blank in blanks_of(quad) {
            mentions[free[blank as usize] as usize] = index;
            free[blank as usize] += 1;
        }
    }
    (starts, mentions)
}

/// The distinct blank nodes of a quad.
fn blanks_of(quad: &Quad) -> impl Iterator<Item = u32> {
    let [subject, object, graph] = [
        quad.subject.blank(),
        quad.object.blank(),
        quad.graph.and_then(Term::blank),
    ];
    [
        subject,
        object.filter(|_| object != subject),
        graph.filter(|_| graph != subject && graph != object),
    ]
    .into_iter()
    .flatten()
}
