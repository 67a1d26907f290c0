//! The API as its clients see it, through the whole router in process.

mod issue;
mod template;
mod unrouted;
