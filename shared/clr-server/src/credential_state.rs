//! The header `Credential-State`: what was known of a credential's life when it was judged.
//!
//! A credential is answered byte for byte as it was submitted, so its state stands beside it. A structured field (RFC 9651): a
//! token, and parameters: `revoked;nested=expired;judged="2026-01-31T12:00:00Z"`. `nested` is there where a credential in the record
//! is not in force. States: `valid`, `not-yet-valid`, `expired`, `suspended`, `revoked`, `unknown`.

use clr_core::verification::{Judgement, State};
use http::{HeaderName, HeaderValue};

/// The header's name.
pub const CREDENTIAL_STATE: HeaderName = HeaderName::from_static("credential-state");

/// The header's value.
#[must_use]
pub fn credential_state(judgement: Judgement) -> HeaderValue {
    let Judgement { state, nested, at } = judgement;
    let nested = match nested {
        State::Valid => String::new(),
        nested => format!(";nested={nested}"),
    };
    // Names of states and a time are ASCII; were they not, the state would not be known.
    HeaderValue::from_str(&format!("{state}{nested};judged=\"{at}\"")).unwrap_or(HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_and_the_worst_one_inside_are_told_with_their_time() {
        let judgement = Judgement {
            state: State::Revoked,
            nested: State::NotYetValid,
            at: "2026-01-31T12:00:00Z".parse().unwrap(),
        };
        assert_eq!(
            credential_state(judgement),
            "revoked;nested=not-yet-valid;judged=\"2026-01-31T12:00:00Z\""
        );
        let valid = Judgement {
            state: State::Valid,
            nested: State::Valid,
            ..judgement
        };
        assert_eq!(credential_state(valid), "valid;judged=\"2026-01-31T12:00:00Z\"");
    }
}
