//! The suites by which proofs are made and verified.

use serde_json::{Map, Value};

use crate::{KeyType, ProofError, proof::string};

/// The suites that this crate verifies. It makes proofs of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cryptosuite {
    /// <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-rdfc-2019>
    EcdsaRdfc2019,
    /// <https://www.w3.org/TR/vc-di-eddsa/#eddsa-rdfc-2022>
    EddsaRdfc2022,
    /// Derived proofs: <https://www.w3.org/TR/vc-di-ecdsa/#ecdsa-sd-2023>
    EcdsaSd2023,
    /// The name that [`Cryptosuite::EddsaRdfc2022`] had in drafts.
    Eddsa2022,
    /// A proof type of its own: <https://www.w3.org/TR/vc-di-eddsa/#ed25519signature2020>
    Ed25519Signature2020,
}

const ED25519_SIGNATURE_2020: &str = "Ed25519Signature2020";

impl Cryptosuite {
    const DATA_INTEGRITY: [Self; 4] = [
        Self::EcdsaRdfc2019,
        Self::EddsaRdfc2022,
        Self::EcdsaSd2023,
        Self::Eddsa2022,
    ];

    /// The value of `cryptosuite`, or of `type` for the suite that has a proof type of its own.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EcdsaSd2023 => "ecdsa-sd-2023",
            Self::Eddsa2022 => "eddsa-2022",
            Self::Ed25519Signature2020 => ED25519_SIGNATURE_2020,
        }
    }

    /// The suite that a key signs with.
    #[must_use]
    pub fn of(key: KeyType) -> Self {
        match key {
            KeyType::P256 | KeyType::P384 => Self::EcdsaRdfc2019,
            KeyType::Ed25519 => Self::EddsaRdfc2022,
        }
    }

    /// Whether a key of this kind can have made a proof of this suite.
    #[must_use]
    pub fn fits(self, key: KeyType) -> bool {
        match self {
            Self::EcdsaRdfc2019 => matches!(key, KeyType::P256 | KeyType::P384),
            Self::EcdsaSd2023 => key == KeyType::P256,
            Self::EddsaRdfc2022 | Self::Eddsa2022 | Self::Ed25519Signature2020 => key == KeyType::Ed25519,
        }
    }

    /// Reads `type` and `cryptosuite` of a proof.
    pub(crate) fn read(proof: &Map<String, Value>) -> Result<Self, ProofError> {
        let kind = string(proof, "type")?;
        if kind == ED25519_SIGNATURE_2020 {
            return Ok(Self::Ed25519Signature2020);
        }
        if kind != "DataIntegrityProof" {
            return Err(ProofError::UnsupportedSuite(kind.to_owned()));
        }
        let name = string(proof, "cryptosuite")?;
        Self::DATA_INTEGRITY
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or_else(|| ProofError::UnsupportedSuite(name.to_owned()))
    }
}
