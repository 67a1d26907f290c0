//! `clr admin learner`: what is kept of a learner, for the learner who asks: to see it, to take it along, to have it erased.

use std::{process::ExitCode, time::Duration};

use clr_core::{
    Clock as _, Patience, Randomness, SystemClock, Table,
    audit::{Act, AuditEntry, OPERATOR},
    learners::LearnerId,
    table::credentials::{Form, MAX_PAGE_ITEMS, PageRequest},
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::TableChoice;
use crate::failure::Failure;

/// Subcommands of `clr admin learner`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Find a learner by an e-mail address, a student number, a DID, or the account at the identity provider. Reads the whole table.
    Find {
        /// What names the learner; everybody, if nothing is said.
        #[arg(allow_hyphen_values = true)]
        text: Option<String>,
        #[command(flatten)]
        table: TableChoice,
    },
    /// Print all that is kept of a learner, as JSON: who it is, Profile, what applications may do, and every credential as it came.
    Export {
        /// The learner's id, as `find` shows it.
        #[arg(value_parser = learner_id, allow_hyphen_values = true)]
        learner: LearnerId,
        #[command(flatten)]
        table: TableChoice,
    },
    /// Delete all that is kept of a learner. Applications lose their access first. There is no way back.
    Erase {
        /// The learner's id, as `find` shows it.
        #[arg(value_parser = learner_id, allow_hyphen_values = true)]
        learner: LearnerId,
        #[command(flatten)]
        table: TableChoice,
    },
}

/// How long one learner may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// Longer than any request is worked at.
const REQUESTS_END: Duration = Duration::from_secs(30);

/// Does it and tells the result on standard output.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Find { text, table } => find(text.as_deref(), &table.open().await?.0).await,
        Command::Export { learner, table } => export(&learner, &table.open().await?.0).await,
        Command::Erase { learner, table } => {
            let (table, place) = table.open().await?;
            erase(&learner, &table, &place).await
        }
    }
}

async fn find(text: Option<&str>, table: &Table) -> Result<ExitCode, Failure> {
    let randomness = Randomness::operating_system();
    let mut found = table.learners().await?;
    found.retain(|learner| text.is_none_or(|text| learner.is_known_as(text)));
    for learner in &found {
        let request = PageRequest {
            limit: 1,
            offset: 0,
            since: None,
        };
        let credentials = table
            .list_credentials(&learner.id, request, patience(&randomness))
            .await?
            .total;
        anstream::println!(
            "{}  {}\n  account     {} at {}\n  credentials {credentials}",
            learner.id,
            learner.name.as_deref().unwrap_or("without a name"),
            learner.account.subject,
            learner.account.issuer
        );
        for identifier in learner.identifiers() {
            anstream::println!("  known as    {}", identifier.value());
        }
    }
    if found.is_empty() {
        let known = text.map_or_else(String::new, |text| format!(" is known as {text:?} and"));
        anstream::eprintln!("nobody{known} ever signed in");
    }
    Ok(ExitCode::from(u8::from(found.is_empty())))
}

async fn export(id: &LearnerId, table: &Table) -> Result<ExitCode, Failure> {
    let randomness = Randomness::operating_system();
    let (profile, learner) = table.profile_and_learner(id, patience(&randomness)).await?;
    let applications: Vec<Value> = table
        .grants_of_learner(id, patience(&randomness))
        .await?
        .into_iter()
        .filter(|(grant, _)| !grant.is_revoked())
        .map(|(grant, client)| json!({"id": client.id(), "name": client.name(), "scopes": grant.scopes()}))
        .collect();
    let credentials = credentials(id, table, &randomness).await?;
    if learner.is_none() && profile.is_none() && credentials.is_empty() && applications.is_empty() {
        return Err(nothing(id));
    }
    // Written by hand, so that each document is there as it came, byte for byte.
    anstream::println!(
        "{{\"learner\":{},\n\"applications\":{},\n\"profile\":{},\n\"credentials\":[{}]}}",
        serde_json::to_string(&learner)?,
        serde_json::to_string(&applications)?,
        profile.as_deref().unwrap_or("null"),
        credentials.join(",\n")
    );
    Ok(ExitCode::SUCCESS)
}

/// Each as JSON: the record itself, or the compact JWS as a string.
async fn credentials(id: &LearnerId, table: &Table, randomness: &Randomness) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    loop {
        let request = PageRequest {
            limit: MAX_PAGE_ITEMS,
            offset: all.len() as u64,
            since: None,
        };
        let page = table.list_credentials(id, request, patience(randomness)).await?;
        if page.credentials.is_empty() {
            return Ok(all);
        }
        for credential in page.credentials {
            all.push(match credential.form {
                Form::Json => credential.text,
                Form::Jws => serde_json::to_string(&credential.text)?,
            });
        }
    }
}

async fn erase(id: &LearnerId, table: &Table, place: &str) -> Result<ExitCode, Failure> {
    let (now, randomness) = (SystemClock.now(), Randomness::operating_system());
    // In the audit first: a restored table has to be told again.
    let entry = AuditEntry::new(Act::EraseLearner, OPERATOR, id.as_str(), now, &randomness);
    table.append_audit(&entry).await?;
    let mut erased = table.erase_learner(id, patience(&randomness)).await?;
    if erased.grants > 0 {
        anstream::eprintln!(
            "No application has access any more. Waiting {} s for requests that were let in before",
            REQUESTS_END.as_secs()
        );
        sleep(REQUESTS_END).await;
        let late = table.erase_learner(id, patience(&randomness)).await?;
        erased.credentials += late.credentials;
        erased.items += late.items;
    }
    if erased.items == 0 {
        return Err(nothing(id));
    }
    anstream::println!(
        "erased from {place}: {} credentials, {} grants, {} items in all",
        erased.credentials,
        erased.grants,
        erased.items
    );
    Ok(ExitCode::SUCCESS)
}

fn patience(randomness: &Randomness) -> Patience<'_> {
    Patience::until(Instant::now() + PATIENCE, randomness)
}

fn nothing(id: &LearnerId) -> Failure {
    Failure::new(format!("nothing is kept of a learner {id}"))
}

fn learner_id(text: &str) -> Result<LearnerId, String> {
    LearnerId::parse(text).ok_or_else(|| "a learner's id is 43 letters: `clr admin learner find` shows it".to_owned())
}
