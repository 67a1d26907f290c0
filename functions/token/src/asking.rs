//! A client that asks for something: its proof of itself, and its proof of possession of a key.

use clr_core::oauth::{
    Client, DpopFault, DpopProof, Grant, GrantToken, Parameters, ProvenRequest, SingleUse, Thumbprint,
};
use clr_server::{App, OAuthError, PublicUrl, dpop, paths};
use http::HeaderMap;

use crate::client_authentication::ClientCredentials;

/// What a request presented. Signatures that need nothing from the store are verified, nothing else.
pub(crate) struct Asking<'a> {
    pub(crate) app: &'a App,
    credentials: ClientCredentials,
    audiences: [String; 2],
    possession: Option<DpopProof>,
}

impl<'a> Asking<'a> {
    pub(crate) fn presented(
        app: &'a App,
        url: &PublicUrl,
        path: &str,
        headers: &HeaderMap,
        form: &Parameters,
    ) -> Result<Self, OAuthError> {
        let endpoint = url.join(path);
        let request = ProvenRequest {
            method: "POST",
            url: &endpoint,
            access_token: None,
        };
        Ok(Self {
            app,
            credentials: ClientCredentials::presented(headers, form)?,
            // An assertion is for this server, or for its token endpoint, as older clients write (RFC 7523, section 3).
            audiences: [url.as_str().to_owned(), url.join(paths::TOKEN)],
            possession: dpop::presented(headers, request, app).map_err(refuse)?,
        })
    }

    /// The client, if it is who it says.
    pub(crate) async fn client(&self) -> Result<Client, OAuthError> {
        let id = self.credentials.id()?;
        let client = self.app.table.client(id, self.app.clock.now()).await?;
        self.authenticate(client).await
    }

    /// The client, if it is who it says, and the grant that its token names, in one trip.
    pub(crate) async fn client_and_grant(&self, token: &GrantToken) -> Result<(Client, Option<Grant>), OAuthError> {
        let id = self.credentials.id()?;
        let (app, now) = (self.app, self.app.clock.now());
        let (client, grant) = app.table.client_and_grant(id, token.grant, now, app.patience()).await?;
        Ok((self.authenticate(client).await?, grant))
    }

    /// The key that the request was proved with; none without a proof, where the client may do without.
    pub(crate) async fn key(&self, client: &Client) -> Result<Option<Thumbprint>, OAuthError> {
        let must = client
            .application()
            .is_some_and(|application| application.dpop_bound_access_tokens);
        if must && self.possession.is_none() {
            let text = "this client registered to prove possession (DPoP)".to_owned();
            return Err(OAuthError::InvalidDpopProof(text));
        }
        self.proved_key().await
    }

    /// The key of the proof, which is used up; none without a proof.
    pub(crate) async fn proved_key(&self) -> Result<Option<Thumbprint>, OAuthError> {
        let Some(proof) = &self.possession else {
            return Ok(None);
        };
        Ok(Some(dpop::use_once(proof, self.app).await?.map_err(refuse)?))
    }

    async fn authenticate(&self, client: Option<Client>) -> Result<Client, OAuthError> {
        let (client, assertion) = self.credentials.check(self.app, client, &self.audiences).await?;
        if let Some(assertion) = assertion {
            self.use_once(&assertion).await?;
        }
        Ok(client)
    }

    async fn use_once(&self, assertion: &SingleUse) -> Result<(), OAuthError> {
        let fresh = self
            .app
            .table
            .use_once(assertion, self.app.clock.now(), &self.app.randomness)
            .await?;
        let replayed = || OAuthError::InvalidClient("the client assertion was used before".to_owned());
        fresh.then_some(()).ok_or_else(replayed)
    }
}

fn refuse(fault: DpopFault) -> OAuthError {
    OAuthError::InvalidDpopProof(fault.to_string())
}
