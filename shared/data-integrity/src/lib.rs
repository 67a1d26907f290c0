//! W3C Data Integrity proofs over JSON-LD documents: make the bytes to sign, attach a proof, verify against a given key.
//!
//! Keys are given, never looked up; nothing here does I/O or knows the time.
//! Suites: `ecdsa-rdfc-2019` (P-256; P-384 verified) and `eddsa-rdfc-2022`.

mod key;
mod proof;

pub use crate::{
    key::{KeyError, KeyType, PublicKey},
    proof::{Cryptosuite, HashData, ProofError, ProofOptions, UnsecuredDocument, proofs_of, verify},
};
