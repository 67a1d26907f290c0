//! The walk's steps: how each went, told to a person or counted for a program.

use std::{future::Future, time::Instant};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{
    Wrong,
    http::{Exchange, Notes},
};

/// All steps so far.
#[derive(Debug)]
pub(crate) struct Walk {
    steps: Vec<Step>,
    notes: Notes,
    silent: bool,
}

#[derive(Debug, Serialize)]
struct Step {
    name: &'static str,
    ok: bool,
    millis: u128,
}

/// A step went wrong and was told; the walk ends here.
#[derive(Debug)]
pub(crate) struct Stopped;

#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    steps: &'a [Step],
}

impl Walk {
    /// `silent`: only the report of [`Walk::report_as_json`] is printed.
    pub(crate) fn new(notes: Notes, silent: bool) -> Self {
        Self {
            steps: Vec::new(),
            notes,
            silent,
        }
    }

    /// Takes a step.
    pub(crate) async fn step<T>(
        &mut self,
        name: &'static str,
        purpose: &str,
        work: impl Future<Output = Result<T, Wrong>>,
    ) -> Result<T, Stopped> {
        let start = Instant::now();
        let outcome = work.await;
        let step = Step {
            name,
            ok: outcome.is_ok(),
            millis: start.elapsed().as_millis(),
        };
        let exchanges = self.notes.take();
        if !self.silent {
            tell(&step, purpose, &exchanges);
        }
        self.steps.push(step);
        outcome.map_err(|wrong| {
            let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
            anstream::eprintln!("{red}error:{red:#} step {name}: {wrong}");
            Stopped
        })
    }

    /// One object, with nothing of the documents in it.
    pub(crate) fn report_as_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Report {
            ok: !self.has_failed(),
            steps: &self.steps,
        })
    }

    /// Whether a step went wrong.
    pub(crate) fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| !step.ok)
    }

    /// How long all steps took.
    pub(crate) fn millis(&self) -> u128 {
        self.steps.iter().map(|step| step.millis).sum()
    }
}

fn tell(step: &Step, purpose: &str, exchanges: &[Exchange]) {
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let (mark, color) = if step.ok {
        ("✓", AnsiColor::Green)
    } else {
        ("✗", AnsiColor::Red)
    };
    let color = Style::new().fg_color(Some(color.into()));
    anstream::println!(
        "{color}{mark}{color:#} {bold}{}{bold:#}: {purpose} {dim}({} ms){dim:#}",
        step.name,
        step.millis
    );
    for Exchange { sent, received, millis } in exchanges {
        anstream::println!("  {dim}→{dim:#} {}", sent.replace('\n', "\n    "));
        anstream::println!("  {dim}←{dim:#} {received} {dim}({millis} ms){dim:#}");
    }
    anstream::println!();
}
