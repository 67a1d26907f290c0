//! `clr serve` is killed with SIGKILL while it works, again and again, and started anew on what it left: nothing that it had
//! acknowledged is lost, nothing is there twice or in half, and whoever asks again gets a good answer.
//!
//!     crash CLR [ROUNDS [SEED]]

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it proved"
)]

mod acts;
mod upserts;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clr_core::Randomness;
use reqwest::Client;
use tests::served::{Served, ServiceClient, free_port, http_client};

/// Requests that are under way at the same time.
const TASKS: usize = 16;

/// A folder with a table, keys and clients, from which every round starts.
#[derive(Debug)]
struct Prepared {
    clr: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    http: Client,
    learner_token: String,
    operator_token: String,
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let clr = arguments.next().expect("the path of clr");
    let rounds: usize = arguments.next().map_or(20, |rounds| rounds.parse().unwrap());
    let seed: u64 = arguments.next().map_or(1, |seed| seed.parse().unwrap());
    let start = Instant::now();
    let randomness = Randomness::seeded(seed);
    println!("seed {seed}");

    let (prepared, mut served) = Prepared::new(fs::canonicalize(clr).unwrap()).await;
    let records = upserts::records(&prepared, &randomness).await;
    served.kill();
    for round in 1..=rounds {
        println!(
            "upserts, {round}: {}",
            upserts::round(&prepared, &records, &randomness).await
        );
    }
    let acts = rounds.div_ceil(4);
    for round in 1..=acts {
        let told = acts::round(&prepared, &randomness, round == acts).await;
        println!("issue and status, {round}: {told}");
    }
    println!("{} seconds", start.elapsed().as_secs());
}

impl Prepared {
    async fn new(clr: PathBuf) -> (Self, Served) {
        let folder = tempfile::tempdir().unwrap();
        let (port, http) = (free_port(), http_client());
        let served = Served::start(&clr, folder.path(), port, &[]);
        let application = ServiceClient::register(&http, &served.base).await;
        let (learner_token, _) = application.tokens("ada").await;
        let operator = ServiceClient::of_operator(&clr, folder.path(), &http, &served.base);
        let prepared = Self {
            learner_token,
            operator_token: operator.own_token().await,
            clr,
            folder,
            port,
            http,
        };
        (prepared, served)
    }

    /// A copy of its folder.
    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join(".clr")).unwrap();
        for file in fs::read_dir(self.folder.path().join(".clr")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path().join(".clr").join(file.file_name())).unwrap();
        }
        copy
    }

    fn serve(&self, folder: &Path, arguments: &[&str]) -> Served {
        Served::start(&self.clr, folder, self.port, arguments)
    }
}

/// Sends requests, many at once, until all are answered or the server is dead: after a random number of successes, and a
/// moment more, it is killed. Says which requests were answered with success, and with what.
async fn until_killed<F, A>(mut served: Served, count: usize, randomness: &Randomness, send: F) -> Vec<Option<A>>
where
    F: Fn(usize) -> futures::future::BoxFuture<'static, Option<A>> + Send + Sync + 'static,
    A: Send + 'static,
{
    let wanted = below(randomness, count) + 1;
    let pause = Duration::from_micros(below(randomness, 5_000) as u64);
    let (next, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let send = Arc::new(send);
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (next, answered, send) = (Arc::clone(&next), Arc::clone(&answered), Arc::clone(&send));
            tokio::spawn(async move {
                let mut answers = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        return answers;
                    }
                    // Without an answer: the server is dead.
                    let Some(answer) = send(index).await else {
                        return answers;
                    };
                    answered.fetch_add(1, Ordering::SeqCst);
                    answers.push((index, answer));
                }
            })
        })
        .collect();
    while answered.load(Ordering::SeqCst) < wanted && tasks.iter().any(|task| !task.is_finished()) {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    tokio::time::sleep(pause).await;
    served.kill();
    let mut answers: Vec<_> = (0..count).map(|_| None).collect();
    for task in tasks {
        for (index, answer) in task.await.unwrap() {
            answers[index] = Some(answer);
        }
    }
    let acknowledged = answers.iter().filter(|answer| answer.is_some()).count();
    assert!(
        acknowledged >= wanted,
        "only {acknowledged} of {wanted} requests succeeded before the end"
    );
    answers
}

/// Sends all requests, many at once; each succeeds.
async fn all<F, A>(indexes: Vec<usize>, send: F) -> Vec<A>
where
    F: Fn(usize) -> futures::future::BoxFuture<'static, Option<A>>,
{
    use futures::StreamExt as _;
    let answers = futures::stream::iter(indexes).map(|index| {
        let answer = send(index);
        async move { answer.await.expect("a server that was not killed answers with success") }
    });
    answers.buffered(TASKS).collect().await
}

/// A random number below this one.
fn below(randomness: &Randomness, limit: usize) -> usize {
    let digits = randomness.secret();
    let number = digits
        .reveal()
        .bytes()
        .take(9)
        .fold(0_u64, |number, byte| number * 61 + u64::from(byte));
    usize::try_from(number % limit as u64).unwrap()
}
