//! `template.yaml` says what the code says: the table, the routes, the environment, the keys. What the roles allow is in `permissions.rs`.

use std::collections::{BTreeMap, BTreeSet};

use clr_core::table::definition::{ISSUED_ATTRIBUTE, ISSUED_INDEX, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE};
use clr_server::{Endpoint, Routes};
use serde_json::{Value, json};
use tests::template;

pub(crate) fn functions(template: &Value) -> BTreeMap<&str, &Value> {
    let resources = template["Resources"].as_object().unwrap();
    let functions = resources
        .values()
        .filter(|resource| resource["Type"] == "AWS::Serverless::Function");
    functions
        .map(|function| {
            (
                function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap(),
                function,
            )
        })
        .collect()
}

/// All function crates, by the name of their binary.
fn crates() -> BTreeMap<&'static str, Routes> {
    local::functions().into_iter().collect()
}

#[test]
fn the_table_is_the_one_that_the_code_creates() {
    let template = template();
    let table = &template["Resources"]["Table"]["Properties"];
    let key = |range: &str| json!([{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
    let attributes =
        [PARTITION_KEY, SORT_KEY, ISSUED_ATTRIBUTE].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    assert_eq!(table["AttributeDefinitions"], json!(attributes));
    assert_eq!(table["KeySchema"], key(SORT_KEY));
    assert_eq!(
        table["LocalSecondaryIndexes"],
        json!([{
            "IndexName": ISSUED_INDEX,
            "KeySchema": key(ISSUED_ATTRIBUTE),
            "Projection": {"ProjectionType": "KEYS_ONLY"}
        }])
    );
    assert_eq!(
        table["TimeToLiveSpecification"],
        json!({"AttributeName": TTL_ATTRIBUTE, "Enabled": true})
    );
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
}

#[test]
fn the_table_outlives_the_stack_and_can_be_restored() {
    let template = template();
    let table = &template["Resources"]["Table"];
    assert_eq!(
        (&table["DeletionPolicy"], &table["UpdateReplacePolicy"]),
        (&json!("Retain"), &json!("Retain"))
    );
    assert_eq!(table["Properties"]["DeletionProtectionEnabled"], true);
    assert_eq!(
        table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
        true
    );
}

#[test]
fn every_function_crate_has_a_function_with_exactly_its_routes() {
    let template = template();
    let (functions, crates) = (functions(&template), crates());
    assert_eq!(functions.keys().collect::<Vec<_>>(), crates.keys().collect::<Vec<_>>());
    for (name, routes) in crates {
        let events = functions[name]["Properties"]["Events"].as_object().unwrap();
        let declared: BTreeSet<_> = events
            .values()
            .filter_map(|event| {
                let text = |member: &str| Some(event["Properties"][member].as_str()?.to_owned());
                Some((text("Method")?, text("Path")?))
            })
            .collect();
        let served: BTreeSet<_> = routes
            .endpoints()
            .iter()
            .map(|Endpoint { method, path }| (method.clone(), (*path).to_owned()))
            .collect();
        assert_eq!(declared, served, "the routes of {name}");
    }
}

#[test]
fn what_no_route_takes_goes_to_discovery() {
    let template = template();
    for (name, function) in functions(&template) {
        let events = function["Properties"]["Events"].as_object().unwrap();
        let default_routes = events
            .values()
            .filter(|event| event["Properties"].get("Path").is_none())
            .count();
        assert_eq!(
            default_routes,
            usize::from(name == "discovery"),
            "the $default routes of {name}"
        );
    }
}

#[test]
fn every_route_with_a_throttle_of_its_own_is_one() {
    let template = template();
    let settings = template["Resources"]["Api"]["Properties"]["RouteSettings"]
        .as_object()
        .unwrap();
    let routes: BTreeSet<_> = clr_server::paths::routes()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let unknown: Vec<_> = settings.keys().filter(|route| !routes.contains(*route)).collect();
    assert!(!settings.is_empty() && unknown.is_empty(), "{unknown:?}");
}

#[test]
fn each_function_has_the_memory_that_its_measurement_asks_for() {
    let template = template();
    for (name, function) in functions(&template) {
        let own = function["Properties"]["MemorySize"].as_u64();
        let size = own.or(template["Globals"]["Function"]["MemorySize"].as_u64());
        assert_eq!(size, local::memory(name).map(u64::from), "{name}");
    }
    let unknown = local::OPERATIONS
        .iter()
        .find(|one| local::memory(one.function).is_none());
    assert_eq!(unknown, None);
}

/// docs/performance.md has a row for each function that ends with its memory.
#[test]
fn the_document_tells_the_memory_of_each_function() {
    let document = include_str!("../../../docs/performance.md");
    for name in crates().into_keys() {
        let mut rows = document.lines().filter(|line| line.starts_with(&format!("| {name} |")));
        let row = rows.next().unwrap_or_else(|| panic!("no row of {name}"));
        let size = local::memory(name).unwrap();
        assert!(row.ends_with(&format!("| **{size}** |")), "{row}");
    }
}

/// SAM makes a version of new code and of a changed template, but not of changed parameters: callers would go on meeting the old ones.
#[test]
fn a_new_revision_makes_a_new_version_of_every_function() {
    let template = template();
    let revision = |text: &Value| text.as_str().is_some_and(|text| text.contains("${Revision}"));
    assert!(revision(&template["Globals"]["Function"]["Description"]));
    for (name, function) in functions(&template) {
        let properties = &function["Properties"];
        assert!(revision(&properties["VersionDescription"]), "{name}");
        assert!(properties.get("Description").is_none(), "{name} hides the one of all");
    }
}

#[test]
fn nothing_in_the_audit_can_be_changed_or_deleted() {
    let audit = |permission: &&tests::Permission| permission.on.contains("#AUDIT#");
    let actions: BTreeSet<_> = tests::permitted()
        .iter()
        .filter(audit)
        .map(|permission| &permission.action)
        .collect();
    assert_eq!(actions.into_iter().collect::<Vec<_>>(), ["dynamodb:PutItem"]);
}

#[test]
fn the_keys_are_kept_and_only_the_second_hand_deletes_them() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let keys: Vec<_> = resources
        .values()
        .filter(|resource| resource["Type"] == "AWS::KMS::Key")
        .collect();
    assert_eq!(keys.len(), 5);
    for key in keys {
        assert_eq!(
            (&key["DeletionPolicy"], &key["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
        let policy = &key["Properties"]["KeyPolicy"]["Statement"];
        // `!If` is read as the list behind it.
        let statements = policy
            .as_array()
            .unwrap()
            .iter()
            .map(|one| if one.is_array() { &one[1] } else { one });
        for statement in statements {
            let text = statement["Action"].to_string();
            let deletes = ["kms:*", "Delete*", "ScheduleKeyDeletion", "DisableKey", "CreateGrant"];
            let deletes = deletes.iter().any(|action| text.contains(action));
            assert_eq!(deletes, statement["Sid"] == "Delete", "{statement}");
            let signs = statement["Effect"] == "Allow" && text.contains("kms:Sign");
            assert_eq!(signs, statement["Sid"] == "Sign", "{statement}");
        }
    }
}

#[test]
fn every_environment_variable_is_one_that_the_configuration_reads() {
    let template = template();
    let mut declared: BTreeSet<_> = variables(&template["Globals"]["Function"]).collect();
    for function in functions(&template).values() {
        declared.extend(variables(&function["Properties"]));
    }
    // The one that is the SDK's own.
    let known = clr_server::VARIABLES.iter().chain(&["AWS_ENDPOINT_URL"]);
    let known: BTreeSet<_> = known.map(|name| (*name).to_owned()).collect();
    assert_eq!(declared.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(declared.contains("TABLE_NAME") && declared.contains("SIGNING_KEY_ID"));
}

#[test]
fn sam_local_sets_variables_that_are_declared() {
    let template = template();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/sam-local.json");
    let given: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut declared: BTreeSet<_> = variables(&template["Globals"]["Function"]).collect();
    declared.extend(variables(&functions(&template)["authorize"]["Properties"]));
    let given: BTreeSet<_> = given["Parameters"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(given.difference(&declared).collect::<Vec<_>>(), Vec::<&String>::new());
    for name in [
        "TABLE_NAME",
        "SIGNING_KEY_ID",
        "ISSUER_NAME",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
    ] {
        assert!(given.contains(name), "{name}");
    }
}

fn variables(function: &Value) -> impl Iterator<Item = String> {
    let variables = function["Environment"]["Variables"].as_object();
    variables.into_iter().flatten().map(|(name, _)| name.clone())
}
