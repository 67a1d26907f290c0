//! clr-core
