//! Whether the institution's OpenID Connect provider is one that learners can sign in at.

use serde_json::Value;
use url::Url;

use super::{
    deployment::{Deployment, Place},
    report::Check,
    site::Site,
};

const NAME: &str = "sign-in provider";
/// What we verify ID tokens by.
const ALGORITHMS: [&str; 5] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

pub(super) async fn check(deployment: &Deployment) -> Check {
    let Some(provider) = &deployment.identity_provider else {
        return match deployment.place {
            Place::Aws(_) => Check::ok(
                NAME,
                "none is configured: no learner can sign in and consent to anything",
            ),
            Place::Folder(_) => Check::ok(NAME, "none: demo learners sign in without a password"),
            Place::Unknown => Check::ok(NAME, "none is named here"),
        };
    };
    let issuer = provider.issuer.as_str();
    let on_this_machine = Url::parse(issuer).is_ok_and(|url| clr_core::oauth::is_loopback(&url));
    let unreachable = |reason: String| {
        Check::could_not(
            NAME,
            reason,
            "see to OIDC_ISSUER and the network; learners cannot sign in while it is out of reach",
        )
    };
    let site = match Site::new(issuer.trim_end_matches('/').to_owned(), on_this_machine, None) {
        Ok(site) => site,
        Err(error) => return unreachable(error.to_string()),
    };
    let metadata = match site.document(&site.url("/.well-known/openid-configuration")).await {
        Ok((metadata, _)) => metadata,
        Err(reason) => return unreachable(reason),
    };
    let mut faults = faults(issuer, &metadata);
    if let Some(url) = metadata["jwks_uri"].as_str() {
        match site.document(url).await {
            Err(reason) => return unreachable(reason),
            Ok((jwks, _)) if jwks["keys"].as_array().is_none_or(Vec::is_empty) => {
                faults.push(format!("{url} has no keys"));
            }
            Ok(_) => {}
        }
    }
    Check::of(
        NAME,
        &faults,
        format!("{issuer} can be read; that it knows our client and /oauth/signed-in shows when somebody signs in"),
        "name a provider of OpenID Connect with the code flow in OIDC_ISSUER, as it writes its own issuer",
    )
}

pub(super) fn faults(issuer: &str, metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if metadata["issuer"] != issuer {
        faults.push(format!("it calls itself {}, not {issuer:?}", metadata["issuer"]));
    }
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        if !metadata[member].is_string() {
            faults.push(format!("its metadata has no {member}"));
        }
    }
    let offers = |member: &str, wanted: &[&str]| {
        let offered = metadata[member]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        offered.into_iter().any(|offered| wanted.contains(&offered))
    };
    if !offers("response_types_supported", &["code"]) {
        faults.push("it does not offer the response type code".to_owned());
    }
    if !offers("id_token_signing_alg_values_supported", &ALGORITHMS) {
        faults.push(format!("it signs ID tokens with none of {}", ALGORITHMS.join(", ")));
    }
    faults
}
