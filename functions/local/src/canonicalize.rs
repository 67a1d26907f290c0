//! `clr canonicalize`: what a signature covers, for people who debug one.

use std::{path::PathBuf, process::ExitCode};

use canonical_rdf::{Contexts, HashAlgorithm};

use crate::{
    document,
    failure::{self, Failure},
};

/// Arguments of `clr canonicalize`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A JSON-LD document, or N-Quads if the name ends in `.nq`.
    file: PathBuf,
    /// The hash inside RDFC-1.0.
    #[arg(long, value_enum, default_value_t = Hash::Sha256)]
    hash: Hash,
    /// Know the W3C examples context too.
    #[arg(long)]
    w3c_suites: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Hash {
    Sha256,
    Sha384,
}

/// Writes the canonical N-Quads to standard output.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let hash = match arguments.hash {
        Hash::Sha256 => HashAlgorithm::Sha256,
        Hash::Sha384 => HashAlgorithm::Sha384,
    };
    let text = document::read_text(&arguments.file)?;
    let place = arguments.file.display().to_string();
    let canonical = if arguments.file.extension().is_some_and(|extension| extension == "nq") {
        canonical_rdf::canonicalize_nquads(&text, hash)
    } else {
        let contexts = if arguments.w3c_suites {
            Contexts::with_w3c_examples()
        } else {
            Contexts::standard()
        };
        canonical_rdf::canonicalize(&document::parse(&text, &place)?, contexts, hash)
    };
    let canonical = canonical.map_err(|error| Failure::unreadable(format!("{place}: {}", failure::chain(&error))))?;
    anstream::print!("{canonical}");
    Ok(ExitCode::SUCCESS)
}
