//! The engines under the promises. Each test gets a table of its own.

use aws_sdk_dynamodb::Client;
use clr_core::{Randomness, Table, TenantId, table::definition};
use local::embedded_table::TABLE_NAME;

/// An engine with an empty table.
pub(crate) struct Engine {
    pub(crate) table: Table,
    client: Client,
    name: String,
}

/// Dynoxide in this process, in memory.
pub(crate) async fn embedded() -> Engine {
    let client = local::embedded_table::start(dynoxide::Database::memory().unwrap())
        .await
        .unwrap();
    Engine::new(client, TABLE_NAME.to_owned())
}

/// A fresh table at the endpoint that the environment names.
pub(crate) async fn other_endpoint() -> Option<Engine> {
    let Ok(endpoint) = std::env::var("CLR_DYNAMODB_ENDPOINT") else {
        println!("skipped: CLR_DYNAMODB_ENDPOINT names no other engine");
        return None;
    };
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .load()
        .await;
    let client = Client::new(&config);
    let name = format!("clr-contract-{}", Randomness::operating_system().uuid());
    definition::create(&client, &name).await.unwrap();
    Some(Engine::new(client, name))
}

impl Engine {
    fn new(client: Client, name: String) -> Self {
        let table = Table::new(client.clone(), &name, TenantId::new("contract").unwrap());
        Self { table, client, name }
    }

    /// How many items the table holds.
    pub(crate) async fn item_count(&self) -> usize {
        self.client
            .scan()
            .table_name(&self.name)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .unwrap()
            .len()
    }
}
