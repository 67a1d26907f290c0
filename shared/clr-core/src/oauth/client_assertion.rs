//! `private_key_jwt`: a client proves itself with a JWT of its own (RFC 7523; OpenID Connect Core, section 9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ClientId, Expiry, JwkFault, PublicJwk, SingleUse,
    jwk::{unverified_claims, unverified_header},
    single_use::MAX_JTI_LENGTH,
};

/// The keys of a client: one at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKeys {
    keys: Vec<PublicJwk>,
}

/// `client_assertion_type` of [RFC 7523, section 2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const MAX_KEYS: usize = 5;
/// A client that publishes its keys may do so for others than this server too.
const MAX_PUBLISHED_KEYS: usize = 20;
/// An assertion may be valid this long at most; its `jti` is remembered for as long.
const MAX_LIFETIME_SECONDS: i64 = 600;
/// Clocks of clients may be ahead by this.
const SKEW_SECONDS: i64 = 30;

impl ClientKeys {
    /// Reads the member `jwks` of a registration.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn read(jwks: &Value) -> Result<Self, String> {
        let keys = jwks.get("keys").and_then(Value::as_array);
        let keys = keys.filter(|keys| (1..=MAX_KEYS).contains(&keys.len()));
        let keys = keys.ok_or_else(|| format!("jwks has not 1 to {MAX_KEYS} keys"))?;
        let read = |(position, jwk)| PublicJwk::read(jwk).map_err(|fault| format!("jwks, key {position}: {fault}"));
        let keys = keys.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// Reads the document under `jwks_uri`. Keys of kinds that are not used here are left out.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn published(document: &str) -> Result<Self, String> {
        let jwks: Value = serde_json::from_str(document).map_err(|_| "is not JSON".to_owned())?;
        let keys = jwks.get("keys").and_then(Value::as_array);
        let keys = keys.filter(|keys| keys.len() <= MAX_PUBLISHED_KEYS);
        let keys = keys.ok_or_else(|| format!("is not a JWK Set of at most {MAX_PUBLISHED_KEYS} keys"))?;
        let mut usable = Vec::new();
        for key in keys {
            match PublicJwk::read(key) {
                Ok(key) => usable.push(key),
                // Whoever publishes it has lost it: nothing in such a document is believed.
                Err(JwkFault::NotPublic) => return Err("has a key that is a private or a symmetric one".to_owned()),
                Err(JwkFault::Unsupported) => {}
            }
        }
        if usable.is_empty() {
            return Err("has no key of a kind that is used here".to_owned());
        }
        Ok(Self { keys: usable })
    }

    /// Whether the key that an assertion names may be one of these.
    pub(crate) fn may_have_made(&self, assertion: &str) -> bool {
        self.named(assertion).is_some_and(|mut keys| keys.next().is_some())
    }

    /// Whether one of these keys made this assertion, for this client and this server, for now; and what must not come again.
    pub(super) fn verify(
        &self,
        assertion: &str,
        client: ClientId,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<SingleUse> {
        let claims = self.named(assertion)?.find_map(|key| key.verified_claims(assertion))?;
        right_claims(&claims, client, audiences, now)
    }

    /// All of them, for an assertion that names none.
    fn named(&self, assertion: &str) -> Option<impl Iterator<Item = &PublicJwk>> {
        let kid = unverified_header(assertion)?.get("kid").map(Value::to_owned);
        Some(self.keys.iter().filter(move |key| match (&kid, key.kid()) {
            (Some(kid), Some(own)) => kid.as_str() == Some(own),
            _ => true,
        }))
    }
}

/// Whether an assertion would be one of this client for this server and for now, if the client signed it.
pub(super) fn says_what_it_must(assertion: &str, client: ClientId, audiences: &[String], now: Timestamp) -> bool {
    unverified_claims(assertion).is_some_and(|claims| right_claims(&claims, client, audiences, now).is_some())
}

/// What must not come again, of claims that are for this client, this server and for now.
fn right_claims(
    claims: &Map<String, Value>,
    client: ClientId,
    audiences: &[String],
    now: Timestamp,
) -> Option<SingleUse> {
    let id = client.to_string();
    let (issuer, subject) = (text(claims, "iss")?, text(claims, "sub")?);
    let expires = claims.get("exp")?.as_i64()?;
    let jti = text(claims, "jti").filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI_LENGTH)?;
    let now = now.as_second();
    let begun = ["iat", "nbf"].iter().all(|name| match claims.get(*name) {
        Some(time) => time.as_i64().is_some_and(|time| time <= now + SKEW_SECONDS),
        None => true,
    });
    let valid = issuer == id
        && subject == id
        && is_for(claims.get("aud")?, audiences)
        && now < expires
        && expires <= now + MAX_LIFETIME_SECONDS
        && begun;
    valid.then(|| SingleUse::new("assertion", &id, jti, Expiry::at(expires)))
}

/// The client that an assertion says it is of; nothing is verified.
#[must_use]
pub fn asserted_client(assertion: &str) -> Option<ClientId> {
    ClientId::parse(text(&unverified_claims(assertion)?, "sub")?)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// One audience and no other: an assertion that others take too could be theirs to replay here.
fn is_for(audience: &Value, audiences: &[String]) -> bool {
    let audience = match audience {
        Value::Array(values) if values.len() == 1 => &values[0],
        other => other,
    };
    audiences.iter().any(|own| audience.as_str() == Some(own))
}
