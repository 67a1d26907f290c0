//! Whether every endpoint of the path table is answered by its function: asked for something senseless, without a token, it
//! refuses in its own words.

use clr_server::paths::{self, Route};
use reqwest::{Method, StatusCode};

use super::{
    report::Check,
    site::{Answer, Site},
};

const NAME: &str = "endpoints";

/// All of them in one check.
pub(super) async fn check(site: &Site) -> Check {
    let (mut wrong, mut unknown, mut answered) = (Vec::new(), Vec::new(), 0);
    for route in paths::routes() {
        let said = match ask(site, &route).await {
            Err(reason) => Said::Nothing(reason),
            Ok(answer) => judge(&route, &answer),
        };
        match said {
            Said::Itself => answered += 1,
            Said::Wrong(reason) => wrong.push(told(&route, &reason)),
            Said::Nothing(reason) => unknown.push(told(&route, &reason)),
        }
        // One that cannot be reached is all of them.
        if unknown.len() > 2 {
            break;
        }
    }
    if !wrong.is_empty() {
        return Check::wrong(
            NAME,
            wrong.join("; "),
            "see the logs of the function that is named, its environment, and the routes of the API",
        );
    }
    if !unknown.is_empty() {
        return Check::could_not(
            NAME,
            unknown.join("; "),
            "try again; see whether the stack is deployed at this URL",
        );
    }
    Check::ok(NAME, format!("{answered} answer"))
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Its function answered.
    Itself,
    Wrong(String),
    Nothing(String),
}

async fn ask(site: &Site, route: &Route) -> Result<Answer, String> {
    // A parameter that no client, record or list has.
    let path: Vec<_> = route
        .path
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                "00000000-0000-4000-8000-000000000000"
            } else {
                part
            }
        })
        .collect();
    let method = Method::from_bytes(route.method.as_bytes()).map_err(|error| error.to_string())?;
    let body = match method {
        Method::POST | Method::PUT if route.path.starts_with("/oauth/") && !route.path.starts_with(paths::REGISTER) => {
            Some(("application/x-www-form-urlencoded", ""))
        }
        Method::POST | Method::PUT => Some(("application/json", "{}")),
        _ => None,
    };
    site.send(method, &site.url(&path.join("/")), body).await
}

pub(super) fn judge(route: &Route, answer: &Answer) -> Said {
    let may_be_absent = route.path.contains('{') || route.path == paths::DID_DOCUMENT;
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Said::Nothing(answer.status.to_string())
        }
        // `{"message": …}` is API Gateway's, not ours.
        status if is_the_gateways(&answer.body) => Said::Wrong(format!("API Gateway itself answers {status}")),
        StatusCode::NOT_FOUND if may_be_absent => Said::Itself,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Said::Wrong(format!("{}: it has no route", answer.status))
        }
        // Grants cannot be shown where nobody can sign in, which is a check of its own.
        status if status.is_server_error() && !route.path.starts_with("/oauth/grants") => {
            Said::Wrong(status.to_string())
        }
        _ => Said::Itself,
    }
}

fn is_the_gateways(body: &str) -> bool {
    let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else {
        return false;
    };
    let members = body.as_object();
    members.is_some_and(|members| members.len() == 1 && members.contains_key("message"))
}

fn told(route: &Route, reason: &str) -> String {
    format!("{} {} ({}): {reason}", route.method, route.path, route.function)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            institution::{Institution, assert_says, serve_everywhere},
            report::Outcome,
            stand_in::good_answers,
        },
        *,
    };

    #[tokio::test]
    async fn an_endpoint_without_its_function_is_named() {
        let without_token = Institution::serving(|name| name != "token", good_answers()).await;
        let told = check(without_token.deployment.site.as_ref().unwrap()).await;
        assert_says(&told, Outcome::Wrong, "POST /oauth/token (token): 405");
        assert!(!told.reason.contains("/oauth/register"), "{told:?}");
        for (status, document, outcome, words) in [
            (
                404,
                json!({"message": "Not Found"}),
                Outcome::Wrong,
                "API Gateway itself answers 404",
            ),
            (500, json!({"error": "server_error"}), Outcome::Wrong, "500"),
            (503, json!({}), Outcome::CouldNotCheck, "503"),
        ] {
            let site = Site::new(serve_everywhere(status, |_| document).await, true, None).unwrap();
            assert_says(&check(&site).await, outcome, words);
        }
    }
}
