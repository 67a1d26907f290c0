use p256::ecdsa::{SigningKey, signature::Signer as _};
use serde_json::json;

use super::*;
use crate::PublicKey;

/// RFC 7515, A.2: RS256, and its public key.
const RFC_7515_A2: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RFC_7515_A2_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
/// RFC 7515, A.3: ES256, and its public key.
const RFC_7515_A3: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn rsa_key() -> JwsKey {
    JwsKey::from_jwk(&json!({"kty": "RSA", "n": RFC_7515_A2_N, "e": "AQAB"})).unwrap()
}

fn p256_key() -> JwsKey {
    let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    JwsKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})).unwrap()
}

fn signing_key() -> (SigningKey, JwsKey) {
    let secret = SigningKey::from_slice(&[7; 32]).unwrap();
    let public = PublicKey::P256(p256::PublicKey::from(secret.verifying_key()));
    (secret, JwsKey::Curve(public))
}

fn signed(header: &Value) -> String {
    let (secret, _) = signing_key();
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(&json!({"iss": "urn:x"})));
    let signature: p256::ecdsa::Signature = secret.sign(input.as_bytes());
    format!("{input}.{}", base64url(&signature.to_bytes()))
}

#[test]
fn the_examples_of_rfc_7515_verify_with_their_own_keys_alone() {
    for (text, key, other) in [
        (RFC_7515_A2, rsa_key(), p256_key()),
        (RFC_7515_A3, p256_key(), rsa_key()),
    ] {
        let jws = Jws::read(text).unwrap();
        jws.verify(&key).unwrap();
        assert_eq!(jws.payload()["iss"], "joe");
        assert!(matches!(jws.verify(&other), Err(JwsError::KeyMismatch(_))));
    }
    let (_, another) = signing_key();
    let jws = Jws::read(RFC_7515_A3).unwrap();
    assert!(matches!(jws.verify(&another), Err(JwsError::Signature)));
}

#[test]
fn what_is_signed_here_is_read_and_verified_here() {
    let (secret, key) = signing_key();
    let payload = Map::from_iter([("iss".to_owned(), json!("urn:x"))]);
    for key_id in [None, Some("did:example:1#key")] {
        let unsigned = UnsignedJws::new(&payload, &key, key_id);
        let signature: p256::ecdsa::Signature = secret.sign(unsigned.signing_input());
        let text = unsigned.into_compact(&signature.to_bytes());
        let jws = Jws::read(&text).unwrap();
        jws.verify(&key).unwrap();
        assert_eq!(jws.algorithm(), Algorithm::Es256);
        assert_eq!(jws.key_id(), key_id);
        assert_eq!(jws.key(), key_id.is_none().then_some(&key));
        assert_eq!(jws.payload(), &Value::Object(payload.clone()));
    }
}

#[test]
fn altered_header_payload_and_signature_do_not_verify() {
    let (_, key) = signing_key();
    let text = signed(&json!({"alg": "ES256"}));
    Jws::read(&text).unwrap().verify(&key).unwrap();
    let parts: Vec<&str> = text.split('.').collect();
    let header = base64url(br#"{"alg":"ES256","typ":"JWT"}"#);
    let payload = base64url(br#"{"iss":"urn:y"}"#);
    for altered in [
        format!("{header}.{}.{}", parts[1], parts[2]),
        format!("{}.{payload}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], base64url(&[7; 64])),
        format!("{}.{}.{}", parts[0], parts[1], base64url(&[7; 63])),
    ] {
        let jws = Jws::read(&altered).unwrap();
        assert!(matches!(jws.verify(&key), Err(JwsError::Signature)), "{altered}");
    }
}

#[test]
fn algorithms_that_sign_nothing_or_share_a_secret_are_refused() {
    for name in [
        json!("none"),
        json!("HS256"),
        json!("es256"),
        json!("PS256"),
        json!(null),
        json!(1),
    ] {
        let text = signed(&json!({"alg": name}));
        let error = Jws::read(&text).unwrap_err();
        assert!(matches!(error, JwsError::HeaderValue { member: "alg", .. }), "{error}");
    }
    assert!(Jws::read(&signed(&json!({"typ": "JWT"}))).is_err());
}

#[test]
fn header_members_beyond_the_five_are_refused() {
    let (_, key) = signing_key();
    for header in [
        json!({"alg": "ES256", "typ": "JWT", "kid": "did:example:1#key"}),
        json!({"alg": "ES256", "typ": "vc+jwt", "cty": "vc"}),
        json!({"alg": "ES256", "jwk": key.to_jwk()}),
    ] {
        Jws::read(&signed(&header)).unwrap().verify(&key).unwrap();
    }
    for member in ["crit", "b64", "x5u", "x5c", "jku", "zip"] {
        let error = Jws::read(&signed(&json!({"alg": "ES256", member: ["x"]}))).unwrap_err();
        assert!(
            matches!(&error, JwsError::HeaderMember(named) if named == member),
            "{error}"
        );
    }
    for (member, value) in [
        ("typ", json!("dpop+jwt")),
        ("typ", json!(1)),
        ("cty", json!("text")),
        ("kid", json!(1)),
    ] {
        let error = Jws::read(&signed(&json!({"alg": "ES256", member: value}))).unwrap_err();
        assert!(error.to_string().contains(member), "{error}");
    }
}

#[test]
fn a_key_in_the_header_fits_the_algorithm() {
    let error = Jws::read(&signed(&json!({"alg": "ES256", "jwk": rsa_key().to_jwk()}))).unwrap_err();
    assert!(matches!(error, JwsError::KeyMismatch("ES256")), "{error}");
    let error = Jws::read(&signed(&json!({"alg": "ES256", "jwk": {"kty": "oct", "k": "AA"}}))).unwrap_err();
    assert!(matches!(error, JwsError::Jwk(JwkError::Private)), "{error}");
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let header = base64url(br#"{"alg":"ES256","alg":"RS256"}"#);
    let error = Jws::read(&format!("{header}.e30.AA")).map(drop).unwrap_err();
    assert!(matches!(error, JwsError::Json { part: "header", .. }), "{error}");
    let payload = base64url(br#"{"iss":"a","iss":"b"}"#);
    let header = base64url(br#"{"alg":"ES256"}"#);
    let text = format!("{header}.{payload}.AA");
    assert!(matches!(Jws::read(&text), Err(JwsError::Json { part: "payload", .. })));
}

#[test]
fn other_texts_are_no_compact_jws() {
    let text = signed(&json!({"alg": "ES256"}));
    Jws::read(&format!(" \n{text}\r\n")).unwrap();
    for bad in [
        String::new(),
        "a.b".to_owned(),
        format!("{text}."),
        format!("{text}="),
        format!("{text}.AA"),
        text.replacen('.', "..", 1),
        text.replacen('.', ". ", 1),
        text.rsplit_once('.').unwrap().0.to_owned() + ".",
        "W10.e30.AA".to_owned(),
        "e30.W10.AA".to_owned(),
    ] {
        assert!(Jws::read(&bad).is_err(), "{bad}");
    }
}

#[test]
fn the_published_vc_jwt_verifies_with_the_key_in_its_header() {
    let Some(root) = crate::vectors::root() else {
        return;
    };
    let text = std::fs::read_to_string(root.join("credentials/clr20/simple.jwt")).unwrap();
    let jws = Jws::read(&text).unwrap();
    let key = jws.key().unwrap();
    jws.verify(key).unwrap();
    assert_eq!(jws.algorithm(), Algorithm::Rs256);
    assert_eq!(jws.payload()["vc"]["id"], "http://example.edu/credentials/3732");
    let nested = jws
        .payload()
        .pointer("/vc/credentialSubject/verifiableCredential/0")
        .unwrap();
    let nested = Jws::read(nested.as_str().unwrap()).unwrap();
    nested.verify(nested.key().unwrap()).unwrap();
}
