//! What the W3C test suites ask of an issuer and of a verifier, over the routers that `clr serve --open-issue --w3c-suites`
//! has: one module per suite, one test per assertion, in our own words.
//!
//! The suites themselves drive a server by HTTP and with other people's signatures; these tests sign with keys of their own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod data_integrity;
mod data_model;
mod ecdsa;
mod eddsa;
mod envelopes;
mod presentations;
mod status_list;
mod suites;
mod vc_api_issuer;
mod vc_api_verifier;
