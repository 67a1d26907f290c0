//! clr-server
