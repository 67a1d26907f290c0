//! The browser step: the operator opens an address, signs in and consents, and the browser comes back.
//!
//! It comes back to a port of this machine, or, where a host takes only https, to an address that the operator pastes. A
//! demo learner of a host like `clr serve` is played by the program itself.

use std::{io::BufRead as _, net::Ipv4Addr, time::Duration};

use axum::{Router, http::Uri, response::Html};
use clr_core::oauth::is_loopback;
use reqwest::Url;
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

use super::finding::Stop;
use crate::{
    demo::{
        browser::{Browser, Place},
        http::Notes,
        wrong::Wrong,
    },
    failure::Failure,
};

/// Who consents, and how the consent comes back.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) redirect_uri: Url,
    /// Played by the program.
    demo_learner: Option<String>,
    /// Addresses that a browser came back to, or that were pasted.
    arrivals: mpsc::Receiver<Url>,
}

/// A person needs that long for a forgotten password.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

impl Operator {
    /// Without a redirect URI: a free port of this machine.
    pub(crate) async fn at(redirect_uri: Option<Url>, demo_learner: Option<String>) -> Result<Self, Failure> {
        let (arrived, arrivals) = mpsc::channel(4);
        let listens = redirect_uri.as_ref().is_none_or(|uri| uri.scheme() == "http");
        let redirect_uri = match redirect_uri {
            Some(uri) if listens && !is_loopback(&uri) => {
                return Err(Failure::new(format!(
                    "--redirect-uri {uri} is neither https nor an address of this machine"
                )));
            }
            Some(uri) if !listens => uri,
            asked => listen(asked, arrived.clone()).await?,
        };
        // What is read is pasted by a person; a demo learner has no need of it.
        if demo_learner.is_none() {
            std::thread::spawn(move || read_addresses(&arrived));
        }
        Ok(Self {
            redirect_uri,
            demo_learner,
            arrivals,
        })
    }

    /// Where the browser was sent after the consent.
    pub(crate) async fn visit(&mut self, url: Url) -> Result<Url, Stop> {
        if let Some(learner) = &self.demo_learner {
            return consent_as(learner, url)
                .await
                .map_err(|wrong| Stop::skipped(format!("the demo learner could not consent: {wrong}")));
        }
        anstream::eprintln!(
            "\nOpen this address in a browser, sign in as the test learner and allow what is asked:\n\n{url}\n"
        );
        if self.redirect_uri.scheme() == "https" {
            anstream::eprintln!(
                "Then paste the whole address that the browser was sent to, {}?…, and press enter:",
                self.redirect_uri
            );
        } else {
            anstream::eprintln!(
                "The browser comes back here by itself. Where it runs on another machine, paste the address that it was sent to:"
            );
        }
        match timeout(PATIENCE, self.arrivals.recv()).await {
            Ok(Some(place)) => Ok(place),
            Ok(None) => Err(Stop::skipped("standard input ended before an address was pasted")),
            Err(_) => Err(Stop::skipped(format!(
                "no browser came back within {} minutes",
                PATIENCE.as_secs() / 60
            ))),
        }
    }
}

/// Takes the browser that comes back, and shows a word to it; other paths are the pages of the registration.
async fn listen(asked: Option<Url>, arrived: mpsc::Sender<Url>) -> Result<Url, Failure> {
    let port = asked.as_ref().and_then(Url::port_or_known_default).unwrap_or_default();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let redirect_uri = match asked {
        Some(uri) => uri,
        None => Url::parse(&format!("http://{}/callback", listener.local_addr()?))?,
    };
    let home = redirect_uri.clone();
    let answer = move |uri: Uri| {
        let (home, arrived) = (home.clone(), arrived.clone());
        async move {
            if uri.path() != home.path() {
                return Html("<title>clr certify</title><p>This program tests hosts of learner records.</p>");
            }
            let place = home.join(&uri.to_string());
            if let Ok(place) = place {
                let _ = arrived.send(place).await;
            }
            Html("<title>clr certify</title><p>Thank you. The tests go on; you can close this page.</p>")
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Ok(redirect_uri)
}

fn read_addresses(arrived: &mpsc::Sender<Url>) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match Url::parse(line.trim()) {
            Ok(place) => {
                if arrived.blocking_send(place).is_err() {
                    return;
                }
            }
            Err(_) if line.trim().is_empty() => {}
            Err(error) => anstream::eprintln!("that is no address ({error}); paste all of it:"),
        }
    }
}

/// Signs in at a page with demo learners and allows what is asked.
async fn consent_as(learner: &str, url: Url) -> Result<Url, Wrong> {
    let mut browser = Browser::new(&Notes::default())?;
    let sign_in = match browser.open(url).await? {
        Place::Page(page) => page,
        Place::Elsewhere(place) => return Ok(place),
    };
    let form = sign_in.form_with("learner")?;
    let consent = match browser
        .submit(&sign_in, &form, &form.press("learner", learner)?)
        .await?
    {
        Place::Page(page) => page,
        Place::Elsewhere(place) => return Ok(place),
    };
    let form = consent.form_with("answer")?;
    browser
        .submit(&consent, &form, &form.press("answer", "allow")?)
        .await?
        .elsewhere()
}
