//! What each function asks of DynamoDB and KMS, held against what `template.yaml` lets it ask.
//!
//! Every request to a [`TestApp`](crate::TestApp) runs under the role of the function that API Gateway would call: an action
//! that the role lacks is refused, on the kinds of items that it lacks too, as IAM would refuse it. So all tests of the API
//! test the roles. What was asked is kept, for the test of the reverse.

use std::{
    collections::BTreeSet,
    error::Error,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{BeforeSerializationInterceptorContextMut, BeforeSerializationInterceptorContextRef},
    },
    operation::{
        batch_get_item::BatchGetItemInput, delete_item::DeleteItemInput, get_item::GetItemInput,
        put_item::PutItemInput, query::QueryInput, transact_write_items::TransactWriteItemsInput,
        update_item::UpdateItemInput,
    },
    types::{AttributeValue, TransactWriteItem},
};
use aws_sdk_kms::operation::{get_public_key::GetPublicKeyInput, sign::SignInput};
use clr_core::table::definition::PARTITION_KEY;
use serde_json::Value;

tokio::task_local! {
    /// The request that is answered right now.
    pub(crate) static REQUEST: Current;
}

/// A request that is answered.
pub(crate) struct Current {
    /// The function whose routes answer.
    pub(crate) function: &'static str,
    /// Whether its next conditional write is to find that somebody else was faster.
    pub(crate) loses: AtomicBool,
}

/// An action of a function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The function crate.
    pub function: String,
    /// As IAM writes it.
    pub action: String,
    /// The beginning of the partition keys, with the index if it is not the table itself; or the key's name in the template,
    /// with algorithm and kind of message if it signs.
    pub on: String,
}

/// What was asked so far, by this app.
#[derive(Clone, Debug, Default)]
pub struct Asked(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    losing: bool,
    asked: BTreeSet<Permission>,
    refused: Vec<Permission>,
}

impl Asked {
    /// The same client, under the roles.
    pub(crate) fn table(&self, client: &aws_sdk_dynamodb::Client) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// The same client, under the policies of its keys.
    pub(crate) fn kms(&self, client: &aws_sdk_kms::Client) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// All that was asked.
    #[must_use]
    pub fn all(&self) -> BTreeSet<Permission> {
        self.0.lock().unwrap().asked.clone()
    }

    /// From now on, the first conditional write of each request finds that somebody else was faster; or no longer.
    pub fn lose_races(&self, losing: bool) {
        self.0.lock().unwrap().losing = losing;
    }

    /// A request to this function.
    pub(crate) fn by(&self, function: &'static str) -> Current {
        let loses = AtomicBool::new(self.0.lock().unwrap().losing);
        Current { function, loses }
    }

    /// Stops the test when a role forbade something.
    pub(crate) fn nothing_was_refused(&self) {
        let refused = std::mem::take(&mut self.0.lock().unwrap().refused);
        assert!(refused.is_empty(), "the roles in template.yaml lack {refused:?}");
    }
}

impl Intercept for Asked {
    fn name(&self) -> &'static str {
        "roles of the template"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        // What the test itself asks is nobody's.
        let Ok(function) = REQUEST.try_with(|request| request.function) else {
            return Ok(());
        };
        for (action, on) in actions(context) {
            let permission = Permission {
                function: function.to_owned(),
                action,
                on,
            };
            let mut log = self.0.lock().unwrap();
            if !PERMITTED.contains(&permission) {
                log.refused.push(permission);
                return Err("no role in template.yaml allows this".into());
            }
            log.asked.insert(permission);
        }
        Ok(())
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let input = context.input_mut();
        let mut conditions = Vec::new();
        if input.downcast_ref::<PutItemInput>().is_some() {
            conditions.extend(
                input
                    .downcast_mut::<PutItemInput>()
                    .map(|put| &mut put.condition_expression),
            );
        } else if input.downcast_ref::<UpdateItemInput>().is_some() {
            let update = input.downcast_mut::<UpdateItemInput>();
            conditions.extend(update.map(|update| &mut update.condition_expression));
        } else if let Some(transaction) = input.downcast_mut::<TransactWriteItemsInput>() {
            for item in transaction.transact_items.iter_mut().flatten() {
                conditions.extend(item.put.as_mut().map(|put| &mut put.condition_expression));
                conditions.extend(item.update.as_mut().map(|update| &mut update.condition_expression));
            }
        }
        let mut conditions: Vec<_> = conditions.into_iter().flatten().collect();
        let loses = |request: &Current| !conditions.is_empty() && request.loses.swap(false, Ordering::Relaxed);
        if REQUEST.try_with(loses).unwrap_or(false) {
            for condition in &mut conditions {
                **condition = format!("({condition}) AND attribute_exists(never_there)");
            }
        }
        Ok(())
    }
}

/// The actions that IAM asks about. A transaction is no action of its own: its parts are.
fn actions(context: &BeforeSerializationInterceptorContextRef<'_>) -> Vec<(String, String)> {
    let input = context.input();
    let on = |action: &str, kind: String| vec![(format!("dynamodb:{action}"), kind)];
    if let Some(input) = input.downcast_ref::<GetItemInput>() {
        on("GetItem", kind_of(input.key().and_then(|key| key.get(PARTITION_KEY))))
    } else if let Some(input) = input.downcast_ref::<PutItemInput>() {
        on(
            "PutItem",
            kind_of(input.item().and_then(|item| item.get(PARTITION_KEY))),
        )
    } else if let Some(input) = input.downcast_ref::<UpdateItemInput>() {
        on(
            "UpdateItem",
            kind_of(input.key().and_then(|key| key.get(PARTITION_KEY))),
        )
    } else if let Some(input) = input.downcast_ref::<DeleteItemInput>() {
        on(
            "DeleteItem",
            kind_of(input.key().and_then(|key| key.get(PARTITION_KEY))),
        )
    } else if let Some(input) = input.downcast_ref::<BatchGetItemInput>() {
        let tables = input.request_items().into_iter().flatten();
        let keys = tables.flat_map(|(_, wanted)| wanted.keys());
        keys.flat_map(|key| on("BatchGetItem", kind_of(key.get(PARTITION_KEY))))
            .collect()
    } else if let Some(input) = input.downcast_ref::<QueryInput>() {
        let values = input.expression_attribute_values().into_iter().flatten();
        let partition = values.map(|(_, value)| value).find(|value| {
            let text = value.as_s().map_or("", String::as_str);
            text.starts_with("T#")
        });
        let index = input
            .index_name()
            .map_or(String::new(), |name| format!(" index/{name}"));
        on("Query", kind_of(partition) + &index)
    } else if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        input.transact_items().iter().flat_map(parts).collect()
    } else if let Some(input) = input.downcast_ref::<GetPublicKeyInput>() {
        let key = input.key_id().unwrap_or_default().to_owned();
        vec![("kms:GetPublicKey".to_owned(), key)]
    } else if let Some(input) = input.downcast_ref::<SignInput>() {
        let key = input.key_id().unwrap_or_default();
        let algorithm = input.signing_algorithm().map_or("none", |name| name.as_str());
        let message = input.message_type().map_or("none", |name| name.as_str());
        vec![("kms:Sign".to_owned(), format!("{key} {algorithm} {message}"))]
    } else {
        vec![(
            format!("{input:?}"),
            "an operation that this test does not know".to_owned(),
        )]
    }
}

fn parts(item: &TransactWriteItem) -> Vec<(String, String)> {
    let put = item.put().map(|put| ("PutItem", put.item().get(PARTITION_KEY)));
    let update = item
        .update()
        .map(|update| ("UpdateItem", update.key().get(PARTITION_KEY)));
    let delete = item
        .delete()
        .map(|delete| ("DeleteItem", delete.key().get(PARTITION_KEY)));
    let check = item
        .condition_check()
        .map(|check| ("ConditionCheckItem", check.key().get(PARTITION_KEY)));
    let all = [put, update, delete, check].into_iter().flatten();
    all.map(|(action, key)| (format!("dynamodb:{action}"), kind_of(key)))
        .collect()
}

/// What tells the kind of an item in its partition key: `T#default#GRANT#…` is `T#default#GRANT#`.
fn kind_of(partition_key: Option<&AttributeValue>) -> String {
    let Some(Ok(key)) = partition_key.map(AttributeValue::as_s) else {
        return "no partition key".to_owned();
    };
    let end = key.match_indices('#').nth(2).map_or(key.len(), |(at, _)| at + 1);
    key[..end].to_owned()
}

/// All that the roles and the key policies of `template.yaml` allow to functions.
#[must_use]
pub fn permitted() -> &'static BTreeSet<Permission> {
    &PERMITTED
}

static PERMITTED: LazyLock<BTreeSet<Permission>> = LazyLock::new(|| {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let mut all = BTreeSet::new();
    for (role, function) in functions_by_role(&template) {
        let policies = resources[&role]["Properties"]["Policies"].as_array();
        let statements = policies
            .into_iter()
            .flatten()
            .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
        for statement in statements {
            for permission in table_permissions(&function, statement) {
                let text = format!("{permission:?}");
                assert!(all.insert(permission), "allowed twice: {text}");
            }
        }
        for (name, key) in resources
            .iter()
            .filter(|(_, resource)| resource["Type"] == "AWS::KMS::Key")
        {
            let statements = list(&key["Properties"]["KeyPolicy"]["Statement"]);
            let allowing = statements.into_iter().filter(|statement| {
                statement["Effect"] == "Allow" && texts(&statement["Principal"]["AWS"]).contains(&format!("{role}.Arn"))
            });
            all.extend(allowing.flat_map(|statement| key_permissions(&function, name, statement)));
        }
    }
    all
});

/// `template.yaml`; CloudFormation's short tags (`!Ref`) are read as the bare text or list behind them.
#[must_use]
pub fn template() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn functions_by_role(template: &Value) -> Vec<(String, String)> {
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|function| {
            let role = function["Properties"]["Role"].as_str().expect("a role of its own");
            let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
            (role.strip_suffix(".Arn").unwrap().to_owned(), binary.to_owned())
        })
        .collect()
}

/// Actions on the table are allowed for beginnings of partition keys only. All kinds of an action stand in one statement: IAM
/// looks at all keys of a BatchGetItem at once.
fn table_permissions(function: &str, statement: &Value) -> Vec<Permission> {
    assert_eq!(statement["Effect"], "Allow", "{statement}");
    let index = match texts(&statement["Resource"]).as_slice() {
        [table] if table == "Table.Arn" => String::new(),
        [index] => format!(
            " {}",
            index.strip_prefix("${Table.Arn}/").expect("an index of the table")
        ),
        others => panic!("other resources: {others:?}"),
    };
    let kinds = texts(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
    assert!(!kinds.is_empty(), "no leading keys: {statement}");
    let actions = texts(&statement["Action"]);
    let pairs = actions
        .iter()
        .flat_map(|action| kinds.iter().map(move |kind| (action, kind)));
    pairs
        .map(|(action, kind)| Permission {
            function: function.to_owned(),
            action: action.clone(),
            on: format!("{}{index}", kind.strip_suffix('*').unwrap_or(kind)),
        })
        .collect()
}

fn key_permissions(function: &str, key: &str, statement: &Value) -> Vec<Permission> {
    let condition = &statement["Condition"]["StringEquals"];
    let on = |action: &str| match action {
        "kms:Sign" => {
            let value = |name: &str| {
                condition[name]
                    .as_str()
                    .expect("kms:Sign has its conditions")
                    .to_owned()
            };
            format!("{key} {} {}", value("kms:SigningAlgorithm"), value("kms:MessageType"))
        }
        _ => key.to_owned(),
    };
    let actions = texts(&statement["Action"]).into_iter();
    actions
        .map(|action| Permission {
            function: function.to_owned(),
            on: on(&action),
            action,
        })
        .collect()
}

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().into_iter().flatten().collect()
}

/// A text, or all texts in a list and the lists in it: what `!If` chooses from counts as there.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(members) => members.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
