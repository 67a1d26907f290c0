//! The order in which the tests are run: what one brings is what the next goes by.

use canonical_rdf::Contexts;
use clr_core::{Randomness, verification::Policy};
use reqwest::Url;
use std::sync::Arc;

use super::{
    api::Api,
    authorization::{self, Request},
    description::{self, Description},
    finding::{Faults, Stop, Tested},
    http::Http,
    links,
    operator::Operator,
    profile,
    read::{self, Shown},
    registration,
    run::Run,
    status,
    submission::{Issuer, Securing, Submission},
    token::{Endpoint, Tokens},
    write,
};
use crate::verify;

/// Who takes part.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) http: Http,
    pub(crate) base: Url,
    pub(crate) operator: Operator,
    pub(crate) issuer: Issuer,
    /// A credential of the operator's.
    pub(crate) given: Option<Submission>,
    pub(crate) randomness: Randomness,
    /// What a consumer read.
    pub(crate) shown: Vec<Shown>,
    pub(crate) left_behind: Vec<String>,
}

/// Nothing to go on with; the tests that follow are skipped.
pub(crate) struct End;

pub(super) const READ: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly";
const WRITE: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert";
const PROFILE_READ: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.readonly";
const PROFILE_WRITE: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.update";

impl Route {
    /// Runs all tests.
    pub(crate) async fn run(&mut self, run: &mut Run) -> Result<(), End> {
        let submissions = self.issue(run).await.ok_or(End)?;
        let http = self.http.clone();
        let document = run
            .test("discovery.open", description::open(&http, &self.base))
            .await
            .ok_or(End)?;
        run.test("discovery.members", async {
            description::members(&http, &document).with(())
        })
        .await;
        let description = match Description::read(&http, &self.base, document) {
            Ok(description) => description,
            Err(stop) => {
                run.stop("discovery.operations", stop);
                return Err(End);
            }
        };
        run.test("discovery.operations", async { description.operations().with(()) })
            .await;

        let redirect_uri = self.operator.redirect_uri.clone();
        let metadata = registration::metadata(&description, &redirect_uri);
        let client = run
            .test(
                "registration.response",
                registration::response(&http, &description, &metadata),
            )
            .await;
        let client = client.ok_or(End)?;
        run.test(
            "registration.required-members",
            registration::required_members(&http, &description, &metadata),
        )
        .await;
        run.test("registration.urls", registration::urls(&http, &description, &metadata))
            .await;

        let scopes = description.wanted_scopes();
        let request = |scopes: &[String], randomness: &Randomness| Request::new(&redirect_uri, scopes, randomness);
        let stray = request(&scopes, &self.randomness);
        run.test(
            "authorization.error",
            authorization::error(&http, &description, &client, &stray),
        )
        .await;
        run.test(
            "authorization.unknown-redirect-uri",
            authorization::unknown_redirect_uri(&http, &description, &client, stray),
        )
        .await;
        let asked = request(&scopes, &self.randomness);
        let code = authorization::code(&http, &description, &client, &mut self.operator, asked);
        let code = run.test("authorization.code", code).await.ok_or(End)?;

        let endpoint = Endpoint {
            http: &http,
            description: &description,
            client: &client,
        };
        run.test("token.errors", endpoint.refuse(&redirect_uri)).await;
        let tokens = run.test("token.response", endpoint.redeem(&code)).await.ok_or(End)?;

        let api = Api {
            http: &http,
            description: &description,
            token: &tokens.access,
        };
        self.statuses(run, api, &tokens).await;
        let mut there = self.write(run, api, &tokens, submissions).await;
        self.read(run, api, &tokens, &there).await;
        self.profile(run, api, &tokens).await;

        self.second_visit(run, endpoint, &redirect_uri).await;

        let renewed = self.refresh(run, endpoint, &tokens).await;
        let latest = renewed.as_ref().unwrap_or(&tokens);
        if run.refreshed {
            self.again(
                run,
                Api {
                    token: &latest.access,
                    ..api
                },
                latest,
                &mut there,
            )
            .await;
        }
        run.refreshed = false;
        self.revocation(run, endpoint, latest).await;
        Ok(())
    }

    /// `issuer.credential`: three records, the first of them twice; the operator's own, if there is one, is what counts.
    async fn issue(&mut self, run: &mut Run) -> Option<Submissions> {
        let work = async {
            let issue = async |securing, id: &str, hours_ago| {
                let issued = self.issuer.issue(securing, id, hours_ago).await;
                issued.map_err(|failure| Stop::failed(failure.to_string()))
            };
            let ids: [String; 5] = std::array::from_fn(|_| self.issuer.new_id());
            let submissions = Submissions {
                first: [
                    issue(Securing::Eddsa, &ids[0], 5).await?,
                    issue(Securing::Eddsa, &ids[1], 4).await?,
                    issue(Securing::Eddsa, &ids[2], 3).await?,
                ],
                newer: issue(Securing::Eddsa, &ids[1], 2).await?,
                jws: issue(Securing::Jwt, &ids[3], 2).await?,
                ecdsa: issue(Securing::Ecdsa, &ids[4], 2).await?,
            };
            let judged = self.given.as_ref().unwrap_or(&submissions.first[0]);
            let verdict = verify::verdict(Arc::new(judged.document()), Policy::Strict, Contexts::standard()).await;
            let mut faults = Faults::default();
            for check in verdict.obstacles() {
                faults.add(format!("{}{}: {}", check.name, check.pointer, check.reason));
            }
            self.http
                .notebook
                .remark(format!("{} is {}", judged.id, verdict.outcome()));
            faults.with(submissions)
        };
        run.test("issuer.credential", work).await
    }

    async fn statuses(&self, run: &mut Run, api: Api<'_>, tokens: &Tokens) {
        run.test("status.no-token", status::no_token(api)).await;
        run.test("status.bad-token", status::bad_token(api)).await;
        run.test(
            "status.bad-parameter",
            unless_granted(tokens, READ, status::bad_parameter(api)),
        )
        .await;
        run.test("status.bad-body", unless_granted(tokens, WRITE, status::bad_body(api)))
            .await;
        run.test("status.wrong-method", status::wrong_method(api)).await;
        run.test("status.unknown-path", status::unknown_path(api)).await;
    }

    /// What is there afterwards, the oldest first.
    async fn write(
        &mut self,
        run: &mut Run,
        api: Api<'_>,
        tokens: &Tokens,
        submissions: Submissions,
    ) -> Vec<Submission> {
        let Submissions {
            first,
            newer,
            jws,
            ecdsa,
        } = submissions;
        let created = unless_granted(tokens, WRITE, write::created(api, &first));
        if run.test("write.created", created).await.is_none() {
            for id in [
                "write.repeated",
                "write.replaced",
                "write.jws",
                "write.ecdsa-rdfc-2019",
                "write.preserved",
                "write.given",
            ] {
                let nothing_more = "nothing can be written";
                run.stop(
                    id,
                    if tokens.allow(WRITE) {
                        Stop::skipped(nothing_more)
                    } else {
                        Stop::not_offered(nothing_more)
                    },
                );
            }
            return Vec::new();
        }
        let [oldest, replaced, last] = first;
        run.test("write.repeated", write::repeated(api, &oldest)).await;
        let mut there = vec![oldest, last];
        let is_newer = run.test("write.replaced", write::replaced(api, &newer)).await.is_some();
        there.insert(1, if is_newer { newer } else { replaced });
        if run.test("write.jws", write::jws(api, &jws)).await.is_some() {
            there.push(jws);
        }
        if run
            .test("write.ecdsa-rdfc-2019", write::ecdsa(api, &ecdsa))
            .await
            .is_some()
        {
            there.push(ecdsa);
        }
        match self.given.take() {
            None => run.stop("write.given", Stop::not_offered("no file was named with --credential")),
            Some(given) => {
                if run.test("write.given", write::given(api, &given)).await.is_some() {
                    there.push(given);
                }
            }
        }
        run.test(
            "write.preserved",
            unless_granted(tokens, READ, write::preserved(api, &there)),
        )
        .await;
        self.left_behind
            .extend(there.iter().map(|submission| submission.id.clone()));
        there
    }

    async fn read(&mut self, run: &mut Run, api: Api<'_>, tokens: &Tokens, there: &[Submission]) {
        let shown = run
            .test("read.credentials", unless_granted(tokens, READ, read::credentials(api)))
            .await;
        self.shown = shown.unwrap_or_default();
        run.test(
            "read.total-count",
            unless_granted(tokens, READ, links::total_count(api, there.len())),
        )
        .await;
        run.test("read.links", unless_granted(tokens, READ, links::relations(api)))
            .await;
        run.test("read.pages", unless_granted(tokens, READ, read::pages(api)))
            .await;
        // Of a JWS, the list does not show the id.
        let json: Vec<Submission> = there
            .iter()
            .filter(|one| one.media_type != "text/plain")
            .take(3)
            .cloned()
            .collect();
        run.test("read.since", unless_granted(tokens, READ, links::since(api, &json)))
            .await;
    }

    async fn profile(&self, run: &mut Run, api: Api<'_>, tokens: &Tokens) {
        let offered = |method, scope| api.description.has(method, "/profile") && api.description.offers(scope);
        if !offered("get", PROFILE_READ) {
            for id in ["profile.read", "profile.write"] {
                run.stop(id, Stop::not_offered("the service description has no getProfile"));
            }
            return;
        }
        let profile = run
            .test("profile.read", unless_granted(tokens, PROFILE_READ, profile::read(api)))
            .await;
        match profile {
            None => run.stop("profile.write", Stop::skipped("there is no profile to write back")),
            Some(_) if !offered("put", PROFILE_WRITE) => {
                run.stop(
                    "profile.write",
                    Stop::not_offered("the service description has no putProfile"),
                );
            }
            Some(profile) => {
                run.test(
                    "profile.write",
                    unless_granted(tokens, PROFILE_WRITE, profile::write(api, &profile)),
                )
                .await;
            }
        }
    }

    /// All of it once more, with a refreshed token.
    async fn again(&mut self, run: &mut Run, api: Api<'_>, tokens: &Tokens, there: &mut Vec<Submission>) {
        let fresh = self.issuer.issue(Securing::Eddsa, &self.issuer.new_id(), 1).await;
        match fresh {
            Ok(fresh) => {
                let fresh = [fresh];
                let created = unless_granted(tokens, WRITE, write::created(api, &fresh));
                if run.test("write.created", created).await.is_some() {
                    self.left_behind.push(fresh[0].id.clone());
                    there.extend(fresh);
                }
            }
            Err(failure) => run.stop("write.created", Stop::skipped(failure.to_string())),
        }
        run.test(
            "write.preserved",
            unless_granted(tokens, READ, write::preserved(api, there)),
        )
        .await;
        self.read(run, api, tokens, there).await;
        self.profile(run, api, tokens).await;
    }
}

/// The records of a run.
#[derive(Debug)]
struct Submissions {
    first: [Submission; 3],
    /// Of the second one.
    newer: Submission,
    jws: Submission,
    ecdsa: Submission,
}

/// The test, where the learner granted what it needs.
async fn unless_granted<T>(tokens: &Tokens, scope: &str, test: impl Future<Output = Tested<T>>) -> Tested<T> {
    if tokens.allow(scope) {
        test.await
    } else {
        Err(Stop::not_offered(format!("{scope} is not granted")))
    }
}
