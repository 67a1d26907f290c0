//! `clr verify`: the verdict on a signed record, with each check.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anstyle::{AnsiColor, Style};
use canonical_rdf::Contexts;
use clr_core::{
    Clock as _, Randomness, SystemClock,
    fetch::Fetcher,
    signer::SoftwareKeys,
    verification::{CheckOutcome, Outcome, Policy, Verdict, Verifier},
};
use serde_json::Value;

use crate::{document, failure::Failure, service};

/// Arguments of `clr verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A signed credential: JSON, a compact JWS, or a PNG or SVG file with one of them inside.
    file: PathBuf,
    /// Print the verdict as JSON.
    #[arg(long)]
    json: bool,
    /// Whose keys are believed: `strict`, the issuer's own; `1edtech`, also one in the verification method; `proof-only`, any.
    #[arg(long, default_value_t)]
    policy: Policy,
    /// Know the W3C examples context too.
    #[arg(long)]
    w3c_suites: bool,
}

/// Prints the verdict on standard output.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let credential = document::read_credential(&arguments.file)?;
    let contexts = if arguments.w3c_suites {
        Contexts::with_w3c_examples()
    } else {
        Contexts::standard()
    };
    let verdict = verdict(Arc::new(credential), arguments.policy, contexts).await;
    if arguments.json {
        anstream::println!("{}", serde_json::to_string_pretty(&verdict)?);
    } else {
        tell(&verdict);
    }
    Ok(ExitCode::from(match verdict.outcome() {
        Outcome::Valid => 0,
        Outcome::Invalid => 1,
        Outcome::CouldNotCheck => 3,
    }))
}

/// The verdict of a laptop, which is no issuer: this one has never signed anything.
pub(crate) async fn verdict(credential: Arc<Value>, policy: Policy, contexts: &'static Contexts) -> Verdict {
    let nobody = service::issuers(SoftwareKeys::generate(&Randomness::operating_system()));
    let verifier = Verifier {
        policy,
        issuers: &nobody,
        own_lists: None,
        fetcher: &Fetcher::new(),
        contexts,
        now: SystemClock.now(),
        recipient: Arc::new([]),
    };
    verifier.verify(credential).await
}

fn tell(verdict: &Verdict) {
    for check in &verdict.checks {
        let (mark, color) = match check.outcome {
            CheckOutcome::Passed => ("✓", AnsiColor::Green),
            CheckOutcome::Warning => ("!", AnsiColor::Yellow),
            CheckOutcome::Failed => ("✗", AnsiColor::Red),
            CheckOutcome::CouldNotCheck => ("?", AnsiColor::Yellow),
        };
        let style = Style::new().fg_color(Some(color.into()));
        let place = if check.pointer.is_empty() {
            String::new()
        } else {
            format!(" ({})", check.pointer)
        };
        anstream::println!("{style}{mark}{style:#} {}{place}: {}", check.name, check.reason);
    }
    let bold = Style::new().bold();
    anstream::println!("{bold}{}{bold:#} (policy {})", verdict.outcome(), verdict.policy);
}
