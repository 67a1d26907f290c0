//! `clr bake` and `clr unbake`: a credential into a picture, and out of it.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use learner_record::baking;

use crate::{document, failure::Failure};

/// Arguments of `clr bake`.
#[derive(Debug, clap::Args)]
pub(crate) struct BakeArguments {
    /// A signed ClrCredential or AchievementCredential: JSON, or a compact JWS.
    record: PathBuf,
    /// A PNG or SVG file. A credential that it carries already gives way.
    picture: PathBuf,
    /// Where the new picture goes; standard output if missing.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// Arguments of `clr unbake`.
#[derive(Debug, clap::Args)]
pub(crate) struct UnbakeArguments {
    /// A PNG or SVG file with a credential inside.
    picture: PathBuf,
}

/// Writes the picture with the credential inside.
pub(crate) fn bake(arguments: &BakeArguments) -> Result<ExitCode, Failure> {
    let credential = document::read_text(&arguments.record)?;
    let picture = document::read_bytes(&arguments.picture)?;
    let baked = baking::bake(&picture, &credential).map_err(|error| Failure::unreadable(error.to_string()))?;
    match &arguments.output {
        Some(path) => std::fs::write(path, baked)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?,
        None if std::io::stdout().is_terminal() => {
            return Err(Failure::new("a terminal shows no pictures: name a file with --output"));
        }
        None => std::io::stdout().write_all(&baked)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the credential to standard output, as it was put in.
pub(crate) fn unbake(arguments: &UnbakeArguments) -> Result<ExitCode, Failure> {
    let picture = document::read_bytes(&arguments.picture)?;
    let place = arguments.picture.display();
    let credential = baking::unbake(&picture).map_err(|error| Failure::unreadable(format!("{place}: {error}")))?;
    anstream::println!("{credential}");
    Ok(ExitCode::SUCCESS)
}
