//! What the alarms and the dashboard of `template.yaml` look at is there: metrics of ours that the functions emit, and no other
//! that CloudWatch charges for.

use std::collections::BTreeSet;

use clr_server::request_log::{DIMENSION, METRICS, NAMESPACE};
use serde_json::{Value, json};
use tests::template;

use crate::request_log::logged;

/// A metric that something looks at: its namespace, its name, its dimensions.
type Metric = (String, String, Vec<(String, String)>);

/// Those of each alarm, as often as it is asked for.
fn alarm_metrics(template: &Value) -> Vec<Metric> {
    let alarms = template["Resources"].as_object().unwrap().values();
    let alarms = alarms.filter(|resource| resource["Type"] == "AWS::CloudWatch::Alarm");
    let mut metrics = Vec::new();
    for alarm in alarms {
        let one = &alarm["Properties"];
        let several = one["Metrics"].as_array().into_iter().flatten();
        let several = several.filter_map(|metric| metric.pointer("/MetricStat/Metric"));
        metrics.extend(several.chain(one.get("MetricName").map(|_| one)).map(|metric| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
            let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"])));
            (
                text(&metric["Namespace"]),
                text(&metric["MetricName"]),
                dimensions.collect(),
            )
        }));
    }
    metrics
}

fn widgets(template: &Value) -> Vec<Value> {
    let body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
        .as_str()
        .unwrap();
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    body["widgets"].as_array().unwrap().clone()
}

/// Those of each widget, its `.` and `...` filled in from the row before.
fn dashboard_metrics(template: &Value) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for widget in widgets(template) {
        let mut before: Vec<String> = Vec::new();
        for row in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            let written = row.as_array().unwrap().iter();
            let written: Vec<_> = written.filter_map(Value::as_str).collect();
            assert!(!written.is_empty(), "an expression, which this test cannot read: {row}");
            let mut whole: Vec<String> = Vec::new();
            for (position, text) in written.iter().enumerate() {
                match *text {
                    "..." => whole.extend_from_slice(&before[..before.len() + 1 - written.len()]),
                    "." => whole.push(before[position].clone()),
                    // Of a stack, as an alarm names it.
                    text => whole.push(text.trim_start_matches("${").trim_end_matches('}').to_owned()),
                }
            }
            before.clone_from(&whole);
            let dimensions = whole[2..].chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()));
            metrics.push((whole[0].clone(), whole[1].clone(), dimensions.collect()));
        }
    }
    metrics
}

#[test]
fn each_metric_that_the_functions_emit_is_watched_and_each_of_ours_that_is_watched_is_emitted() {
    let template = template();
    let stack = "AWS::StackName";
    let emitted = METRICS.map(|name| {
        let dimensions = vec![(DIMENSION.to_owned(), stack.to_owned())];
        (NAMESPACE.to_owned(), name.to_owned(), dimensions)
    });
    let ours = |metrics: Vec<Metric>| -> BTreeSet<Metric> {
        let ours = metrics
            .into_iter()
            .filter(|(namespace, ..)| !namespace.starts_with("AWS/"));
        ours.collect()
    };
    assert_eq!(ours(alarm_metrics(&template)), emitted.clone().into());
    assert_eq!(ours(dashboard_metrics(&template)), emitted.into());
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(
        variables["STACK_NAME"], stack,
        "what the functions write as the dimension"
    );
}

#[test]
fn nothing_else_makes_metrics_that_cost() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let filters: Vec<_> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Logs::MetricFilter")
        .collect();
    assert_eq!(filters, []);
    let detailed = template.to_string().contains("DetailedMetricsEnabled");
    assert!(!detailed, "metrics of each route are charged as metrics of one's own");
}

#[test]
fn the_bill_has_each_metric_that_an_alarm_looks_at() {
    assert_eq!(alarm_metrics(&template()).len() as u64, local::ALARM_METRICS);
}

#[tokio::test]
async fn what_the_dashboard_asks_the_log_for_is_in_it() {
    let (app, written) = logged().await;
    app.get("/ims/clr/v2p0/discovery").await;
    let line = &written.lines()[0];
    // The language of Logs Insights, what our queries name results, and the level that `tracing` writes into its own lines.
    const KNOWN: &[&str] = &[
        "SOURCE",
        "FunctionLogs",
        "stats",
        "sum",
        "count",
        "as",
        "by",
        "bin",
        "filter",
        "or",
        "sort",
        "desc",
        "limit",
        "kms",
        "cold",
        "level",
        "ERROR",
    ];
    let mut asked = BTreeSet::new();
    for widget in widgets(&template()) {
        let query = widget["properties"]["query"].as_str().unwrap_or_default();
        let words = query.split(|letter: char| !letter.is_alphanumeric() && letter != '@');
        let words = words.filter(|word| word.starts_with(char::is_alphabetic) && !KNOWN.contains(word));
        asked.extend(words.map(str::to_owned));
    }
    assert_eq!(asked.iter().collect::<Vec<_>>(), ["kmsCalls", "status"]);
    assert!(asked.iter().all(|member| line[member].is_number()), "{line}");
    assert_eq!(line["status"], json!(200));
}
