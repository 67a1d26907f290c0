//! Pictures that stand in the record itself, as data URIs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{
    pointer::child,
    validate::{Object, Report, quoted},
};

/// A picture inside a record has at most so many bytes, once decoded. Larger ones are warned of in records of others and refused
/// in those that are issued here: a record travels whole, in requests and pages of 4 to 6 MB.
pub const MAX_IMAGE_BYTES: usize = 512 * 1024;

type LooksRight = fn(&[u8]) -> bool;

/// The media types that the standard has for pictures, each with what its bytes look like.
const KINDS: [(&str, LooksRight); 2] = [
    ("image/png", |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n")),
    ("image/svg+xml", |bytes| {
        std::str::from_utf8(bytes).is_ok_and(|text| {
            text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<svg")
        })
    }),
];

/// A data URI holds a picture of the type that it names: PNG or SVG.
pub(crate) fn image_data(image: &Object<'_>, report: &mut Report) {
    let Some(rest) = image.value.get("id").and_then(Value::as_str).and_then(data_uri) else {
        return;
    };
    let pointer = child(image.pointer, "id");
    let (media_type, bytes) = match decode(rest) {
        Ok(decoded) => decoded,
        Err(fault) => {
            let message = format!("the data URI cannot be read: {fault}; data:image/png;base64,… is expected");
            return report.error(pointer, "image-data", message);
        }
    };
    match KINDS.iter().find(|(known, _)| *known == media_type) {
        Some((_, looks_right)) if !looks_right(&bytes) => {
            let message = format!("the bytes of the picture are not of the type {media_type} that it names");
            report.error(&pointer, "image-data", message);
        }
        Some(_) => {}
        None if media_type.starts_with("image/") => {
            let message = format!(
                "{} was found, the picture must be image/png or image/svg+xml",
                quoted(&media_type)
            );
            report.warning(&pointer, "image-type", message);
        }
        None => {
            let message = format!(
                "{} was found, a picture (image/png or image/svg+xml) is expected",
                quoted(&media_type)
            );
            report.error(&pointer, "image-data", message);
        }
    }
    if bytes.len() > MAX_IMAGE_BYTES {
        let message = format!(
            "the picture has {} bytes, at most {MAX_IMAGE_BYTES} are allowed in a record: make it smaller, or refer to it by its URL",
            bytes.len()
        );
        report.warning(pointer, IMAGE_SIZE, message);
    }
}

/// The rule over [`MAX_IMAGE_BYTES`].
pub(crate) const IMAGE_SIZE: &str = "image-size";

/// What follows `data:`.
fn data_uri(id: &str) -> Option<&str> {
    let (scheme, rest) = id.split_at_checked(5)?;
    scheme.eq_ignore_ascii_case("data:").then_some(rest)
}

/// Media type in lower case, and bytes (RFC 2397).
fn decode(rest: &str) -> Result<(String, Vec<u8>), &'static str> {
    let (head, data) = rest.split_once(',').ok_or("it has no comma before its data")?;
    let mut parameters = head.split(';').map(str::trim);
    let media_type = parameters.next().unwrap_or_default().to_ascii_lowercase();
    let plain: Vec<u8> = percent_decode_str(data).collect();
    let bytes = if parameters.any(|parameter| parameter.eq_ignore_ascii_case("base64")) {
        STANDARD.decode(plain).map_err(|_| "its data is not base64")?
    } else {
        plain
    };
    Ok((media_type, bytes))
}
