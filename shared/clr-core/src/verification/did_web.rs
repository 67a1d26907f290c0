//! Where the document of a `did:web` is.
//!
//! <https://w3c-ccg.github.io/did-method-web/#read-resolve>

use url::Url;

/// The URL of the DID document; none where the text is no `did:web`.
pub(super) fn document_url(did: &str) -> Option<String> {
    let mut parts = did.strip_prefix("did:web:")?.split(':');
    // A port's colon is percent-encoded, nothing else of a host needs to be.
    let host = parts.next()?.replace("%3A", ":").replace("%3a", ":");
    let is_host = !host.is_empty()
        && host
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':'));
    if !is_host {
        return None;
    }
    let path: Vec<&str> = parts.collect();
    let is_segment = |segment: &&str| {
        !matches!(*segment, "" | "." | "..")
            && segment
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '%'))
            // An encoded separator or dot would lead out of the path that the DID shows.
            && !["%2f", "%2e", "%5c"].iter().any(|hidden| segment.to_ascii_lowercase().contains(hidden))
    };
    if !path.iter().all(is_segment) {
        return None;
    }
    let path = if path.is_empty() {
        ".well-known".to_owned()
    } else {
        path.join("/")
    };
    let url = Url::parse(&format!("https://{host}/{path}/did.json")).ok()?;
    Some(url.into())
}

/// Host and port of an issuer that has one: a `did:web` or an https URL.
pub(super) fn authority(id: &str) -> Option<String> {
    let url = match document_url(id) {
        Some(url) => Url::parse(&url).ok()?,
        None => Url::parse(id).ok().filter(|url| url.scheme() == "https")?,
    };
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(did: &str, url: &str) {
        assert_eq!(document_url(did).as_deref(), Some(url), "{did}");
    }

    #[test]
    fn a_bare_host_has_its_document_in_a_well_known_place() {
        check(
            "did:web:college.example",
            "https://college.example/.well-known/did.json",
        );
        check(
            "did:web:localhost%3A8443",
            "https://localhost:8443/.well-known/did.json",
        );
    }

    #[test]
    fn a_path_is_written_with_colons() {
        check(
            "did:web:college.example:issuers:1",
            "https://college.example/issuers/1/did.json",
        );
        check(
            "did:web:college.example%3a8443:a-b_c:d%20e",
            "https://college.example:8443/a-b_c/d%20e/did.json",
        );
    }

    #[test]
    fn what_would_lead_elsewhere_is_no_did_web() {
        for did in [
            "did:web:",
            "did:web::a",
            "did:web:a.example:",
            "did:web:a.example::b",
            "did:web:a.example/b",
            "did:web:a.example?b",
            "did:web:a.example:..:b",
            "did:web:a.example:b%2F..%2Fc",
            "did:web:a.example:%2e%2e",
            "did:web:user%40a.example",
            "did:web:user@a.example",
            "did:web:a.example%2Fb",
            "did:web:a.example%3A99999",
            "did:key:zDna",
            "https://a.example",
        ] {
            assert_eq!(document_url(did), None, "{did}");
        }
    }

    #[test]
    fn the_authority_of_an_issuer_is_its_host_and_port() {
        assert_eq!(
            authority("did:web:a.example%3A8443:b").as_deref(),
            Some("a.example:8443")
        );
        assert_eq!(authority("https://a.example/issuers/1").as_deref(), Some("a.example"));
        assert_eq!(authority("https://a.example:8443/").as_deref(), Some("a.example:8443"));
        assert_eq!(authority("http://a.example/"), None);
        assert_eq!(authority("urn:uuid:1"), None);
    }
}
