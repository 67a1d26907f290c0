//! Access tokens put straight into the store, through the same rules as over HTTP: for tests whose subject comes after OAuth.

use clr_core::{
    learners::{Account, LearnerId},
    oauth::{
        Client, CodeVerifier, Consent, Grant, GrantToken, OperatorClient, Redemption, RedirectUri, Scope, Tokens,
        Transport,
    },
};

use crate::TestApp;

impl TestApp {
    /// The id of the learner with this account at the tests' identity provider.
    #[must_use]
    pub fn learner_id(&self, account: &str) -> LearnerId {
        let account = Account {
            issuer: "https://idp.example".to_owned(),
            subject: account.to_owned(),
        };
        LearnerId::of(self.app.table.tenant(), &account)
    }

    /// An access token that the learner with this account granted to some client.
    pub async fn learner_token(&self, account: &str, scopes: &[Scope]) -> String {
        let (now, randomness) = (self.now(), &self.app.randomness);
        let verifier = CodeVerifier::parse(randomness.secret().reveal()).unwrap();
        let redirect_uri = RedirectUri::registered("https://app.example/callback", Transport::Https).unwrap();
        let client = OperatorClient::new("stands for an application", [Scope::Issue].into_iter().collect()).unwrap();
        let (client, _secret) = Client::of_operator(client, now, randomness);
        self.app.table.insert_client(&client).await.unwrap();
        let client = client.id();
        let consent = Consent {
            client,
            learner: self.learner_id(account),
            scopes: scopes.iter().copied().collect(),
            redirect_uri: redirect_uri.clone(),
            challenge: verifier.challenge(),
            key: None,
        };
        let (grant, GrantToken { secret: code, .. }) = Grant::consent(consent, now, randomness);
        let redemption = Redemption {
            client,
            code: &code,
            redirect_uri: redirect_uri.as_str(),
            verifier: &verifier,
            scopes: None,
            key: None,
        };
        let redeemed = grant.redeem(redemption, now, randomness);
        self.keep_grant(&redeemed.store.unwrap()).await;
        redeemed.answer.unwrap().access_token.reveal()
    }

    /// An access token of a client that the operator made with these scopes.
    pub async fn operator_token(&self, scopes: &[Scope]) -> String {
        let (now, randomness) = (self.now(), &self.app.randomness);
        let client = OperatorClient::new("registrar", scopes.iter().copied().collect()).unwrap();
        let scopes = client.scopes().clone();
        let (client, _secret) = Client::of_operator(client, now, randomness);
        self.app.table.insert_client(&client).await.unwrap();
        let (grant, Tokens { access_token, .. }) =
            Grant::client_credentials(client.id(), scopes, None, now, randomness);
        self.keep_grant(&grant).await;
        access_token.reveal()
    }

    async fn keep_grant(&self, grant: &Grant) {
        assert!(self.app.table.insert_grant(grant, self.app.patience()).await.unwrap());
    }
}
