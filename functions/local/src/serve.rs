//! `clr serve`: every function of the service on one loopback port, with a table file and a software key.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clr_core::{rate_limit::LEAST_ATTEMPTS_PER_MINUTE, verification::Policy};
use clr_server::{IdentityProvider, SignIn, paths};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    failure::Failure,
    service::{self, FOLDER, Service, Settings},
};

/// Arguments of `clr serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The port, on 127.0.0.1 alone.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Let anyone who reaches the server issue records: for test suites.
    #[arg(long)]
    open_issue: bool,
    /// Know the W3C examples context, whose vocabulary takes any term, issue in the own name what names another issuer,
    /// and give status entries: for test suites.
    #[arg(long)]
    w3c_suites: bool,
    /// Serve https, with a certificate that is made for it and that nobody vouches for: for test suites.
    #[arg(long)]
    tls: bool,
    /// The issuer where a record names none: one of this folder's two `did:key`s. Either can always be named.
    #[arg(long, value_name = "DID")]
    issuer: Option<String>,
    /// Whose keys are believed where a request to verify does not say.
    #[arg(long, default_value_t)]
    policy: Policy,
    /// Registrations, and verifications without a token, that one address may try in a minute; without end where
    /// --open-issue says that a test suite comes.
    #[arg(long, env = "ATTEMPTS_PER_MINUTE", default_value_t = LEAST_ATTEMPTS_PER_MINUTE, value_parser = clap::value_parser!(u32).range(i64::from(LEAST_ATTEMPTS_PER_MINUTE)..))]
    attempts_per_minute: u32,
}

/// Serves until Ctrl-C.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    log_to_standard_error();
    let settings = Settings {
        open_issue: arguments.open_issue,
        identity_provider: IdentityProvider::from_env()?,
        w3c_suites: arguments.w3c_suites,
        tls: arguments.tls,
        issuer: arguments.issuer.clone(),
        policy: arguments.policy,
        attempts_per_minute: if arguments.open_issue {
            u32::MAX
        } else {
            arguments.attempts_per_minute
        },
        ..Settings::usual(service::database_of_this_folder()?, service::keys_of_this_folder()?)
    };
    let service = Service::on_port(arguments.port, settings).await?;
    announce(&service, &arguments).await?;
    service.run().await?;
    Ok(ExitCode::SUCCESS)
}

async fn announce(service: &Service, arguments: &Arguments) -> Result<(), Failure> {
    let (bold, yellow) = (
        Style::new().bold(),
        Style::new().fg_color(Some(AnsiColor::Yellow.into())),
    );
    let base = service.url.as_str().trim_end_matches('/');
    anstream::println!("{bold}CLR service{bold:#} at {bold}{base}{bold:#}, until Ctrl-C\n");
    for (name, path) in [
        ("discovery", paths::CLR_DISCOVERY),
        ("credentials", paths::CLR_CREDENTIALS),
        ("register", paths::REGISTER),
        ("authorize", paths::AUTHORIZE),
        ("token", paths::TOKEN),
        ("grants", paths::GRANTS),
        ("issue", paths::ISSUE),
        ("verify", paths::VERIFY),
    ] {
        anstream::println!("  {name:<12} {base}{path}");
    }
    for issuer in service.app.issuers.all().await? {
        anstream::println!("  {:<12} {}", "issuer", issuer.id);
    }
    let insecure = if arguments.tls { "--insecure " } else { "" };
    anstream::println!(
        "\nTry in another terminal:  curl {insecure}{base}{}",
        paths::CLR_DISCOVERY
    );
    anstream::println!("A client that may issue:  clr admin client create --scope issue\n");
    let warn = |text: &str| anstream::eprintln!("{yellow}warning:{yellow:#} {text}");
    let sign_in = match &*service.app.sign_in {
        SignIn::IdentityProvider(provider) => format!("learners sign in at {}", provider.issuer),
        _ => "demo learners sign in without a password".to_owned(),
    };
    warn(&format!(
        "this runs on a table file and a software key in {FOLDER}/, and {sign_in}: for trying out, not for learners' records"
    ));
    if arguments.open_issue {
        warn("--open-issue: whoever reaches this port can issue records in this issuer's name");
    }
    if arguments.policy != Policy::default() {
        warn(&format!(
            "--policy {}: verdicts are given by it where a request does not name one",
            arguments.policy
        ));
    }
    if arguments.w3c_suites {
        warn("--w3c-suites: documents may use the W3C examples context, which defines any term");
    }
    Ok(())
}

fn log_to_standard_error() {
    tracing_subscriber::registry()
        .with(clr_server::log_filter(LevelFilter::INFO))
        .with(
            tracing_subscriber::fmt::layer()
                .with_target(false)
                .with_writer(std::io::stderr),
        )
        .init();
    clr_server::log_panics();
}
