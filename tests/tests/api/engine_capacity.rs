//! The capacity units that the table's engine counts are those that AWS documents: `operation_counts` believes them.

use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem},
};
use local::embedded_table::TABLE_NAME;
use tests::TestApp;

#[tokio::test]
async fn the_engine_counts_capacity_as_aws_documents_it() {
    let app = TestApp::start().await;
    let client = &app.client;
    // Writes: each begun KB of the larger of what was and what is.
    assert_eq!(put(client, item("a", 1024)).await, 1.0);
    assert_eq!(put(client, item("b", 1025)).await, 2.0);
    assert_eq!(put(client, item("b", 100)).await, 2.0);
    // An entry of the index is a write of its own, of the keys alone; moved, two.
    let issued = |time: &str| {
        item("c", 2000)
            .into_iter()
            .chain([("issued".to_owned(), AttributeValue::S(time.to_owned()))])
    };
    assert_eq!(put(client, issued("2026-01-01")).await, 3.0);
    assert_eq!(put(client, issued("2026-01-01")).await, 2.0);
    assert_eq!(put(client, issued("2026-02-01")).await, 4.0);
    // A transaction writes everything twice.
    let action = Put::builder()
        .table_name(TABLE_NAME)
        .set_item(Some(item("d", 1025).into_iter().collect()))
        .build()
        .unwrap();
    let transaction = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(action).build())
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let consumed = transaction.send().await.unwrap().consumed_capacity.unwrap();
    assert_eq!(consumed[0].capacity_units, Some(4.0));
    // Reads: each begun 4 KB, half of it where an old answer is good enough; what is not there costs as the smallest.
    put(client, item("e", 4096)).await;
    put(client, item("f", 4097)).await;
    for (sk, consistent, units) in [
        ("e", true, 1.0),
        ("e", false, 0.5),
        ("f", true, 2.0),
        ("f", false, 1.0),
        ("none", true, 1.0),
    ] {
        let [pk, sk_, _] = item(sk, 100);
        let get = client
            .get_item()
            .table_name(TABLE_NAME)
            .key(pk.0, pk.1)
            .key(sk_.0, sk_.1)
            .consistent_read(consistent);
        let answer = get
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.consumed_capacity.unwrap().capacity_units,
            Some(units),
            "{sk} {consistent}"
        );
    }
    // A query adds the sizes first.
    let query = client
        .query()
        .table_name(TABLE_NAME)
        .consistent_read(true)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S("p".to_owned()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = query.send().await.unwrap();
    // 1024 + 100 + 2000 and the issue time + 1025 + 4096 + 4097: 12 358 bytes.
    assert_eq!(answer.consumed_capacity.unwrap().capacity_units, Some(4.0));
}

async fn put(client: &Client, item: impl IntoIterator<Item = (String, AttributeValue)>) -> f64 {
    let put = client
        .put_item()
        .table_name(TABLE_NAME)
        .set_item(Some(item.into_iter().collect()));
    let answer = put
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    answer.consumed_capacity.unwrap().capacity_units.unwrap()
}

/// One item of this many bytes in the table.
fn item(sk: &str, bytes: usize) -> [(String, AttributeValue); 3] {
    // `pk` + 1, `sk` + its length, `data`.
    let rest = bytes - "pk".len() - 1 - "sk".len() - sk.len() - "data".len();
    [
        ("pk".to_owned(), AttributeValue::S("p".to_owned())),
        ("sk".to_owned(), AttributeValue::S(sk.to_owned())),
        ("data".to_owned(), AttributeValue::B(Blob::new(vec![7; rest]))),
    ]
}
