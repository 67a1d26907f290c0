//! Runs tests and keeps what came of each.

use std::future::Future;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{
    catalogue::{TESTS, Test},
    finding::{Found, Stop, Tested},
    notebook::{Exchange, Notebook},
};

/// How a test went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    Passed,
    Failed,
    /// The host does not have it, as the standard lets it.
    NotOffered,
    /// It could not be tested.
    Skipped,
}

/// A test that was run, or why it was not.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) test: &'static Test,
    /// With a refreshed token.
    pub(crate) refreshed: bool,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    pub(crate) remarks: Vec<String>,
    pub(crate) exchanges: Vec<Exchange>,
}

/// All tests so far.
#[derive(Debug)]
pub(crate) struct Run {
    notebook: Notebook,
    /// Whether the token now in use was refreshed.
    pub(crate) refreshed: bool,
    done: Vec<Done>,
}

impl Run {
    pub(crate) fn new(notebook: Notebook) -> Self {
        Self {
            notebook,
            refreshed: false,
            done: Vec::new(),
        }
    }

    /// Runs a test; what it found is there even where something is wrong with it.
    pub(crate) async fn test<T>(&mut self, id: &'static str, work: impl Future<Output = Tested<T>>) -> Option<T> {
        let (outcome, reason, value) = match work.await {
            Ok(Found { value, faults }) => match faults.text() {
                None => (Outcome::Passed, None, Some(value)),
                Some(text) => (Outcome::Failed, Some(text), Some(value)),
            },
            Err(stop) => {
                let (outcome, reason) = outcome(stop);
                (outcome, Some(reason), None)
            }
        };
        self.add(id, outcome, reason);
        value
    }

    /// Notes a test that cannot be run.
    pub(crate) fn stop(&mut self, id: &'static str, stop: Stop) {
        let (outcome, reason) = outcome(stop);
        self.add(id, outcome, Some(reason));
    }

    /// The results in the order of the catalogue; what was not reached is skipped.
    pub(crate) fn finish(mut self) -> Vec<Done> {
        let was_refreshed = self.done.iter().any(|done| done.refreshed);
        let mut all = Vec::new();
        for refreshed in [false, true] {
            for test in TESTS
                .iter()
                .filter(|test| !refreshed || (was_refreshed && test.repeated))
            {
                let met = self
                    .done
                    .iter()
                    .position(|done| done.test == test && done.refreshed == refreshed);
                all.push(match met {
                    Some(index) => self.done.swap_remove(index),
                    None => Done {
                        test,
                        refreshed,
                        outcome: Outcome::Skipped,
                        reason: Some("an earlier test brought nothing to go on with".to_owned()),
                        remarks: Vec::new(),
                        exchanges: Vec::new(),
                    },
                });
            }
        }
        all
    }

    fn add(&mut self, id: &'static str, outcome: Outcome, reason: Option<String>) {
        let Some(test) = TESTS.iter().find(|test| test.id == id) else {
            unreachable!("{id} is not in the catalogue");
        };
        let (exchanges, remarks) = self.notebook.take();
        let reason = reason.map(|reason| self.notebook.redact(&reason));
        let refreshed = self.refreshed && test.repeated;
        let done = Done {
            test,
            refreshed,
            outcome,
            reason,
            remarks,
            exchanges,
        };
        done.tell();
        self.done.push(done);
    }
}

impl Done {
    /// The test's id; with a refreshed token, one of its own.
    pub(crate) fn id(&self) -> String {
        format!("{}{}", self.test.id, if self.refreshed { ".refreshed" } else { "" })
    }

    /// A line on standard error, while the tests run.
    fn tell(&self) {
        let color = match self.outcome {
            Outcome::Passed => AnsiColor::Green,
            Outcome::Failed => AnsiColor::Red,
            Outcome::NotOffered | Outcome::Skipped => AnsiColor::Yellow,
        };
        let style = Style::new().fg_color(Some(color.into()));
        let reason = self
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        anstream::eprintln!("{style}{:<11}{style:#} {}{reason}", self.outcome.words(), self.id());
    }
}

impl Outcome {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotOffered => "not offered",
            Self::Skipped => "skipped",
        }
    }
}

fn outcome(stop: Stop) -> (Outcome, String) {
    match stop {
        Stop::Failed(text) => (Outcome::Failed, text),
        Stop::NotOffered(text) => (Outcome::NotOffered, text),
        Stop::Skipped(text) => (Outcome::Skipped, text),
    }
}
