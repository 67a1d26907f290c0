//! The authorization server as pure rules over one item per grant (RFC 6749, 7636, 9700).

mod scope;

pub use scope::{Scope, Scopes};
