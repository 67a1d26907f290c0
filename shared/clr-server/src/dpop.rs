//! Proof of possession in a request (RFC 9449): the one header `DPoP`, and that it does not come again.

use clr_core::{
    TableError,
    oauth::{DpopFault, DpopProof, ProvenRequest, Thumbprint},
};
use http::HeaderMap;

use crate::App;

/// Name of the header.
const HEADER: &str = "dpop";

/// The proof that a request carries, verified but for whether it came before; none without the header.
///
/// # Errors
/// See [`DpopFault`].
pub fn presented(headers: &HeaderMap, request: ProvenRequest<'_>, app: &App) -> Result<Option<DpopProof>, DpopFault> {
    let mut values = headers.get_all(HEADER).iter();
    let proof = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| DpopFault::Malformed)?,
        // Two proofs are none (section 4.3, item 1).
        (Some(_), Some(_)) => return Err(DpopFault::Malformed),
    };
    DpopProof::verify(proof, request, app.clock.now()).map(Some)
}

/// The key of a proof, if the proof comes for the first time. One write.
///
/// # Errors
/// The table is busy or refuses.
pub async fn use_once(proof: &DpopProof, app: &App) -> Result<Result<Thumbprint, DpopFault>, TableError> {
    let fresh = app
        .table
        .use_once(&proof.once, app.clock.now(), &app.randomness)
        .await?;
    Ok(if fresh {
        Ok(proof.key.clone())
    } else {
        Err(DpopFault::Replayed)
    })
}
