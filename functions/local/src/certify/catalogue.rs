//! The tests: what each is called, what it holds a host to, and where the standard says so.
//!
//! To add one: a row here, the call in `route.rs`, a row in `docs/conformance.md` (a test compares the two).

/// One test.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) id: &'static str,
    /// The part of CLR 2.0, or the RFC, that it comes from.
    pub(crate) clause: &'static str,
    pub(crate) title: &'static str,
    /// Run once more with a refreshed token.
    pub(crate) repeated: bool,
}

const DESCRIPTION: &str = "CLR 2.0 Service Description Document";
const REGISTRATION: &str = "1EdTech registration, RFC 7591";
const AUTHORIZATION: &str = "1EdTech authorization code grant, RFC 6749 4.1, RFC 7636";
const TOKEN: &str = "1EdTech token request, RFC 6749 5";
const REFRESH: &str = "RFC 6749 6";
const REVOCATION: &str = "RFC 7009";
const STATUS: &str = "CLR 2.0 status codes, Imsx_StatusInfo";
const READ: &str = "getCredentials; certification: Host, provider read";
const PAGING: &str = "getCredentials, Paging; certification: Host, provider read";
const WRITE: &str = "upsertCredential; certification: Host, provider write";
const PROFILE: &str = "getProfile, putProfile; certification: Host";
const ISSUER: &str = "certification: Issuer";

/// All tests, in the order in which they are reported.
pub(crate) const TESTS: &[Test] = &[
    once(
        "discovery.open",
        DESCRIPTION,
        "The service description is there for anyone, as JSON",
    ),
    once("discovery.members", DESCRIPTION, "It has every required member"),
    once(
        "discovery.operations",
        DESCRIPTION,
        "It lists the operations, each with its scope",
    ),
    once(
        "registration.response",
        REGISTRATION,
        "A registration with all members gets credentials, and its members back",
    ),
    once(
        "registration.required-members",
        REGISTRATION,
        "A registration without a required member is refused",
    ),
    once(
        "registration.urls",
        REGISTRATION,
        "A redirect URI without https and a second host name are refused",
    ),
    once(
        "authorization.unknown-redirect-uri",
        AUTHORIZATION,
        "Nobody is sent to a redirect URI that is not registered",
    ),
    once(
        "authorization.error",
        AUTHORIZATION,
        "A request without code_challenge comes back with error and state",
    ),
    once(
        "authorization.code",
        AUTHORIZATION,
        "The learner's consent brings code, scope and state",
    ),
    once(
        "token.errors",
        TOKEN,
        "Token requests that are wrong are refused with the error that the standard has for it",
    ),
    once(
        "token.response",
        TOKEN,
        "The code brings an access token, a type, a scope; nothing of it is stored",
    ),
    once("status.no-token", STATUS, "401 and WWW-Authenticate without a token"),
    once(
        "status.bad-token",
        STATUS,
        "401 and invalid_token with a token that is none",
    ),
    once(
        "status.bad-parameter",
        STATUS,
        "400 for limit, offset and since that are out of range",
    ),
    once("status.bad-body", STATUS, "400 for a body that is no credential"),
    once("status.wrong-method", STATUS, "405 for a method that no operation has"),
    once("status.unknown-path", STATUS, "404 where nothing is"),
    once("status.scope", STATUS, "403 with a token that lacks the scope"),
    once(
        "issuer.credential",
        ISSUER,
        "A ClrCredential for conformance@imsglobal.org is issued and is valid",
    ),
    often("write.created", WRITE, "A new credential is answered 201 with itself"),
    once("write.repeated", WRITE, "The same credential again makes no second one"),
    once(
        "write.replaced",
        WRITE,
        "A newer version of it is answered 200 and takes its place",
    ),
    once(
        "write.jws",
        WRITE,
        "A credential as compact JWS (text/plain) is taken and given back as it was",
    ),
    once(
        "write.ecdsa-rdfc-2019",
        WRITE,
        "A credential signed by a P-256 key is taken",
    ),
    once("write.given", ISSUER, "The credential that the operator named is taken"),
    often("write.preserved", WRITE, "getCredentials returns what was submitted"),
    often(
        "read.credentials",
        READ,
        "getCredentials returns verifiable credentials and nothing else",
    ),
    often("read.total-count", PAGING, "X-Total-Count is the number of credentials"),
    often(
        "read.links",
        PAGING,
        "Link names first, last, next and prev where they are",
    ),
    often("read.pages", PAGING, "The pages together are the whole list, once"),
    often("read.since", READ, "since leaves out what was issued before"),
    often("profile.read", PROFILE, "getProfile returns the learner's Profile"),
    often("profile.write", PROFILE, "putProfile takes that Profile again"),
    once(
        "authorization.pkce",
        AUTHORIZATION,
        "A code is not redeemed with another code_verifier",
    ),
    once("authorization.code-once", AUTHORIZATION, "A code is redeemed once"),
    once(
        "refresh.response",
        REFRESH,
        "The refresh token brings a new access token",
    ),
    once("refresh.errors", REFRESH, "A refresh token that is none is refused"),
    once(
        "revocation.unknown-token",
        REVOCATION,
        "Revoking an unknown token is answered 200",
    ),
    once(
        "revocation.access-token",
        REVOCATION,
        "A revoked access token opens nothing",
    ),
    once(
        "revocation.refresh-token",
        REVOCATION,
        "After the revocation of a refresh token nothing of its grant is valid",
    ),
];

const fn once(id: &'static str, clause: &'static str, title: &'static str) -> Test {
    Test {
        id,
        clause,
        title,
        repeated: false,
    }
}

const fn often(id: &'static str, clause: &'static str, title: &'static str) -> Test {
    Test {
        id,
        clause,
        title,
        repeated: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_has_an_id_of_its_own_and_stands_in_the_table_of_clauses() {
        let document = include_str!("../../../../docs/conformance.md");
        for (index, test) in TESTS.iter().enumerate() {
            assert!(TESTS[..index].iter().all(|other| other.id != test.id), "{}", test.id);
            assert!(document.contains(&format!("`{}`", test.id)), "{}", test.id);
        }
    }
}
