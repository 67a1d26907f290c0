//! The API as its clients see it, through the whole router in process.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skips"
)]

mod attacks;
mod attacks_access;
mod attacks_answers;
mod attacks_bodies;
mod attacks_crowds;
mod attacks_enumeration;
mod attacks_fetching;
mod attacks_headers;
mod attacks_open_redirect;
mod attacks_paths;
mod attacks_properties;
mod conformance_api;
mod conformance_certification;
mod conformance_table;
mod credentials_jws;
mod credentials_list;
mod credentials_page_cost;
mod credentials_races;
mod credentials_refused;
mod credentials_state;
mod credentials_upsert;
mod discovery;
mod elsewhere;
mod engine_capacity;
mod every_path;
mod issue;
mod issue_idempotency;
mod issuer_keys;
mod learner_erasure;
mod metering;
mod oauth_attacks;
mod oauth_authorization;
mod oauth_caller;
mod oauth_client;
mod oauth_differential;
mod oauth_dpop;
mod oauth_grants;
mod oauth_journey;
mod oauth_keys;
mod oauth_management;
mod oauth_metadata;
mod oauth_published_keys;
mod oauth_pushed;
mod oauth_races;
mod oauth_registration;
mod oauth_revocation;
mod oauth_sign_in;
mod oauth_storage_calls;
mod oauth_token;
mod operation_counts;
mod path_table;
mod permissions;
mod profile;
mod rate_limit;
mod real_records;
mod recipe;
mod records;
mod request_log;
mod status;
mod status_entries;
mod template;
mod unrouted;
#[path = "../../vectors.rs"]
mod vectors;
mod verify;
mod verify_elsewhere;
mod watching;
