//! Promises about a learner's credentials.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use clr_core::{
    Patience, Randomness, Table, TableError,
    learners::{Account, LearnerId},
    table::credentials::{CredentialPage, Form, PageRequest, StoredCredential, SubmittedCredential, Upserted},
    verification::{Judgement, State},
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::engine::Engine;

crate::promises![
    a_new_credential_is_created_and_comes_back_byte_for_byte,
    a_jws_comes_back_as_a_jws,
    identical_bytes_are_told_and_not_written,
    a_newer_version_replaces_and_an_older_one_does_not,
    an_equal_issue_time_with_other_bytes_replaces,
    the_same_credential_by_32_tasks_ends_as_one,
    versions_by_32_tasks_end_with_the_newest,
    different_credentials_by_8_tasks_leave_no_gap_and_no_duplicate,
    a_long_body_comes_back_byte_for_byte,
    a_shorter_body_leaves_nothing_of_a_longer_one,
    a_reader_never_sees_half_of_a_replacement,
    what_could_not_be_listed_is_too_large,
    the_longest_body_that_a_request_can_hold_is_kept,
    pages_follow_the_order_of_arrival,
    an_offset_past_the_end_gives_an_empty_page_with_the_total,
    a_page_ends_where_its_bodies_would_be_too_long_for_one_response,
    bodies_that_one_batch_cannot_hold_are_all_listed,
    since_is_strictly_later_and_counts_its_own_total,
    a_replacement_moves_in_time_and_not_in_the_list,
    learners_do_not_see_each_other,
    a_credential_that_is_not_there_is_none,
    patience_that_is_over_gives_busy,
    a_credential_is_kept_in_the_state_in_which_it_came_last,
    states_by_32_tasks_leave_one_credential_in_one_of_them,
];

async fn a_new_credential_is_created_and_comes_back_byte_for_byte(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let text = "  {\"name\" :\"Zoë\",\n \"b\":1.0, \"a\": 1e2}\n";
    assert_eq!(shelf.upsert("one", JANUARY, text).await.unwrap(), Upserted::Created);
    assert_eq!(shelf.find("one").await.as_deref(), Some(text));
    assert_eq!(shelf.texts(PAGE).await, [text]);
}

async fn a_jws_comes_back_as_a_jws(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let submitted = SubmittedCredential {
        clr_credential_id: "one",
        issued: time(JANUARY),
        form: Form::Jws,
        text: "aaa.bbb.ccc",
        judgement: judged(State::Valid),
    };
    shelf
        .table
        .upsert_credential(&shelf.learner, &submitted, shelf.patience())
        .await
        .unwrap();
    let expected = StoredCredential {
        form: Form::Jws,
        text: "aaa.bbb.ccc".to_owned(),
    };
    assert_eq!(shelf.page(PAGE).await.credentials, [expected]);
}

async fn identical_bytes_are_told_and_not_written(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.upsert("one", JANUARY, "{}").await.unwrap();
    assert_eq!(shelf.upsert("one", JANUARY, "{}").await.unwrap(), Upserted::Identical);
    assert_eq!(shelf.page(PAGE).await.total, 1);
}

async fn a_newer_version_replaces_and_an_older_one_does_not(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.upsert("one", FEBRUARY, "second").await.unwrap();
    assert_eq!(shelf.upsert("one", JANUARY, "first").await.unwrap(), Upserted::Older);
    assert_eq!(shelf.find("one").await.as_deref(), Some("second"));
    assert_eq!(shelf.upsert("one", MARCH, "third").await.unwrap(), Upserted::Replaced);
    assert_eq!(shelf.texts(PAGE).await, ["third"]);
}

async fn an_equal_issue_time_with_other_bytes_replaces(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.upsert("one", "2026-01-01T00:00:00Z", "first").await.unwrap();
    assert_eq!(
        shelf
            .upsert("one", "2026-01-01T01:00:00+01:00", "second")
            .await
            .unwrap(),
        Upserted::Replaced
    );
    assert_eq!(shelf.texts(PAGE).await, ["second"]);
}

async fn the_same_credential_by_32_tasks_ends_as_one(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let posts = (0..32).map(|_| {
        let shelf = shelf.clone();
        tokio::spawn(async move { shelf.upsert("one", JANUARY, "{\"one\":1}").await.unwrap() })
    });
    let mut outcomes = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        outcomes.push(post.await.unwrap());
    }
    assert_eq!(
        outcomes.iter().filter(|outcome| **outcome == Upserted::Created).count(),
        1,
        "{outcomes:?}"
    );
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Upserted::Identical)
            .count(),
        31,
        "{outcomes:?}"
    );
    assert_eq!(shelf.page(PAGE).await.total, 1);
    assert_eq!(shelf.texts(PAGE).await, ["{\"one\":1}"]);
}

async fn versions_by_32_tasks_end_with_the_newest(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let posts = (0..32).map(|number| {
        let shelf = shelf.clone();
        let issued = format!("2026-01-01T00:00:{number:02}Z");
        tokio::spawn(async move {
            shelf
                .upsert("one", &issued, &format!("version {number}"))
                .await
                .unwrap()
        })
    });
    let mut created = 0;
    for post in posts.collect::<Vec<_>>() {
        created += u32::from(post.await.unwrap() == Upserted::Created);
    }
    assert_eq!(created, 1);
    assert_eq!(shelf.texts(PAGE).await, ["version 31"]);
}

async fn different_credentials_by_8_tasks_leave_no_gap_and_no_duplicate(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let tasks = (0..8).map(|task| {
        let shelf = shelf.clone();
        tokio::spawn(async move {
            for number in 0..25 {
                let id = format!("{task}-{number}");
                assert_eq!(shelf.upsert(&id, JANUARY, &id).await.unwrap(), Upserted::Created);
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut seen = Vec::new();
    for offset in [0, 100] {
        let page = shelf
            .page(PageRequest {
                limit: 100,
                offset,
                since: None,
            })
            .await;
        assert_eq!((page.credentials.len(), page.total), (100, 200));
        seen.extend(page.credentials.into_iter().map(|credential| credential.text));
    }
    let posted: BTreeSet<String> = (0..8)
        .flat_map(|task| (0..25).map(move |n| format!("{task}-{n}")))
        .collect();
    assert_eq!(seen.len(), 200);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), posted);
}

async fn a_long_body_comes_back_byte_for_byte(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let text = noise(1_200_000, 1);
    shelf.upsert("one", JANUARY, &text).await.unwrap();
    assert!(shelf.find("one").await.unwrap() == text);
    assert!(shelf.texts(PAGE).await == [text]);
}

async fn a_shorter_body_leaves_nothing_of_a_longer_one(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let long = noise(1_200_000, 1);
    shelf.upsert("one", JANUARY, &long).await.unwrap();
    assert_eq!(
        shelf.upsert("one", FEBRUARY, "short").await.unwrap(),
        Upserted::Replaced
    );
    assert_eq!(shelf.texts(PAGE).await, ["short"]);
    // COUNT, ID and ORD: the parts are gone.
    assert_eq!(engine.item_count().await, 3);
    assert_eq!(shelf.upsert("one", MARCH, &long).await.unwrap(), Upserted::Replaced);
    assert!(shelf.texts(PAGE).await == [long]);
}

async fn a_reader_never_sees_half_of_a_replacement(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let versions = Arc::new([noise(1_200_000, 1), noise(900_000, 2)]);
    shelf.upsert("one", JANUARY, &versions[0]).await.unwrap();
    let writer = {
        let (shelf, versions) = (shelf.clone(), versions.clone());
        tokio::spawn(async move {
            for number in 1..=20 {
                let issued = format!("2026-02-01T00:00:{number:02}Z");
                let outcome = shelf.upsert("one", &issued, &versions[number % 2]).await.unwrap();
                assert_eq!(outcome, Upserted::Replaced);
            }
        })
    };
    let mut seen = 0;
    while !writer.is_finished() {
        let (found, listed) = (shelf.find("one").await.unwrap(), shelf.texts(PAGE).await);
        assert!(versions.contains(&found), "half a body was found");
        assert!(
            listed.len() == 1 && versions.contains(&listed[0]),
            "half a body was listed"
        );
        seen += 1;
    }
    writer.await.unwrap();
    assert!(seen > 0);
}

async fn what_could_not_be_listed_is_too_large(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    // 2.9 MB of quotes are 5.8 MB inside the JSON string that Lambda makes of a response.
    let quotes = "\"".repeat(2_900_000);
    assert!(matches!(
        shelf.upsert("one", JANUARY, &quotes).await,
        Err(TableError::TooLarge)
    ));
    let noise = noise(5_600_000, 1);
    assert!(matches!(
        shelf.upsert("one", JANUARY, &noise).await,
        Err(TableError::TooLarge)
    ));
    assert_eq!(shelf.page(PAGE).await.total, 0);
}

async fn the_longest_body_that_a_request_can_hold_is_kept(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let text = noise(4_000_000, 1);
    assert_eq!(shelf.upsert("one", JANUARY, &text).await.unwrap(), Upserted::Created);
    assert!(shelf.texts(PAGE).await == [text]);
}

async fn pages_follow_the_order_of_arrival(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.fill(7).await;
    assert_eq!(
        shelf
            .texts(PageRequest {
                limit: 3,
                offset: 0,
                since: None
            })
            .await,
        ["0", "1", "2"]
    );
    assert_eq!(
        shelf
            .texts(PageRequest {
                limit: 3,
                offset: 3,
                since: None
            })
            .await,
        ["3", "4", "5"]
    );
    assert_eq!(
        shelf
            .texts(PageRequest {
                limit: 3,
                offset: 6,
                since: None
            })
            .await,
        ["6"]
    );
}

async fn an_offset_past_the_end_gives_an_empty_page_with_the_total(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let nothing = CredentialPage {
        credentials: Vec::new(),
        total: 0,
    };
    assert_eq!(shelf.page(PAGE).await, nothing);
    shelf.fill(2).await;
    let past = PageRequest {
        limit: 100,
        offset: 2_147_483_647,
        since: None,
    };
    assert_eq!(shelf.page(past).await, CredentialPage { total: 2, ..nothing });
}

async fn a_page_ends_where_its_bodies_would_be_too_long_for_one_response(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    // Compressed they are tiny; what counts is the response.
    let long = "1".repeat(2_000_000);
    for id in ["one", "two", "three"] {
        shelf.upsert(id, JANUARY, &long).await.unwrap();
    }
    let first = shelf.page(PAGE).await;
    assert_eq!((first.credentials.len(), first.total), (2, 3));
    let second = shelf.page(PageRequest { offset: 2, ..PAGE }).await;
    assert_eq!((second.credentials.len(), second.total), (1, 3));
}

async fn bodies_that_one_batch_cannot_hold_are_all_listed(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    // 50 items of 340 KB: BatchGetItem gives 16 MB at a time.
    for number in 0..50 {
        shelf
            .upsert(&number.to_string(), JANUARY, &noise(450_000, number))
            .await
            .unwrap();
    }
    let mut offset = 0;
    while offset < 50 {
        let page = shelf
            .page(PageRequest {
                limit: 100,
                offset,
                since: None,
            })
            .await;
        assert!(page.total == 50 && !page.credentials.is_empty());
        for credential in page.credentials {
            assert!(credential.text == noise(450_000, offset), "the body at {offset}");
            offset += 1;
        }
    }
}

async fn since_is_strictly_later_and_counts_its_own_total(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.upsert("one", MARCH, "march").await.unwrap();
    shelf.upsert("two", JANUARY, "january").await.unwrap();
    shelf
        .upsert("three", "2026-02-01T00:00:00.5Z", "february and a half second")
        .await
        .unwrap();
    shelf.upsert("four", FEBRUARY, "february").await.unwrap();
    let since = |text: &str| PageRequest {
        since: Some(time(text)),
        ..PAGE
    };
    let page = shelf.page(since(FEBRUARY)).await;
    assert_eq!(page.total, 2);
    assert_eq!(
        shelf.texts(since(FEBRUARY)).await,
        ["march", "february and a half second"]
    );
    assert_eq!(shelf.texts(since("2026-02-01T00:59:59+01:00")).await.len(), 3);
    let second = shelf
        .page(PageRequest {
            limit: 1,
            offset: 1,
            since: Some(time(FEBRUARY)),
        })
        .await;
    assert_eq!((second.credentials.len(), second.total), (1, 2));
    assert_eq!(
        shelf.page(since(MARCH)).await,
        CredentialPage {
            credentials: Vec::new(),
            total: 0
        }
    );
}

async fn a_replacement_moves_in_time_and_not_in_the_list(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.fill(3).await;
    shelf.upsert("id 0", MARCH, "replaced").await.unwrap();
    assert_eq!(shelf.texts(PAGE).await, ["replaced", "1", "2"]);
    assert_eq!(
        shelf
            .texts(PageRequest {
                since: Some(time(FEBRUARY)),
                ..PAGE
            })
            .await,
        ["replaced"]
    );
}

async fn learners_do_not_see_each_other(engine: Engine) {
    let (ada, bob) = (Shelf::of("ada", &engine), Shelf::of("bob", &engine));
    ada.upsert("one", JANUARY, "ada's").await.unwrap();
    assert_eq!(bob.find("one").await, None);
    assert_eq!(bob.page(PAGE).await.total, 0);
    assert_eq!(bob.upsert("one", JANUARY, "bob's").await.unwrap(), Upserted::Created);
    assert_eq!(ada.texts(PAGE).await, ["ada's"]);
}

async fn a_credential_that_is_not_there_is_none(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    assert_eq!(shelf.find("one").await, None);
}

async fn patience_that_is_over_gives_busy(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let tasks = (0..16).map(|number| {
        let shelf = shelf.clone();
        tokio::spawn(async move {
            let id = number.to_string();
            let submitted = SubmittedCredential {
                clr_credential_id: &id,
                issued: time(JANUARY),
                form: Form::Json,
                text: &id,
                judgement: judged(State::Valid),
            };
            let patience = Patience::until(Instant::now(), &shelf.randomness);
            shelf
                .table
                .upsert_credential(&shelf.learner, &submitted, patience)
                .await
        })
    });
    let (mut created, mut busy) = (0, 0);
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            Ok(Upserted::Created) => created += 1,
            Err(TableError::Busy(_)) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(created > 0 && busy > 0, "{created} created, {busy} busy");
    assert_eq!(shelf.page(PAGE).await.total, created, "busy means not written");
}

async fn a_credential_is_kept_in_the_state_in_which_it_came_last(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    shelf.upsert_in(State::Expired, "one", JANUARY, "{}").await.unwrap();
    assert_eq!(shelf.state("one").await, State::Expired);
    let again = shelf.upsert_in(State::Revoked, "one", JANUARY, "{}").await.unwrap();
    assert_eq!((again, shelf.state("one").await), (Upserted::Identical, State::Revoked));
    assert_eq!(shelf.texts(PAGE).await, ["{}"]);
    let newer = shelf.upsert_in(State::Valid, "one", MARCH, "{ }").await.unwrap();
    assert_eq!((newer, shelf.state("one").await), (Upserted::Replaced, State::Valid));
    let older = shelf.upsert_in(State::Revoked, "one", JANUARY, "{}").await.unwrap();
    assert_eq!((older, shelf.state("one").await), (Upserted::Older, State::Valid));
}

async fn states_by_32_tasks_leave_one_credential_in_one_of_them(engine: Engine) {
    let shelf = Shelf::of("ada", &engine);
    let posts = (0..32).map(|number| {
        let shelf = shelf.clone();
        let state = [State::Valid, State::Revoked][number % 2];
        tokio::spawn(async move { shelf.upsert_in(state, "one", JANUARY, "{}").await.unwrap() })
    });
    let mut created = 0;
    for post in posts.collect::<Vec<_>>() {
        created += u32::from(post.await.unwrap() == Upserted::Created);
    }
    assert_eq!(created, 1);
    assert!([State::Valid, State::Revoked].contains(&shelf.state("one").await));
    assert_eq!(shelf.texts(PAGE).await, ["{}"]);
}

const JANUARY: &str = "2026-01-01T00:00:00Z";
const FEBRUARY: &str = "2026-02-01T00:00:00Z";
const MARCH: &str = "2026-03-01T00:00:00Z";
const PAGE: PageRequest = PageRequest {
    limit: 100,
    offset: 0,
    since: None,
};

/// A learner's credentials.
#[derive(Clone)]
struct Shelf {
    table: Table,
    learner: LearnerId,
    randomness: Arc<Randomness>,
}

impl Shelf {
    fn of(learner: &str, engine: &Engine) -> Self {
        let table = engine.table.clone();
        let account = Account {
            issuer: "https://idp.example".to_owned(),
            subject: learner.to_owned(),
        };
        let learner = LearnerId::of(table.tenant(), &account);
        Self {
            table,
            learner,
            randomness: Arc::new(Randomness::operating_system()),
        }
    }

    fn patience(&self) -> Patience<'_> {
        Patience::until(Instant::now() + Duration::from_secs(60), &self.randomness)
    }

    async fn upsert(&self, id: &str, issued: &str, text: &str) -> Result<Upserted, TableError> {
        self.upsert_in(State::Valid, id, issued, text).await
    }

    async fn upsert_in(&self, state: State, id: &str, issued: &str, text: &str) -> Result<Upserted, TableError> {
        let submitted = SubmittedCredential {
            clr_credential_id: id,
            issued: time(issued),
            form: Form::Json,
            text,
            judgement: judged(state),
        };
        self.table
            .upsert_credential(&self.learner, &submitted, self.patience())
            .await
    }

    /// Credentials `id 0`, `id 1`, … with the texts `0`, `1`, …
    async fn fill(&self, count: usize) {
        for number in 0..count {
            self.upsert(&format!("id {number}"), JANUARY, &number.to_string())
                .await
                .unwrap();
        }
    }

    async fn find(&self, id: &str) -> Option<String> {
        let found = self
            .table
            .find_credential(&self.learner, id, self.patience())
            .await
            .unwrap();
        found.map(|found| found.credential.text)
    }

    async fn state(&self, id: &str) -> State {
        let found = self.table.find_credential(&self.learner, id, self.patience()).await;
        found.unwrap().unwrap().judgement.state
    }

    async fn page(&self, request: PageRequest) -> CredentialPage {
        self.table
            .list_credentials(&self.learner, request, self.patience())
            .await
            .unwrap()
    }

    async fn texts(&self, request: PageRequest) -> Vec<String> {
        self.page(request)
            .await
            .credentials
            .into_iter()
            .map(|credential| credential.text)
            .collect()
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// In this state, at some time.
fn judged(state: State) -> Judgement {
    Judgement {
        state,
        nested: State::Valid,
        at: time(MARCH),
    }
}

/// Text that compresses to three quarters of itself, the same for the same seed.
fn noise(length: usize, seed: u64) -> String {
    let randomness = Randomness::seeded(seed);
    let mut text = String::with_capacity(length + 43);
    while text.len() < length {
        text.push_str(randomness.secret().reveal());
    }
    text.truncate(length);
    text
}
