//! `w3c/vc-di-eddsa-test-suite`, for eddsa-rdfc-2022.
