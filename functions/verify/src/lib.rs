//! `POST /credentials/verify` and `POST /presentations/verify`: the verdict on a signed record, for anyone.
//!
//! The exchange is the VC-API's. In: `{"verifiableCredential": …, "options": {…}}`, or `{"verifiablePresentation": …,
//! "options": {…}}`; `{"presentation": …}` need not be signed itself. A credential is a JSON object with proofs, an
//! `EnvelopedVerifiableCredential`, or a string that is a compact JWS; a bare credential is taken too, and a compact JWS as
//! `text/plain`. Options, none of them required:
//!
//! | option | meaning |
//! |---|---|
//! | `policy` | `strict` (the default, unless `clr serve --policy` says another one), `1edtech` or `proof-only` |
//! | `recipient` | whom the record should be about, one or more of `{"identityType", "identifier"}` and `{"id"}` |
//! | `challenge`, `domain` | what the proofs must be bound to |
//! | `expectedProofPurpose` | what the proofs of a credential must be for |
//! | `returnCredential`, `returnPresentation` | send back what was verified |
//!
//! Out: 200 when the verdict is valid, 400 when it is not or could not be reached; its member `verdict` says which.
//!
//! ```json
//! {"verified": false, "verdict": "invalid", "policy": "strict",
//!  "checks": [{"name": "proof", "pointer": "/proof", "credentialId": "urn:…", "outcome": "failed", "reason": "…"}],
//!  "problemDetails": [{"type": "…#CRYPTOGRAPHIC_SECURITY_ERROR", "title": "proof", "detail": "/proof: …"}],
//!  "errors": ["/proof: …"], "warnings": []}
//! ```
//!
//! `verdict`: `valid`, `invalid`, `could-not-check`. `checks` has everything that was looked at, what is wrong first; each
//! `outcome` is `failed`, `could-not-check`, `warning` or `passed`, `retry` is there and true where asking again may help.
//! Of the checks `validity` and `status`, `state` says why a credential is not in force: `not-yet-valid`, `expired`, `suspended`,
//! `revoked`, or `unknown` where that could not be seen.
//! `problemDetails` (VC 2.0, section 7.3), `errors` and `warnings` say the same for programs that read the VC-API. Members and
//! words are added in time, never changed.
//!
//! Attempts of one address are bounded: 429 with `Retry-After` beyond.
//!
//! <https://w3c-ccg.github.io/vc-api/#verify-credential>, <https://w3c-ccg.github.io/vc-api/#verify-presentation>

mod answer;
mod request;

use axum::extract::State;
use clr_core::verification::{Presentation, Verifier};
use clr_server::{
    ApiError, App, CredentialBody, JsonBody, PublicUrl, Routes, paths,
    rate_limit::{Verification, Within},
};

use crate::{
    answer::Answer,
    request::{CredentialRequest, PresentationRequest},
};

/// This function's endpoints.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post(paths::VERIFY, verify_credential)
        .post(paths::VERIFY_PRESENTATION, verify_presentation)
}

async fn verify_credential(
    State(app): State<App>,
    _: Within<Verification>,
    public_url: PublicUrl,
    body: CredentialBody,
) -> Result<Answer, ApiError> {
    let request = CredentialRequest::read(body, app.config.verify_policy)?;
    let status_lists = public_url.join(paths::STATUS_LISTS);
    let verifier = Verifier {
        recipient: request.recipient.into(),
        ..app.verifier(request.policy, &status_lists)
    };
    let verdict = verifier
        .verify_as_asked(request.credential.clone(), &request.asked)
        .await;
    Ok(Answer {
        verdict,
        returned: request
            .is_returned
            .then_some(("verifiableCredential", request.credential)),
    })
}

async fn verify_presentation(
    State(app): State<App>,
    _: Within<Verification>,
    public_url: PublicUrl,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let request = PresentationRequest::read(body.value, app.config.verify_policy)?;
    let presentation = Presentation {
        document: request.presentation,
        signed: request.signed,
        challenge: request.challenge,
        domain: request.domain,
    };
    let status_lists = public_url.join(paths::STATUS_LISTS);
    let verifier = Verifier {
        recipient: request.recipient.into(),
        ..app.verifier(request.policy, &status_lists)
    };
    let verdict = verifier.verify_presentation(&presentation).await;
    Ok(Answer {
        verdict,
        returned: request
            .is_returned
            .then_some(("verifiablePresentation", presentation.document)),
    })
}
