//! Keys of clients in tests, and the JWTs that they sign. THESE ARE TEST KEYS.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use tests::TestApp;

/// A P-256 key, PKCS #8: a test key.
const ONE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsfLXLBpXm1Z/mU3MY7+BsJ/AS0RzIdhdOJftTt3ukFyhRANCAASdHTCMxtoV\
                   QgyvJB05V2Sx2e9XwBongKmONcnSrMmUtVoAv/Bo1z+rBG1xgosW6YsNVEdafNVPVJV/Ee40H+Mb";
/// Another one: a test key.
const TWO: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBkWGSAzOHMRDkdjhLgqEWcEV4t0TsShqg7NJep5quzuhRANCAARjT+Dm16qX\
                   n0ZTmKg+Au+eWzY2kfueTfPRUtfTVW3DvhzGlK5XySghprR3q7AHxb4ZcuF1/MZonSVlNUrB08+r";
/// An Ed25519 key, PKCS #8: a test key.
const ED: &str = "MC4CAQAwBQYDK2VwBCIEIKQGfAr7tHQ4xU4ETqn+S4u6YfOz1vLoOIa/z+P0OSCE";

/// A key of a client.
#[derive(Clone)]
pub(crate) struct TestKey {
    key: EncodingKey,
    algorithm: Algorithm,
}

impl TestKey {
    pub(crate) fn one() -> Self {
        Self::of(ONE)
    }

    pub(crate) fn two() -> Self {
        Self::of(TWO)
    }

    pub(crate) fn ed25519() -> Self {
        Self {
            key: EncodingKey::from_ed_der(&STANDARD.decode(ED).unwrap()),
            algorithm: Algorithm::EdDSA,
        }
    }

    fn of(pkcs8: &str) -> Self {
        Self {
            key: EncodingKey::from_ec_der(&STANDARD.decode(pkcs8).unwrap()),
            algorithm: Algorithm::ES256,
        }
    }

    /// The public part.
    pub(crate) fn jwk(&self) -> Value {
        serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap()
    }

    /// A JWT.
    pub(crate) fn sign(&self, header: Value, claims: &Value) -> String {
        let mut members = json!({ "alg": self.algorithm });
        members
            .as_object_mut()
            .unwrap()
            .extend(header.as_object().unwrap().clone());
        let header: Header = serde_json::from_value(members).unwrap();
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }

    /// A DPoP proof for this request, after changes of its claims; null takes one away.
    pub(crate) fn proof(&self, app: &TestApp, method: &str, path: &str, changes: &Value) -> String {
        let mut claims = json!({
            "jti": app.app.randomness.secret().reveal(),
            "htm": method,
            "htu": format!("{}{path}", tests::PUBLIC_URL),
            "iat": app.now().as_second(),
        });
        change(&mut claims, changes);
        self.sign(json!({ "typ": "dpop+jwt", "jwk": self.jwk() }), &claims)
    }

    /// A client assertion, after changes of its claims.
    pub(crate) fn assertion(&self, app: &TestApp, client: &str, changes: &Value) -> String {
        let mut claims = json!({
            "iss": client,
            "sub": client,
            "aud": tests::PUBLIC_URL,
            "jti": app.app.randomness.secret().reveal(),
            "iat": app.now().as_second(),
            "exp": app.now().as_second() + 60,
        });
        change(&mut claims, changes);
        self.sign(json!({}), &claims)
    }
}

fn change(claims: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
}
