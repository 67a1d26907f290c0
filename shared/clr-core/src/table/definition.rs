//! The table's shape, in one source: the local engine is made from it and a test holds `template.yaml` against it.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection, ProjectionType,
        ScalarAttributeType, TimeToLiveSpecification,
    },
};

use super::TableError;

/// Hash key, a string.
pub const PARTITION_KEY: &str = "pk";
/// Range key, a string.
pub const SORT_KEY: &str = "sk";
/// Epoch seconds after which DynamoDB may delete an item. Only cleans up: expiry is checked on read.
pub const TTL_ATTRIBUTE: &str = "expires";
/// Keys-only local index that answers `since`.
pub const ISSUED_INDEX: &str = "by-issued";
/// Its range key: a credential's issue time in UTC, fixed width, so that text order is time order.
pub const ISSUED_ATTRIBUTE: &str = "issued";

/// Creates the table, as a laptop and the tests do; in AWS `template.yaml` does.
///
/// # Errors
/// The engine refuses, for instance because the table exists.
pub async fn create(client: &Client, name: &str) -> Result<(), TableError> {
    let request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(
            [PARTITION_KEY, SORT_KEY, ISSUED_ATTRIBUTE].map(definition).to_vec(),
        ))
        .set_key_schema(Some(key_schema(SORT_KEY)))
        .local_secondary_indexes(
            LocalSecondaryIndex::builder()
                .index_name(ISSUED_INDEX)
                .set_key_schema(Some(key_schema(ISSUED_ATTRIBUTE)))
                .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
                .build()
                .map_err(|source| refused(source.into()))?,
        );
    request
        .send()
        .await
        .map_err(|error| TableError::of("CreateTable", error))?;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(TTL_ATTRIBUTE)
        .enabled(true)
        .build();
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(ttl.map_err(|source| refused(source.into()))?)
        .send()
        .await
        .map_err(|error| TableError::of("UpdateTimeToLive", error))?;
    Ok(())
}

fn refused(source: Box<dyn std::error::Error + Send + Sync>) -> TableError {
    TableError::Refused {
        operation: "CreateTable",
        source,
    }
}

#[expect(clippy::expect_used, reason = "name and type are given, nothing else is required")]
fn definition(name: &str) -> AttributeDefinition {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("complete definition")
}

#[expect(clippy::expect_used, reason = "name and type are given, nothing else is required")]
fn key_schema(range: &str) -> Vec<KeySchemaElement> {
    [(PARTITION_KEY, KeyType::Hash), (range, KeyType::Range)]
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .expect("complete key")
        })
        .to_vec()
}
