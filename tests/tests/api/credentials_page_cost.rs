//! What a page of a long list costs, as the table's engine counts it.

use std::{
    error::Error,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut},
    },
    operation::{
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        get_item::{GetItemInput, GetItemOutput},
    },
    types::{AttributeValue, ConsumedCapacity, PutRequest, ReturnConsumedCapacity, WriteRequest},
};
use clr_core::{
    Table,
    oauth::Scope,
    table::{
        credentials::{Form, SubmittedCredential},
        definition::{PARTITION_KEY, SORT_KEY},
    },
    verification::{Judgement, State},
};
use local::embedded_table::TABLE_NAME;
use serde_json::json;
use tests::TestApp;

const CREDENTIALS: usize = 10_000;
/// Lengths of bodies, in turn. They hold nothing that compresses.
const LENGTHS: [usize; 3] = [1_000, 4_000, 10_000];

/// The reads since the last look: operation and capacity units.
#[derive(Clone, Debug, Default)]
struct Meter(Arc<Mutex<Vec<(&'static str, f64)>>>);

impl Meter {
    fn reads(&self) -> Vec<(&'static str, f64)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn note<'a>(&self, operation: &'static str, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        let units = consumed
            .into_iter()
            .map(|consumed| consumed.capacity_units().unwrap())
            .sum();
        self.0.lock().unwrap().push((operation, units));
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let total = Some(ReturnConsumedCapacity::Total);
        if let Some(input) = context.input_mut().downcast_mut::<BatchGetItemInput>() {
            input.return_consumed_capacity = total;
        } else if let Some(input) = context.input_mut().downcast_mut::<GetItemInput>() {
            input.return_consumed_capacity = total;
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
            self.note("BatchGetItem", output.consumed_capacity());
        } else if let Some(output) = output.downcast_ref::<GetItemOutput>() {
            self.note("GetItem", output.consumed_capacity());
        }
        Ok(())
    }
}

/// Credentials of the learner in this many places: a few are kept as always, their items copied into all others.
async fn seed(client: &Client, app: &TestApp) {
    let learner = app.learner_id("ada");
    for (number, length) in LENGTHS.into_iter().enumerate() {
        let mut noise = String::new();
        while noise.len() < length {
            noise += app.app.randomness.secret().reveal();
        }
        noise.truncate(length - 20);
        let text = json!({ "number": number, "n": noise }).to_string();
        let submitted = SubmittedCredential {
            clr_credential_id: &format!("{number:043}"),
            issued: app.now(),
            form: Form::Json,
            text: &text,
            judgement: Judgement {
                state: State::Valid,
                nested: State::Valid,
                at: app.now(),
            },
        };
        let kept = app
            .app
            .table
            .upsert_credential(&learner, &submitted, app.app.patience())
            .await;
        kept.unwrap();
    }
    let items = client.scan().table_name(TABLE_NAME).into_paginator().items().send();
    let items = items.try_collect().await.unwrap();
    let sort_key = |item: &std::collections::HashMap<String, AttributeValue>| item[SORT_KEY].as_s().unwrap().clone();
    let mut heads: Vec<_> = items
        .iter()
        .filter(|item| sort_key(item).starts_with("ORD#"))
        .cloned()
        .collect();
    heads.sort_by_key(sort_key);
    assert_eq!(heads.len(), LENGTHS.len());
    let copies: Vec<_> = (LENGTHS.len()..CREDENTIALS)
        .map(|ordinal| {
            let mut item = heads[ordinal % LENGTHS.len()].clone();
            item.insert(SORT_KEY.to_owned(), AttributeValue::S(format!("ORD#{ordinal:010}")));
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    for batch in copies.chunks(25) {
        let written = client
            .batch_write_item()
            .request_items(TABLE_NAME, batch.to_vec())
            .send()
            .await
            .unwrap();
        assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
    }
    let mut count = items.into_iter().find(|item| sort_key(item) == "COUNT").unwrap();
    assert!(count.contains_key(PARTITION_KEY));
    count.insert("count".to_owned(), AttributeValue::N(CREDENTIALS.to_string()));
    client
        .put_item()
        .table_name(TABLE_NAME)
        .set_item(Some(count))
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_page_of_ten_thousand_costs_what_the_first_one_costs() {
    let meter = Meter::default();
    let engine = local::embedded_table::start(dynoxide::Database::memory().unwrap())
        .await
        .unwrap();
    let client = Client::from_conf(engine.config().to_builder().interceptor(meter.clone()).build());
    let app = TestApp::start().await;
    let app = app.with_table(Table::new(client, TABLE_NAME, app.app.table.tenant().clone()));
    seed(&engine, &app).await;
    let token = app.learner_token("ada", &[Scope::CredentialReadonly]).await;
    let mut pages = Vec::new();
    for offset in [0, 9_900] {
        meter.reads();
        let path = format!("/ims/clr/v2p0/credentials?limit=100&offset={offset}");
        let answer = app.get_as(&token, &path).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-total-count")), (200, "10000"));
        let listed = answer.json()["credential"].as_array().unwrap().len();
        assert_eq!(
            (listed, answer.body.len() > 450_000),
            (100, true),
            "{} bytes",
            answer.body.len()
        );
        let mut reads = meter.reads();
        println!("offset {offset}: {reads:?}");
        let (check, _) = reads.remove(0);
        assert_eq!(check, "GetItem", "of the token's grant");
        assert!(reads.len() <= 2, "the counter beside one batch: {reads:?}");
        pages.push(reads.into_iter().map(|(_, units)| units).sum::<f64>());
    }
    assert!(pages[0] > 100.0, "strongly consistent reads of 100 items: {pages:?}");
    assert!((pages[0] - pages[1]).abs() < 0.01, "{pages:?}");
}
