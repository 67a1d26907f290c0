//! What stands beside the claims of a credential: schema, status, refreshing, terms, proof.

use super::*;

pub(crate) static CREDENTIAL_SCHEMA: Class = open("CredentialSchema", &[one("id", Uri), one("type", Text)]);

pub(crate) static CREDENTIAL_STATUS: Class = open("CredentialStatus", &[optional("id", Uri), one("type", Text)]);

pub(crate) static REFRESH_SERVICE: Class = open("RefreshService", &[one("id", Uri), one("type", Text)]);

pub(crate) static TERMS_OF_USE: Class = open("TermsOfUse", &[optional("id", Uri), one("type", Text)]);

pub(crate) static PROOF: Class = Class {
    rules: &[rules::proof_purpose],
    ..open(
        "Proof",
        &[
            one("type", Text),
            optional("created", DateTime),
            optional("cryptosuite", Text),
            optional("challenge", Text),
            optional("domain", Text),
            optional("nonce", Text),
            optional("proofPurpose", Text),
            optional("proofValue", Text),
            optional("verificationMethod", Uri),
        ],
    )
};
