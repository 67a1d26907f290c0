//! What is asked of the server, how often, and why.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use clr_core::Randomness;
use futures::{StreamExt as _, stream};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tests::served::{Served, ServiceClient, free_port, http_client, signed, small_record};

/// An operation, its share of all requests in hundredths, and the reason for it.
pub(crate) struct Share {
    pub(crate) operation: Operation,
    pub(crate) name: &'static str,
    pub(crate) hundredths: u64,
    pub(crate) reason: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    List,
    ListSince,
    UpsertNew,
    UpsertIdentical,
    Refresh,
    Verify,
    Discovery,
    Introspect,
    Issue,
    Register,
}

/// The requests of a host at the end of a term: wallets look often and write little, verifiers and the registrar come beside.
pub(crate) const MIX: [Share; 10] = [
    share(
        Operation::List,
        "list, a page of 50",
        36,
        "a wallet that is opened looks; any page",
    ),
    share(
        Operation::ListSince,
        "list since a date",
        6,
        "a wallet that looks for news finds a few",
    ),
    share(
        Operation::UpsertNew,
        "upsert, new",
        8,
        "records are written seldom compared with being read",
    ),
    share(
        Operation::UpsertIdentical,
        "upsert, identical",
        6,
        "clients that repeat themselves",
    ),
    share(
        Operation::Refresh,
        "token, refresh",
        10,
        "an access token lasts an hour, wallets come less often",
    ),
    share(Operation::Verify, "verify", 8, "employers and other schools"),
    share(
        Operation::Discovery,
        "discovery",
        10,
        "clients read it before they begin",
    ),
    share(
        Operation::Introspect,
        "introspection",
        8,
        "services beside this one, and clients in doubt",
    ),
    share(Operation::Issue, "issue", 6, "the registrar at the end of a term"),
    share(Operation::Register, "registration", 2, "rare; here it is four a second"),
];

const fn share(operation: Operation, name: &'static str, hundredths: u64, reason: &'static str) -> Share {
    Share {
        operation,
        name,
        hundredths,
        reason,
    }
}

const LEARNERS: [&str; 3] = ["ada", "ben", "chi"];

/// Of each learner, before anything is measured.
const RECORDS: u64 = 200;

/// Grants whose tokens are refreshed in turn.
const GRANTS: usize = 60;

/// Requests that are under way at the same time while preparing.
const TASKS: usize = 8;

/// Everything that the requests need: made before, so that the time of the run is the server's.
#[derive(Debug)]
pub(crate) struct Prepared {
    http: Client,
    base: String,
    application: ServiceClient,
    operator_token: String,
    learner_tokens: Vec<String>,
    refresh_tokens: Mutex<VecDeque<String>>,
    /// Signed, not delivered yet.
    new: Mutex<Vec<String>>,
    /// Signed and delivered, of each learner.
    known: Vec<Vec<String>>,
    /// How many more each learner has by now.
    delivered: AtomicU64,
    order: Vec<usize>,
}

impl Prepared {
    /// Starts the server in this folder and prepares so many requests of it.
    pub(crate) async fn new(clr: &Path, folder: &Path, requests: u64) -> (Self, Served) {
        // The limit of attempts is for one address, and here all requests have the same.
        let served = Served::start(clr, folder, free_port(), &["--attempts-per-minute", "1000000"]);
        let (http, base) = (http_client(), served.base.clone());
        let application = ServiceClient::register(&http, &base).await;
        let operator = ServiceClient::of_operator(clr, folder, &http, &base);
        let operator_token = operator.own_token().await;
        let mut learner_tokens = Vec::new();
        for learner in LEARNERS {
            learner_tokens.push(application.tokens(learner).await.0);
        }
        let mut refresh_tokens = VecDeque::new();
        for grant in 0..GRANTS {
            refresh_tokens.push_back(application.tokens(LEARNERS[grant % LEARNERS.len()]).await.1);
        }
        let mut prepared = Self {
            order: shuffled(),
            http,
            base,
            application,
            operator_token,
            learner_tokens,
            refresh_tokens: Mutex::new(refresh_tokens),
            new: Mutex::new(Vec::new()),
            known: Vec::new(),
            delivered: AtomicU64::new(0),
        };
        let shares = MIX.iter().filter(|share| share.operation == Operation::UpsertNew);
        let new = requests * shares.map(|share| share.hundredths).sum::<u64>() / 100 + 100;
        let known = RECORDS * LEARNERS.len() as u64;
        let mut records: Vec<_> = stream::iter(0..new + known)
            .map(|number| prepared.sign(number))
            .buffer_unordered(TASKS)
            .collect()
            .await;
        for learner in 0..LEARNERS.len() {
            let of_learner = records.split_off(records.len() - usize::try_from(RECORDS).unwrap());
            let sent = stream::iter(&of_learner).map(|record| prepared.upsert(learner, record.clone()).send());
            let sent: Vec<_> = sent.buffer_unordered(TASKS).collect().await;
            assert!(sent.into_iter().all(|answer| answer.unwrap().status() == 201));
            prepared.known.push(of_learner);
        }
        prepared.new = Mutex::new(records);
        (prepared, served)
    }

    async fn sign(&self, number: u64) -> String {
        let mut record = small_record(&format!("urn:example:record:{number}"));
        record["validFrom"] = json!(date(number));
        signed(&self.http, &self.base, &self.operator_token, &record)
            .await
            .to_string()
    }

    /// What the request with this number asks for, as a place in [`MIX`].
    pub(crate) fn operation(&self, number: u64) -> usize {
        self.order[usize::try_from(number).unwrap() % self.order.len()]
    }

    /// Does it.
    ///
    /// # Errors
    /// What came instead of success.
    pub(crate) async fn run(&self, operation: usize, number: u64) -> Result<(), String> {
        let number_of = |limit: usize| usize::try_from(number).unwrap().wrapping_mul(7_919) % limit;
        let learner = number_of(LEARNERS.len());
        let known = &self.known[learner][number_of(self.known[learner].len())];
        match MIX[operation].operation {
            Operation::List => {
                let delivered = self.delivered.load(Ordering::Relaxed) / LEARNERS.len() as u64;
                let offset = number_of(usize::try_from(RECORDS + delivered).unwrap());
                let request = self.list(learner).query(&[("limit", 50), ("offset", offset)]);
                expect(request, 200).await?;
            }
            Operation::ListSince => {
                expect(self.list(learner).query(&[("since", SINCE)]), 200).await?;
            }
            Operation::UpsertNew => {
                let record = self.new.lock().unwrap().pop().ok_or("no record is left")?;
                expect(self.upsert(learner, record), 201).await?;
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Operation::UpsertIdentical => {
                expect(self.upsert(learner, known.clone()), 200).await?;
            }
            Operation::Refresh => {
                let token = self
                    .refresh_tokens
                    .lock()
                    .unwrap()
                    .pop_front()
                    .ok_or("no grant is free")?;
                let fields = [("grant_type", "refresh_token"), ("refresh_token", &token)];
                let answer = expect(self.application.form("/oauth/token", &fields), 200).await?;
                let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
                let next = answer["refresh_token"].as_str().ok_or("no refresh token")?;
                self.refresh_tokens.lock().unwrap().push_back(next.to_owned());
            }
            Operation::Verify => {
                let request = self.post("/credentials/verify").bearer_auth(&self.operator_token);
                let answer = expect(request.body(known.clone()), 200).await?;
                if !answer.contains("\"verified\":true") {
                    return Err(format!("not verified: {answer}"));
                }
            }
            Operation::Discovery => {
                expect(self.http.get(format!("{}/ims/clr/v2p0/discovery", self.base)), 200).await?;
            }
            Operation::Introspect => {
                let fields = [("token", self.learner_tokens[learner].as_str())];
                let answer = expect(self.application.form("/oauth/introspect", &fields), 200).await?;
                if !answer.contains("\"active\":true") {
                    return Err(format!("not active: {answer}"));
                }
            }
            Operation::Issue => {
                let record = small_record(&format!("urn:example:issued:{number}"));
                let request = self.post("/credentials/issue").bearer_auth(&self.operator_token);
                expect(request.json(&json!({ "credential": record })), 201).await?;
            }
            Operation::Register => {
                expect(ServiceClient::registration(&self.http, &self.base), 201).await?;
            }
        }
        Ok(())
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base));
        request.header("content-type", "application/json")
    }

    fn upsert(&self, learner: usize, record: String) -> RequestBuilder {
        let request = self
            .post("/ims/clr/v2p0/credentials")
            .bearer_auth(&self.learner_tokens[learner]);
        request.body(record)
    }

    fn list(&self, learner: usize) -> RequestBuilder {
        let request = self.http.get(format!("{}/ims/clr/v2p0/credentials", self.base));
        request.bearer_auth(&self.learner_tokens[learner])
    }
}

/// The body of the answer, if it has this status.
async fn expect(request: RequestBuilder, status: u16) -> Result<String, String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let got = answer.status().as_u16();
    let body = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if got == status {
        Ok(body)
    } else {
        Err(format!("{got}: {body}"))
    }
}

/// A day of six years, spread over the numbers.
fn date(number: u64) -> String {
    let day = number * 37 % (6 * 12 * 28);
    let (year, month, day) = (2020 + day / (12 * 28), day / 28 % 12 + 1, day % 28 + 1);
    format!("{year:04}-{month:02}-{day:02}T00:00:00Z")
}

/// Few records are younger.
const SINCE: &str = "2025-10-01T00:00:00Z";

/// Each operation as often as its share says, in an order that is random but always the same.
fn shuffled() -> Vec<usize> {
    let randomness = Randomness::seeded(1);
    let places = MIX.iter().enumerate();
    let all = places.flat_map(|(place, share)| (0..share.hundredths).map(move |_| place));
    let mut keyed: Vec<_> = all
        .map(|place| (randomness.secret().reveal().to_owned(), place))
        .collect();
    keyed.sort();
    keyed.into_iter().map(|(_, place)| place).collect()
}
