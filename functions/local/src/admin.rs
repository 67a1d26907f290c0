//! `clr admin`: what only the operator may do, with his own access to the table and no way over HTTP.
//!
//! With `TABLE_NAME` set, the table is that one in AWS, reached with the operator's AWS credentials; else it is the
//! table of `clr serve` in this folder.

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
        /// The table in AWS; none: the one of `clr serve` in this folder.
        #[arg(long, env = "TABLE_NAME")]
        table_name: Option<String>,
        /// The tenant.
        #[arg(long, env = "DEFAULT_TENANT", default_value = "default", value_parser = tenant)]
        tenant: TenantId,
    },
}

/// Does it and tells the result on standard output.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    let Command::Client(ClientCommand::Create {
        scopes,
        name,
        table_name,
        tenant,
    }) = command;
    let client = OperatorClient::new(&name, Scopes::from_iter(scopes))?;
    let (table, place) = match table_name {
        Some(table_name) => {
            let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
            let place = format!("the table {table_name} in AWS");
            (
                Table::new(aws_sdk_dynamodb::Client::new(&aws), table_name, tenant),
                place,
            )
        }
        None => (
            service::table_of_this_folder(tenant).await?,
            format!("the table in {}", service::FOLDER),
        ),
    };
    let (client, secret) = Client::of_operator(client, SystemClock.now(), &Randomness::operating_system());
    table.insert_client(&client).await?;
    anstream::eprintln!("A client was put into {place}. Its secret is shown this once; only its digest is kept.");
    anstream::println!("client_id     {}\nclient_secret {}", client.id(), secret.reveal());
    Ok(ExitCode::SUCCESS)
}

fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::new(text).ok_or_else(|| "a tenant is 1 to 64 letters, digits, `-` or `_`".to_owned())
}
