//! The reader takes any text, and what it read is written so that it reads the same.
#![no_main]

use canonical_rdf::Dataset;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(dataset) = Dataset::from_nquads(text) else {
        return;
    };
    let written = dataset.to_nquads();
    assert_eq!(written.lines().count(), dataset.quads().len());
    let again = Dataset::from_nquads(&written).expect("what was written can be read");
    assert_eq!(again.to_nquads(), written);
});
