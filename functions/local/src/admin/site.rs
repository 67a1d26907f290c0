//! `clr admin export-site`: what the issuer publishes, as files for any web server.
//!
//! The files lie as the service serves them: under the same domain name every record that was issued stays verifiable, and says
//! whether it is revoked, without the service. Status lists in it have no end of their validity, for nobody signs them again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clr_core::status::StatusLists;
use clr_server::{App, Config, paths};
use serde_json::Value;

use crate::{
    failure::Failure,
    service::{self, Service, Settings},
};

/// Arguments of `clr admin export-site`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder; files in it are overwritten.
    folder: PathBuf,
    /// The URL that status lists were issued under. In AWS, `PUBLIC_URL` of the deployment.
    #[arg(long, env = "PUBLIC_URL")]
    public_url: url::Url,
    /// The table in AWS, with the rest of the deployment's environment (`SIGNING_KEY_ID`, `ISSUER_ID`, `ISSUER_NAME` and so on);
    /// none: the one of `clr serve` in this folder.
    #[arg(long, env = "TABLE_NAME")]
    table_name: Option<String>,
}

/// Writes the files and tells them on standard output.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let app = match arguments.table_name {
        Some(_) => service::connected(Config::from_env(true)?).await,
        None => {
            let settings = Settings::usual(service::database_of_this_folder()?, service::keys_of_this_folder()?);
            Service::on_port(0, settings).await?.app
        }
    };
    let base = arguments.public_url.as_str().trim_end_matches('/');
    for (path, document) in site(&app, base).await? {
        write(&arguments.folder, &path, &document)?;
        anstream::println!("{path}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Paths and documents.
async fn site(app: &App, public_url: &str) -> Result<Vec<(String, Value)>, Failure> {
    let mut site = Vec::new();
    // The one that the service publishes.
    if let Some(issuer) = app.issuers.all().await?.first() {
        let keys = app.issuers.listed_keys(issuer).await?;
        if issuer.id.starts_with("did:web:") {
            site.push((paths::DID_DOCUMENT.to_owned(), issuer.did_document(&keys)));
        }
        site.push((paths::JWKS.to_owned(), issuer.jwks(&keys)));
        site.push((paths::ISSUER_PROFILE.to_owned(), issuer.profile_document(&keys)));
    }
    let base = format!("{public_url}{}", paths::STATUS_LISTS);
    let lists: StatusLists<'_> = app.status_lists(&base);
    for list in app.table.status_lists().await? {
        if let Some(document) = lists.exported(list).await? {
            site.push((format!("{}/{list}", paths::STATUS_LISTS), document));
        }
    }
    Ok(site)
}

fn write(folder: &Path, path: &str, document: &Value) -> Result<(), Failure> {
    let file = folder.join(path.trim_start_matches('/'));
    let cannot = |error| Failure::new(format!("cannot write {}: {error}", file.display()));
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(cannot)?;
    }
    fs::write(&file, document.to_string()).map_err(cannot)
}
