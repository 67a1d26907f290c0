//! The table on a laptop: DynamoDB's wire protocol in this process, on a loopback port.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use clr_core::{TableError, aws::table_client, table::definition};
use dynoxide::Database;
use tokio::net::TcpListener;

/// Name of the one table.
pub const TABLE_NAME: &str = "clr";

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedTableError {
    /// No port on the loopback interface.
    #[error("cannot listen on the loopback interface")]
    Listen(#[from] std::io::Error),
    /// The engine answered, but not as it should.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Serves the database on a free loopback port for as long as the runtime lives, makes the table if it is not there,
/// and returns a client for it. The credentials are placeholders: the engine asks for their form only.
///
/// # Errors
/// See [`EmbeddedTableError`].
pub async fn start(database: Database) -> Result<Client, EmbeddedTableError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let table_exists = database
        .get_table_metadata(TABLE_NAME)
        .is_ok_and(|metadata| metadata.is_some());
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "embedded table"));
    let client = table_client(config);
    if !table_exists {
        definition::create(&client, TABLE_NAME).await?;
    }
    Ok(client)
}
