//! `clr issue`: a record signed with this folder's key.

use std::{path::PathBuf, process::ExitCode};

use anstyle::{AnsiColor, Style};
use canonical_rdf::Contexts;
use clr_core::{
    Randomness, SystemClock,
    issuers::Issuers,
    issuing::{IssueError, IssueOptions, Issuing},
    signer::SignError,
};
use learner_record::{Finding, Findings};
use serde_json::Value;

use crate::{document, failure::Failure, service};

/// Arguments of `clr issue`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// An unsigned ClrCredential, in a JSON file.
    record: PathBuf,
    /// Put this machine's issuer in place of the record's own and repair what real systems get wrong.
    #[arg(long)]
    as_issuer: bool,
}

/// Writes the signed record to standard output and warnings to standard error.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut record = document::read_json(&arguments.record)?;
    let issuers = service::issuers(service::keys_of_this_folder()?);
    let mut warnings = Vec::new();
    if arguments.as_issuer {
        (record, warnings) = as_issuer(record, &issuers).await?;
    }
    let issuing = Issuing {
        issuers: &issuers,
        contexts: Contexts::standard(),
        clock: &SystemClock,
        randomness: &Randomness::operating_system(),
        // The URL of a list is for good, and nothing here has a URL.
        lists: None,
        gives_status: false,
    };
    let issued = issuing
        .issue(record, &IssueOptions::default())
        .await
        .map_err(|error| refusal(error, arguments.as_issuer))?;
    warnings.extend(issued.warnings);
    tell_warnings(&warnings);
    anstream::println!("{}", serde_json::to_string_pretty(&issued.credential)?);
    Ok(ExitCode::SUCCESS)
}

/// Puts the issuer in place of the record's own and repairs the record; each change is a warning.
pub(crate) async fn as_issuer(mut record: Value, issuers: &Issuers) -> Result<(Value, Vec<Finding>), SignError> {
    let mut warnings = Vec::new();
    if let Some(issuer) = issuers.all().await?.first() {
        warnings = learner_record::replace_issuer(&mut record, &issuer.profile);
    }
    warnings.extend(learner_record::repair(&mut record, Contexts::standard()));
    Ok((record, warnings))
}

/// Each on a line of standard error.
pub(crate) fn tell_warnings(warnings: &[Finding]) {
    for warning in warnings {
        warn(&warning.to_string());
    }
}

/// One line for each rule, for who is shown other things.
pub(crate) fn tell_warnings_in_short(warnings: &[Finding]) {
    let mut rules: Vec<(&Finding, usize)> = Vec::new();
    for warning in warnings {
        match rules.iter_mut().find(|(first, _)| first.rule == warning.rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((warning, 1)),
        }
    }
    for (first, count) in rules {
        let others = if count > 1 {
            format!(" and {} more of this kind", count - 1)
        } else {
            String::new()
        };
        warn(&format!("{first}{others}"));
    }
}

fn warn(text: &str) {
    let yellow = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
    anstream::eprintln!("{yellow}warning:{yellow:#} {text}");
}

fn refusal(error: IssueError, as_issuer: bool) -> Failure {
    let mut text = match error {
        IssueError::Record(Findings(findings)) => findings
            .iter()
            .fold("the record cannot be issued as it is:".to_owned(), |text, finding| {
                format!("{text}\n  {finding}")
            }),
        error @ IssueError::ForeignIssuer { .. } => error.to_string(),
        other => return Failure::from(other),
    };
    if !as_issuer {
        text += "\n`clr issue --as-issuer` puts this machine's issuer in its place and repairs what can be repaired";
    }
    Failure::new(text)
}
