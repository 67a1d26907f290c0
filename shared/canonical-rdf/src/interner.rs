//! Distinct strings of an arena, each known by a dense number.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

#[derive(Debug, Default)]
pub(crate) struct Interner {
    /// Where each string starts and ends in the arena.
    spans: Vec<(u32, u32)>,
    numbers: HashTable<u32>,
    /// Seeded per process: the strings come from strangers.
    hasher: DefaultHashBuilder,
}

impl Interner {
    /// The number of the string that was just written at the end of the arena. A string known before is taken away.
    pub(crate) fn intern(&mut self, arena: &mut String, start: usize) -> u32 {
        let Self { spans, numbers, hasher } = self;
        let text = &arena[start..];
        let hash = hasher.hash_one(text);
        let same = |number: &u32| slice(arena, spans, *number) == text;
        match numbers.entry(hash, same, |number| hasher.hash_one(slice(arena, spans, *number))) {
            Entry::Occupied(known) => {
                let number = *known.get();
                arena.truncate(start);
                number
            }
            Entry::Vacant(vacant) => {
                // The arena's owner bounds it far below 4 GiB.
                let number = spans.len() as u32;
                vacant.insert(number);
                spans.push((start as u32, arena.len() as u32));
                number
            }
        }
    }

    pub(crate) fn get<'a>(&self, arena: &'a str, number: u32) -> &'a str {
        slice(arena, &self.spans, number)
    }

    /// The bytes of a string.
    pub(crate) fn length(&self, number: u32) -> usize {
        let (start, end) = self.spans[number as usize];
        (end - start) as usize
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }
}

fn slice<'a>(arena: &'a str, spans: &[(u32, u32)], number: u32) -> &'a str {
    let (start, end) = spans[number as usize];
    &arena[start as usize..end as usize]
}
