//! At the token endpoint, and at those for revocation and introspection.

use oauth_as::{ClientId, TokenRequest, TokenResponse, error::ErrorResponse, scope::ScopeSet};
use serde_json::Value;
use tests::Answer;

use super::{
    Rule,
    steps::{Fault, OperatorScope, Scope},
    world::{Outcome, World},
};
use crate::oauth_client::{REDIRECT_URI, TestClient};

impl World {
    pub(super) async fn redeem(&mut self, client: usize, grant: usize, fault: Option<Fault>) {
        let twin = &self.grants[grant];
        let secret = self.secret(client, fault);
        let verifier = match fault {
            Some(Fault::Verifier) => "a".repeat(43),
            _ => twin.verifier.clone(),
        };
        let redirect_uri = match fault {
            Some(Fault::RedirectUri) => "https://app.example/other",
            _ => REDIRECT_URI,
        };
        let [ours, theirs] = self.faulty(&twin.code, fault);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &ours),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &verifier),
        ];
        let ours = self.post(client, &secret, "/oauth/token", &form).await;
        let theirs = self
            .oracle
            .token(TokenRequest::AuthorizationCode {
                client_id: ClientId::new(self.clients[client].id.clone()),
                client_secret: Some(secret),
                code: theirs,
                redirect_uri: Some(redirect_uri.to_owned()),
                code_verifier: Some(verifier),
            })
            .await;
        self.keep_tokens("redeem", grant, &ours, theirs);
    }

    pub(super) async fn refresh(
        &mut self,
        client: usize,
        grant: usize,
        back: usize,
        scope: Scope,
        fault: Option<Fault>,
    ) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(&twin.refresh, back) else {
            return;
        };
        let secret = self.secret(client, fault);
        let [ours, theirs] = self.faulty(&token, fault);
        let scope = scope.text();
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", ours.as_str())];
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let ours = self.post(client, &secret, "/oauth/token", &form).await;
        let theirs = self
            .oracle
            .token(TokenRequest::RefreshToken {
                client_id: ClientId::new(self.clients[client].id.clone()),
                client_secret: Some(secret),
                refresh_token: theirs,
                scope: scope.map(|scope| ScopeSet::parse(&scope).unwrap()),
            })
            .await;
        let narrowed = ours.json()["scope"]
            .as_str()
            .is_some_and(|scope| scope.len() < self.grants[grant].scope.len());
        self.keep_tokens("refresh", grant, &ours, theirs);
        if narrowed {
            self.grants[grant].apart = Some(Rule::NarrowedOnce);
        }
        // The retry window.
        self.wait(31);
    }

    fn compare_tokens(&mut self, step: &str, ours: &Answer, theirs: Result<&TokenResponse, &ErrorResponse>) {
        let scope = |text: &str| {
            let mut words: Vec<_> = text.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        let ours_outcome = match ours.json()["error"].as_str() {
            None => Outcome::Done(ours.json()["scope"].as_str().map(scope)),
            Some(error) => Outcome::Error(error.to_owned()),
        };
        let theirs_outcome = match theirs {
            Ok(tokens) => Outcome::Done(tokens.scope.as_deref().map(scope)),
            Err(refused) => Outcome::Error(refused.error.as_str().to_owned()),
        };
        self.compare(step, &ours_outcome, &theirs_outcome);
    }

    fn keep_tokens(&mut self, step: &str, grant: usize, ours: &Answer, theirs: Result<TokenResponse, ErrorResponse>) {
        self.compare_tokens(step, ours, theirs.as_ref());
        if let Ok(theirs) = theirs {
            let ours = ours.json();
            let text = |name: &str| ours[name].as_str().unwrap().to_owned();
            let twin = &mut self.grants[grant];
            twin.access.push([text("access_token"), theirs.access_token]);
            twin.refresh
                .push([text("refresh_token"), theirs.refresh_token.unwrap()]);
            if twin.access.len() > 8 {
                twin.apart = Some(Rule::EightTokens);
            }
        }
    }

    pub(super) async fn revoke(&mut self, client: usize, grant: usize, back: usize, refresh: bool) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(if refresh { &twin.refresh } else { &twin.access }, back) else {
            return;
        };
        let owner = twin.client == client;
        let client = self.clients[client].clone();
        self.revoke_as(&client, &token).await;
        if owner && !refresh {
            self.grants[grant].apart = Some(Rule::AccessTokenAlone);
        }
    }

    async fn revoke_as(&mut self, client: &TestClient, token: &[String; 2]) {
        let form = [("token", token[0].as_str())];
        let ours = self.post_as(client, &client.secret, "/oauth/revoke", &form).await;
        let id = ClientId::new(client.id.clone());
        let theirs = self.oracle.revoke(&id, Some(&client.secret), &token[1], None).await;
        let ours = if ours.status == 200 {
            Outcome::Done(None)
        } else {
            Outcome::Error(ours.text())
        };
        let theirs = match theirs {
            Ok(()) => Outcome::Done(None),
            Err(refused) => Outcome::Error(refused.error.as_str().to_owned()),
        };
        self.compare("revoke", &ours, &theirs);
    }

    pub(super) async fn introspect(&mut self, client: usize, grant: usize, back: usize) {
        let twin = &self.grants[grant];
        let Some(token) = nth_last(&twin.access, back) else {
            return;
        };
        let client = self.clients[client].clone();
        self.inspect(&client, &token).await;
    }

    async fn inspect(&mut self, client: &TestClient, token: &[String; 2]) {
        let form = [("token", token[0].as_str())];
        let ours = self
            .post_as(client, &client.secret, "/oauth/introspect", &form)
            .await
            .json();
        let id = ClientId::new(client.id.clone());
        let theirs = self
            .oracle
            .introspection_response(&id, Some(&client.secret), &token[1])
            .await
            .unwrap();
        let outcome =
            |active: bool, client: Option<&str>| Outcome::Done(active.then(|| client.unwrap_or_default().to_owned()));
        let ours = outcome(ours["active"] == Value::Bool(true), ours["client_id"].as_str());
        self.compare(
            "introspect",
            &ours,
            &outcome(theirs.active, theirs.client_id.as_deref()),
        );
    }

    /// `client`: an application, which may not; none: the operator's client.
    pub(super) async fn client_credentials(
        &mut self,
        client: Option<usize>,
        scope: OperatorScope,
        fault: Option<Fault>,
    ) {
        let client = match client {
            None => self.operator.clone(),
            Some(client) => self.clients[client % self.clients.len()].clone(),
        };
        let is_operator = client.id == self.operator.id;
        let secret = match fault {
            Some(Fault::Secret) => "wrong".to_owned(),
            _ => client.secret.clone(),
        };
        let scope = scope.text();
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(scope.map(|scope| ("scope", scope)));
        let ours = self.post_as(&client, &secret, "/oauth/token", &form).await;
        let theirs = self
            .oracle
            .token(TokenRequest::ClientCredentials {
                client_id: ClientId::new(client.id.clone()),
                client_secret: Some(secret),
                scope: scope.map(|scope| ScopeSet::parse(scope).unwrap()),
            })
            .await;
        self.compare_tokens("client credentials", &ours, theirs.as_ref());
        if let Ok(theirs) = theirs {
            assert!(is_operator, "an application got a token of its own");
            let ours = ours.json();
            assert_eq!((ours.get("refresh_token"), theirs.refresh_token), (None, None));
            let ours = ours["access_token"].as_str().unwrap().to_owned();
            self.own.push([ours, theirs.access_token]);
        }
    }

    pub(super) async fn inspect_own(&mut self, back: usize) {
        if let Some(token) = nth_last(&self.own, back) {
            let operator = self.operator.clone();
            self.inspect(&operator, &token).await;
        }
    }

    pub(super) async fn revoke_own(&mut self, back: usize) {
        if let Some(token) = nth_last(&self.own, back) {
            let operator = self.operator.clone();
            self.revoke_as(&operator, &token).await;
        }
    }
}

/// Counted from the end, whatever the number.
fn nth_last(tokens: &[[String; 2]], back: usize) -> Option<[String; 2]> {
    let back = back.checked_rem(tokens.len())?;
    tokens.iter().rev().nth(back).cloned()
}
