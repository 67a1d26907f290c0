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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            institution::{Institution, assert_says, listener, serve_everywhere},
            report::Outcome,
        },
        *,
    };

    #[tokio::test]
    async fn a_provider_that_learners_cannot_sign_in_at_is_wrong() {
        let good = json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/authorize",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        assert_eq!(faults("https://idp.example", &good), Vec::<String>::new());
        for (member, value, told) in [
            ("issuer", json!("https://other.example"), "calls itself"),
            ("issuer", json!("https://idp.example/"), "calls itself"),
            ("token_endpoint", Value::Null, "has no token_endpoint"),
            ("jwks_uri", Value::Null, "has no jwks_uri"),
            ("response_types_supported", json!(["id_token"]), "response type code"),
            (
                "id_token_signing_alg_values_supported",
                json!(["HS256"]),
                "signs ID tokens with none",
            ),
        ] {
            let mut altered = good.clone();
            altered[member] = value;
            let faults = faults("https://idp.example", &altered);
            assert!(faults.len() == 1 && faults[0].contains(told), "{told}: {faults:?}");
        }
        let nobody = format!("http://{}", listener().local_addr().unwrap());
        let provider = |keys: Value| {
            move |url: &str| {
                let mut metadata = good.clone();
                metadata["issuer"] = json!(url);
                metadata["jwks_uri"] = json!(format!("{url}/jwks"));
                metadata["keys"] = keys;
                metadata
            }
        };
        let without_keys = serve_everywhere(200, provider.clone()(json!([]))).await;
        let with_keys = serve_everywhere(200, provider(json!([{"kty": "RSA"}]))).await;
        let mut deployment = Institution::start().await.deployment;
        for (issuer, outcome, told) in [
            (nobody, Outcome::CouldNotCheck, ""),
            (without_keys, Outcome::Wrong, "has no keys"),
            (with_keys, Outcome::Ok, "can be read"),
        ] {
            deployment.identity_provider = Some(clr_server::IdentityProvider {
                issuer,
                client_id: "clr".to_owned(),
                client_secret: clr_core::Secret::presented("a test secret"),
            });
            assert_says(&check(&deployment).await, outcome, told);
        }
    }
}
