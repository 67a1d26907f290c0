//! `clr demo`: one record's whole way, over real HTTP, against a server that the demo starts itself.
//!
//! Its parties know each other by HTTP alone: the registrar's system, a client application, the learner's browser, and
//! someone who was handed the record. The server's table is in memory and its key is new, so nothing is left behind but
//! the signed record.

pub(crate) mod browser;
mod client_application;
mod form;
pub(crate) mod http;
mod registrar;
mod relying_party;
mod tamper;
mod walk;
pub(crate) mod wrong;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clr_core::{Randomness, signer::SoftwareKeys};
use dynoxide::Database;
use reqwest::{StatusCode, Url};
use serde_json::Value;

use self::{
    browser::Browser,
    client_application::ClientApplication,
    http::Notes,
    registrar::Registrar,
    relying_party::RelyingParty,
    walk::{Stopped, Walk},
    wrong::Wrong,
};
use crate::{
    document,
    failure::Failure,
    issue,
    service::{FOLDER, Service, Settings},
};

/// The record that is taken when none is named.
const DEFAULT_RECORD: &str = include_str!("../../../../shared/learner-record/fixtures/transcript.json");

/// Arguments of `clr demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// An unsigned record; none: a transcript that comes with the program.
    record: Option<PathBuf>,
    /// Print one JSON object about the steps and nothing else.
    #[arg(long)]
    json: bool,
    /// Where the signed record is left.
    #[arg(long, default_value_os_t = Path::new(FOLDER).join("demo-record.json"))]
    output: PathBuf,
}

/// Walks and tells.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let record = match &arguments.record {
        Some(path) => document::read_json(path)?,
        None => document::parse(DEFAULT_RECORD, "the record that comes with the program")?,
    };
    let randomness = Randomness::operating_system();
    let settings = Settings::usual(Database::memory()?, SoftwareKeys::generate(&randomness));
    let service = Service::on_port(0, settings).await?;
    let (record, warnings) = issue::as_issuer(record, &service.app.issuers).await?;

    let notes = Notes::default();
    let mut walk = Walk::new(notes.clone(), arguments.json);
    let demo = Demo {
        record,
        service: service.url.clone(),
        notes,
    };
    if !arguments.json {
        anstream::println!(
            "A CLR service runs at {} for this demo; its table is in memory and its key is new.",
            demo.service
        );
        issue::tell_warnings_in_short(&warnings);
        anstream::println!();
    }
    let app = service.app.clone();
    let walked = tokio::select! {
        walked = demo.walk(&mut walk, &app, &arguments.output) => walked,
        ended = service.run() => {
            ended?;
            return Err(Failure::new("the service was asked to end before the demo was over"));
        }
    };
    match (walked, arguments.json) {
        (_, true) => anstream::println!("{}", walk.report_as_json()?),
        (Ok(()), false) => {
            anstream::println!("All went well, in {} ms.", walk.millis());
            anstream::println!(
                "The signed record is in {0}; check it yourself: clr verify {0}",
                arguments.output.display()
            );
        }
        (Err(Stopped), false) => {}
    }
    Ok(ExitCode::from(u8::from(walk.has_failed())))
}

#[derive(Debug)]
struct Demo {
    record: Value,
    service: Url,
    notes: Notes,
}

impl Demo {
    async fn walk(&self, walk: &mut Walk, app: &clr_server::App, output: &Path) -> Result<(), Stopped> {
        let issued = async {
            let mut registrar = Registrar::appoint(app, self.service.clone(), &self.notes).await?;
            let signed = registrar.issue(&self.record).await?;
            keep(output, &signed)?;
            Ok(signed)
        };
        let signed = walk
            .step("issue", "the registrar's system has a record signed", issued)
            .await?;

        let discovered = async {
            let mut application = ClientApplication::new(&app.randomness, &self.notes)?;
            application
                .discover(self.service.as_str().trim_end_matches('/'))
                .await?;
            Ok(application)
        };
        let discovery = walk.step(
            "discovery",
            "a client application asks what the host can do",
            discovered,
        );
        let mut application = discovery.await?;
        walk.step("register", "it introduces itself", application.register())
            .await?;

        let consented = async {
            let mut browser = Browser::new(&self.notes)?;
            let sign_in = browser.open(application.authorization_url()?).await?.page()?;
            let form = sign_in.form_with("learner")?;
            let learner = form.values("learner").next().unwrap_or_default();
            let consent = browser
                .submit(&sign_in, &form, &form.press("learner", learner)?)
                .await?
                .page()?;
            let form = consent.form_with("answer")?;
            let callback = browser
                .submit(&consent, &form, &form.press("answer", "allow")?)
                .await?
                .elsewhere()?;
            application.receive(&callback)
        };
        let code = walk
            .step("authorize", "the learner signs in and consents", consented)
            .await?;

        walk.step(
            "token",
            "the application swaps the code for tokens",
            application.redeem(&code),
        )
        .await?;
        let delivered = application.upsert(&signed, StatusCode::CREATED);
        walk.step("upsert", "it delivers the signed record to the learner", delivered)
            .await?;
        walk.step(
            "refresh",
            "it swaps its refresh token for new tokens",
            application.refresh(),
        )
        .await?;
        let listed = async {
            let (credentials, total) = application.list().await?;
            let submitted: Value = serde_json::from_str(&signed)?;
            if total == 1 && credentials == [submitted] {
                return Ok(());
            }
            Err(Wrong::from(format!(
                "the list should hold the one record, it has {total}"
            )))
        };
        walk.step("list", "it reads the learner's records back", listed).await?;

        let verified = async {
            let relying_party = RelyingParty::new(&self.service, &self.notes)?;
            let record = serde_json::from_str(&signed)?;
            relying_party.accept(&record).await?;
            Ok((relying_party, record))
        };
        let (relying_party, record) = walk
            .step("verify", "someone who was handed the record has it checked", verified)
            .await?;
        let refused = relying_party.refuse_forgeries(&record);
        walk.step("tamper", "forgeries of it are refused", refused).await
    }
}

fn keep(output: &Path, signed: &str) -> Result<(), Wrong> {
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(output, signed)?)
}
