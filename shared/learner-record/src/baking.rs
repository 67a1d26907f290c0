//! Credentials inside pictures: PNG and SVG files that carry a record in themselves, so that whoever has the picture has the record.
//!
//! Only the place of the credential changes: all other bytes of a picture stay as they are, and so does the credential's text.
//!
//! <https://www.imsglobal.org/spec/ob/v3p0/#docformat>

mod png;
mod svg;
#[cfg(test)]
mod tests;

use crate::{CredentialKind, Document, NotADocument};

/// Pictures of more bytes are neither read nor written.
pub const MAX_BAKED_BYTES: usize = 16 * 1024 * 1024;

/// Why a picture could not be baked, or why nothing could be taken out of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BakingError {
    /// Of another format.
    #[error("the picture is neither a PNG nor an SVG file")]
    NotAPicture,
    /// More than [`MAX_BAKED_BYTES`].
    #[error("the picture has {0} bytes, at most {MAX_BAKED_BYTES} are allowed")]
    TooLarge(usize),
    /// The file breaks the rules of its format.
    #[error("the {format} file is broken: {fault}")]
    Broken {
        /// PNG or SVG.
        format: &'static str,
        /// What is wrong, and where.
        fault: String,
    },
    /// A picture like any other.
    #[error("the picture carries no credential")]
    NoCredential,
    /// Which of them counts would be anybody's guess.
    #[error("the picture carries {0} credentials, one is allowed")]
    MoreThanOne(usize),
    /// The standard allows plain text only.
    #[error("the credential in the PNG file is compressed, plain text is expected")]
    Compressed,
    /// What should be put into the picture is no credential.
    #[error("the text is no credential: {0}")]
    NotACredential(#[source] Box<NotADocument>),
    /// Pictures carry records and badges only.
    #[error("a ClrCredential or an AchievementCredential is expected, this is something else")]
    OtherCredential,
}

/// Which of the two places a credential has in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Clr,
    OpenBadge,
}

impl Place {
    const ALL: [Self; 2] = [Self::Clr, Self::OpenBadge];

    /// The keyword of the PNG chunk.
    fn keyword(self) -> &'static str {
        match self {
            Self::Clr => "clrcredential",
            Self::OpenBadge => "openbadgecredential",
        }
    }

    /// The namespace of the SVG element.
    fn namespace(self) -> &'static str {
        match self {
            Self::Clr => "https://purl.imsglobal.org/clr/v2p0",
            Self::OpenBadge => "https://purl.imsglobal.org/ob/v3p0",
        }
    }

    /// The prefix of the SVG element.
    fn prefix(self) -> &'static str {
        match self {
            Self::Clr => "clr",
            Self::OpenBadge => "openbadges",
        }
    }
}

/// Puts a credential, as JSON text or as compact JWS, into a picture. One that was there before gives way.
///
/// # Errors
/// The picture is no PNG or SVG file, the text no credential of CLR or Open Badges, or one of them too large.
pub fn bake(picture: &[u8], credential: &str) -> Result<Vec<u8>, BakingError> {
    check_size(picture)?;
    let credential = credential.trim_start_matches('\u{feff}').trim();
    let document = Document::read_text(credential).map_err(|error| BakingError::NotACredential(Box::new(error)))?;
    let place = match document.kind() {
        CredentialKind::Clr => Place::Clr,
        CredentialKind::Achievement => Place::OpenBadge,
        CredentialKind::Endorsement | CredentialKind::Other => return Err(BakingError::OtherCredential),
    };
    if png::is_png(picture) {
        return png::bake(picture, place, credential);
    }
    let is_jws = matches!(document, Document::Jwt(_));
    let baked = svg::bake(svg::text(picture)?, place, credential, is_jws)?;
    Ok(baked.into_bytes())
}

/// Takes the credential out of a picture: JSON text or a compact JWS, as it was put in.
///
/// # Errors
/// The picture is no PNG or SVG file, or carries no credential, or more than one.
pub fn unbake(picture: &[u8]) -> Result<String, BakingError> {
    check_size(picture)?;
    if png::is_png(picture) {
        return png::unbake(picture);
    }
    svg::unbake(svg::text(picture)?)
}

/// Whether bytes begin as a picture does that may carry a credential.
pub(crate) fn is_picture(bytes: &[u8]) -> bool {
    png::is_png(bytes) || svg::text(bytes).is_ok()
}

fn check_size(picture: &[u8]) -> Result<(), BakingError> {
    if picture.len() > MAX_BAKED_BYTES {
        return Err(BakingError::TooLarge(picture.len()));
    }
    Ok(())
}

/// The one credential among those that a picture carries.
fn only_one<T>(found: Vec<T>) -> Result<T, BakingError> {
    let count = found.len();
    match found.into_iter().next() {
        Some(one) if count == 1 => Ok(one),
        Some(_) => Err(BakingError::MoreThanOne(count)),
        None => Err(BakingError::NoCredential),
    }
}
