//! Files that a person names on the command line.

use std::path::Path;

use learner_record::Document;
use serde_json::Value;

use crate::failure::Failure;

/// The bytes of a file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let path_text = path.display();
    std::fs::read(path).map_err(|error| Failure::unreadable(format!("cannot read {path_text}: {error}")))
}

/// The credential in a file, whatever its name: JSON, a compact JWS (as a JSON string), or a picture with one of them inside.
pub(crate) fn read_credential(path: &Path) -> Result<Value, Failure> {
    match Document::read(&read_bytes(path)?) {
        Ok(Document::Json(credential)) => Ok(credential),
        Ok(Document::Jwt(jws)) => Ok(jws.into()),
        Err(error) => Err(Failure::unreadable(format!("{}: {error}", path.display()))),
    }
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let path_text = path.display();
    std::fs::read_to_string(path).map_err(|error| Failure::unreadable(format!("cannot read {path_text}: {error}")))
}

/// The JSON in a file.
pub(crate) fn read_json(path: &Path) -> Result<Value, Failure> {
    parse(&read_text(path)?, &path.display().to_string())
}

/// The JSON in a text that came from `place`.
pub(crate) fn parse(text: &str, place: &str) -> Result<Value, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| {
        Failure::unreadable(format!(
            "{place} is not JSON: {error}; a record is a JSON file with a ClrCredential"
        ))
    })
}
