//! `clr admin`: what only the operator may do, with his own access to the table and no way over HTTP.
//!
//! With `TABLE_NAME` set, the table is that one in AWS, reached with the operator's AWS credentials; else it is the
//! table of `clr serve` in this folder.

mod audit;
mod key;
mod learner;
mod site;

use std::{process::ExitCode, time::Duration};

use aws_config::BehaviorVersion;
use clap::{Args, Subcommand};
use clr_core::{
    Clock as _, Patience, Randomness, SystemClock, Table, TenantId,
    oauth::{Client, ClientId, ClientKind, OperatorClient, Scope, Scopes, Standing},
};
use tokio::time::Instant;

use crate::{failure::Failure, service};

/// Subcommands of `clr admin`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Clients: applications that registered, and the institution's own systems.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Show what was issued, changed or done to keys, and by whom.
    Audit(audit::Arguments),
    /// The issuer's public keys, those of before too.
    #[command(subcommand)]
    Key(key::Command),
    /// What is kept of a learner: to find, to hand out, to erase.
    #[command(subcommand)]
    Learner(learner::Command),
    /// Write what the issuer publishes (DID document, JWKS, Profile, status lists) into a folder, for any web server: the way out.
    ExportSite(site::Arguments),
}

/// Subcommands of `clr admin client`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client for a system of the institution and show its secret, once.
    Create {
        /// What it may do; `issue` for a registrar's system.
        #[arg(long = "scope", required = true, value_delimiter = ' ')]
        scopes: Vec<Scope>,
        /// What it is called.
        #[arg(long, default_value = "registrar")]
        name: String,
        #[command(flatten)]
        table: TableChoice,
    },
    /// Approve of an application as it is now: learners are not told that nobody reviewed it, and their consent is remembered.
    Approve {
        /// Its client_id.
        #[arg(value_parser = client_id)]
        client: ClientId,
        #[command(flatten)]
        table: TableChoice,
    },
    /// Show all clients.
    List {
        #[command(flatten)]
        table: TableChoice,
    },
    /// End a client: none of its tokens is valid any more when this has ended.
    Revoke {
        /// Its client_id.
        #[arg(value_parser = client_id)]
        client: ClientId,
        #[command(flatten)]
        table: TableChoice,
    },
}

/// Which table, and whose part of it.
#[derive(Debug, Args)]
pub(crate) struct TableChoice {
    /// The table in AWS; none: the one of `clr serve` in this folder.
    #[arg(long, env = "TABLE_NAME")]
    table_name: Option<String>,
    /// The tenant.
    #[arg(long, env = "DEFAULT_TENANT", default_value = "default", value_parser = tenant)]
    tenant: TenantId,
}

/// A client with many grants is revoked one grant after the other.
const PATIENCE: Duration = Duration::from_secs(600);

/// Does it and tells the result on standard output.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    let command = match command {
        Command::Client(command) => command,
        Command::Audit(arguments) => return audit::run(arguments).await,
        Command::Key(command) => return key::run(command).await,
        Command::Learner(command) => return learner::run(command).await,
        Command::ExportSite(arguments) => return site::run(arguments).await,
    };
    match command {
        ClientCommand::Create { scopes, name, table } => create(scopes, &name, table).await,
        ClientCommand::Approve { client, table } => approve(client, table).await,
        ClientCommand::List { table } => list(table).await,
        ClientCommand::Revoke { client, table } => revoke(client, table).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn create(scopes: Vec<Scope>, name: &str, table: TableChoice) -> Result<(), Failure> {
    let client = OperatorClient::new(name, Scopes::from_iter(scopes))?;
    let (table, place) = table.open().await?;
    let (client, secret) = Client::of_operator(client, SystemClock.now(), &Randomness::operating_system());
    table.insert_client(&client).await?;
    anstream::eprintln!("A client was put into {place}. Its secret is shown this once; only its digest is kept.");
    anstream::println!("client_id     {}\nclient_secret {}", client.id(), secret.reveal());
    Ok(())
}

async fn approve(id: ClientId, table: TableChoice) -> Result<(), Failure> {
    let (table, place) = table.open().await?;
    let client = table
        .client(id, SystemClock.now())
        .await?
        .ok_or_else(|| unknown(id, &place))?;
    if client.application().is_none() {
        return Err(Failure::new(
            "only applications that registered themselves need approval",
        ));
    }
    if !table.replace_client(&client.clone().approved()).await? {
        return Err(Failure::new(
            "the application changed its registration meanwhile: look at it again",
        ));
    }
    anstream::println!("approved {id} {}", client.name());
    Ok(())
}

async fn list(table: TableChoice) -> Result<(), Failure> {
    let (table, _) = table.open().await?;
    let (randomness, now) = (Randomness::operating_system(), SystemClock.now());
    let mut clients = table
        .clients(Patience::until(Instant::now() + PATIENCE, &randomness))
        .await?;
    clients.retain(|client| client.is_in_force(now) || client.standing() == Standing::Revoked);
    clients.sort_by_key(|client| (client.issued(), client.id()));
    for client in clients {
        let kind = match client.kind() {
            ClientKind::Application(_) => "application",
            ClientKind::Operator(_) => "operator",
        };
        let standing = match client.standing() {
            Standing::NotReviewed => "not reviewed",
            Standing::Approved => "approved",
            Standing::Revoked => "revoked",
        };
        let used = if client.unused_until().is_some() {
            ", never used"
        } else {
            ""
        };
        anstream::println!(
            "{}  {kind:<11}  {:<24}  {}",
            client.id(),
            format!("{standing}{used}"),
            client.name()
        );
    }
    Ok(())
}

async fn revoke(id: ClientId, table: TableChoice) -> Result<(), Failure> {
    let (table, place) = table.open().await?;
    let randomness = Randomness::operating_system();
    let patience = Patience::until(Instant::now() + PATIENCE, &randomness);
    let client = table.revoke_client(id, SystemClock.now(), patience).await?;
    let client = client.ok_or_else(|| unknown(id, &place))?;
    anstream::println!("revoked {id} {}", client.name());
    Ok(())
}

impl TableChoice {
    /// The table, and where it is in words.
    async fn open(self) -> Result<(Table, String), Failure> {
        let Some(table_name) = self.table_name else {
            let table = service::table_of_this_folder(self.tenant).await?;
            return Ok((table, format!("the table in {}", service::FOLDER)));
        };
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let place = format!("the table {table_name} in AWS");
        Ok((
            Table::new(clr_core::aws::table_client((&aws).into()), table_name, self.tenant),
            place,
        ))
    }
}

fn unknown(id: ClientId, place: &str) -> Failure {
    Failure::new(format!("there is no client {id} in {place}"))
}

fn client_id(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).ok_or_else(|| "a client_id is a UUID".to_owned())
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).ok_or_else(|| "a tenant is 1 to 64 letters, digits, `-` or `_`".to_owned())
}
