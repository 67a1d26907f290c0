//! The parts of the route that are about the grant: codes that are misused, refreshing, revoking.

use reqwest::Url;

use super::{
    api::Api,
    authorization::{self, Request},
    finding::{Faults, Found, Stop, Tested},
    route::{READ, Route},
    run::Run,
    status,
    token::{Endpoint, Tokens},
};

impl Route {
    /// A code that is misused, and a token that may read only.
    pub(super) async fn second_visit(&mut self, run: &mut Run, endpoint: Endpoint<'_>, redirect_uri: &Url) {
        let Endpoint {
            http,
            description,
            client,
        } = endpoint;
        if !description.offers(READ) {
            for id in ["authorization.pkce", "authorization.code-once", "status.scope"] {
                run.stop(id, Stop::not_offered("the host has no scope for reading alone"));
            }
            return;
        }
        let scopes = [READ.to_owned()];
        let request = Request::new(redirect_uri, &scopes, &self.randomness);
        let visited = authorization::code(http, description, client, &mut self.operator, request).await;
        let Some(code) = self.visited(run, visited, "authorization.pkce") else {
            return;
        };
        run.test("authorization.pkce", endpoint.redeem_with_another_verifier(&code))
            .await;
        let mut redeemed = (endpoint.redeem(&code).await, code);
        if redeemed.0.is_err() {
            http.notebook
                .remark("the failed redemption spent the code, as it may: the browser is needed once more");
            let request = Request::new(redirect_uri, &scopes, &self.randomness);
            let visited = authorization::code(http, description, client, &mut self.operator, request).await;
            let Some(code) = self.visited(run, visited, "status.scope") else {
                return;
            };
            redeemed = (endpoint.redeem(&code).await, code);
        }
        let (Ok(Found { value: tokens, .. }), code) = redeemed else {
            return;
        };
        let reader = Api {
            http,
            description,
            token: &tokens.access,
        };
        if description.has("post", "/credentials") {
            run.test("status.scope", status::scope(reader)).await;
        } else {
            run.stop("status.scope", Stop::not_offered("nothing can be written"));
        }
        let once = async {
            let refused = endpoint.redeem_again(&code).await?;
            let after = reader.get("/credentials?limit=1").await?;
            http.notebook.remark(match after.status.as_u16() {
                401 => "the tokens that the code had brought are dead, as they should be".to_owned(),
                status => format!("the tokens that the code had brought should be dead; the host answers {status}"),
            });
            Ok(refused)
        };
        run.test("authorization.code-once", once).await;
    }

    fn visited(
        &self,
        run: &mut Run,
        visited: Tested<authorization::Code>,
        id: &'static str,
    ) -> Option<authorization::Code> {
        match visited {
            Ok(found) => Some(found.value),
            Err(stop) => {
                run.stop(id, stop);
                None
            }
        }
    }

    /// A new access token; the tests go on with it.
    pub(super) async fn refresh(&self, run: &mut Run, endpoint: Endpoint<'_>, tokens: &Tokens) -> Option<Tokens> {
        let Some(refresh) = &tokens.refresh else {
            for id in ["refresh.response", "refresh.errors"] {
                run.stop(id, Stop::not_offered("no refresh token was given"));
            }
            return None;
        };
        run.test(
            "refresh.errors",
            endpoint.refuse_refresh("a-refresh-token-that-nobody-gave"),
        )
        .await;
        let renewed = run
            .test("refresh.response", endpoint.refresh(refresh, tokens.scopes()))
            .await;
        run.refreshed = renewed.is_some();
        renewed
    }

    /// The end: nothing of the grant is valid afterwards.
    pub(super) async fn revocation(&self, run: &mut Run, endpoint: Endpoint<'_>, tokens: &Tokens) {
        let url = match endpoint.revocation(&self.base).await {
            Ok(url) => url,
            Err(stop) => {
                for id in [
                    "revocation.unknown-token",
                    "revocation.access-token",
                    "revocation.refresh-token",
                ] {
                    run.stop(id, stop.clone());
                }
                return;
            }
        };
        let unknown = async {
            endpoint
                .revoke(&url, "a-token-that-nobody-gave", "access_token")
                .await?
                .with(())
        };
        run.test("revocation.unknown-token", unknown).await;
        let mut tokens = tokens.clone();
        let access = async {
            let mut faults = endpoint.revoke(&url, tokens.access.reveal(), "access_token").await?;
            faults.of("afterwards", self.is_dead(endpoint, &tokens).await?);
            faults.with(())
        };
        run.test("revocation.access-token", access).await;
        let Some(refresh) = tokens.refresh.clone() else {
            return run.stop(
                "revocation.refresh-token",
                Stop::not_offered("no refresh token was given"),
            );
        };
        let whole_grant = async {
            // A host may end the grant with the access token; then the refresh token is dead already.
            if let Ok(Found { value, .. }) = endpoint.refresh(&refresh, &[READ.to_owned()]).await {
                tokens = value;
            }
            let refresh = tokens.refresh.clone().unwrap_or(refresh);
            let mut faults = endpoint.revoke(&url, refresh.reveal(), "refresh_token").await?;
            faults.of("an access token afterwards", self.is_dead(endpoint, &tokens).await?);
            faults.of(
                "the refresh token afterwards",
                endpoint.refuse_refresh(refresh.reveal()).await?.faults,
            );
            faults.with(())
        };
        run.test("revocation.refresh-token", whole_grant).await;
    }

    async fn is_dead(&self, endpoint: Endpoint<'_>, tokens: &Tokens) -> Result<Faults, Stop> {
        let api = Api {
            http: endpoint.http,
            description: endpoint.description,
            token: &tokens.access,
        };
        Ok(api.get("/credentials?limit=1").await?.expect(401))
    }
}
