//! Promises about status lists.

use std::{collections::BTreeSet, time::Duration};

use clr_core::{
    Patience, Randomness, Table,
    table::status::{SignedList, StatusChange, StatusPlace},
};
use jiff::Timestamp;
use learner_record::{LIST_ENTRIES, StatusPurpose};
use tokio::time::Instant;

use crate::engine::Engine;

crate::promises![
    an_entry_is_given_once_to_8_tasks,
    purposes_have_lists_of_their_own,
    the_entries_of_a_credential_are_found_by_its_id,
    a_full_list_gives_way_to_another_one,
    none_of_10_000_changes_by_8_tasks_is_lost,
    changes_of_one_request_reach_all_segments,
    a_change_that_is_made_already_counts_again,
    a_revocation_is_never_taken_back_whoever_asks_at_the_same_time,
    what_each_bit_was_is_told_in_order,
    many_states_are_told_in_order_and_none_of_an_unknown_list,
    a_signed_list_never_gives_way_to_an_older_one,
    one_at_a_time_may_sign,
    every_list_is_listed,
    an_unknown_list_is_none,
];

const SECONDS: u64 = 30;

struct Lists {
    table: Table,
    randomness: Randomness,
}

impl Lists {
    fn of(engine: &Engine) -> Self {
        Self {
            table: engine.table.clone(),
            randomness: Randomness::operating_system(),
        }
    }

    fn patience(&self) -> Patience<'_> {
        Patience::until(Instant::now() + Duration::from_secs(SECONDS), &self.randomness)
    }

    async fn assign(&self, purpose: StatusPurpose, ids: &[&str]) -> Vec<StatusPlace> {
        let assigned = self.table.assign_status_entries(purpose, ids, now(), self.patience());
        assigned.await.unwrap()
    }

    async fn change(&self, changes: &[StatusChange]) -> Vec<bool> {
        self.table.change_status(changes, self.patience()).await.unwrap()
    }

    async fn set(&self, list: uuid::Uuid) -> BTreeSet<usize> {
        let bits = self.table.status_bits(list, self.patience()).await.unwrap();
        assert_eq!(bits.bits(), LIST_ENTRIES);
        (0..LIST_ENTRIES).filter(|index| bits.get(*index).unwrap()).collect()
    }

    async fn changes(&self, list: uuid::Uuid) -> u64 {
        let found = self.table.status_list(list, self.patience()).await.unwrap();
        found.unwrap().0.changes
    }
}

fn now() -> Timestamp {
    "2026-01-15T09:30:00Z".parse().unwrap()
}

fn at(place: StatusPlace, index: usize) -> StatusPlace {
    StatusPlace { index, ..place }
}

async fn an_entry_is_given_once_to_8_tasks(engine: Engine) {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let lists = Lists::of(&engine);
        tasks.spawn(async move {
            let mut places = Vec::new();
            for record in 0..4 {
                let ids: Vec<_> = (0..63).map(|nested| format!("urn:{task}:{record}:{nested}")).collect();
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                places.extend(lists.assign(StatusPurpose::Revocation, &ids).await);
            }
            places
        });
    }
    let places: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let lists: BTreeSet<_> = places.iter().map(|place| place.list).collect();
    assert_eq!(lists.len(), 1, "a list was opened although there was room in another");
    assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), 8 * 4 * 63);
    assert!(places.iter().all(|place| place.index < LIST_ENTRIES));
}

async fn purposes_have_lists_of_their_own(engine: Engine) {
    let lists = Lists::of(&engine);
    let revocation = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    let suspension = lists.assign(StatusPurpose::Suspension, &["urn:a"]).await[0];
    assert_ne!(revocation.list, suspension.list);
    for place in [revocation, suspension] {
        let (head, signed) = lists
            .table
            .status_list(place.list, lists.patience())
            .await
            .unwrap()
            .unwrap();
        assert_eq!((head.purpose().unwrap(), signed), (place.purpose, None));
    }
}

async fn the_entries_of_a_credential_are_found_by_its_id(engine: Engine) {
    let lists = Lists::of(&engine);
    let ids: Vec<_> = (0..250).map(|number| format!("urn:{number}#ö/ ")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let places = lists.assign(StatusPurpose::Revocation, &ids).await;
    let again = lists.assign(StatusPurpose::Revocation, &ids[7..8]).await;
    assert_eq!(lists.table.status_places(ids[249]).await.unwrap(), places[249..]);
    let both: BTreeSet<_> = lists.table.status_places(ids[7]).await.unwrap().into_iter().collect();
    assert_eq!(both, BTreeSet::from([places[7], again[0]]));
    assert_eq!(lists.table.status_places("urn:7").await.unwrap(), []);
}

async fn a_full_list_gives_way_to_another_one(engine: Engine) {
    let lists = Lists::of(&engine);
    let first = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    for segment in 0..16 {
        let key = format!("T#contract#STATUSLIST#{}#{segment:02}", first.list);
        engine.put_bytes(&key, "SEGMENT", "assigned", &[0xff; 1024]).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let lists = Lists::of(&engine);
        tasks.spawn(async move { lists.assign(StatusPurpose::Revocation, &[&format!("urn:{task}")]).await[0] });
    }
    let later: BTreeSet<_> = tasks.join_all().await.into_iter().map(|place| place.list).collect();
    assert_eq!(later.len(), 1, "one list is opened, whoever finds the other one full");
    assert!(!later.contains(&first.list));
}

async fn none_of_10_000_changes_by_8_tasks_is_lost(engine: Engine) {
    let some = Lists::of(&engine).assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let lists = Lists::of(&engine);
        tasks.spawn(async move {
            for number in 0..1_250 {
                // Thirteen is prime to the number of entries, so that these are 10 000 different ones all over the list.
                let place = at(some, (task * 1_250 + number) * 13 % LIST_ENTRIES);
                lists.change(&[StatusChange { place, set: true }]).await;
            }
        });
    }
    tasks.join_all().await;
    let lists = Lists::of(&engine);
    let expected: BTreeSet<_> = (0..10_000).map(|number| number * 13 % LIST_ENTRIES).collect();
    assert_eq!(expected.len(), 10_000);
    assert_eq!(lists.set(some.list).await, expected);
    assert_eq!(lists.changes(some.list).await, 10_000);
}

async fn changes_of_one_request_reach_all_segments(engine: Engine) {
    let lists = Lists::of(&engine);
    let some = lists.assign(StatusPurpose::Suspension, &["urn:a"]).await[0];
    let indexes: BTreeSet<_> = (0..500).map(|number| number * 257 % LIST_ENTRIES).collect();
    let change = |set| {
        let one = move |index: &usize| StatusChange {
            place: at(some, *index),
            set,
        };
        indexes.iter().map(one).collect::<Vec<_>>()
    };
    lists.change(&change(true)).await;
    assert_eq!(lists.set(some.list).await, indexes);
    assert!(lists.table.status_bit(some.list, 257).await.unwrap());
    lists.change(&change(false)).await;
    assert_eq!(lists.set(some.list).await, BTreeSet::new());
    assert!(!lists.table.status_bit(some.list, 257).await.unwrap());
}

async fn a_change_that_is_made_already_counts_again(engine: Engine) {
    // Who stopped between the bit and the count asks again, and then the lists that were signed before are old.
    let lists = Lists::of(&engine);
    let place = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    let revoked = [StatusChange { place, set: true }];
    assert_eq!(lists.change(&revoked).await, [false]);
    assert_eq!(lists.change(&revoked).await, [true]);
    assert_eq!(lists.changes(place.list).await, 2);
}

async fn a_revocation_is_never_taken_back_whoever_asks_at_the_same_time(engine: Engine) {
    let lists = Lists::of(&engine);
    let place = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    let change = |set| [StatusChange { place, set }];
    assert_eq!(lists.change(&change(false)).await, [false]);
    assert_eq!(lists.change(&change(true)).await, [false]);
    assert_eq!(lists.change(&change(false)).await, [true]);
    assert_eq!(lists.set(place.list).await, BTreeSet::from([place.index]));
}

async fn what_each_bit_was_is_told_in_order(engine: Engine) {
    let lists = Lists::of(&engine);
    let some = lists.assign(StatusPurpose::Suspension, &["urn:a"]).await[0];
    let change = |index, set| StatusChange {
        place: at(some, index),
        set,
    };
    lists.change(&[change(131_071, true), change(0, true)]).await;
    let before = lists
        .change(&[
            change(131_071, false),
            change(70_000, true),
            change(0, true),
            change(131_071, true),
        ])
        .await;
    assert_eq!(before, [true, false, true, false]);
}

async fn many_states_are_told_in_order_and_none_of_an_unknown_list(engine: Engine) {
    let lists = Lists::of(&engine);
    let revocation = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0];
    let suspension = lists.assign(StatusPurpose::Suspension, &["urn:a"]).await[0];
    for place in [at(revocation, 9_000), at(suspension, 131_071)] {
        lists.change(&[StatusChange { place, set: true }]).await;
    }
    let asked = [
        (suspension.list, 131_071),
        (lists.randomness.uuid(), 9_000),
        (revocation.list, 9_001),
        (revocation.list, 9_000),
        (suspension.list, LIST_ENTRIES),
    ];
    let told = lists.table.status_of(&asked, lists.patience()).await.unwrap();
    let expected = [
        Some((StatusPurpose::Suspension, true)),
        None,
        Some((StatusPurpose::Revocation, false)),
        Some((StatusPurpose::Revocation, true)),
        Some((StatusPurpose::Suspension, false)),
    ];
    assert_eq!(told, expected);
}

async fn a_signed_list_never_gives_way_to_an_older_one(engine: Engine) {
    let lists = Lists::of(&engine);
    let list = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0].list;
    let signed = |changes, text: &str| SignedList {
        text: text.to_owned(),
        changes,
        keys: vec!["did:web:a.example#z".to_owned()],
        renew: 0,
    };
    let mut kept = Vec::new();
    for (changes, text) in [(1, "one"), (3, "three"), (2, "two"), (3, "three again")] {
        lists
            .table
            .keep_signed_list(list, &signed(changes, text))
            .await
            .unwrap();
        let found = lists.table.status_list(list, lists.patience()).await.unwrap().unwrap();
        kept.push(found.1.unwrap());
    }
    let expected = [
        signed(1, "one"),
        signed(3, "three"),
        signed(3, "three"),
        signed(3, "three again"),
    ];
    assert_eq!(kept, expected);
}

async fn one_at_a_time_may_sign(engine: Engine) {
    let lists = Lists::of(&engine);
    let list = lists.assign(StatusPurpose::Revocation, &["urn:a"]).await[0].list;
    let lease = |after: i64| {
        lists
            .table
            .lease_status_list(list, now() + jiff::SignedDuration::from_secs(after), &lists.randomness)
    };
    let first = lease(0).await.unwrap().unwrap();
    assert!(lease(9).await.unwrap().is_none());
    let second = lease(11).await.unwrap().expect("who holds it for longer has stopped");
    lists.table.end_lease(first).await.unwrap();
    assert!(lease(12).await.unwrap().is_none(), "a lease that ran out ends no other");
    lists.table.end_lease(second).await.unwrap();
    assert!(lease(12).await.unwrap().is_some());
}

async fn every_list_is_listed(engine: Engine) {
    let lists = Lists::of(&engine);
    assert!(lists.table.status_lists().await.unwrap().is_empty());
    let mut expected = Vec::new();
    for purpose in StatusPurpose::ALL {
        expected.push(lists.assign(purpose, &["urn:a"]).await[0].list);
    }
    expected.sort_unstable();
    assert_eq!(lists.table.status_lists().await.unwrap(), expected);
}

async fn an_unknown_list_is_none(engine: Engine) {
    let lists = Lists::of(&engine);
    let unknown = lists.randomness.uuid();
    assert!(
        lists
            .table
            .status_list(unknown, lists.patience())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        lists
            .table
            .lease_status_list(unknown, now(), &lists.randomness)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        lists
            .table
            .status_list(unknown, lists.patience())
            .await
            .unwrap()
            .is_none()
    );
}
