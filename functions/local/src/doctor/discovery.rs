//! Whether the service description and the metadata of the authorization server say the same, and say where we are.

use clr_server::paths;
use serde_json::Value;

use super::{clock, report::Check, site::Site};

const DISCOVERY: &str = "discovery";
const REMEDY: &str = "set PUBLIC_URL to the URL that clients use, without a path, and deploy again";

/// Both documents, and the deployment's clock beside them.
pub(super) async fn checks(site: &Site) -> Vec<Check> {
    let unreachable = |reason: String| {
        Check::could_not(
            DISCOVERY,
            reason,
            "see to the URL, its DNS entry and certificate, and whether the stack is deployed",
        )
    };
    let (description, answer) = match site.document(&site.url(paths::CLR_DISCOVERY)).await {
        Ok(found) => found,
        Err(reason) => return vec![unreachable(reason)],
    };
    let mut checks: Vec<_> = answer
        .date
        .iter()
        .map(|date| clock::check("the deployment", date))
        .collect();
    let metadata = site.document(&site.url(paths::OAUTH_METADATA)).await;
    let same_elsewhere = site.document(&site.url(paths::OPENID_CONFIGURATION)).await;
    checks.push(match (metadata, same_elsewhere) {
        (Ok((metadata, _)), Ok((elsewhere, _))) => {
            let mut faults = faults(&site.base, &description, &metadata);
            if metadata != elsewhere {
                faults.push(format!(
                    "{} and {} differ",
                    paths::OAUTH_METADATA,
                    paths::OPENID_CONFIGURATION
                ));
            }
            Check::of(
                DISCOVERY,
                &faults,
                "the service description and the authorization server's metadata agree",
                REMEDY,
            )
        }
        (Err(reason), _) | (_, Err(reason)) => Check::wrong(DISCOVERY, reason, REMEDY),
    });
    checks
}

pub(super) fn faults(base: &str, description: &Value, metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut same = |what: &str, found: &Value, expected: &Value| {
        if found != expected || found.is_null() {
            faults.push(format!("{what} is {found}, not {expected}"));
        }
    };
    let servers = &description["servers"][0]["url"];
    same(
        "the server's URL",
        servers,
        &format!("{base}{}", paths::CLR_BASE).into(),
    );
    same("the metadata's issuer", &metadata["issuer"], &base.into());
    let schemes = description["components"]["securitySchemes"].as_object();
    let scheme = schemes
        .into_iter()
        .flatten()
        .map(|(_, scheme)| scheme)
        .find(|scheme| scheme["flows"]["authorizationCode"].is_object())
        .unwrap_or(&Value::Null);
    let flow = &scheme["flows"]["authorizationCode"];
    let token = &metadata["token_endpoint"];
    same(
        "authorizationUrl",
        &flow["authorizationUrl"],
        &metadata["authorization_endpoint"],
    );
    same("tokenUrl", &flow["tokenUrl"], token);
    same("refreshUrl", &flow["refreshUrl"], token);
    let registration = &metadata["registration_endpoint"];
    same(
        "x-imssf-registrationUrl",
        &scheme["x-imssf-registrationUrl"],
        registration,
    );
    let names = |scopes: Vec<&str>| {
        let mut scopes = scopes;
        scopes.sort_unstable();
        Value::from(scopes)
    };
    let described = flow["scopes"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    let supported = metadata["scopes_supported"].as_array().into_iter().flatten();
    same(
        "the list of scopes",
        &names(described.collect()),
        &names(supported.filter_map(Value::as_str).collect()),
    );
    let endpoints = metadata.as_object().into_iter().flatten();
    for (name, url) in endpoints.filter(|(name, _)| name.ends_with("_endpoint")) {
        if !url.as_str().is_some_and(|url| url.starts_with(&format!("{base}/"))) {
            faults.push(format!("{name} is {url}, not under {base}"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            institution::{Institution, assert_says, find, listener, serve_everywhere},
            report::Outcome,
        },
        *,
    };

    #[tokio::test]
    async fn documents_that_disagree_are_wrong_in_each_part() {
        let institution = Institution::start().await;
        let site = institution.deployment.site.as_ref().unwrap();
        let (description, _) = site.document(&site.url("/ims/clr/v2p0/discovery")).await.unwrap();
        let metadata = site
            .document(&site.url("/.well-known/oauth-authorization-server"))
            .await
            .unwrap()
            .0;
        assert_eq!(faults(&site.base, &description, &metadata), Vec::<String>::new());
        let scheme = "/components/securitySchemes/OAuth2ACG";
        let flow = format!("{scheme}/flows/authorizationCode");
        for (pointer, told) in [
            ("/servers/0/url".to_owned(), "the server's URL"),
            (format!("{flow}/authorizationUrl"), "authorizationUrl"),
            (format!("{flow}/tokenUrl"), "tokenUrl"),
            (format!("{flow}/refreshUrl"), "refreshUrl"),
            (format!("{flow}/scopes"), "the list of scopes"),
            (format!("{scheme}/x-imssf-registrationUrl"), "x-imssf-registrationUrl"),
        ] {
            let mut altered = description.clone();
            *altered.pointer_mut(&pointer).unwrap() = json!("https://elsewhere.example");
            let faults = faults(&site.base, &altered, &metadata);
            assert!(faults.iter().any(|fault| fault.starts_with(told)), "{told}: {faults:?}");
        }
        for member in ["issuer", "revocation_endpoint"] {
            let mut altered = metadata.clone();
            altered[member] = json!("https://elsewhere.example/oauth");
            let faults = faults(&site.base, &description, &altered);
            assert_eq!(faults.len(), 1, "{member}: {faults:?}");
        }
    }

    #[tokio::test]
    async fn a_site_that_is_not_ours_or_not_there_is_told_apart() {
        let site = |base: String| Site::new(base, true, None).unwrap();
        let elsewhere = checks(&site(serve_everywhere(200, |_| json!({"any": "document"})).await)).await;
        assert_says(
            find(&elsewhere, "discovery"),
            Outcome::Wrong,
            "the server's URL is null",
        );
        let nobody = format!("http://{}", listener().local_addr().unwrap());
        let nowhere = checks(&site(nobody)).await;
        assert_says(find(&nowhere, "discovery"), Outcome::CouldNotCheck, "");
    }
}
