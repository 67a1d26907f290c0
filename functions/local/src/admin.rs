//! `clr admin`: what only the operator may do, with his own access to the table and no way over HTTP.
//!
//! With `TABLE_NAME` set, the table is that one in AWS, reached with the operator's AWS credentials; else it is the
//! table of `clr serve` in this folder.

mod audit;

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use clap::Subcommand;
use clr_core::{
    Clock as _, Randomness, SystemClock, Table, TenantId,
    oauth::{Client, OperatorClient, Scope, Scopes},
};

use crate::{failure::Failure, service};

/// Subcommands of `clr admin`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Clients of the institution's own systems.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Show what was issued, changed or done to keys, and by whom.
    Audit(audit::Arguments),
}

/// Subcommands of `clr admin client`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a client and show its secret, once.
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
}

/// Which table, and whose part of it.
#[derive(Debug, clap::Args)]
pub(crate) struct TableChoice {
    /// The table in AWS; none: the one of `clr serve` in this folder.
    #[arg(long, env = "TABLE_NAME")]
    table_name: Option<String>,
    /// The tenant.
    #[arg(long, env = "DEFAULT_TENANT", default_value = "default", value_parser = tenant)]
    tenant: TenantId,
}

impl TableChoice {
    /// The table, and where it is in words.
    async fn open(self) -> Result<(Table, String), Failure> {
        let Some(table_name) = self.table_name else {
            let place = format!("the table in {}", service::FOLDER);
            return Ok((service::table_of_this_folder(self.tenant).await?, place));
        };
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        let place = format!("the table {table_name} in AWS");
        let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), table_name, self.tenant);
        Ok((table, place))
    }
}

/// Does it and tells the result on standard output.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Client(ClientCommand::Create { scopes, name, table }) => create_client(&name, scopes, table).await,
        Command::Audit(arguments) => audit::run(arguments).await,
    }
}

async fn create_client(name: &str, scopes: Vec<Scope>, table: TableChoice) -> Result<ExitCode, Failure> {
    let client = OperatorClient::new(name, Scopes::from_iter(scopes))?;
    let (table, place) = table.open().await?;
    let (client, secret) = Client::of_operator(client, SystemClock.now(), &Randomness::operating_system());
    table.insert_client(&client).await?;
    anstream::eprintln!("A client was put into {place}. Its secret is shown this once; only its digest is kept.");
    anstream::println!("client_id     {}\nclient_secret {}", client.id(), secret.reveal());
    Ok(ExitCode::SUCCESS)
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).ok_or_else(|| "a tenant is 1 to 64 letters, digits, `-` or `_`".to_owned())
}
