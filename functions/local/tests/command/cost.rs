//! `clr cost`: the bill, to the last digit, and the document that shows it.

use serde_json::{Value, json};

use super::{Folder, stderr, stdout};

/// Prices that are all nothing but these, in dollars for one unit.
fn prices(some: &[(&str, &str)]) -> Value {
    let mut prices = json!({"date": "2026-01-15", "region": "nowhere-1", "sources": []});
    for name in [
        "lambda_request",
        "lambda_gb_second",
        "gateway_request",
        "read_unit",
        "write_unit",
        "storage_gb_month",
        "recovery_gb_month",
        "kms_request",
        "kms_key_month",
        "log_gb",
        "alarm_metric_month",
        "dashboard_month",
        "transfer_gb",
    ] {
        let found = some.iter().find(|(priced, _)| *priced == name);
        prices[name] = json!({"dollars": found.map_or("0", |(_, dollars)| *dollars), "per": 1});
    }
    prices
}

const NOTHING: [&str; 20] = [
    "--records",
    "0",
    "--upserts",
    "0",
    "--lists",
    "0",
    "--registrations",
    "0",
    "--sign-ins",
    "0",
    "--refreshes",
    "0",
    "--verifications",
    "0",
    "--status-changes",
    "0",
    "--stored",
    "0",
    "--nested",
    "1",
];

/// The bill for these, and for nothing else.
fn bill(prices: &Value, month: &[&str]) -> Value {
    let folder = Folder::new();
    folder.write("prices.json", prices);
    let mut arguments = vec!["cost", "--json", "--prices", "prices.json"];
    for pair in NOTHING.chunks(2).filter(|pair| !month.contains(&pair[0])) {
        arguments.extend(pair);
    }
    arguments.extend(month);
    let output = folder.clr(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// In picodollars.
fn amount(value: &Value) -> u128 {
    let (whole, fraction) = value.as_str().unwrap().split_once('.').unwrap();
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

#[test]
fn the_document_shows_what_the_command_says() {
    let document = include_str!("../../../../docs/cost.md");
    let told = stdout(&Folder::new().clr(&["cost"]));
    assert!(
        document.contains(&format!("```text\n{told}```\n")),
        "docs/cost.md should show this in a block of text:\n{told}"
    );
}

#[test]
fn the_bill_of_one_record_is_that_of_its_measured_operation() {
    let issue = local::operation("issue").unwrap();
    assert_eq!(issue.nested, Some(1));
    for (price, month, expected) in [
        (
            "kms_request",
            &["--records", "3"][..],
            u64::from(issue.signatures) * 2 * 3,
        ),
        (
            "kms_request",
            &["--records", "3", "--keys", "1"],
            u64::from(issue.signatures) * 3,
        ),
        ("kms_key_month", &[], 2),
        ("alarm_metric_month", &[], local::ALARM_METRICS),
        ("dashboard_month", &[], 1),
        ("write_unit", &["--records", "7"], u64::from(issue.write_units) * 7),
        ("read_unit", &["--records", "7"], u64::from(issue.read_units) * 7),
        ("gateway_request", &["--sign-ins", "5"], 5 * (3 + 1)),
        ("lambda_request", &["--status-changes", "5"], 5 * (1 + 1)),
    ] {
        let bill = bill(&prices(&[(price, "1")]), month);
        assert_eq!(bill["total"], format!("{expected}.00"), "{price} {month:?}");
    }
    // Its calls of 5 ms, two rounds of 20 ms, and what a processor took in the function's share of one: 1769 MB have a whole one.
    let bill = bill(&prices(&[("lambda_gb_second", "1")]), &["--records", "1"]);
    let memory = local::memory(issue.function).unwrap();
    let worked = (f64::from(issue.processor) * 1769.0 / f64::from(memory) / 1000.0).ceil() as u32;
    let megabyte_milliseconds = (5 * issue.table_calls + 20 * 2 + worked) * memory;
    assert_eq!(
        amount(&bill["total"]),
        u128::from(megabyte_milliseconds) * 1_000_000_000_000 / 1_024_000
    );
}

#[test]
fn twice_the_month_and_twice_the_prices_are_four_times_the_bill() {
    let once = bill(
        &prices(&[("write_unit", "0.000000625"), ("kms_request", "0.000015")]),
        &["--records", "500"],
    );
    let twice = bill(
        &prices(&[("write_unit", "0.00000125"), ("kms_request", "0.00003")]),
        &["--records", "1000"],
    );
    assert_eq!(amount(&twice["total"]), 4 * amount(&once["total"]));
    assert_eq!(amount(&twice["perRecord"]), 2 * amount(&once["perRecord"]));
}

#[test]
fn the_sum_is_that_of_its_lines_and_the_prices_can_be_given_back() {
    let folder = Folder::new();
    let output = folder.clr(&["cost", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = told["lines"].as_array().unwrap();
    let sum: u128 = lines.iter().map(|line| amount(&line["dollars"])).sum();
    assert_eq!(sum, amount(&told["total"]));
    for million in told["perMillion"].as_array().unwrap() {
        let services = ["gateway", "lambda", "dynamodb", "kms", "logs", "transfer"];
        let sum: u128 = services.iter().map(|service| amount(&million[service])).sum();
        assert_eq!(sum, amount(&million["total"]), "{million}");
    }
    folder.write("prices.json", &told["prices"]);
    let again = folder.clr(&["cost", "--json", "--prices", "prices.json"]);
    assert_eq!(again.stdout, output.stdout);
}

#[test]
fn a_file_of_prices_that_cannot_be_read_is_told_with_what_is_wrong() {
    let mut without = prices(&[]);
    without.as_object_mut().unwrap().remove("kms_request");
    let mut odd = prices(&[]);
    odd["read_unit"]["dollars"] = json!("1,5");
    let mut unknown = prices(&[]);
    unknown["coffee"] = json!({"dollars": "3", "per": 1});
    for (file, told) in [(without, "kms_request"), (odd, "1,5"), (unknown, "coffee")] {
        let folder = Folder::new();
        folder.write("prices.json", &file);
        let output = folder.clr(&["cost", "--prices", "prices.json"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains(told) && stderr(&output).contains("prices.json"),
            "{}",
            stderr(&output)
        );
    }
}
