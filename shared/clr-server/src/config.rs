//! The settings of a deployment, read from the environment in this one place.
//!
//! | variable | meaning |
//! |---|---|
//! | `TABLE_NAME` | the DynamoDB table; required |
//! | `PUBLIC_URL` | base URL that clients use, without a path; unset: the API's own domain |
//! | `DEFAULT_TENANT` | the tenant that everything belongs to; default `default` |
//! | `ISSUER_ID` | `did:web:…` or https URL of the issuer; unset: the `did:key` of the signing key |
//! | `ISSUER_NAME` | name in the issuer's Profile; required where records are signed |
//! | `ISSUER_PROFILE` | further members of the Profile, a JSON object |
//! | `SIGNING_KEY_ID` | KMS key, `ECC_NIST_P256`; required where records are signed |
//! | `EDDSA_SIGNING_KEY_ID` | KMS key, `ECC_NIST_EDWARDS25519`; optional |
//! | `RSA_SIGNING_KEY_ID` | KMS key, `RSA_2048` or longer, for VC-JWTs as RS256; optional |
//! | `STATUS_SIGNING_KEY_ID`, `EDDSA_STATUS_SIGNING_KEY_ID` | KMS keys of the same kinds for status lists alone; unset: the keys above |
//! | `STATUS_LISTS` | `off`: what is issued has no status entry; default `on`, where `PUBLIC_URL` is set |
//! | `SERVICE_NAME` | name of the service on pages and in the discovery document; default `CLR host` |
//! | `STACK_NAME` | tells the metrics of this deployment from those of others in the account; default `clr` |
//! | `OIDC_ISSUER`, `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET` | the OpenID Connect provider where learners sign in, its issuer as it writes it itself; all or none |
//! | `ATTEMPTS_PER_MINUTE` | registrations, and anonymous verifications, of one address in a minute; default and least 60 |
//! | `TERMS_OF_SERVICE_URL`, `PRIVACY_POLICY_URL` | shown in the discovery document; default: paths under the public URL |

use clr_core::{Secret, TenantId, oauth::is_loopback, rate_limit::LEAST_ATTEMPTS_PER_MINUTE, verification::Policy};
use serde_json::{Map, Value};
use url::Url;

use crate::IdentityProvider;

/// Every variable of the table above.
pub const VARIABLES: [&str; 20] = [
    "TABLE_NAME",
    "PUBLIC_URL",
    "DEFAULT_TENANT",
    "ISSUER_ID",
    "ISSUER_NAME",
    "ISSUER_PROFILE",
    "SIGNING_KEY_ID",
    "EDDSA_SIGNING_KEY_ID",
    "RSA_SIGNING_KEY_ID",
    "STATUS_SIGNING_KEY_ID",
    "EDDSA_STATUS_SIGNING_KEY_ID",
    "STATUS_LISTS",
    "SERVICE_NAME",
    "STACK_NAME",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "ATTEMPTS_PER_MINUTE",
    "TERMS_OF_SERVICE_URL",
    "PRIVACY_POLICY_URL",
];

/// The settings of a deployment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The DynamoDB table.
    pub table_name: String,
    /// Base URL that clients use; none: the API's own domain.
    pub public_url: Option<Url>,
    /// The tenant that everything belongs to.
    pub tenant: TenantId,
    /// The issuer's id; none: the `did:key` of the signing key.
    pub issuer_id: Option<String>,
    /// Members of the issuer's Profile beside `id` and `type`.
    pub issuer_profile: Map<String, Value>,
    /// KMS key ids, in any order.
    pub signing_keys: Vec<String>,
    /// KMS key id of an RSA key, for VC-JWTs.
    pub rsa_signing_key: Option<String>,
    /// KMS key ids, for status lists; none: the keys above.
    pub status_signing_keys: Vec<String>,
    /// Whether what is issued gets status entries. Their URLs are for good, so that it takes a public URL.
    pub status_lists: bool,
    /// Name of the service.
    pub service_name: String,
    /// Which deployment the metrics are of.
    pub stack_name: String,
    /// Terms of service.
    pub terms_of_service_url: Option<Url>,
    /// Privacy policy.
    pub privacy_policy_url: Option<Url>,
    /// Where learners sign in; none: nobody can consent to anything.
    pub identity_provider: Option<IdentityProvider>,
    /// How often one address may register, or verify without a token, in a minute.
    pub attempts_per_minute: u32,
    /// Anyone who reaches the server may issue: loopback only, for test suites.
    pub open_issue: bool,
    /// The callers are the suites of W3C: a credential of another issuer is issued in our own name, which those suites mean.
    pub w3c_suites: bool,
    /// Whose keys are believed where a request to verify does not say. Upserts are judged strictly whatever it is.
    pub verify_policy: Policy,
}

/// All that is wrong with the environment, in one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment is not complete: {}", .0.join("; "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the process environment. `signs`: whether the issuer's name and key are needed.
    ///
    /// # Errors
    /// Names every variable that is missing or malformed, all at once.
    pub fn from_env(signs: bool) -> Result<Self, ConfigError> {
        Self::from_variables(signs, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from_variables(signs: bool, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        let mut required = |name: &str, needed: bool| {
            let value = variable(name);
            if value.is_none() && needed {
                faults.push(format!("{name} is not set"));
            }
            value
        };
        let table_name = required("TABLE_NAME", true).unwrap_or_default();
        let issuer_name = required("ISSUER_NAME", signs);
        let signing_key = required("SIGNING_KEY_ID", signs);
        let mut url = |name: &str| {
            let text = variable(name)?;
            let parsed = Url::parse(&text)
                .ok()
                .filter(|url| matches!(url.scheme(), "https" | "http"));
            if parsed.is_none() {
                faults.push(format!("{name} is not an http(s) URL"));
            }
            parsed
        };
        let public_url = url("PUBLIC_URL");
        let terms_of_service_url = url("TERMS_OF_SERVICE_URL");
        let privacy_policy_url = url("PRIVACY_POLICY_URL");
        let tenant = TenantId::new(variable("DEFAULT_TENANT").as_deref().unwrap_or("default"));
        if tenant.is_none() {
            faults.push("DEFAULT_TENANT is not 1 to 64 letters, digits, `-` or `_`".to_owned());
        }
        let identity_provider = identity_provider(&variable).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let attempts_per_minute = variable("ATTEMPTS_PER_MINUTE")
            .map_or(Ok(LEAST_ATTEMPTS_PER_MINUTE), |text| text.parse())
            .unwrap_or_default();
        if attempts_per_minute < LEAST_ATTEMPTS_PER_MINUTE {
            faults.push(format!(
                "ATTEMPTS_PER_MINUTE is not a number of {LEAST_ATTEMPTS_PER_MINUTE} at least"
            ));
        }
        let issuer_id = variable("ISSUER_ID");
        if issuer_id.as_deref().is_some_and(dies_with_the_api) {
            faults.push(
                "ISSUER_ID is a did:web on a host name of API Gateway, which goes with the API and every signature with it: \
                 take a domain name of your own"
                    .to_owned(),
            );
        }
        let status_lists = variable("STATUS_LISTS").unwrap_or_else(|| "on".to_owned());
        if !matches!(status_lists.as_str(), "on" | "off") {
            faults.push("STATUS_LISTS is neither on nor off".to_owned());
        }
        let status_signing_keys: Vec<_> = ["STATUS_SIGNING_KEY_ID", "EDDSA_STATUS_SIGNING_KEY_ID"]
            .into_iter()
            .filter_map(&variable)
            .collect();
        if !status_signing_keys.is_empty() && issuer_id.is_none() {
            faults.push("STATUS_SIGNING_KEY_ID needs an ISSUER_ID: a did:key has one key and no other".to_owned());
        }
        let profile = variable("ISSUER_PROFILE").map_or(Ok(Map::new()), |text| serde_json::from_str(&text));
        if profile.is_err() {
            faults.push("ISSUER_PROFILE is not a JSON object".to_owned());
        }
        let (Some(tenant), Ok(mut issuer_profile), true) = (tenant, profile, faults.is_empty()) else {
            return Err(ConfigError(faults));
        };
        if let Some(name) = issuer_name {
            issuer_profile.insert("name".to_owned(), Value::String(name));
        }
        Ok(Self {
            table_name,
            status_lists: status_lists == "on" && public_url.is_some(),
            public_url,
            tenant,
            issuer_id,
            issuer_profile,
            signing_keys: signing_key
                .into_iter()
                .chain(variable("EDDSA_SIGNING_KEY_ID"))
                .collect(),
            rsa_signing_key: variable("RSA_SIGNING_KEY_ID"),
            status_signing_keys,
            service_name: variable("SERVICE_NAME").unwrap_or_else(|| "CLR host".to_owned()),
            stack_name: variable("STACK_NAME").unwrap_or_else(|| "clr".to_owned()),
            terms_of_service_url,
            privacy_policy_url,
            identity_provider,
            attempts_per_minute,
            open_issue: false,
            w3c_suites: false,
            verify_policy: Policy::default(),
        })
    }
}

/// Whether this is a `did:web` of API Gateway's own host names.
fn dies_with_the_api(issuer_id: &str) -> bool {
    let host = issuer_id
        .strip_prefix("did:web:")
        .and_then(|rest| rest.split(':').next());
    host.is_some_and(|host| {
        let host = host.to_ascii_lowercase();
        host.contains(".execute-api.") && host.contains(".amazonaws.com")
    })
}

impl IdentityProvider {
    /// Reads the three variables from the process environment, as a laptop does; none when none is set.
    ///
    /// # Errors
    /// They are not complete.
    pub fn from_env() -> Result<Option<Self>, ConfigError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        identity_provider(variable).map_err(|fault| ConfigError(vec![fault]))
    }
}

/// All three variables or none of them.
fn identity_provider(variable: impl Fn(&str) -> Option<String>) -> Result<Option<IdentityProvider>, String> {
    let [issuer, client_id, client_secret] = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"].map(variable);
    let (Some(issuer), Some(client_id), Some(client_secret)) = (&issuer, &client_id, &client_secret) else {
        let none = issuer.is_none() && client_id.is_none() && client_secret.is_none();
        let fault = "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together".to_owned();
        return if none { Ok(None) } else { Err(fault) };
    };
    if !Url::parse(issuer).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url)) {
        return Err("OIDC_ISSUER is not an https URL".to_owned());
    }
    Ok(Some(IdentityProvider {
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret: Secret::presented(client_secret),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_reported_together_and_by_name() {
        let variables = |name: &str| (name == "PUBLIC_URL").then(|| "records.example.edu".to_owned());
        let ConfigError(faults) = Config::from_variables(true, variables).unwrap_err();
        assert_eq!(
            faults,
            [
                "TABLE_NAME is not set",
                "ISSUER_NAME is not set",
                "SIGNING_KEY_ID is not set",
                "PUBLIC_URL is not an http(s) URL",
            ]
        );
    }

    #[test]
    fn the_listed_variables_are_those_that_are_read() {
        let read = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let config = Config::from_variables(true, |name| {
            read.borrow_mut().insert(name.to_owned());
            // Enough for every variable to be reached.
            Some(match name {
                "ISSUER_PROFILE" => "{}".to_owned(),
                "ATTEMPTS_PER_MINUTE" => "60".to_owned(),
                "STATUS_LISTS" => "off".to_owned(),
                name if name.ends_with("_URL") || name == "OIDC_ISSUER" => "https://records.example.edu".to_owned(),
                _ => "value".to_owned(),
            })
        });
        config.unwrap();
        assert_eq!(
            read.into_inner(),
            VARIABLES.iter().map(|name| (*name).to_owned()).collect()
        );
    }

    #[test]
    fn a_function_that_does_not_sign_needs_only_the_table() {
        let config = Config::from_variables(false, |name| (name == "TABLE_NAME").then(|| "clr".to_owned())).unwrap();
        assert_eq!((config.table_name.as_str(), config.tenant.as_str()), ("clr", "default"));
        assert_eq!(config.attempts_per_minute, 60);
    }

    #[test]
    fn an_identity_provider_is_configured_whole_and_reached_by_https() {
        let check = |issuer: Option<&str>, secret: Option<&str>, fault: &str| {
            let config = Config::from_variables(false, |name| match name {
                "TABLE_NAME" | "OIDC_CLIENT_ID" => Some("clr".to_owned()),
                "OIDC_ISSUER" => issuer.map(str::to_owned),
                "OIDC_CLIENT_SECRET" => secret.map(str::to_owned),
                _ => None,
            });
            assert_eq!(config.unwrap_err(), ConfigError(vec![fault.to_owned()]));
        };
        let together = "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together";
        check(None, Some("secret"), together);
        check(Some("https://idp.example"), None, together);
        check(
            Some("http://idp.example"),
            Some("secret"),
            "OIDC_ISSUER is not an https URL",
        );
    }

    #[test]
    fn fewer_than_sixty_attempts_a_minute_cannot_be_configured() {
        for text in ["59", "-1", "many"] {
            let config = Config::from_variables(false, |name| {
                Some(if name == "TABLE_NAME" { "clr" } else { text }.to_owned())
                    .filter(|_| ["TABLE_NAME", "ATTEMPTS_PER_MINUTE"].contains(&name))
            });
            let ConfigError(faults) = config.unwrap_err();
            assert_eq!(faults, ["ATTEMPTS_PER_MINUTE is not a number of 60 at least"]);
        }
    }

    fn complete<'a>(more: &'a [(&'a str, &'a str)]) -> Result<Config, ConfigError> {
        let least = [
            ("TABLE_NAME", "clr"),
            ("ISSUER_NAME", "Example"),
            ("SIGNING_KEY_ID", "key"),
        ];
        Config::from_variables(true, |name| {
            let mut all = more.iter().chain(&least);
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_issuer_on_a_host_name_of_api_gateway_is_refused() {
        let host = "did:web:a1b2c3.Execute-Api.eu-central-1.amazonaws.com";
        let ConfigError(faults) = complete(&[("ISSUER_ID", host)]).unwrap_err();
        assert!(
            faults[0].starts_with("ISSUER_ID is a did:web on a host name of API Gateway"),
            "{faults:?}"
        );
        for own in [
            "did:web:records.example.edu",
            "did:web:example.edu:execute-api",
            "https://a.example",
        ] {
            complete(&[("ISSUER_ID", own)]).unwrap();
        }
    }

    #[test]
    fn status_entries_take_a_public_url_and_can_be_switched_off() {
        let status_lists = |more: &[(&str, &str)]| complete(more).unwrap().status_lists;
        let url = ("PUBLIC_URL", "https://records.example.edu");
        assert!(status_lists(&[url]));
        assert!(!status_lists(&[]));
        assert!(!status_lists(&[url, ("STATUS_LISTS", "off")]));
        let ConfigError(faults) = complete(&[("STATUS_LISTS", "no")]).unwrap_err();
        assert_eq!(faults, ["STATUS_LISTS is neither on nor off"]);
    }

    #[test]
    fn a_did_key_has_no_further_key_for_status_lists() {
        let key = ("STATUS_SIGNING_KEY_ID", "key");
        let ConfigError(faults) = complete(&[key]).unwrap_err();
        assert!(faults[0].contains("needs an ISSUER_ID"), "{faults:?}");
        let config = complete(&[key, ("ISSUER_ID", "did:web:a.example")]).unwrap();
        assert_eq!(config.status_signing_keys, ["key"]);
    }
}
