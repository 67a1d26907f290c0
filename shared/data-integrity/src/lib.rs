//! W3C Data Integrity proofs over JSON-LD documents: make the bytes to sign, attach a proof, verify against a given key.
//!
//! Keys are given, never looked up; nothing here does I/O or knows the time.
//! Suites: `ecdsa-rdfc-2019` (P-256, P-384) and `eddsa-rdfc-2022`.
//!
//! To sign: [`UnsecuredDocument::hash_data`], sign its bytes wherever the key lives, [`HashData::into_proof`], then
//! [`attach`]. To verify: [`proofs_of`], [`Proof::read`], find the key that its verification method names,
//! [`UnsecuredDocument::verify`].

mod base58;
mod document;
mod error;
mod key;
mod proof;
mod signature;

pub use crate::{
    document::{HashData, UnsecuredDocument, attach, verify},
    error::ProofError,
    key::{KeyError, KeyType, PublicKey},
    proof::{Cryptosuite, Proof, ProofOptions, proofs_of},
};
