//! Whether the table is the one that clr-core defines.

use aws_sdk_dynamodb::{
    Client,
    types::{PointInTimeRecoveryStatus, TimeToLiveStatus},
};
use clr_core::table::definition::{self, TTL_ATTRIBUTE};

use super::{aws, report::Check};

const REMEDY: &str = "deploy the stack again, as template.yaml has it; keys and local indexes of a table cannot be changed: take \
                      a new table and restore into it";

/// Keys, index, attributes, billing.
pub(super) async fn shape(client: &Client, name: &str) -> Check {
    let check = format!("table {name}");
    match client.describe_table().table_name(name).send().await {
        Err(error) => aws::failed(&check, "dynamodb:DescribeTable", error),
        Ok(described) => {
            let faults = described
                .table()
                .map_or_else(|| vec!["nothing is told of it".to_owned()], definition::differences);
            Check::of(check, &faults, "its keys, index and billing are ours", REMEDY)
        }
    }
}

/// That old items go away.
pub(super) async fn expiry(client: &Client, name: &str) -> Check {
    let check = "table: expiry";
    let described = match client.describe_time_to_live().table_name(name).send().await {
        Err(error) => return aws::failed(check, "dynamodb:DescribeTimeToLive", error),
        Ok(described) => described,
    };
    let description = described.time_to_live_description();
    let (status, attribute) = description.map_or((None, None), |description| {
        (description.time_to_live_status(), description.attribute_name())
    });
    let is_on = matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
    let faults: Vec<_> = match attribute {
        Some(TTL_ATTRIBUTE) if is_on => Vec::new(),
        Some(other) if is_on => vec![format!("time to live is by {other}, not by {TTL_ATTRIBUTE}")],
        _ => vec!["time to live is off: what expired stays, and costs".to_owned()],
    };
    let remedy = format!(
        "aws dynamodb update-time-to-live --table-name {name} --time-to-live-specification Enabled=true,AttributeName={TTL_ATTRIBUTE}"
    );
    Check::of(check, &faults, format!("items go after {TTL_ATTRIBUTE}"), remedy)
}

/// That the table cannot be lost: deletion protection and point-in-time recovery.
pub(super) async fn durability(client: &Client, name: &str) -> Vec<Check> {
    let check = "table: deletion protection";
    let protection = match client.describe_table().table_name(name).send().await {
        Err(error) => aws::failed(check, "dynamodb:DescribeTable", error),
        Ok(described) => {
            let is_on = described.table().and_then(|table| table.deletion_protection_enabled());
            let fault = (is_on != Some(true)).then(|| "it is off: one call deletes every record".to_owned());
            let remedy = format!("aws dynamodb update-table --table-name {name} --deletion-protection-enabled");
            Check::of(check, fault.as_slice(), "it is on", remedy)
        }
    };
    let check = "table: point-in-time recovery";
    let recovery = match client.describe_continuous_backups().table_name(name).send().await {
        Err(error) => aws::failed(check, "dynamodb:DescribeContinuousBackups", error),
        Ok(described) => {
            let status = described
                .continuous_backups_description()
                .and_then(|backups| backups.point_in_time_recovery_description())
                .and_then(|recovery| recovery.point_in_time_recovery_status());
            let is_on = status == Some(&PointInTimeRecoveryStatus::Enabled);
            let fault = (!is_on).then(|| "it is off: what was overwritten cannot be had back".to_owned());
            let remedy = format!(
                "aws dynamodb update-continuous-backups --table-name {name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
            );
            Check::of(check, fault.as_slice(), "it is on", remedy)
        }
    };
    vec![protection, recovery]
}

#[cfg(test)]
mod tests {
    use dynoxide::Database;
    use serde_json::{Value, json};

    use super::{
        super::{
            institution::assert_says,
            report::Outcome,
            stand_in::{Answers, aws, backups, described_table, good_answers},
        },
        durability, expiry, shape,
    };
    use crate::embedded_table;

    #[tokio::test]
    async fn a_table_of_another_shape_is_wrong_in_each_part() {
        let described = |change: fn(&mut Value)| {
            let mut table = described_table();
            change(&mut table);
            (200, json!({"Table": table}))
        };
        for (answer, told) in [
            (
                described(|table| table["KeySchema"][1]["AttributeName"] = json!("range")),
                "keys: pk HASH, range RANGE",
            ),
            (
                described(|table| table["LocalSecondaryIndexes"] = json!([])),
                "indexes: none",
            ),
            (
                described(|table| table["LocalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = json!("ALL")),
                "indexes: by-issued (pk HASH, issued RANGE) ALL",
            ),
            (
                described(|table| table["AttributeDefinitions"][1]["AttributeType"] = json!("N")),
                "attributes: issued N",
            ),
            (
                described(|table| table["BillingModeSummary"] = json!(null)),
                "billing: PROVISIONED",
            ),
            (
                (400, json!({"__type": "ResourceNotFoundException"})),
                "ResourceNotFoundException",
            ),
        ] {
            let clients = aws(Answers::from([("DescribeTable", answer)])).await;
            assert_says(&shape(&clients.dynamodb, "clr").await, Outcome::Wrong, told);
        }
        // The engine of a laptop says of our table what AWS says.
        let client = embedded_table::start(Database::memory().unwrap()).await.unwrap();
        assert_says(&shape(&client, "clr").await, Outcome::Ok, "are ours");
        assert_says(&expiry(&client, "clr").await, Outcome::Ok, "expires");
    }

    #[tokio::test]
    async fn a_table_that_can_be_lost_or_keeps_what_expired_is_wrong() {
        let expiring = |status: &str, attribute: &str| {
            let description = json!({"TimeToLiveStatus": status, "AttributeName": attribute});
            aws(Answers::from([(
                "DescribeTimeToLive",
                (200, json!({"TimeToLiveDescription": description})),
            )]))
        };
        for (status, attribute, told) in [("DISABLED", "expires", "is off"), ("ENABLED", "ttl", "by ttl")] {
            let clients = expiring(status, attribute).await;
            assert_says(&expiry(&clients.dynamodb, "clr").await, Outcome::Wrong, told);
        }
        let mut answers = good_answers();
        answers.insert(
            "DescribeTable",
            (200, json!({"Table": {"DeletionProtectionEnabled": false}})),
        );
        answers.insert("DescribeContinuousBackups", backups("DISABLED"));
        let checks = durability(&aws(answers).await.dynamodb, "clr").await;
        assert_says(&checks[0], Outcome::Wrong, "one call deletes every record");
        assert_says(&checks[1], Outcome::Wrong, "cannot be had back");
    }
}
