//! Promises about the audit.

use clr_core::{
    Randomness, TableError,
    audit::{Act, AuditEntry, SignedDocument},
    table::AuditPosition,
};
use jiff::{SignedDuration, Timestamp};

use crate::engine::Engine;

crate::promises![
    an_act_comes_back_as_it_was_written,
    an_act_is_never_overwritten,
    acts_come_in_the_order_of_time_over_days_and_pages,
    a_range_begins_with_its_start_and_ends_before_its_end,
    acts_by_8_tasks_in_one_instant_are_all_kept,
    more_documents_than_an_item_can_name_are_too_large,
];

fn noon() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn act(subject: &str, at: Timestamp, randomness: &Randomness) -> AuditEntry {
    AuditEntry::new(Act::Issue, "client-1", subject, at, randomness)
}

async fn all(engine: &Engine, since: Timestamp, until: Timestamp, page: usize) -> Vec<String> {
    let mut next = Some(AuditPosition::since(since));
    let mut subjects = Vec::new();
    while let Some(position) = next {
        let page = engine.table.audit(position, until, page).await.unwrap();
        subjects.extend(page.entries.into_iter().map(|entry| entry.subject));
        next = page.next;
    }
    subjects
}

async fn an_act_comes_back_as_it_was_written(engine: Engine) {
    let mut entry = act("urn:uuid:1", noon(), &Randomness::seeded(1));
    entry.digest = Some("sha256-AAAA".to_owned());
    entry.keys = vec!["did:web:college.example#z6Mk".to_owned()];
    entry.signed = vec![SignedDocument {
        id: "urn:uuid:1".to_owned(),
        kms_requests: vec!["request-1".to_owned()],
    }];
    entry.note = Some("revocation".to_owned());
    engine.table.append_audit(&entry).await.unwrap();
    // The SDK repeats a request whose answer was lost.
    engine.table.append_audit(&entry).await.unwrap();
    let second = SignedDuration::from_secs(1);
    let page = engine
        .table
        .audit(AuditPosition::since(noon()), noon() + second, 10)
        .await;
    assert_eq!(page.unwrap().entries, [entry]);
}

async fn an_act_is_never_overwritten(engine: Engine) {
    let entry = act("urn:uuid:1", noon(), &Randomness::seeded(1));
    engine.table.append_audit(&entry).await.unwrap();
    let mut forged = entry.clone();
    forged.actor = "somebody-else".to_owned();
    engine.table.append_audit(&forged).await.unwrap_err();
    let second = SignedDuration::from_secs(1);
    let page = engine
        .table
        .audit(AuditPosition::since(noon()), noon() + second, 10)
        .await;
    assert_eq!(page.unwrap().entries, [entry]);
}

async fn acts_come_in_the_order_of_time_over_days_and_pages(engine: Engine) {
    let randomness = Randomness::seeded(1);
    let step = SignedDuration::from_hours(7);
    let mut expected = Vec::new();
    for number in 0..12 {
        let subject = format!("urn:example:{number}");
        engine
            .table
            .append_audit(&act(&subject, noon() + step * number, &randomness))
            .await
            .unwrap();
        expected.push(subject);
    }
    for page in [1, 2, 5, 12, 100] {
        assert_eq!(
            all(&engine, noon(), noon() + step * 12, page).await,
            expected,
            "pages of {page}"
        );
    }
}

async fn a_range_begins_with_its_start_and_ends_before_its_end(engine: Engine) {
    let randomness = Randomness::seeded(1);
    let second = SignedDuration::from_secs(1);
    for number in 0..3 {
        engine
            .table
            .append_audit(&act(&number.to_string(), noon() + second * number, &randomness))
            .await
            .unwrap();
    }
    assert_eq!(all(&engine, noon() + second, noon() + second * 2, 10).await, ["1"]);
    assert_eq!(
        all(&engine, noon() + second, noon() + second, 10).await,
        Vec::<String>::new()
    );
    assert_eq!(
        all(&engine, noon() + second * 2, noon(), 10).await,
        Vec::<String>::new()
    );
}

async fn acts_by_8_tasks_in_one_instant_are_all_kept(engine: Engine) {
    let tasks = (0..8).map(|task| {
        let table = engine.table.clone();
        tokio::spawn(async move {
            let randomness = Randomness::seeded(task);
            for _ in 0..10 {
                table
                    .append_audit(&act("urn:example:1", noon(), &randomness))
                    .await
                    .unwrap();
            }
        })
    });
    futures::future::try_join_all(tasks).await.unwrap();
    assert_eq!(
        all(&engine, noon(), noon() + SignedDuration::from_secs(1), 7)
            .await
            .len(),
        80
    );
}

async fn more_documents_than_an_item_can_name_are_too_large(engine: Engine) {
    let mut entry = act("urn:uuid:1", noon(), &Randomness::seeded(1));
    let document = SignedDocument {
        id: "urn:uuid:00000000-0000-4000-8000-000000000000".to_owned(),
        kms_requests: vec!["00000000-0000-4000-8000-000000000000".to_owned(); 2],
    };
    // Two signatures of this many documents are written down.
    entry.signed = vec![document.clone(); 2_000];
    engine.table.append_audit(&entry).await.unwrap();
    entry.signed = vec![document; 4_000];
    let error = engine.table.append_audit(&entry).await.unwrap_err();
    assert!(matches!(error, TableError::TooLarge), "{error}");
}
