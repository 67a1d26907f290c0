//! A list of checks, for people and for programs.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;

/// What came out of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum Outcome {
    #[serde(rename = "ok")]
    Ok,
    #[serde(rename = "could not check")]
    CouldNotCheck,
    #[serde(rename = "wrong")]
    Wrong,
}

/// One part of the deployment that was looked at.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) outcome: Outcome,
    /// What was seen.
    pub(super) reason: String,
    /// What to do about it; none where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

/// All checks.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) url: Option<String>,
    pub(super) checks: Vec<Check>,
}

impl Outcome {
    /// As those of `clr verify`.
    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Ok => 0,
            Self::Wrong => 1,
            Self::CouldNotCheck => 3,
        })
    }

    fn words(self) -> &'static str {
        match self {
            Self::Ok => "all is well",
            Self::Wrong => "something is wrong",
            Self::CouldNotCheck => "something could not be checked",
        }
    }
}

impl Check {
    pub(super) fn ok(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome: Outcome::Ok,
            reason: reason.into(),
            remedy: None,
        }
    }

    pub(super) fn wrong(name: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Wrong,
            remedy: Some(remedy.into()),
            ..Self::ok(name, reason)
        }
    }

    pub(super) fn could_not(name: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::CouldNotCheck,
            ..Self::wrong(name, reason, remedy)
        }
    }

    /// Ok when there are no faults, else wrong with all of them.
    pub(super) fn of(
        name: impl Into<String>,
        faults: &[String],
        ok: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        if faults.is_empty() {
            Self::ok(name, ok)
        } else {
            Self::wrong(name, faults.join("; "), remedy)
        }
    }
}

impl Report {
    /// The worst of all.
    pub(super) fn outcome(&self) -> Outcome {
        let outcomes = self.checks.iter().map(|check| check.outcome);
        outcomes.max().unwrap_or(Outcome::Ok)
    }

    /// On standard output.
    pub(super) fn tell(&self, as_json: bool) -> Result<(), Failure> {
        if as_json {
            let report = json!({"url": self.url, "outcome": self.outcome(), "checks": self.checks});
            anstream::println!("{}", serde_json::to_string_pretty(&report)?);
            return Ok(());
        }
        for check in &self.checks {
            let (mark, word, color) = match check.outcome {
                Outcome::Ok => ("✓", "ok", AnsiColor::Green),
                Outcome::Wrong => ("✗", "wrong", AnsiColor::Red),
                Outcome::CouldNotCheck => ("?", "could not check", AnsiColor::Yellow),
            };
            let style = Style::new().fg_color(Some(color.into()));
            anstream::println!("{style}{mark} {word}{style:#}  {}: {}", check.name, check.reason);
            if let Some(remedy) = &check.remedy {
                anstream::println!("    → {remedy}");
            }
        }
        let bold = Style::new().bold();
        anstream::println!("{bold}{}{bold:#}", self.outcome().words());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_outweighs_what_could_not_be_checked() {
        let outcome = |checks: &[Check]| {
            let report = Report {
                url: None,
                checks: checks.to_vec(),
            };
            report.outcome()
        };
        let (ok, wrong, unknown) = (
            Check::ok("a", ""),
            Check::wrong("b", "", ""),
            Check::could_not("c", "", ""),
        );
        assert_eq!(outcome(&[]), Outcome::Ok);
        assert_eq!(outcome(&[ok.clone(), unknown.clone()]), Outcome::CouldNotCheck);
        assert_eq!(outcome(&[wrong, unknown, ok]), Outcome::Wrong);
    }
}
