//! `clr`: the whole service on a laptop, and the operator's and developer's tools.

pub mod embedded_table;
mod routes;

pub use crate::routes::routes;
