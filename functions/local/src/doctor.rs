//! `clr doctor`: whether a deployment is what its environment says, seen from the operator's machine.
//!
//! A file for each part that is looked at; to add one, push its checks in [`examine`]. Nothing is signed and no key, client or
//! record is touched: what is left behind is what a visitor leaves who asks every endpoint for something senseless.

mod aws;
mod clock;
mod deployment;
mod discovery;
mod endpoints;
#[cfg(test)]
mod institution;
mod issuer;
mod keys;
mod report;
mod sign_in;
mod site;
#[cfg(test)]
mod stand_in;
mod status_list;
mod table;

use std::process::ExitCode;

use url::Url;

use self::{
    deployment::{Deployment, Place},
    report::{Check, Report},
};
use crate::failure::Failure;

/// Arguments of `clr doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the deployment answers; none: its `PUBLIC_URL`. That of a `clr serve` (http://127.0.0.1:8080) is checked with the
    /// table and the keys in this folder.
    #[arg(long)]
    url: Option<Url>,
    /// Print the checks as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the checks on standard output. Ends with 0: all is well, 1: something is wrong, 3: something could not be checked.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let (deployment, configuration) = deployment::find(arguments.url).await?;
    let mut report = Report {
        url: deployment.url.clone(),
        checks: vec![configuration],
    };
    report.checks.extend(examine(&deployment).await);
    report.tell(arguments.json)?;
    Ok(report.outcome().exit_code())
}

/// Every check but that of the configuration.
async fn examine(deployment: &Deployment) -> Vec<Check> {
    let mut checks = Vec::new();
    match (&deployment.place, &deployment.app) {
        (Place::Aws(clients), Some(app)) => {
            checks.extend(keys::checks(&app.config, &clients.kms).await);
            checks.push(table::shape(&clients.dynamodb, &app.config.table_name).await);
            checks.push(table::expiry(&clients.dynamodb, &app.config.table_name).await);
            checks.extend(table::durability(&clients.dynamodb, &app.config.table_name).await);
            checks.extend(clients.date().map(|date| clock::check("AWS", &date)));
        }
        (Place::Folder(dynamodb), Some(app)) => {
            checks.push(table::shape(dynamodb, &app.config.table_name).await);
            checks.push(table::expiry(dynamodb, &app.config.table_name).await);
        }
        _ => {}
    }
    if let Some(app) = &deployment.app {
        checks.extend(issuer::checks(deployment, app).await);
        checks.push(status_list::check(app, &deployment.fetcher).await);
    }
    checks.push(sign_in::check(deployment).await);
    match &deployment.site {
        Some(site) => {
            checks.extend(discovery::checks(site).await);
            checks.push(endpoints::check(site).await);
        }
        None => checks.push(Check::could_not(
            "endpoints",
            "it is not known where the deployment answers",
            "say it with --url, or set PUBLIC_URL: the output ApiUrl of the stack, or its domain name",
        )),
    }
    checks
}

#[cfg(test)]
mod tests {
    use learner_record::StatusPurpose;

    use super::{
        institution::{Institution, find},
        report::Outcome,
        *,
    };

    #[tokio::test]
    async fn a_deployment_where_all_is_well_passes_every_check() {
        let institution = Institution::start().await;
        let lists = format!("{}/status", institution.deployment.url.as_ref().unwrap());
        let lists = institution.app.status_lists(&lists);
        lists.assign(StatusPurpose::Revocation, &["urn:one"]).await.unwrap();
        let checks = examine(&institution.deployment).await;
        let not_ok: Vec<_> = checks.iter().filter(|check| check.outcome != Outcome::Ok).collect();
        assert!(not_ok.is_empty(), "{not_ok:#?}");
        let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "key SIGNING_KEY_ID",
                "key EDDSA_SIGNING_KEY_ID",
                "key RSA_SIGNING_KEY_ID",
                "key STATUS_SIGNING_KEY_ID or EDDSA_STATUS_SIGNING_KEY_ID",
                "table clr",
                "table: expiry",
                "table: deletion protection",
                "table: point-in-time recovery",
                "clock of AWS",
                "issuer document",
                "JWK Set",
                "issuer Profile",
                "status lists",
                "sign-in provider",
                "clock of the deployment",
                "discovery",
                "endpoints",
            ]
        );
        assert!(find(&checks, "status lists").reason.contains("is fetched and valid"));
    }
}
