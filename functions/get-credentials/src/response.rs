//! `GetClrCredentialsResponse` (digest section 1.3), put together from the texts themselves.

use clr_core::table::credentials::{Form, StoredCredential};

/// Credentials with embedded proofs in one array, compact JWS in the other; an empty array is left out.
pub(crate) fn body(credentials: &[StoredCredential]) -> String {
    let of = |form: Form| credentials.iter().filter(move |credential| credential.form == form);
    let documents: Vec<&str> = of(Form::Json).map(|credential| credential.text.as_str()).collect();
    // A compact JWS is letters, digits, `-`, `_` and `.`: nothing in it needs escaping.
    let tokens: Vec<String> = of(Form::Jws)
        .map(|credential| format!("\"{}\"", credential.text))
        .collect();
    let mut members = Vec::new();
    if !documents.is_empty() {
        members.push(format!("\"credential\":[{}]", documents.join(",")));
    }
    if !tokens.is_empty() {
        members.push(format!("\"compactJwsString\":[{}]", tokens.join(",")));
    }
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(form: Form, text: &str) -> StoredCredential {
        StoredCredential {
            form,
            text: text.to_owned(),
        }
    }

    #[test]
    fn nothing_is_an_empty_object() {
        assert_eq!(body(&[]), "{}");
    }

    #[test]
    fn each_form_has_its_array_and_bytes_stay_as_they_are() {
        let credentials = [
            credential(Form::Json, "{ \"a\" : 1.0 }"),
            credential(Form::Jws, "a.b.c"),
            credential(Form::Json, "{}"),
        ];
        assert_eq!(
            body(&credentials),
            r#"{"credential":[{ "a" : 1.0 },{}],"compactJwsString":["a.b.c"]}"#
        );
        assert_eq!(body(&credentials[1..2]), r#"{"compactJwsString":["a.b.c"]}"#);
    }
}
