//! The registrar's system: a client that the operator made, issuing records in the institution's name.

use clr_core::{
    Secret, TableError,
    oauth::{Client, OperatorClient, OperatorClientFault, Scope, Scopes},
};
use clr_server::{App, paths};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use super::{
    Wrong,
    http::{Http, Notes},
};
use crate::failure::chain;

/// The registrar's system.
#[derive(Debug)]
pub(crate) struct Registrar {
    http: Http,
    service: Url,
    client_id: String,
    client_secret: Secret,
}

/// The operator could not make the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoRegistrar {
    #[error(transparent)]
    Client(#[from] OperatorClientFault),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Registrar {
    /// What `clr admin client create --scope issue` does, on the demo's own table.
    pub(crate) async fn appoint(app: &App, service: Url, notes: &Notes) -> Result<Self, Wrong> {
        let (client, client_secret) = Self::client(app).await.map_err(|error| Wrong::from(chain(&error)))?;
        Ok(Self {
            http: Http::new(notes)?,
            service,
            client_id: client.id().to_string(),
            client_secret,
        })
    }

    async fn client(app: &App) -> Result<(Client, Secret), NoRegistrar> {
        let client = OperatorClient::new("Demo registrar", Scopes::from_iter([Scope::Issue]))?;
        let (client, secret) = Client::of_operator(client, app.clock.now(), &app.randomness);
        app.table.insert_client(&client).await?;
        Ok((client, secret))
    }

    /// Gets a token of its own and has the record signed. The answer is the signed record's text.
    pub(crate) async fn issue(&mut self, record: &Value) -> Result<String, Wrong> {
        let request = self.http.client().post(self.service.join(paths::TOKEN)?);
        let request = request.basic_auth(&self.client_id, Some(self.client_secret.reveal()));
        let request = request
            .form(&[("grant_type", "client_credentials"), ("scope", "issue")])
            .build()?;
        let token = self
            .http
            .send(request)
            .await?
            .expect(StatusCode::OK, "a token")?
            .text_at("/access_token")?;

        let request = self
            .http
            .client()
            .post(self.service.join(paths::ISSUE)?)
            .bearer_auth(token);
        let request = request.json(&json!({ "credential": record })).build()?;
        let answer = self
            .http
            .send(request)
            .await?
            .expect(StatusCode::CREATED, "a signed record")?;
        match answer.json().get("verifiableCredential") {
            Some(signed) => Ok(serde_json::to_string(signed)?),
            None => Err(Wrong::from("the answer has no verifiableCredential")),
        }
    }
}
