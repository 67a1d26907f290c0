//! get-credentials
