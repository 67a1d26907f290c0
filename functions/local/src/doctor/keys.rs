//! Whether KMS has the keys that the environment names, each of the right kind and ready to sign.

use aws_sdk_kms::{Client, types::KeyUsageType};
use clr_server::Config;

use super::{aws, report::Check};

const P256: &str = "ECC_NIST_P256";
const ED25519: &str = "ECC_NIST_EDWARDS25519";

/// A key that the environment names.
#[derive(Debug)]
struct Named<'a> {
    variable: &'static str,
    key_id: &'a str,
    specs: &'static [&'static str],
}

/// A check for each key.
pub(super) async fn checks(config: &Config, kms: &Client) -> Vec<Check> {
    let mut checks = Vec::new();
    for named in named(config) {
        checks.push(check(&named, kms).await);
    }
    checks
}

fn named(config: &Config) -> Vec<Named<'_>> {
    // In the order of the configuration: the P-256 key is never missing.
    let signing: [(_, &[_]); 2] = [("SIGNING_KEY_ID", &[P256]), ("EDDSA_SIGNING_KEY_ID", &[ED25519])];
    let status: &[(&str, &[&str])] = match config.status_signing_keys.len() {
        // One alone may be of either kind.
        1 => &[("STATUS_SIGNING_KEY_ID or EDDSA_STATUS_SIGNING_KEY_ID", &[P256, ED25519])],
        _ => &[
            ("STATUS_SIGNING_KEY_ID", &[P256]),
            ("EDDSA_STATUS_SIGNING_KEY_ID", &[ED25519]),
        ],
    };
    let rsa: (_, &[_]) = ("RSA_SIGNING_KEY_ID", &["RSA_2048", "RSA_3072", "RSA_4096"]);
    let named = |(key_id, (variable, specs)): (_, (&'static str, &'static [&'static str]))| Named {
        variable,
        key_id,
        specs,
    };
    let signing = config.signing_keys.iter().map(String::as_str).zip(signing);
    let rsa = config.rsa_signing_key.as_deref().map(|key| (key, rsa));
    let status = config
        .status_signing_keys
        .iter()
        .map(String::as_str)
        .zip(status.iter().copied());
    signing.chain(rsa).chain(status).map(named).collect()
}

async fn check(named: &Named<'_>, kms: &Client) -> Check {
    let name = format!("key {}", named.variable);
    // As the functions do; this alone tells the spec and the usage.
    let public = match kms.get_public_key().key_id(named.key_id).send().await {
        Ok(public) => public,
        Err(error) => return aws::failed(&name, "kms:GetPublicKey", error),
    };
    let spec = public.key_spec().map_or("unknown", |spec| spec.as_str());
    let usage = public.key_usage().map_or("unknown", KeyUsageType::as_str);
    let mut faults = kind_faults(named, spec, usage);
    let is_of_its_kind = faults.is_empty();
    // Which the functions may not call: only the operator learns when a key is about to be deleted.
    match kms.describe_key().key_id(named.key_id).send().await {
        Ok(described) => {
            let state = described.key_metadata().and_then(|metadata| metadata.key_state());
            faults.extend(state_fault(state.map_or("unknown", |state| state.as_str())));
        }
        Err(error) if is_of_its_kind => return aws::failed(&name, "kms:DescribeKey", error),
        Err(_) => {}
    }
    let remedy = if is_of_its_kind {
        "see who disabled or deletes it, and why, in CloudTrail, before it is enabled again (kms:EnableKey)".to_owned()
    } else {
        format!(
            "create a key of the right spec for SIGN_VERIFY and name it in {}",
            named.variable
        )
    };
    Check::of(
        name,
        &faults,
        format!("{spec}, ready to sign: {}", named.key_id),
        remedy,
    )
}

fn kind_faults(named: &Named<'_>, spec: &str, usage: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !named.specs.contains(&spec) {
        faults.push(format!(
            "{} is of spec {spec}; {} takes {}",
            named.key_id,
            named.variable,
            named.specs.join(" or ")
        ));
    }
    if usage != KeyUsageType::SignVerify.as_str() {
        faults.push(format!("{} is for {usage}, not for SIGN_VERIFY", named.key_id));
    }
    faults
}

fn state_fault(state: &str) -> Option<String> {
    match state {
        "Enabled" => None,
        "PendingDeletion" => Some(
            "its deletion is pending: cancel it (kms:CancelKeyDeletion), or nothing that it signed can be told from forgeries"
                .to_owned(),
        ),
        other => Some(format!("its state is {other}, not Enabled")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            institution::{assert_says, listener},
            report::Outcome,
            stand_in::{aws, clients, good_answers},
        },
        *,
    };
    use crate::service;

    #[tokio::test]
    async fn a_key_of_the_wrong_kind_or_in_no_state_to_sign_is_wrong_and_one_out_of_reach_is_not_judged() {
        let error = |code: &str| (400, json!({"__type": code, "message": "in the words of KMS"}));
        let key = |spec: &str, usage: &str| (200, json!({"KeyId": "key", "KeySpec": spec, "KeyUsage": usage}));
        let state = |state: &str| (200, json!({"KeyMetadata": {"KeyId": "key", "KeyState": state}}));
        let config = Config {
            signing_keys: vec!["p256".to_owned()],
            ..service::config(service::default_tenant().unwrap())
        };
        for (operation, answer, outcome, told) in [
            (
                "GetPublicKey p256",
                key("ECC_NIST_P384", "SIGN_VERIFY"),
                Outcome::Wrong,
                "of spec ECC_NIST_P384",
            ),
            (
                "GetPublicKey p256",
                key("ECC_NIST_P256", "KEY_AGREEMENT"),
                Outcome::Wrong,
                "is for KEY_AGREEMENT",
            ),
            (
                "GetPublicKey p256",
                error("NotFoundException"),
                Outcome::Wrong,
                "NotFoundException",
            ),
            (
                "GetPublicKey p256",
                error("DisabledException"),
                Outcome::Wrong,
                "DisabledException",
            ),
            (
                "DescribeKey",
                state("PendingDeletion"),
                Outcome::Wrong,
                "deletion is pending",
            ),
            (
                "DescribeKey",
                state("Disabled"),
                Outcome::Wrong,
                "its state is Disabled",
            ),
            (
                "DescribeKey",
                error("AccessDeniedException"),
                Outcome::CouldNotCheck,
                "may not call kms:DescribeKey",
            ),
            (
                "GetPublicKey p256",
                error("ThrottlingException"),
                Outcome::CouldNotCheck,
                "ThrottlingException",
            ),
        ] {
            let mut answers = good_answers();
            answers.insert(operation, answer);
            let clients = aws(answers).await;
            let checks = checks(&config, &clients.kms).await;
            assert_says(&checks[0], outcome, told);
        }
        let nobody = format!("http://{}", listener().local_addr().unwrap());
        let checks = checks(&config, &clients(&nobody).kms).await;
        assert_says(&checks[0], Outcome::CouldNotCheck, "kms:GetPublicKey");
    }

    #[tokio::test]
    async fn an_ed25519_key_for_records_and_each_kind_for_status_lists_is_asked_for() {
        let config = Config {
            signing_keys: vec!["ed25519".to_owned(), "p256".to_owned()],
            status_signing_keys: vec!["p256".to_owned(), "p256".to_owned()],
            rsa_signing_key: Some("p256".to_owned()),
            ..service::config(service::default_tenant().unwrap())
        };
        let checks = checks(&config, &aws(good_answers()).await.kms).await;
        let outcomes: Vec<_> = checks
            .iter()
            .map(|check| (check.name.as_str(), check.outcome))
            .collect();
        assert_eq!(
            outcomes,
            [
                ("key SIGNING_KEY_ID", Outcome::Wrong),
                ("key EDDSA_SIGNING_KEY_ID", Outcome::Wrong),
                ("key RSA_SIGNING_KEY_ID", Outcome::Wrong),
                ("key STATUS_SIGNING_KEY_ID", Outcome::Ok),
                ("key EDDSA_STATUS_SIGNING_KEY_ID", Outcome::Wrong),
            ]
        );
    }
}
