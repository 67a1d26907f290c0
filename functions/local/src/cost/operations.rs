//! What each operation takes, as the tests measure it (`tests/tests/api/operation_counts.rs` holds every number but the processor's
//! time against the routers, the engine's capacity units and the signers): one table for `clr cost`, for `docs/cost.md` and for
//! those tests.
//!
//! Measured on an institution with a domain name and two signing keys, status lists on, in a process that is warm. To add an
//! operation: a row here, its requests in the test.

/// One thing that a client does, all its requests together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// As `clr cost` and the document call it.
    pub name: &'static str,
    /// Nested credentials of the record in it; none where there is no record.
    pub nested: Option<u32>,
    /// HTTP requests, each an invocation of a function.
    pub requests: u32,
    /// Calls to DynamoDB, one after the other but for a few that are made at once.
    pub table_calls: u32,
    /// Signatures by each signing key; each is a request to KMS.
    pub signatures: u32,
    /// DynamoDB's read request units.
    pub read_units: u32,
    /// DynamoDB's write request units.
    pub write_units: u32,
    /// Bytes that stay in the table, once whatever expires is gone.
    pub stored_bytes: u32,
    /// Bytes of the answers' bodies, to within a tenth.
    pub answer_bytes: u32,
    /// Which function does it.
    pub function: &'static str,
    /// Microseconds of a processor, as `tests/runtime/run` measured them on 24 November 2026: medians of five runs.
    pub processor: u32,
}

#[rustfmt::skip]
/// All of them.
pub const OPERATIONS: &[Operation] = &[
    Operation { name: "register", nested: None, requests: 1, table_calls: 2, signatures: 0, read_units: 0, write_units: 5, stored_bytes: 0, answer_bytes: 1062, function: "registration", processor: 723 },
    Operation { name: "authorize", nested: None, requests: 3, table_calls: 6, signatures: 0, read_units: 4, write_units: 20, stored_bytes: 0, answer_bytes: 6112, function: "authorize", processor: 3442 },
    Operation { name: "token: authorization_code", nested: None, requests: 1, table_calls: 2, signatures: 0, read_units: 2, write_units: 1, stored_bytes: 0, answer_bytes: 387, function: "token", processor: 789 },
    Operation { name: "token: refresh_token", nested: None, requests: 1, table_calls: 2, signatures: 0, read_units: 2, write_units: 2, stored_bytes: 0, answer_bytes: 387, function: "token", processor: 697 },
    Operation { name: "token: client_credentials", nested: None, requests: 1, table_calls: 2, signatures: 0, read_units: 1, write_units: 6, stored_bytes: 0, answer_bytes: 151, function: "token", processor: 644 },
    Operation { name: "issue", nested: Some(1), requests: 1, table_calls: 5, signatures: 2, read_units: 3, write_units: 9, stored_bytes: 2150, answer_bytes: 4904, function: "issue", processor: 2495 },
    Operation { name: "upsert: new", nested: Some(1), requests: 1, table_calls: 4, signatures: 0, read_units: 5, write_units: 9, stored_bytes: 2307, answer_bytes: 4879, function: "upsert-credential", processor: 2231 },
    Operation { name: "upsert: identical", nested: Some(1), requests: 1, table_calls: 3, signatures: 0, read_units: 5, write_units: 0, stored_bytes: 0, answer_bytes: 4879, function: "upsert-credential", processor: 1927 },
    Operation { name: "upsert: newer", nested: Some(1), requests: 1, table_calls: 4, signatures: 0, read_units: 5, write_units: 8, stored_bytes: 6, answer_bytes: 4878, function: "upsert-credential", processor: 2346 },
    Operation { name: "list: a page of one", nested: Some(1), requests: 1, table_calls: 3, signatures: 0, read_units: 3, write_units: 0, stored_bytes: 0, answer_bytes: 4895, function: "get-credentials", processor: 770 },
    Operation { name: "verify", nested: Some(1), requests: 1, table_calls: 2, signatures: 0, read_units: 2, write_units: 1, stored_bytes: 0, answer_bytes: 3062, function: "verify", processor: 1671 },
    Operation { name: "status change", nested: None, requests: 1, table_calls: 6, signatures: 0, read_units: 3, write_units: 5, stored_bytes: 1482, answer_bytes: 387, function: "status", processor: 1392 },
    Operation { name: "status list, signed anew", nested: None, requests: 1, table_calls: 7, signatures: 1, read_units: 20, write_units: 5, stored_bytes: 2009, answer_bytes: 1240, function: "status", processor: 2671 },
    Operation { name: "status list", nested: None, requests: 1, table_calls: 1, signatures: 0, read_units: 2, write_units: 0, stored_bytes: 0, answer_bytes: 1240, function: "status", processor: 414 },
    Operation { name: "discovery", nested: None, requests: 1, table_calls: 0, signatures: 0, read_units: 0, write_units: 0, stored_bytes: 0, answer_bytes: 53965, function: "discovery", processor: 2153 },
    Operation { name: "issue", nested: Some(62), requests: 1, table_calls: 5, signatures: 63, read_units: 3, write_units: 134, stored_bytes: 17890, answer_bytes: 175973, function: "issue", processor: 21460 },
    Operation { name: "upsert: new", nested: Some(62), requests: 1, table_calls: 4, signatures: 0, read_units: 5, write_units: 37, stored_bytes: 15752, answer_bytes: 175948, function: "upsert-credential", processor: 26492 },
    Operation { name: "upsert: identical", nested: Some(62), requests: 1, table_calls: 3, signatures: 0, read_units: 5, write_units: 0, stored_bytes: 0, answer_bytes: 175948, function: "upsert-credential", processor: 27599 },
    Operation { name: "upsert: newer", nested: Some(62), requests: 1, table_calls: 4, signatures: 0, read_units: 5, write_units: 36, stored_bytes: 17, answer_bytes: 175947, function: "upsert-credential", processor: 28640 },
    Operation { name: "list: a page of one", nested: Some(62), requests: 1, table_calls: 3, signatures: 0, read_units: 6, write_units: 0, stored_bytes: 0, answer_bytes: 175964, function: "get-credentials", processor: 1285 },
    Operation { name: "verify", nested: Some(62), requests: 1, table_calls: 2, signatures: 0, read_units: 2, write_units: 1, stored_bytes: 0, answer_bytes: 96155, function: "verify", processor: 26315 },
    Operation { name: "list: a page of fifty", nested: Some(1), requests: 1, table_calls: 3, signatures: 0, read_units: 52, write_units: 0, stored_bytes: 0, answer_bytes: 243991, function: "get-credentials", processor: 2700 },
];

/// The row with this name; with the record of one nested credential where there are two.
#[must_use]
pub fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}
