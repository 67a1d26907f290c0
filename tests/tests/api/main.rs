//! The API as its clients see it, through the whole router in process.

mod credentials_list;
mod credentials_refused;
mod credentials_upsert;
mod discovery;
mod issue;
mod path_table;
mod records;
mod template;
mod unrouted;
