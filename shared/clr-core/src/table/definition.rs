//! The table's shape, in one source: the local engine is made from it and a test holds `template.yaml` against it.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex, Projection, ProjectionType,
        ScalarAttributeType, TableDescription, TimeToLiveSpecification,
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

/// What is not ours about a table, a line each; none: it has our keys, our one index, and is billed on demand.
#[must_use]
pub fn differences(table: &TableDescription) -> Vec<String> {
    let mut differences = Vec::new();
    let mut same = |what: &str, found: String, expected: String| {
        if found != expected {
            differences.push(format!("{what}: {found}, not {expected}"));
        }
    };
    same("keys", keys(table.key_schema()), keys(&key_schema(SORT_KEY)));
    same(
        "attributes",
        attributes(table.attribute_definitions()),
        attributes(&[PARTITION_KEY, SORT_KEY, ISSUED_ATTRIBUTE].map(definition)),
    );
    let local = table.local_secondary_indexes().iter().map(|index| {
        let projection = index.projection().and_then(Projection::projection_type);
        let (name, projection) = (
            index.index_name().unwrap_or_default(),
            projection.map_or("", ProjectionType::as_str),
        );
        format!("{name} ({}) {projection}", keys(index.key_schema()))
    });
    let global = table.global_secondary_indexes().iter();
    let global = global.map(|index| format!("{} (global)", index.index_name().unwrap_or_default()));
    same(
        "indexes",
        listed(local.chain(global)),
        format!(
            "{ISSUED_INDEX} ({}) {}",
            keys(&key_schema(ISSUED_ATTRIBUTE)),
            ProjectionType::KeysOnly.as_str()
        ),
    );
    let billing = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    same(
        "billing",
        billing.unwrap_or(&BillingMode::Provisioned).as_str().to_owned(),
        BillingMode::PayPerRequest.as_str().to_owned(),
    );
    differences
}

fn keys(schema: &[KeySchemaElement]) -> String {
    listed(
        schema
            .iter()
            .map(|key| format!("{} {}", key.attribute_name(), key.key_type())),
    )
}

fn attributes(definitions: &[AttributeDefinition]) -> String {
    let mut attributes: Vec<_> = definitions
        .iter()
        .map(|attribute| format!("{} {}", attribute.attribute_name(), attribute.attribute_type()))
        .collect();
    // DynamoDB gives them back in any order.
    attributes.sort();
    listed(attributes.into_iter())
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    let text = parts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
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
