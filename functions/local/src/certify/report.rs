//! The report: for a person, in Markdown, or as JSON.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    notebook::Notebook,
    read::Shown,
    run::{Done, Outcome},
};

/// What the report is not.
const NOT_A_CERTIFICATION: &str = "This is no certification of 1EdTech and takes no part in one: 1EdTech certifies with its own \
    test suite alone. The tests follow its published certification guide; the CLR API chapter was read from Open Badges 3.0, \
    with the names changed.";

/// Parts of the certification that a program cannot test from outside.
const NOT_TESTED: [&str; 3] = [
    "Issuer: the video that shows how the recipient gets the credential",
    "Displayer: showing and verifying three given credentials, with videos",
    "Host: the video of the learner's consent; import and export of files",
];

/// All that is told of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) host: String,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
    pub(crate) tests: Vec<Done>,
    /// What a consumer read.
    pub(crate) read: Vec<Shown>,
    /// The ids of credentials that the learner has now.
    pub(crate) left_behind: Vec<String>,
}

impl Report {
    /// The run in one word: a failure counts more than what could not be tested.
    pub(crate) fn outcome(&self) -> Outcome {
        [Outcome::Failed, Outcome::Skipped]
            .into_iter()
            .find(|outcome| self.count(*outcome) > 0)
            .unwrap_or(Outcome::Passed)
    }

    /// The report as JSON. Members are added, never changed.
    pub(crate) fn json(&self, notebook: &Notebook) -> Value {
        let test = |done: &Done| {
            json!({
                "id": done.id(),
                "clause": done.test.clause,
                "title": done.test.title,
                "outcome": done.outcome,
                "reason": done.reason.as_deref().map(|reason| notebook.redact(reason)),
                "remarks": done.remarks.iter().map(|remark| notebook.redact(remark)).collect::<Vec<_>>(),
                "exchanges": done.exchanges.iter().map(|exchange| json!({
                    "sent": notebook.redact(&exchange.sent),
                    "received": notebook.redact(&exchange.received),
                })).collect::<Vec<_>>(),
            })
        };
        json!({
            "program": program(),
            "notACertification": NOT_A_CERTIFICATION,
            "host": self.host,
            "started": self.started.to_string(),
            "finished": self.finished.to_string(),
            "outcome": self.outcome(),
            "passed": self.count(Outcome::Passed),
            "failed": self.count(Outcome::Failed),
            "notOffered": self.count(Outcome::NotOffered),
            "skipped": self.count(Outcome::Skipped),
            "tests": self.tests.iter().map(test).collect::<Vec<_>>(),
            "read": self.read,
            "leftBehind": self.left_behind,
            "notTested": NOT_TESTED,
        })
    }

    /// The report as Markdown.
    pub(crate) fn markdown(&self, notebook: &Notebook) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = self.write(&mut text);
        notebook.redact(&text)
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# Conformance of {} to the CLR 2.0 API\n", self.host)?;
        writeln!(text, "{} · {} to {}\n", program(), self.started, self.finished)?;
        writeln!(text, "{NOT_A_CERTIFICATION}\n")?;
        writeln!(
            text,
            "**{}**: {} passed, {} failed, {} not offered, {} skipped.\n",
            self.outcome().words(),
            self.count(Outcome::Passed),
            self.count(Outcome::Failed),
            self.count(Outcome::NotOffered),
            self.count(Outcome::Skipped),
        )?;
        writeln!(text, "| test | | what | reason |\n|---|---|---|---|")?;
        for done in &self.tests {
            let reason = done.reason.as_deref().unwrap_or_default();
            writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                done.id(),
                done.outcome.words(),
                done.test.title,
                cell(reason)
            )?;
        }
        if !self.read.is_empty() {
            writeln!(
                text,
                "\n## What was read\n\n| credential | name | issuer | verdict |\n|---|---|---|---|"
            )?;
            for shown in &self.read {
                let cells = [&shown.id, &shown.name, &shown.issuer, &shown.verdict].map(|text| cell(text));
                writeln!(text, "| {} |", cells.join(" | "))?;
            }
        }
        if !self.left_behind.is_empty() {
            writeln!(
                text,
                "\n## What is left behind\n\nThe API deletes nothing. The learner has these credentials now:\n"
            )?;
            for id in &self.left_behind {
                writeln!(text, "- `{id}`")?;
            }
        }
        writeln!(text, "\n## Not tested\n")?;
        for part in NOT_TESTED {
            writeln!(text, "- {part}")?;
        }
        writeln!(
            text,
            "\n## What was sent and what came\n\nSecrets are left out; of credentials and Profiles, all but their ids."
        )?;
        for done in &self.tests {
            writeln!(
                text,
                "\n### `{}`: {}\n\n{} · {}",
                done.id(),
                done.outcome.words(),
                done.test.title,
                done.test.clause
            )?;
            if let Some(reason) = &done.reason {
                writeln!(text, "\n> {}", reason.replace('\n', " "))?;
            }
            for remark in &done.remarks {
                writeln!(text, "\n- {remark}")?;
            }
            for exchange in &done.exchanges {
                for part in [&exchange.sent, &exchange.received] {
                    let fence = fence(part);
                    writeln!(text, "\n{fence}http\n{part}\n{fence}")?;
                }
            }
        }
        Ok(())
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.tests.iter().filter(|done| done.outcome == outcome).count()
    }
}

fn program() -> &'static str {
    concat!("clr certify ", env!("CARGO_PKG_VERSION"))
}

/// A host's own words cannot end the cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

/// Longer than any run of backticks inside.
fn fence(text: &str) -> String {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_cannot_break_out_of_the_report() {
        assert_eq!(cell("a | b\n<script>"), "a \\| b &lt;script>");
        assert_eq!(fence("no ticks"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }

    #[test]
    fn a_failure_counts_more_than_what_could_not_be_tested() {
        let report = |outcomes: &[Outcome]| Report {
            host: String::new(),
            started: Timestamp::UNIX_EPOCH,
            finished: Timestamp::UNIX_EPOCH,
            tests: outcomes
                .iter()
                .map(|outcome| Done {
                    test: &super::super::catalogue::TESTS[0],
                    refreshed: false,
                    outcome: *outcome,
                    reason: None,
                    remarks: Vec::new(),
                    exchanges: Vec::new(),
                })
                .collect(),
            read: Vec::new(),
            left_behind: Vec::new(),
        };
        use Outcome::{Failed, NotOffered, Passed, Skipped};
        assert_eq!(report(&[Passed, NotOffered]).outcome(), Passed);
        assert_eq!(report(&[Passed, Skipped, NotOffered]).outcome(), Skipped);
        assert_eq!(report(&[Skipped, Failed]).outcome(), Failed);
    }
}
