//! `clr`: the whole service on a laptop, and the operator's and developer's tools.
//!
//! One file per subcommand. `clr` alone is `clr serve`.

mod admin;
mod canonicalize;
mod document;
pub mod embedded_table;
mod failure;
mod routes;
mod serve;
mod service;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use crate::{
    routes::{functions, routes},
    service::DEMO_LEARNERS,
};

/// Issues, signs, hosts and verifies 1EdTech CLR 2.0 records.
#[derive(Debug, Parser)]
#[command(name = "clr", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole service on this machine (also without a subcommand).
    Serve(serve::Arguments),
    /// Write the canonical N-Quads of a document.
    Canonicalize(canonicalize::Arguments),
    /// Look after a deployment.
    #[command(subcommand)]
    Admin(admin::Command),
}

/// The command: reads the arguments, does what they say, tells what went wrong on standard error.
#[must_use]
pub fn run() -> ExitCode {
    let Arguments { command, serve } = Arguments::parse();
    let outcome = tokio::runtime::Runtime::new()
        .map_err(failure::Failure::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                match command.unwrap_or(Command::Serve(serve)) {
                    Command::Serve(arguments) => serve::run(arguments).await,
                    Command::Canonicalize(arguments) => canonicalize::run(&arguments),
                    Command::Admin(command) => admin::run(command).await,
                }
            })
        });
    outcome.unwrap_or_else(|failure| failure.report())
}
