//! `w3c/vc-di-ecdsa-test-suite`, for ecdsa-rdfc-2019 with P-256.
