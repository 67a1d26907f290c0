//! `clr admin key`: the issuer's public keys, and what to do when somebody else got hold of a private one.

use std::process::ExitCode;

use clr_core::{
    Clock as _, Randomness, SystemClock, Table,
    audit::{Act, AuditEntry, OPERATOR},
    compromise::{self, Outcome},
    issuing::Issuing,
};
use clr_server::Config;
use jiff::Timestamp;

use super::{TableChoice, audit::time};
use crate::{failure::Failure, service};

/// Subcommands of `clr admin key`.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show every key that the issuer signs or signed with.
    List {
        #[command(flatten)]
        choice: Choice,
    },
    /// Take the trust from a key: nothing that it signed counts any more. Shows what that is, by the audit.
    Compromise {
        /// The key: `z…`, or its verification method.
        key: String,
        /// Since when others may have had it; the key's whole time, if nothing is said. Tells what is shown and signed again:
        /// no signature of the key counts, whenever it was made.
        #[arg(long, value_parser = time)]
        since: Option<Timestamp>,
        /// Sign the records again that learners keep here, with the keys of now: takes the deployment's environment
        /// (`SIGNING_KEY_ID`, `ISSUER_NAME` and so on).
        #[arg(long)]
        reissue: bool,
        #[command(flatten)]
        choice: Choice,
    },
}

/// Whose keys, and where they are recorded.
#[derive(Debug, clap::Args)]
pub(crate) struct Choice {
    /// The issuer.
    #[arg(long, env = "ISSUER_ID")]
    issuer: String,
    #[command(flatten)]
    table: TableChoice,
}

/// Does it and tells the result on standard output.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List { choice } => list(choice).await,
        Command::Compromise {
            key,
            since,
            reissue,
            choice,
        } => {
            if choice.issuer.starts_with("did:key:") {
                return Err(Failure::new(
                    "a did:key is its key: nobody can take the trust from it but who stops believing that issuer. Take a \
                     did:web, whose document can leave a key out",
                ));
            }
            let multikey = key.rsplit('#').next().unwrap_or_default().to_owned();
            compromised(&multikey, since, reissue, choice).await
        }
    }
}

async fn list(choice: Choice) -> Result<ExitCode, Failure> {
    let (table, place) = choice.table.open().await?;
    let keys = table.issuer_keys(&choice.issuer).await?;
    if keys.is_empty() {
        anstream::eprintln!(
            "{place} has no keys of {}: keys are recorded when they first sign",
            choice.issuer
        );
    }
    for key in keys {
        let state = key
            .revoked
            .map_or_else(|| "trusted".to_owned(), |from| format!("revoked from {from} on"));
        anstream::println!("{}  {}  since {}  {state}", key.multikey, key.key_use, key.since);
    }
    Ok(ExitCode::SUCCESS)
}

async fn compromised(
    multikey: &str,
    since: Option<Timestamp>,
    reissue: bool,
    choice: Choice,
) -> Result<ExitCode, Failure> {
    // Whether the environment suffices is found out before anything is changed.
    let deployment = match reissue {
        true => Some(service::connected(Config::from_env(true)?).await),
        false => None,
    };
    let Choice { issuer, table } = choice;
    let (table, place) = table.open().await?;
    let Some(record) = table
        .issuer_keys(&issuer)
        .await?
        .into_iter()
        .find(|key| key.multikey == multikey)
    else {
        return Err(Failure::new(format!(
            "{place} knows no key {multikey} of {issuer}; `clr admin key list` shows those it knows"
        )));
    };
    let now = SystemClock.now();
    let method = format!("{issuer}#{multikey}");
    revoke(&table, &issuer, &method, since.unwrap_or(now)).await?;
    anstream::println!(
        "{method} asserts nothing any more: its document leaves it out of assertionMethod, and what it signed is judged invalid.\n\
         Functions that run already learn of it within a minute, caches of the document within five more."
    );
    let since = match since {
        Some(since) => since,
        None => record.since.parse()?,
    };
    let signed = compromise::signed_by(&table, &method, since, now).await?;
    anstream::println!("By the audit it signed, from {since} on: {}", signed.len());
    for entry in &signed {
        let nested = entry.signed.len().saturating_sub(1);
        anstream::println!(
            "  {}  {}  {} ({nested} nested)  by {}",
            entry.at,
            entry.act,
            entry.subject,
            entry.actor
        );
    }
    let Some(app) = deployment else {
        anstream::println!(
            "Status lists are signed again when they are next asked for. Records have to be issued again: `--reissue`"
        );
        return Ok(ExitCode::SUCCESS);
    };
    let issuing = Issuing {
        issuers: &app.issuers,
        contexts: app.contexts,
        clock: &*app.clock,
        randomness: &app.randomness,
        // A record keeps the entries that it has.
        lists: None,
        gives_status: false,
    };
    let done = compromise::reissue(&table, &issuing, &method, &signed, app.patience()).await?;
    let mut all = true;
    for item in done {
        all &= matches!(item.outcome, Outcome::SignedAgain(_));
        let outcome = match item.outcome {
            Outcome::SignedAgain(learners) => format!("signed again, for {learners}"),
            Outcome::NotHeld => {
                "cannot be signed again here: no learner keeps it here, and issuing keeps no copy. Issue it again from the \
                 registrar's system"
                    .to_owned()
            }
            Outcome::Refused(reason) => format!("cannot be signed again: {reason}"),
            other => format!("{other:?}"),
        };
        anstream::println!("  {}: {outcome}", item.record);
    }
    Ok(ExitCode::from(u8::from(!all)))
}

/// In the audit first: no key loses its trust unrecorded.
async fn revoke(table: &Table, issuer: &str, method: &str, from: Timestamp) -> Result<(), Failure> {
    let (now, randomness) = (SystemClock.now(), Randomness::operating_system());
    let mut entry = AuditEntry::new(Act::CompromiseKey, OPERATOR, method, now, &randomness);
    entry.note = Some(format!("from {from} on"));
    table.append_audit(&entry).await?;
    let multikey = method.rsplit('#').next().unwrap_or_default();
    table.revoke_issuer_key(issuer, multikey, from).await?;
    Ok(())
}
