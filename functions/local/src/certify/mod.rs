//! `clr certify`: tests a host of the CLR API from outside, as 1EdTech's certification does, and writes a report.
//!
//! The tests are in `catalogue.rs`, their order in `route.rs`. Each looks at answers alone, so that any host can be tested.

mod api;
mod authorization;
mod catalogue;
mod description;
mod finding;
mod grant;
mod http;
mod links;
mod notebook;
mod operator;
mod profile;
mod read;
mod registration;
mod report;
mod route;
mod run;
mod status;
mod submission;
mod token;
mod write;

use std::{path::PathBuf, process::ExitCode};

use clr_core::{Clock as _, Randomness, SystemClock, oauth::is_loopback};
use clr_server::paths;
use reqwest::Url;

use self::{
    http::Http,
    notebook::Notebook,
    operator::Operator,
    report::Report,
    route::Route,
    run::{Outcome, Run},
    submission::{Issuer, Submission},
};
use crate::{document, failure::Failure};

/// Arguments of `clr certify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The host's base URL: where `/ims/clr/v2p0/discovery` is under.
    #[arg(value_parser = base)]
    host: Url,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Where the browser is sent back to, for hosts that take only https: paste the address that it shows then. Without it, a free
    /// port of this machine.
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<Url>,
    /// A signed credential for conformance@imsglobal.org, for instance by a deployed issuer, to submit beside those that are made
    /// here.
    #[arg(long, value_name = "FILE")]
    credential: Option<PathBuf>,
    /// Consent without a browser, as this learner of a host like `clr serve`.
    #[arg(long, value_name = "ID")]
    demo_learner: Option<String>,
}

/// Tells how the tests go on standard error, and the report on standard output.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let given = match &arguments.credential {
        None => None,
        Some(path) => {
            let submission = Submission::read(&document::read_bytes(path)?);
            Some(submission.map_err(|error| Failure::unreadable(format!("{}: {error}", path.display())))?)
        }
    };
    let (notebook, started) = (Notebook::default(), SystemClock.now());
    let mut route = Route {
        http: Http::new(&arguments.host, notebook.clone())?,
        base: arguments.host.clone(),
        operator: Operator::at(arguments.redirect_uri, arguments.demo_learner).await?,
        issuer: Issuer::of_this_folder()?,
        given,
        randomness: Randomness::operating_system(),
        shown: Vec::new(),
        left_behind: Vec::new(),
    };
    let mut run = Run::new(notebook.clone());
    // Where it ended, the report tells.
    let _ = route.run(&mut run).await;
    let report = Report {
        host: arguments.host.to_string(),
        started,
        finished: SystemClock.now(),
        tests: run.finish(),
        read: route.shown,
        left_behind: route.left_behind,
    };
    if arguments.json {
        anstream::println!("{:#}", report.json(&notebook));
    } else {
        anstream::println!("{}", report.markdown(&notebook));
    }
    Ok(ExitCode::from(match report.outcome() {
        Outcome::Passed | Outcome::NotOffered => 0,
        Outcome::Failed => 1,
        Outcome::Skipped => 3,
    }))
}

/// As a person types it, with or without what the standard adds.
fn base(text: &str) -> Result<Url, String> {
    let trimmed = text.trim().trim_end_matches('/');
    let trimmed = [paths::CLR_DISCOVERY, paths::CLR_BASE]
        .into_iter()
        .find_map(|path| trimmed.strip_suffix(path))
        .unwrap_or(trimmed);
    let url =
        Url::parse(trimmed).map_err(|error| format!("{error}; a base URL is like https://records.example.edu"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("https is needed, or http to this machine".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_taken_as_a_person_types_it() {
        for text in [
            "https://a.example/tenant",
            "https://a.example/tenant/",
            "https://a.example/tenant/ims/clr/v2p0/",
            "https://a.example/tenant/ims/clr/v2p0/discovery",
        ] {
            assert_eq!(base(text).map(String::from).as_deref(), Ok("https://a.example/tenant"));
        }
        assert!(base("http://127.0.0.1:8080").is_ok());
        for text in ["http://a.example", "a.example", "ftp://a.example"] {
            assert!(base(text).is_err(), "{text}");
        }
    }
}
