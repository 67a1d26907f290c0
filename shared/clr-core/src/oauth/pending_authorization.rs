//! What a learner came for, while he or she signs in and decides: an application's request, or a look at what was allowed. It belongs
//! to the browser that brought it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{AuthorizationRequest, Consent, Expiry, Scope, Scopes, VerifiedClient};
use crate::{Digest, Randomness, Secret, learners::Learner, learners::LearnerId};

/// Names a pending authorization. Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationId(Uuid);

/// What waits for the learner, ten minutes at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAuthorization {
    id: AuthorizationId,
    /// Of a secret that only the learner's browser holds, in a cookie.
    browser: Digest,
    purpose: Purpose,
    stage: Stage,
    expires: Expiry,
}

/// What the learner came for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An application asks for access.
    Authorization {
        /// For what.
        request: Box<AuthorizationRequest>,
        /// What it says of itself.
        application: Box<VerifiedClient>,
        /// Whether the operator approved of it.
        approved: bool,
    },
    /// To see, and to take back, what was allowed.
    Grants,
}

/// What the learner is asked next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// To sign in.
    SignIn {
        /// What the identity provider was asked; none for the demonstration.
        upstream: Option<UpstreamRequest>,
    },
    /// What it is about.
    SignedIn {
        /// Who signed in.
        learner: LearnerId,
        /// As shown on the page.
        name: Option<String>,
    },
}

/// What an identity provider was asked for this learner: its answer must fit (OpenID Connect Core, section 3.1; RFC 7636).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamRequest {
    /// In the ID token.
    pub nonce: String,
    /// Redeems the provider's code.
    pub code_verifier: String,
}

impl fmt::Debug for UpstreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpstreamRequest(…)")
    }
}

const PENDING_SECONDS: i64 = 600;

impl AuthorizationId {
    /// Reads what a form brought; none when it cannot be one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl fmt::Display for AuthorizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl PendingAuthorization {
    /// Keeps what this browser brought; the secret is what its cookie holds.
    #[must_use]
    pub fn begin(
        purpose: Purpose,
        upstream: Option<UpstreamRequest>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> (Self, Secret) {
        let browser = randomness.secret();
        let pending = Self {
            id: AuthorizationId(randomness.uuid()),
            browser: browser.digest(),
            purpose,
            stage: Stage::SignIn { upstream },
            expires: Expiry::after(now, PENDING_SECONDS),
        };
        (pending, browser)
    }

    /// Whether a form comes from a page that this browser was shown, at this stage, and in time.
    #[must_use]
    pub fn accepts(&self, browser: &Secret, form_token: &str, now: Timestamp) -> bool {
        let expected = self.form_token(browser);
        self.browser.matches(browser)
            && bool::from(expected.as_bytes().ct_eq(form_token.as_bytes()))
            && !self.expires.has_passed(now)
    }

    /// Against cross-site requests: bound to the browser's secret, to this request, and to who is signed in.
    #[must_use]
    pub fn form_token(&self, browser: &Secret) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(browser.reveal().as_bytes()) else {
            return String::new();
        };
        mac.update(self.id.to_string().as_bytes());
        if let Stage::SignedIn { learner, .. } = &self.stage {
            mac.update(learner.as_str().as_bytes());
        }
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// The learner signed in.
    #[must_use]
    pub fn signed_in(self, learner: &Learner) -> Self {
        let stage = Stage::SignedIn {
            learner: learner.id.clone(),
            name: learner.name.clone(),
        };
        Self { stage, ..self }
    }

    /// The learner allows these of the requested scopes; none when nobody is signed in or nothing useful is left.
    #[must_use]
    pub fn consent(&self, allowed: &Scopes) -> Option<Consent> {
        let (Stage::SignedIn { learner, .. }, Purpose::Authorization { request, .. }) = (&self.stage, &self.purpose)
        else {
            return None;
        };
        let scopes: Scopes = request.scopes.iter().filter(|scope| allowed.contains(*scope)).collect();
        let useful = scopes.iter().any(|scope| scope != Scope::OfflineAccess);
        useful.then(|| Consent {
            client: request.client,
            learner: learner.clone(),
            scopes,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            key: request.key.clone(),
        })
    }

    /// The same consent as given before, when the operator approved of the application and it asks for no more than then.
    #[must_use]
    pub fn remembered_consent(&self, before: &Scopes) -> Option<Consent> {
        match &self.purpose {
            Purpose::Authorization {
                request,
                approved: true,
                ..
            } if request.scopes.is_subset(before) => self.consent(&request.scopes),
            _ => None,
        }
    }

    /// Who signed in.
    #[must_use]
    pub fn learner(&self) -> Option<&LearnerId> {
        match &self.stage {
            Stage::SignIn { .. } => None,
            Stage::SignedIn { learner, .. } => Some(learner),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> AuthorizationId {
        self.id
    }

    /// What the learner came for.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// What the application asks, where one does.
    #[must_use]
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match &self.purpose {
            Purpose::Authorization { request, .. } => Some(request),
            Purpose::Grants => None,
        }
    }

    /// What the learner is asked next.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// When it is too late.
    #[must_use]
    pub fn expires(&self) -> Expiry {
        self.expires
    }
}
