//! At the authorization endpoint, and at that for pushed requests.

use oauth_as::{
    AuthorizationRequest, ClientId,
    authorization::{AuthorizationError, ValidatedAuthorizationRequest},
    server::UserApproval,
};
use tests::Answer;

use super::{
    steps::{Fault, OFFLINE, Scope, Who},
    world::{Outcome, Pushed, Twin, World},
};
use crate::oauth_client::{Browser, READ, STATE, TestClient, query};

/// The code, or the error's.
type Asked = Result<String, String>;

impl World {
    pub(super) async fn authorize(&mut self, client: usize, scope: Scope) {
        let (asking, scope) = self.asking(client, scope);
        let path = asking.authorization(&scope, &[]);
        let ours = self.ask_ours(&path, &scope).await;
        let parameters = parameters(&path);
        let parameter = |name: &str| {
            let mut given = parameters.iter().filter(|(given, _)| given == name);
            given.next().map(|(_, value)| value.clone().into())
        };
        let mut request = AuthorizationRequest::default();
        request.response_type = parameter("response_type");
        request.client_id = parameter("client_id");
        request.redirect_uri = parameter("redirect_uri");
        request.scope = parameter("scope");
        request.state = parameter("state");
        request.code_challenge = parameter("code_challenge");
        request.code_challenge_method = parameter("code_challenge_method");
        let theirs = match self.oracle.validate_authorization_request(&request).await {
            Ok(valid) => Ok(self.allow_theirs(&valid).await),
            Err(refused) => Err(told(&refused)),
        };
        self.keep_code("authorize", client, &scope, &asking.verifier, ours, theirs);
    }

    /// The secret may be wrong, the method of the challenge, the redirect URI, or the response type.
    pub(super) async fn push(&mut self, client: usize, scope: Scope, fault: Option<Fault>) {
        let (asking, scope) = self.asking(client, scope);
        let change = match fault {
            Some(Fault::Verifier) => Some(("code_challenge_method", Some("plain"))),
            Some(Fault::RedirectUri) => Some(("redirect_uri", Some("https://app.example/other"))),
            Some(Fault::Token) => Some(("response_type", Some("token"))),
            Some(Fault::Secret) | None => None,
        };
        let secret = self.secret(client, fault);
        let changes: Vec<_> = change.into_iter().collect();
        let parameters = parameters(&asking.authorization(&scope, &changes));
        let form: Vec<_> = parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        let ours = self.post(client, &secret, "/oauth/par", &form).await;
        let ours = pushed(&ours);
        let id = ClientId::new(asking.id.clone());
        let theirs = self
            .oracle
            .pushed_authorization_request(&id, Some(&secret), &form)
            .await;
        let theirs = match theirs {
            Ok(pushed) => {
                assert_eq!(pushed.expires_in, 90);
                Ok(pushed.request_uri.clone())
            }
            Err(refused) => Err(refused.error.as_str().to_owned()),
        };
        self.compare("push", &outcome(&ours), &outcome(&theirs));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            self.pushed.push(Pushed {
                client,
                scope,
                verifier: asking.verifier,
                reference: [ours, theirs],
            });
        }
    }

    pub(super) async fn bring(&mut self, who: &Who, pushed: usize) {
        let Some(pushed) = pushed.checked_rem(self.pushed.len()) else {
            return;
        };
        let pushed = self.pushed[pushed].clone();
        let client = match who {
            Who::Owner => pushed.client,
            Who::Any(client) => client % self.clients.len(),
        };
        let [ours, theirs] = &pushed.reference;
        let id = self.clients[client].id.clone();
        let reference = [("client_id", &id), ("request_uri", ours)];
        let path = format!("/oauth/authorize?{}", serde_urlencoded::to_string(reference).unwrap());
        let ours = self.ask_ours(&path, &pushed.scope).await;
        let theirs = match self.oracle.validate_pushed_authorization_request(&id, theirs).await {
            Ok(valid) => Ok(self.allow_theirs(&valid).await),
            Err(refused) => Err(told(&refused)),
        };
        self.keep_code("bring", client, &pushed.scope, &pushed.verifier, ours, theirs);
    }

    /// The client with a verifier of its own, and what it asks for. A request without scope has a default there and is refused here
    /// (digest section 2.2).
    fn asking(&self, client: usize, scope: Scope) -> (TestClient, String) {
        let asking = TestClient {
            verifier: self.app.app.randomness.secret().reveal().to_owned(),
            ..self.clients[client].clone()
        };
        (asking, scope.text().unwrap_or_else(|| format!("{READ} {OFFLINE}")))
    }

    /// A learner allows all, if it is put to one.
    async fn ask_ours(&self, path: &str, scope: &str) -> Asked {
        // What is brought can be opened once: this is the page that the learner goes on with.
        let mut browser = Browser::open(&self.app, path).await;
        match browser.page.status.as_u16() {
            302 => {
                let location = url::Url::parse(browser.page.header("location")).unwrap();
                return Err(query(&location)["error"].as_str().unwrap().to_owned());
            }
            400 => return Err("direct".to_owned()),
            _ => {}
        }
        browser.sign_in("ada").await;
        let scopes: Vec<_> = scope.split(' ').map(|scope| ("scope", scope)).collect();
        browser.answer("allow", &scopes).await;
        Ok(query(&browser.location())["code"].as_str().unwrap().to_owned())
    }

    async fn allow_theirs(&self, valid: &ValidatedAuthorizationRequest) -> String {
        let answer = self
            .oracle
            .issue_authorization_code(UserApproval::granted(valid, "ada"))
            .await;
        let answer = answer.unwrap();
        assert_eq!(answer.state.as_deref(), Some(STATE));
        answer.code
    }

    fn keep_code(&mut self, step: &str, client: usize, scope: &str, verifier: &str, ours: Asked, theirs: Asked) {
        self.compare(step, &outcome(&ours), &outcome(&theirs));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            self.grants.push(Twin {
                client,
                scope: scope.to_owned(),
                verifier: verifier.to_owned(),
                code: [ours, theirs],
                access: Vec::new(),
                refresh: Vec::new(),
                apart: None,
            });
        }
    }
}

fn parameters(path: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(path.split_once('?').unwrap().1).unwrap()
}

fn pushed(answer: &Answer) -> Asked {
    let body = answer.json();
    match body["request_uri"].as_str() {
        Some(reference) => Ok(reference.to_owned()),
        None => Err(body["error"].as_str().unwrap().to_owned()),
    }
}

fn outcome(asked: &Asked) -> Outcome {
    match asked {
        Ok(_) => Outcome::Done(None),
        Err(error) => Outcome::Error(error.clone()),
    }
}

/// A page has no code.
fn told(refused: &AuthorizationError) -> String {
    match refused {
        AuthorizationError::Redirect(refused) => refused.error.error.as_str().to_owned(),
        AuthorizationError::Direct(_) => "direct".to_owned(),
    }
}
