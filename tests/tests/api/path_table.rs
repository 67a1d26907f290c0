//! The path table holds for every function, and for what no function answers.

use std::collections::BTreeSet;

use axum::body::Body;
use clr_server::paths;
use http::Method;
use tests::{TestApp, request};

#[test]
fn each_function_answers_what_the_table_says_and_nothing_else() {
    let functions = local::functions();
    for (name, routes) in &functions {
        let answered: BTreeSet<_> = routes
            .endpoints()
            .iter()
            .map(|endpoint| (endpoint.method.as_str(), endpoint.path))
            .collect();
        let listed: BTreeSet<_> = paths::routes()
            .filter(|route| route.function == *name)
            .map(|route| (route.method, route.path))
            .collect();
        assert_eq!(answered, listed, "{name}");
    }
    let named: BTreeSet<_> = functions.iter().map(|(name, _)| *name).collect();
    let listed: BTreeSet<_> = paths::routes().map(|route| route.function).collect();
    assert_eq!(named, listed);
}

#[tokio::test]
async fn where_nothing_is_there_is_no_method_and_a_browser_may_read_that() {
    let app = TestApp::start().await;
    for method in [Method::GET, Method::POST, Method::OPTIONS] {
        let answer = app.send(request(method, "/nothing", None, Body::empty())).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (404, ""));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}
