//! Which deployment is meant: the one of the environment, that of `clr serve` in this folder, or one that is only a URL.

use std::path::Path;

use clr_core::{fetch::Fetcher, oauth::is_loopback};
use clr_server::{App, Config, IdentityProvider};
use reqwest::Certificate;
use url::Url;

use super::{aws::Clients, report::Check, site::Site};
use crate::{
    embedded_table,
    failure::Failure,
    service::{self, FOLDER, Service, Settings},
    tls,
};

/// What is looked at.
#[derive(Debug)]
pub(super) struct Deployment {
    /// Where it answers, without a slash at the end.
    pub(super) url: Option<String>,
    pub(super) site: Option<Site>,
    /// Its parts; none where the environment is not complete.
    pub(super) app: Option<App>,
    pub(super) place: Place,
    /// Where learners sign in.
    pub(super) identity_provider: Option<IdentityProvider>,
    /// As the world fetches; on this machine, from this machine too.
    pub(super) fetcher: Fetcher,
}

/// Where its table and its keys are.
#[derive(Debug)]
pub(super) enum Place {
    Aws(Clients),
    /// A client of this folder's table.
    Folder(aws_sdk_dynamodb::Client),
    Unknown,
}

const CONFIGURATION: &str = "configuration";

/// Variables without which no function starts: where one of them is set, a deployment in AWS is meant.
const REQUIRED: [&str; 3] = ["TABLE_NAME", "ISSUER_NAME", "SIGNING_KEY_ID"];

/// Finds out which is meant, and whether its configuration is complete.
pub(super) async fn find(url: Option<Url>) -> Result<(Deployment, Check), Failure> {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let url = match url {
        Some(url) if !REQUIRED.into_iter().any(is_set) => url,
        url => return in_aws(url).await,
    };
    if is_loopback(&url) && Path::new(FOLDER).join("keys.json").exists() {
        return in_this_folder(url).await;
    }
    let check = Check::could_not(
        CONFIGURATION,
        format!(
            "{} are not set here: keys, table and issuer are not looked at",
            REQUIRED.join(", ")
        ),
        format!(
            "set the environment of the functions (aws lambda get-function-configuration shows it), or, for a `clr serve`, go \
             to the folder that has its {FOLDER}"
        ),
    );
    let deployment = Deployment::new(Some(url), None, Place::Unknown, IdentityProvider::from_env()?, None)?;
    Ok((deployment, check))
}

async fn in_aws(url: Option<Url>) -> Result<(Deployment, Check), Failure> {
    let config = match Config::from_env(true) {
        Ok(config) => config,
        Err(error) => {
            let check = Check::wrong(
                CONFIGURATION,
                error.0.join("; "),
                "set the environment of the functions: `aws lambda get-function-configuration --function-name … --query \
                 Environment.Variables` shows it",
            );
            return Ok((Deployment::new(url, None, Place::Unknown, None, None)?, check));
        }
    };
    let check = configuration(&config, url.as_ref());
    let provider = config.identity_provider.clone();
    let url = url.or_else(|| config.public_url.clone());
    let app = service::connected(config).await;
    let place = Place::Aws(Clients::from_env().await);
    Ok((Deployment::new(url, Some(app), place, provider, None)?, check))
}

async fn in_this_folder(url: Url) -> Result<(Deployment, Check), Failure> {
    let provider = IdentityProvider::from_env()?;
    let settings = Settings::usual(service::database_of_this_folder()?, service::keys_of_this_folder()?);
    let app = Service::on_port(0, settings).await?.app;
    let table = embedded_table::start(service::database_of_this_folder()?).await?;
    let check = Check::ok(
        CONFIGURATION,
        format!("a laptop's: table and software keys in {FOLDER}, nothing that could be wrong"),
    );
    let deployment = Deployment::new(
        Some(url),
        Some(app),
        Place::Folder(table),
        provider,
        tls::certificate()?,
    )?;
    Ok((deployment, check))
}

/// What the environment says, and whether it says it well.
pub(super) fn configuration(config: &Config, url: Option<&Url>) -> Check {
    let mut faults = Vec::new();
    let base = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
    if let Some(public_url) = &config.public_url {
        if public_url.scheme() != "https" && !is_loopback(public_url) {
            faults.push(format!("PUBLIC_URL {public_url} is not https: clients refuse it"));
        }
        if url.is_some_and(|url| base(url) != base(public_url)) {
            faults.push(format!(
                "PUBLIC_URL {public_url} is what clients are told, and not the URL that was given here"
            ));
        }
    }
    let issuer = config.issuer_id.as_deref().unwrap_or("the did:key of the signing key");
    let lists = match (config.status_lists, &config.public_url) {
        (true, _) => "on",
        (false, Some(_)) => "off",
        (false, None) => "off, for they take a PUBLIC_URL: what is issued cannot be revoked",
    };
    Check::of(
        CONFIGURATION,
        &faults,
        format!(
            "complete; issuer {issuer}, tenant {}, status lists {lists}",
            config.tenant.as_str()
        ),
        "set PUBLIC_URL to the https URL that clients use, and deploy again",
    )
}

impl Deployment {
    pub(super) fn new(
        url: Option<Url>,
        app: Option<App>,
        place: Place,
        identity_provider: Option<IdentityProvider>,
        certificate: Option<Certificate>,
    ) -> Result<Self, Failure> {
        let on_this_machine = url.as_ref().is_some_and(is_loopback);
        let url = url.map(|url| url.as_str().trim_end_matches('/').to_owned());
        let site = match &url {
            Some(base) => Some(Site::new(base.clone(), on_this_machine, certificate.clone())?),
            None => None,
        };
        let fetcher = if on_this_machine {
            Fetcher::reaching_loopback(certificate)
        } else {
            Fetcher::new()
        };
        Ok(Self {
            url,
            site,
            app,
            place,
            identity_provider,
            fetcher,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{institution::assert_says, report::Outcome},
        *,
    };

    #[test]
    fn a_public_url_that_clients_refuse_or_that_is_another_is_wrong() {
        let url = |text: &str| text.parse::<url::Url>().unwrap();
        let config = |public_url: Option<&str>| Config {
            public_url: public_url.map(url),
            ..service::config(service::default_tenant().unwrap())
        };
        let plain = config(Some("http://records.example.edu"));
        assert_says(&configuration(&plain, None), Outcome::Wrong, "is not https");
        let good = config(Some("https://records.example.edu"));
        let other = url("https://old.example.edu");
        assert_says(
            &configuration(&good, Some(&other)),
            Outcome::Wrong,
            "not the URL that was given",
        );
        let same = url("https://records.example.edu/");
        assert_says(&configuration(&good, Some(&same)), Outcome::Ok, "complete");
        assert_says(&configuration(&config(None), None), Outcome::Ok, "cannot be revoked");
    }
}
