//! What the service means: issuing, verification, learners, grants and clients, and the one table they are kept in.
//!
//! No web framework and no wire dialect: errors are types that a caller can act on, HTTP is the server crate's business.
//! Time and randomness come in through [`Clock`] and [`Randomness`], created once at start-up.

pub mod audit;
pub mod aws;
mod clock;
pub mod compromise;
pub mod fetch;
pub mod issuers;
pub mod issuing;
pub mod learners;
pub mod metering;
pub mod oauth;
pub mod published_keys;
mod randomness;
pub mod rate_limit;
mod secret;
pub mod signer;
pub mod status;
pub mod table;
pub mod verification;

pub use crate::{
    clock::{Clock, FixedClock, SystemClock},
    randomness::Randomness,
    secret::{Digest, Secret},
    table::{Patience, Table, TableError, TenantId},
};
