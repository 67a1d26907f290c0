//! Whether what the issuer publishes tells of the keys that sign here: its DID document (or the controlled identifier document
//! of an https issuer), the JWK Set and the Profile.

use clr_core::{
    fetch::{Budget, FetchError},
    issuers::{Issuer, ListedKey},
    verification::{jwks_url, key_document_url},
};
use clr_server::{App, paths};
use serde_json::Value;

use super::{deployment::Deployment, report::Check};
use crate::failure::chain;

const DOCUMENT: &str = "issuer document";
const JWKS: &str = "JWK Set";
const PROFILE: &str = "issuer Profile";
const REMEDY: &str = "publish what the deployment serves (`clr admin export-site` writes it); caches may keep an older one for five minutes";

/// Fetched as verifiers fetch, and compared with what this deployment signs with.
pub(super) async fn checks(deployment: &Deployment, app: &App) -> Vec<Check> {
    let unknown = |error: &dyn std::error::Error| {
        vec![Check::could_not(
            DOCUMENT,
            format!("the issuer's keys are not known here: {}", chain(error)),
            "see to the keys and the table first",
        )]
    };
    let issuer = match app.issuers.all().await {
        Ok([issuer, ..]) => issuer,
        Ok([]) => return Vec::new(),
        Err(error) => return unknown(&error),
    };
    let keys = match app.issuers.listed_keys(issuer).await {
        Ok(keys) => keys,
        Err(error) => return unknown(&error),
    };
    let mut checks = vec![document(deployment, issuer, &keys).await];
    let served = |path: &str| deployment.url.as_ref().map(|url| format!("{url}{path}"));
    // Where verifiers look; a did:key has no such place.
    if let Some(url) = jwks_url(&issuer.id).or_else(|| served(paths::JWKS)) {
        checks.push(match fetch(deployment, JWKS, &url).await {
            Err(check) => check,
            Ok(found) => Check::of(
                JWKS,
                &jwks_faults(&found, &issuer.jwks(&keys)),
                format!("{url} has every key that signs"),
                REMEDY,
            ),
        });
    }
    if let Some(url) = served(paths::ISSUER_PROFILE) {
        checks.push(match fetch(deployment, PROFILE, &url).await {
            Err(check) => check,
            Ok(found) => {
                let is_ours = ["id", "name"]
                    .iter()
                    .all(|member| found[member] == issuer.profile[member]);
                let fault = (!is_ours).then(|| {
                    format!(
                        "{url} is that of {} {}, not of {} {}",
                        found["id"], found["name"], issuer.profile["id"], issuer.profile["name"]
                    )
                });
                Check::of(PROFILE, fault.as_slice(), format!("{url} is ours"), REMEDY)
            }
        });
    }
    checks
}

async fn document(deployment: &Deployment, issuer: &Issuer, keys: &[ListedKey]) -> Check {
    let compromised: Vec<_> = issuer
        .keys
        .iter()
        .filter(|key| {
            let is_that = |listed: &&ListedKey| listed.verification_method == key.verification_method;
            keys.iter().find(is_that).is_some_and(|listed| listed.revoked.is_some())
        })
        .map(|key| {
            format!(
                "{} is configured to sign, and was revoked as compromised",
                key.verification_method
            )
        })
        .collect();
    if !compromised.is_empty() {
        return Check::wrong(
            DOCUMENT,
            compromised.join("; "),
            "configure another key; the runbook says how to rotate one",
        );
    }
    if issuer.id.starts_with("did:key:") {
        return Check::ok(DOCUMENT, format!("{} is its own document", issuer.id));
    }
    let Some(url) = key_document_url(&issuer.id) else {
        return Check::wrong(
            DOCUMENT,
            format!("{} is neither a did:web that has a URL nor an https URL", issuer.id),
            "set ISSUER_ID to the did:web of a domain name of your own",
        );
    };
    match fetch(deployment, DOCUMENT, &url).await {
        Err(check) => check,
        Ok(found) => {
            // Where the document is somebody else's to write, it may tell of other systems' keys.
            let is_served_here = deployment
                .url
                .as_ref()
                .is_some_and(|base| url.starts_with(&format!("{base}/")));
            Check::of(
                DOCUMENT,
                &document_faults(&found, &issuer.id, keys, is_served_here),
                format!("{url} lists every key, those of before too"),
                REMEDY,
            )
        }
    }
}

/// As anyone would.
async fn fetch(deployment: &Deployment, check: &str, url: &str) -> Result<Value, Check> {
    let text = match deployment.fetcher.get(url, &Budget::full()).await {
        Ok(text) => text,
        Err(FetchError::OutOfReach(reason)) => {
            return Err(Check::could_not(
                check,
                format!("{url}: {reason}"),
                "see to its DNS entry, its certificate and the network; verifiers get no further either",
            ));
        }
        Err(error) => {
            return Err(Check::wrong(
                check,
                format!("{url}: {error}"),
                "verifiers everywhere fail in the same way: publish it at this URL, by https, at a public address",
            ));
        }
    };
    serde_json::from_str(&text).map_err(|error| Check::wrong(check, format!("{url} is no JSON: {error}"), REMEDY))
}

/// What differs. `no_others`: a key that we do not know has no place in the document.
pub(super) fn document_faults(document: &Value, issuer: &str, keys: &[ListedKey], no_others: bool) -> Vec<String> {
    let mut faults = Vec::new();
    if document["id"] != issuer {
        faults.push(format!("its id is {}, not {issuer}", document["id"]));
    }
    let array = |member: &str| document[member].as_array().map_or(&[][..], Vec::as_slice);
    let (methods, asserting) = (array("verificationMethod"), array("assertionMethod"));
    for key in keys {
        let id = &key.verification_method;
        let asserts = asserting.iter().any(|entry| entry == id.as_str());
        match methods.iter().find(|method| method["id"] == id.as_str()) {
            None => faults.push(format!("{id} is not in verificationMethod")),
            Some(method) if method["publicKeyMultibase"] != key.public_key.to_multikey() => {
                faults.push(format!("the publicKeyMultibase of {id} is that of another key"));
            }
            Some(method) if method["controller"] != issuer => {
                faults.push(format!("the controller of {id} is {}", method["controller"]));
            }
            Some(_) if key.revoked.is_none() && !asserts => {
                faults.push(format!("{id} is not in assertionMethod: what it signs is refused"));
            }
            Some(_) if key.revoked.is_some() && asserts => {
                faults.push(format!(
                    "{id} was revoked as compromised and is still in assertionMethod"
                ));
            }
            Some(_) => {}
        }
    }
    let is_known = |entry: &Value| keys.iter().any(|key| entry == key.verification_method.as_str());
    if no_others {
        let strangers = asserting.iter().filter(|entry| !is_known(entry));
        faults.extend(strangers.map(|entry| format!("{entry} is in assertionMethod and no key of this deployment")));
    }
    faults
}

pub(super) fn jwks_faults(found: &Value, expected: &Value) -> Vec<String> {
    let keys = |set: &'_ Value| set["keys"].as_array().cloned().unwrap_or_default();
    let (found, expected) = (keys(found), keys(expected));
    let missing = expected.iter().filter_map(|jwk| {
        let same = found.iter().find(|found| found["kid"] == jwk["kid"]);
        match same {
            None => Some(format!("{} is missing", jwk["kid"])),
            Some(found)
                if ["kty", "crv", "x", "y", "n", "e"]
                    .iter()
                    .any(|member| found[member] != jwk[member]) =>
            {
                Some(format!("{} is another key there", jwk["kid"]))
            }
            Some(_) => None,
        }
    });
    missing.collect()
}

#[cfg(test)]
mod tests;
