//! The engines under the promises. Each test gets a table of its own.

use aws_sdk_dynamodb::{Client, primitives::Blob, types::AttributeValue};
use clr_core::{
    Randomness, Table, TenantId,
    aws::table_client,
    table::definition::{self, PARTITION_KEY, SORT_KEY},
};
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
    let client = table_client((&config).into());
    let name = format!("clr-contract-{}", Randomness::operating_system().uuid());
    definition::create(&client, &name).await.unwrap();
    Some(Engine::new(client, name))
}

impl Engine {
    fn new(client: Client, name: String) -> Self {
        let table = Table::new(client.clone(), &name, TenantId::new("contract").unwrap());
        Self { table, client, name }
    }

    /// Writes an item with one attribute past the table's methods, for a state that would take too long to reach.
    pub(crate) async fn put_bytes(&self, pk: &str, sk: &str, attribute: &str, bytes: &[u8]) {
        self.client
            .put_item()
            .table_name(&self.name)
            .item(PARTITION_KEY, AttributeValue::S(pk.to_owned()))
            .item(SORT_KEY, AttributeValue::S(sk.to_owned()))
            .item(attribute, AttributeValue::B(Blob::new(bytes)))
            .send()
            .await
            .unwrap();
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
