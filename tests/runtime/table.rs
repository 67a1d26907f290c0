//! A table in memory behind DynamoDB's protocol, for functions in other processes. Tells its endpoint on standard output.

#![expect(clippy::print_stdout, reason = "the endpoint is what others read from here")]

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use clr_core::table::definition;
use dynoxide::Database;
use local::embedded_table::TABLE_NAME;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let table = tokio::spawn(dynoxide::server::serve_on(listener, Database::memory()?));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint)
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "runtime tier"))
        .build();
    definition::create(&Client::from_conf(config), TABLE_NAME).await?;
    println!("{endpoint}");
    table.await?;
    Ok(())
}
