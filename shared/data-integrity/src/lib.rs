//! W3C Data Integrity proofs over JSON-LD documents: make the bytes to sign, attach a proof, verify against a given key.
//!
//! Keys are given, never looked up; nothing here does I/O or knows the time.
//! Suites: `ecdsa-rdfc-2019` (P-256, P-384) and `eddsa-rdfc-2022`; verified alone are derived proofs of `ecdsa-sd-2023`,
//! and the deprecated `eddsa-2022` and `Ed25519Signature2020`. Proof sets and chains. Beside embedded proofs, the JWS
//! around a VC-JWT: [`Jws`], [`UnsignedJws`].
//!
//! To sign: [`UnsecuredDocument::hash_data`], sign its bytes wherever the key lives, [`HashData::into_proof`], then
//! [`attach`]. To verify: [`proofs_of`], [`Proof::read`], find the key that its verification method names,
//! [`UnsecuredDocument::verify`].

mod base58;
mod date_time;
mod document;
mod error;
mod jwk;
mod jws;
mod key;
mod proof;
mod selective;
mod signature;
mod suite;
#[cfg(test)]
#[path = "../../../tests/vectors.rs"]
mod vectors;

pub use crate::{
    document::{HashData, UnsecuredDocument, attach, verify},
    error::ProofError,
    jwk::{JwkError, JwsKey, RsaPublicKey},
    jws::{Algorithm, Jws, JwsError, UnsignedJws},
    key::{KeyError, KeyType, PublicKey},
    proof::{Proof, ProofOptions, ProofPurpose, proofs_of},
    suite::Cryptosuite,
};
