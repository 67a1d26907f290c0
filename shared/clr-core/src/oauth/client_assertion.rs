//! `private_key_jwt`: a client proves itself with a JWT of its own (RFC 7523; OpenID Connect Core, section 9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ClientId, Expiry, PublicJwk, SingleUse,
    jwk::{unverified_claims, unverified_header},
    single_use::MAX_JTI_LENGTH,
};

/// The keys that a client registered: one at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientKeys {
    keys: Vec<PublicJwk>,
}

/// `client_assertion_type` of [RFC 7523, section 2.2](https://www.rfc-editor.org/rfc/rfc7523#section-2.2).
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const MAX_KEYS: usize = 5;
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

    /// Whether one of these keys made this assertion, for this client and this server, for now; and what must not come again.
    pub(super) fn verify(
        &self,
        assertion: &str,
        client: ClientId,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<SingleUse> {
        let kid = unverified_header(assertion)?.get("kid").map(Value::to_owned);
        let named = |key: &&PublicJwk| match (&kid, key.kid()) {
            (Some(kid), Some(own)) => kid.as_str() == Some(own),
            _ => true,
        };
        let claims = self
            .keys
            .iter()
            .filter(named)
            .find_map(|key| key.verified_claims(assertion))?;
        let id = client.to_string();
        let (issuer, subject) = (text(&claims, "iss")?, text(&claims, "sub")?);
        let expires = claims.get("exp")?.as_i64()?;
        let jti = text(&claims, "jti").filter(|jti| !jti.is_empty() && jti.len() <= MAX_JTI_LENGTH)?;
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
