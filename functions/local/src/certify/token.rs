//! Token requests, revocation, and what of them must be refused.

use clr_core::Secret;
use reqwest::{RequestBuilder, Url, header};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::{
    authorization::{Code, right_scopes},
    description::Description,
    finding::{Faults, Stop, Tested},
    http::{Answer, Http},
    registration::Client,
};

/// What a token request brought.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    scopes: Vec<String>,
}

impl Tokens {
    /// What was granted.
    pub(crate) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether this scope was granted.
    pub(crate) fn allow(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

/// The token endpoint and who asks there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint<'a> {
    pub(crate) http: &'a Http,
    pub(crate) description: &'a Description,
    pub(crate) client: &'a Client,
}

const ERRORS: [&str; 7] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_token_type",
    "invalid_scope",
];

impl Endpoint<'_> {
    /// `token.response`.
    pub(crate) async fn redeem(&self, code: &Code) -> Tested<Tokens> {
        let answer = self.ask(&self.redemption(code, code.request.verifier.reveal())).await?;
        self.tokens(&answer, &code.request.scopes)
    }

    /// `authorization.pkce`.
    pub(crate) async fn redeem_with_another_verifier(&self, code: &Code) -> Tested<()> {
        let other = "a-verifier-that-answers-no-challenge-of-this-program";
        let answer = self.ask(&self.redemption(code, other)).await?;
        refused(&answer, &["invalid_grant"]).with(())
    }

    /// `authorization.code-once`.
    pub(crate) async fn redeem_again(&self, code: &Code) -> Tested<()> {
        let answer = self.ask(&self.redemption(code, code.request.verifier.reveal())).await?;
        refused(&answer, &["invalid_grant"]).with(())
    }

    /// `refresh.response`.
    pub(crate) async fn refresh(&self, refresh: &Secret, scopes: &[String]) -> Tested<Tokens> {
        let scope = scopes.join(" ");
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
            ("scope", &scope),
        ];
        let answer = self.ask(&form).await?;
        let mut tokens = self.tokens(&answer, scopes)?;
        // Rotation is the host's choice.
        tokens.value.refresh.get_or_insert_with(|| refresh.clone());
        Ok(tokens)
    }

    /// `refresh.errors`.
    pub(crate) async fn refuse_refresh(&self, refresh: &str) -> Tested<()> {
        let answer = self
            .ask(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
            .await?;
        refused(&answer, &["invalid_grant"]).with(())
    }

    /// `token.errors`.
    pub(crate) async fn refuse(&self, redirect_uri: &Url) -> Tested<()> {
        let (code, verifier) = (
            "a-code-that-nobody-gave",
            "a-verifier-that-answers-no-challenge-of-this-program",
        );
        let wrong_code = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        let mut faults = Faults::default();
        faults.of(
            "an unknown code",
            refused(&self.ask(&wrong_code).await?, &["invalid_grant"]),
        );
        let without_code = self.ask(&wrong_code[..1]).await?;
        faults.of("no code", refused(&without_code, &["invalid_request"]));
        let without_grant = self.ask(&wrong_code[1..]).await?;
        faults.of(
            "no grant_type",
            refused(&without_grant, &["invalid_request", "unsupported_grant_type"]),
        );
        let password = self
            .ask(&[("grant_type", "password"), ("username", "a"), ("password", "b")])
            .await?;
        faults.of(
            "grant_type=password",
            refused(&password, &["unsupported_grant_type", "unauthorized_client"]),
        );
        let url = self.description.token.clone();
        let request = self
            .http
            .client()
            .post(url)
            .header(header::AUTHORIZATION, self.basic("not-the-secret-of-this-client"));
        let stranger = self.http.send(request.form(&wrong_code)).await?;
        // 1EdTech's vocabulary asks for 401, its prose for 400 with every error.
        let mut of_stranger = refused_with(&stranger, &[401, 400], &["invalid_client"]);
        let challenged = stranger.status.as_u16() != 401 || !stranger.header(header::WWW_AUTHENTICATE).is_empty();
        of_stranger.unless(challenged, || "401 without WWW-Authenticate".to_owned());
        faults.of("another secret", of_stranger);
        faults.with(())
    }

    /// Where tokens are revoked: told by RFC 8414's metadata, or beside the standard's members of the description.
    pub(crate) async fn revocation(&self, base: &Url) -> Result<Url, Stop> {
        if let Some(url) = self.description.revocation(self.http) {
            return Ok(url);
        }
        let path = base.path().trim_end_matches('/');
        for well_known in [
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("{path}/.well-known/oauth-authorization-server"),
        ] {
            let Ok(url) = base.join(&well_known) else { continue };
            let answer = self.http.send(self.http.client().get(url)).await?;
            if let Some(url) = answer.json()["revocation_endpoint"].as_str() {
                return self.http.address(url).map_err(Stop::Failed);
            }
        }
        Err(Stop::not_offered("no metadata of the host names a revocation endpoint"))
    }

    /// The answer to a revocation.
    pub(crate) async fn revoke(&self, endpoint: &Url, token: &str, hint: &str) -> Result<Faults, Stop> {
        let request = self
            .http
            .client()
            .post(endpoint.clone())
            .form(&[("token", token), ("token_type_hint", hint)]);
        Ok(self.http.send(self.authenticated(request)).await?.expect(200))
    }

    fn redemption<'b>(&self, code: &'b Code, verifier: &'b str) -> [(&'static str, &'b str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code.code.reveal()),
            ("redirect_uri", code.request.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ]
    }

    async fn ask(&self, form: &[(&str, &str)]) -> Result<Answer, Stop> {
        let request = self.http.client().post(self.description.token.clone()).form(form);
        self.http.send(self.authenticated(request)).await
    }

    fn authenticated(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(header::AUTHORIZATION, self.basic(self.client.secret.reveal()))
    }

    /// Both halves are form-encoded first (RFC 6749, section 2.3.1).
    fn basic(&self, secret: &str) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        format!(
            "Basic {}",
            STANDARD.encode(format!("{}:{}", encoded(&self.client.id), encoded(secret)))
        )
    }

    fn tokens(&self, answer: &Answer, asked: &[String]) -> Tested<Tokens> {
        let body = answer.json();
        let mut faults = answer.expect_json(200);
        let member = |name: &str| body[name].as_str().map(str::to_owned);
        for name in ["access_token", "refresh_token"] {
            if let Some(secret) = member(name) {
                self.http.notebook.keep_secret(
                    if name == "access_token" {
                        "access token"
                    } else {
                        "refresh token"
                    },
                    &secret,
                );
            }
        }
        faults.unless(member("access_token").is_some(), || {
            "access_token is missing".to_owned()
        });
        let is_bearer = member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
        faults.unless(is_bearer, || {
            format!("token_type is {}, not bearer", body["token_type"])
        });
        faults.unless(answer.header(header::CACHE_CONTROL).contains("no-store"), || {
            "Cache-Control is not no-store".to_owned()
        });
        faults.unless(answer.header(header::PRAGMA).contains("no-cache"), || {
            "Pragma is not no-cache".to_owned()
        });
        let expires = &body["expires_in"];
        faults.unless(expires.is_null() || expires.is_u64(), || {
            format!("expires_in is {expires}, no number of seconds")
        });
        let scope = member("scope");
        match &scope {
            None => faults.add("scope is missing"),
            Some(granted) => faults.of("scope", right_scopes(self.http, asked, granted)),
        }
        let scope = scope.unwrap_or_else(|| asked.join(" "));
        faults.or(member("access_token").map(|access| Tokens {
            access: Secret::presented(access),
            refresh: member("refresh_token").map(Secret::presented),
            scopes: scope.split(' ').map(str::to_owned).collect(),
        }))
    }
}

/// 400 with one of these errors.
fn refused(answer: &Answer, errors: &[&str]) -> Faults {
    refused_with(answer, &[400], errors)
}

fn refused_with(answer: &Answer, statuses: &[u16], errors: &[&str]) -> Faults {
    let status = answer.status.as_u16();
    let mut faults = answer.expect_json(if statuses.contains(&status) {
        status
    } else {
        statuses[0]
    });
    let body = answer.json();
    let error = body["error"].as_str().unwrap_or_default();
    let wanted = errors.join(" or ");
    faults.unless(errors.contains(&error), || {
        format!("the error is {error:?}, not {wanted}")
    });
    faults.unless(error.is_empty() || ERRORS.contains(&error), || {
        format!("{error:?} is no error of the standard")
    });
    if let Some(description) = body.get("error_description").and_then(Value::as_str) {
        let allowed = |character: char| matches!(character, '\x20'..='\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
        faults.unless(description.chars().all(allowed), || {
            "error_description has a character that it cannot have".to_owned()
        });
    }
    faults
}
