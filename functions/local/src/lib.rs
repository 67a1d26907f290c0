//! `clr`: the whole service on a laptop, and the operator's and developer's tools.
//!
//! One file per subcommand. `clr` alone is `clr serve`.

mod admin;
mod bake;
mod canonicalize;
mod certify;
mod cost;
mod demo;
mod doctor;
mod document;
pub mod embedded_table;
mod failure;
mod issue;
mod routes;
mod serve;
mod service;
mod tls;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use crate::{
    cost::{ALARM_METRICS, OPERATIONS, Operation, memory, operation},
    routes::{functions, routes},
    service::DEMO_LEARNERS,
};

/// Issues, signs, hosts and verifies 1EdTech CLR 2.0 records.
#[derive(Debug, Parser)]
#[command(name = "clr", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole service on this machine (also without a subcommand).
    Serve(serve::Arguments),
    /// Walk a record through the whole service and show each step.
    Demo(demo::Arguments),
    /// Sign a record with this machine's key.
    Issue(issue::Arguments),
    /// Check a signed record. Ends with 0: valid, 1: invalid, 2: unreadable, 3: could not be checked.
    Verify(verify::Arguments),
    /// Put a signed record into a PNG or SVG file.
    Bake(bake::BakeArguments),
    /// Take the record out of a PNG or SVG file.
    Unbake(bake::UnbakeArguments),
    /// Write the canonical N-Quads of a document.
    Canonicalize(canonicalize::Arguments),
    /// Say what a month costs in AWS.
    Cost(cost::Arguments),
    /// Check a deployment. Ends with 0: all is well, 1: something is wrong, 3: something could not be checked.
    Doctor(doctor::Arguments),
    /// Test a host of the CLR API from outside and write a report. Ends with 0: passed, 1: failed, 3: could not be tested.
    Certify(certify::Arguments),
    /// Look after a deployment.
    #[command(subcommand)]
    Admin(admin::Command),
}

/// The command: reads the arguments, does what they say, tells what went wrong on standard error.
#[must_use]
pub fn run() -> ExitCode {
    let CommandLine { command, serve } = CommandLine::parse();
    let outcome = tokio::runtime::Runtime::new()
        .map_err(failure::Failure::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                match command.unwrap_or(Command::Serve(serve)) {
                    Command::Serve(arguments) => serve::run(arguments).await,
                    Command::Demo(arguments) => demo::run(arguments).await,
                    Command::Issue(arguments) => issue::run(arguments).await,
                    Command::Verify(arguments) => verify::run(arguments).await,
                    Command::Bake(arguments) => bake::bake(&arguments),
                    Command::Unbake(arguments) => bake::unbake(&arguments),
                    Command::Canonicalize(arguments) => canonicalize::run(&arguments),
                    Command::Cost(arguments) => cost::run(&arguments),
                    Command::Doctor(arguments) => doctor::run(arguments).await,
                    Command::Certify(arguments) => certify::run(arguments).await,
                    Command::Admin(command) => admin::run(command).await,
                }
            })
        });
    outcome.unwrap_or_else(|failure| failure.report())
}
