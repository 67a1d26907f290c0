//! upsert-credential
