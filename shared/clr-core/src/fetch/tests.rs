//! The guard, against a server on this machine that plays the internet.

use std::{
    collections::VecDeque,
    io::Write as _,
    net::IpAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Body, extract::State, response::Response, routing::get};
use flate2::{Compression, write::GzEncoder};
use tokio::net::TcpListener;

use super::*;

/// Counts what it is asked.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Answers every path with this.
    async fn answering(answer: impl Fn(u16) -> Response + Clone + Send + Sync + 'static) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = move |State(requests): State<Arc<AtomicUsize>>| async move {
            requests.fetch_add(1, Ordering::SeqCst);
            answer(port)
        };
        let router = Router::new().fallback(get(count)).with_state(requests.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, requests }
    }

    async fn saying(text: &'static str) -> Self {
        Self::answering(move |_| Response::new(Body::from(text))).await
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/document.json", self.port)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn redirect_to(location: &str) -> Response {
    Response::builder()
        .status(302)
        .header("location", location)
        .body(Body::empty())
        .unwrap()
}

fn gzip(bytes: &[u8]) -> Response {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    let body = Body::from(encoder.finish().unwrap());
    Response::builder()
        .header("content-encoding", "gzip")
        .body(body)
        .unwrap()
}

/// Each next look-up of whatever name has the next of these answers.
fn resolving(answers: &[&[&str]]) -> Fetcher {
    let address = |text: &&str| text.parse::<IpAddr>().unwrap();
    let answers: VecDeque<Vec<IpAddr>> = answers
        .iter()
        .map(|answer| answer.iter().map(address).collect())
        .collect();
    Fetcher::build(
        Reach::PublicAndLoopback,
        Lookup::Answers(Arc::new(Mutex::new(answers))),
        [],
    )
}

fn offline() -> Fetcher {
    Fetcher::offline([])
}

async fn fetch(fetcher: &Fetcher, url: &str) -> Result<Arc<str>, FetchError> {
    fetcher.get(url, &Budget::full()).await
}

#[track_caller]
fn assert_refused(outcome: Result<Arc<str>, FetchError>, word: &str) {
    match outcome {
        Err(FetchError::Refused(reason)) => assert!(reason.contains(word), "{reason}"),
        other => panic!("{word}: {other:?}"),
    }
}

#[tokio::test]
async fn only_https_is_fetched_and_nothing_with_credentials_in_its_url() {
    let fetcher = Fetcher::new();
    for url in [
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "data:text/plain,a",
        "gopher://a.example/",
    ] {
        assert!(
            matches!(fetch(&fetcher, url).await, Err(FetchError::Refused(_))),
            "{url}"
        );
    }
    for url in [
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://:secret@a.example/",
    ] {
        assert_refused(fetch(&fetcher, url).await, "user name or password");
    }
    assert_refused(fetch(&fetcher, "a.example").await, "not a URL");
    assert_refused(
        fetch(&fetcher, &format!("https://a.example/{}", "a".repeat(3000))).await,
        "too long",
    );
}

#[tokio::test]
async fn an_address_that_is_not_public_is_refused_in_every_spelling() {
    let fetcher = Fetcher::new();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[fd00:ec2::254]",
    ] {
        assert_refused(fetch(&fetcher, &format!("https://{host}/")).await, "not public");
    }
}

#[tokio::test]
async fn a_deployment_does_not_reach_its_own_machine_by_name() {
    let server = Server::saying("secret").await;
    let fetcher = Fetcher::new();
    for host in ["localhost", "127.0.0.1"] {
        fetch(&fetcher, &server.url(host)).await.unwrap_err();
        let https = format!("https://{host}:{}/", server.port);
        assert_refused(fetch(&fetcher, &https).await, "not public");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_document_is_fetched_whatever_its_content_type() {
    let server = Server::answering(|_| {
        let response = Response::builder().header("content-type", "text/html");
        response.body(Body::from("{}")).unwrap()
    })
    .await;
    assert_eq!(&*fetch(&offline(), &server.url("a.localhost")).await.unwrap(), "{}");
}

#[tokio::test]
async fn the_address_that_was_vetted_is_the_one_connected_to() {
    let server = Server::saying("{}").await;
    // A second look-up of the same fetch would get the second answer.
    let fetcher = resolving(&[&["127.0.0.1"], &["10.0.0.1"]]);
    fetch(&fetcher, &server.url("rebinding.localhost")).await.unwrap();
    assert_eq!(server.requests(), 1);
    let again = format!("http://rebinding.localhost:{}/other", server.port);
    assert_refused(fetch(&fetcher, &again).await, "not public");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn one_private_address_among_public_ones_is_enough_to_refuse() {
    let server = Server::saying("{}").await;
    for bad in ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00:ec2::254"] {
        let fetcher = resolving(&[&["127.0.0.1", bad]]);
        assert_refused(fetch(&fetcher, &server.url("two.localhost")).await, "not public");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn redirects_are_followed_and_vetted_again() {
    let target = Server::saying("{}").await;
    let to = target.url("b.localhost");
    let server = Server::answering(move |_| redirect_to(&to)).await;
    assert_eq!(&*fetch(&offline(), &server.url("a.localhost")).await.unwrap(), "{}");

    for (location, word) in [
        ("http://10.0.0.1/", "https"),
        ("https://10.0.0.1/", "not public"),
        ("https://169.254.169.254/latest/meta-data/", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://user@b.example/", "user name"),
        ("file:///etc/passwd", "https"),
        ("//10.0.0.1/", "https"),
    ] {
        let server = Server::answering(move |_| redirect_to(location)).await;
        assert_refused(fetch(&offline(), &server.url("a.localhost")).await, word);
    }

    // A redirect to a name that turns out to be private.
    let server = Server::answering(move |port| redirect_to(&format!("http://inside.localhost:{port}/"))).await;
    let fetcher = resolving(&[&["127.0.0.1"], &["192.168.0.1"]]);
    assert_refused(fetch(&fetcher, &server.url("a.localhost")).await, "not public");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::answering(|port| redirect_to(&format!("http://a.localhost:{port}/again"))).await;
    assert_refused(fetch(&offline(), &server.url("a.localhost")).await, "more than 3 times");
    assert_eq!(server.requests(), MAX_REDIRECTS + 1);
}

#[tokio::test]
async fn long_documents_are_refused_also_when_they_arrive_compressed() {
    let long = vec![b'a'; MAX_BYTES + 1];
    let just = long[1..].to_vec();
    let server = Server::answering(move |_| Response::new(Body::from(just.clone()))).await;
    assert_eq!(
        fetch(&offline(), &server.url("a.localhost")).await.unwrap().len(),
        MAX_BYTES
    );
    let too_long = long.clone();
    let server = Server::answering(move |_| Response::new(Body::from(too_long.clone()))).await;
    assert_refused(fetch(&offline(), &server.url("a.localhost")).await, "too long");
    // A few kilobytes that would inflate to more.
    let server = Server::answering(move |_| gzip(&long)).await;
    assert_refused(fetch(&offline(), &server.url("a.localhost")).await, "too long");
    let server = Server::answering(|_| gzip(b"{}")).await;
    assert_eq!(&*fetch(&offline(), &server.url("a.localhost")).await.unwrap(), "{}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    for (encoding, body) in [("gzip", &b"no gzip"[..]), ("br", b"{}"), ("identity", b"\xff\xfe")] {
        let server = Server::answering(move |_| {
            let response = Response::builder().header("content-encoding", encoding);
            response.body(Body::from(body)).unwrap()
        })
        .await;
        assert!(
            matches!(
                fetch(&offline(), &server.url("a.localhost")).await,
                Err(FetchError::Refused(_))
            ),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_from_what_cannot_be_reached() {
    for (status, absent) in [
        (404, true),
        (410, true),
        (403, true),
        (204, true),
        (500, false),
        (503, false),
        (429, false),
    ] {
        let server = Server::answering(move |_| Response::builder().status(status).body(Body::empty()).unwrap()).await;
        match fetch(&offline(), &server.url("a.localhost")).await {
            Err(FetchError::Absent(_)) => assert!(absent, "{status}"),
            Err(FetchError::OutOfReach(_)) => assert!(!absent, "{status}"),
            other => panic!("{status}: {other:?}"),
        }
    }
    // Nobody listens, and nobody of that name is there.
    let gone = TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for url in [
        format!("http://a.localhost:{gone}/"),
        "https://college.example/".to_owned(),
    ] {
        assert!(
            matches!(fetch(&offline(), &url).await, Err(FetchError::OutOfReach(_))),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://a.localhost:{}/", listener.local_addr().unwrap().port());
    let budget = Budget {
        fetches_left: AtomicUsize::new(1),
        deadline: Instant::now() + Duration::from_millis(50),
        longest: MAX_BYTES,
    };
    let begun = Instant::now();
    let outcome = offline().get(&url, &budget).await;
    assert!(matches!(outcome, Err(FetchError::OutOfReach(_))), "{outcome:?}");
    assert!(begun.elapsed() < TIME_PER_FETCH);
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_by_number_and_by_time() {
    let budget = Budget::full();
    let deadline = budget.spend().unwrap();
    assert_eq!(deadline - Instant::now(), TIME_PER_FETCH);
    for _ in 1..MAX_FETCHES {
        budget.spend().unwrap();
    }
    assert!(matches!(budget.spend(), Err(FetchError::Refused(_))));

    let budget = Budget::full();
    tokio::time::advance(TIME_PER_VERIFICATION - Duration::from_secs(1)).await;
    assert_eq!(budget.spend().unwrap() - Instant::now(), Duration::from_secs(1));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(matches!(budget.spend(), Err(FetchError::OutOfReach(_))));
}

#[tokio::test]
async fn a_document_is_asked_for_once_whatever_its_fragment() {
    let server = Server::saying("{}").await;
    let fetcher = offline();
    for fragment in ["", "#key-1", "#key-2"] {
        fetch(&fetcher, &format!("{}{fragment}", server.url("a.localhost")))
            .await
            .unwrap();
    }
    assert_eq!(server.requests(), 1);
    // The cache costs no budget.
    let budget = Budget {
        fetches_left: AtomicUsize::new(0),
        deadline: Instant::now(),
        longest: MAX_BYTES,
    };
    fetcher.get(&server.url("a.localhost"), &budget).await.unwrap();
}
