//! SVG: one `credential` element right behind the opening `svg` tag, a JWS in its attribute `verify`, JSON in CDATA.
//!
//! The file is read by its structure, with namespaces, and changed as text. No entity but XML's own is ever expanded.

use std::ops::Range;

use quick_xml::{
    NsReader,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::{BakingError, Place, only_one};
use crate::validate::formats;

/// The text of a file that may be an SVG file.
pub(super) fn text(bytes: &[u8]) -> Result<&str, BakingError> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.trim_start_matches('\u{feff}').trim_start().starts_with('<'))
        .ok_or(BakingError::NotAPicture)
}

pub(super) fn bake(picture: &str, place: Place, credential: &str, is_jws: bool) -> Result<String, BakingError> {
    let parts = read(picture)?;
    let prefix = place.prefix();
    let declaration = format!(" xmlns:{prefix}=\"{}\"", place.namespace());
    let declared = parts.declarations.iter().find(|(name, _)| name == prefix);
    let (on_svg, on_element) = match declared {
        None => (declaration.as_str(), ""),
        Some((_, namespace)) if namespace == place.namespace() => ("", ""),
        // The prefix has another meaning here, but need not have it inside the element.
        Some(_) => ("", declaration.as_str()),
    };
    let element = if is_jws {
        format!("<{prefix}:credential{on_element} verify=\"{credential}\"></{prefix}:credential>")
    } else {
        let data = character_data(credential);
        format!("<{prefix}:credential{on_element}><![CDATA[{data}]]></{prefix}:credential>")
    };

    let name_end = parts.svg.start + 1 + parts.name.len();
    let mut baked = format!("{}{on_svg}", &picture[..name_end]);
    if parts.is_empty {
        let attributes = picture[name_end..parts.svg.end].trim_end_matches("/>");
        baked += &format!("{attributes}>{element}</{}>", parts.name);
    } else {
        baked += &picture[name_end..parts.svg.end];
        baked += &element;
    }
    let mut kept = parts.svg.end;
    for former in &parts.credentials {
        baked += &picture[kept..former.place.start];
        kept = former.place.end;
    }
    baked += &picture[kept..];
    Ok(baked)
}

pub(super) fn unbake(picture: &str) -> Result<String, BakingError> {
    only_one(read(picture)?.credentials).map(|element| element.credential)
}

/// What counts in an SVG file.
struct Parts {
    /// The opening tag.
    svg: Range<usize>,
    /// The name in the opening tag, with its prefix.
    name: String,
    /// Whether the opening tag is the closing one too.
    is_empty: bool,
    /// Prefixes and namespaces that the opening tag declares.
    declarations: Vec<(String, String)>,
    credentials: Vec<Element>,
}

/// A `credential` element.
struct Element {
    place: Range<usize>,
    credential: String,
}

fn read(picture: &str) -> Result<Parts, BakingError> {
    // The reader leaves out a byte order mark in what it counts.
    let skipped = picture.len() - picture.trim_start_matches('\u{feff}').len();
    let mut reader = NsReader::from_str(&picture[skipped..]);
    let mut parts: Option<Parts> = None;
    // The element that is being read: where it starts, how deep it stands, its credential so far.
    let mut open: Option<(usize, usize, String)> = None;
    let mut depth = 0_usize;
    loop {
        let start = position(&reader, skipped);
        let (namespace, event) = reader.read_resolved_event().map_err(broken)?;
        let is_credential = is_credential(&namespace, &event);
        let end = position(&reader, skipped);
        match event {
            Event::Start(_) | Event::Empty(_) if open.is_some() => {
                return Err(broken("the credential holds an element, text is expected"));
            }
            Event::Start(tag) => {
                if is_credential {
                    open = Some((start, depth, verify(&tag)?));
                } else if parts.is_none() {
                    parts = Some(opening(&tag, start..end, false)?);
                }
                depth += 1;
            }
            Event::Empty(tag) => {
                if let (true, Some(parts)) = (is_credential, &mut parts) {
                    let credential = verify(&tag)?;
                    parts.credentials.push(Element {
                        place: start..end,
                        credential,
                    });
                } else if parts.is_none() {
                    parts = Some(opening(&tag, start..end, true)?);
                }
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if let Some((start, _, credential)) = open.take_if(|(_, level, _)| *level == depth)
                    && let Some(parts) = &mut parts
                {
                    let credential = credential.trim().to_owned();
                    parts.credentials.push(Element {
                        place: start..end,
                        credential,
                    });
                }
            }
            Event::CData(data) => add(&mut open, &data.into_inner()),
            Event::Text(text) => add(&mut open, &text.into_inner()),
            Event::GeneralRef(reference) if open.is_some() => {
                let character = reference.resolve_char_ref().map_err(broken)?;
                let character = character.or_else(|| predefined(&reference.into_inner()));
                let character = character.ok_or_else(|| broken("the credential holds an entity of the file's own"))?;
                add(&mut open, character.encode_utf8(&mut [0; 4]));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match parts {
        Some(parts) if depth == 0 => Ok(parts),
        Some(_) => Err(broken("it ends inside an element")),
        None => Err(BakingError::NotAPicture),
    }
}

fn add(open: &mut Option<(usize, usize, String)>, text: &str) {
    if let Some((_, _, credential)) = open {
        credential.push_str(text);
    }
}

/// The opening tag of the file, which must be that of an SVG file.
fn opening(tag: &BytesStart<'_>, svg: Range<usize>, is_empty: bool) -> Result<Parts, BakingError> {
    if tag.local_name().as_ref() != "svg" {
        return Err(BakingError::NotAPicture);
    }
    let mut declarations = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(broken)?;
        if let Some(prefix) = attribute.key.as_ref().strip_prefix("xmlns:") {
            declarations.push((prefix.to_owned(), attribute.value.as_ref().to_owned()));
        }
    }
    Ok(Parts {
        svg,
        name: tag.name().as_ref().to_owned(),
        is_empty,
        declarations,
        credentials: Vec::new(),
    })
}

fn is_credential(namespace: &ResolveResult<'_>, event: &Event<'_>) -> bool {
    let (Event::Start(tag) | Event::Empty(tag)) = event else {
        return false;
    };
    let ResolveResult::Bound(namespace) = namespace else {
        return false;
    };
    tag.local_name().as_ref() == "credential" && Place::ALL.iter().any(|place| place.namespace() == namespace.as_ref())
}

/// The compact JWS of the attribute `verify`, or nothing where the element has none.
fn verify(tag: &BytesStart<'_>) -> Result<String, BakingError> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(broken)?;
        if attribute.key.as_ref() == "verify" {
            let jws = attribute.value.trim();
            if !formats::is_compact_jws(jws) {
                return Err(broken("the attribute verify of the credential is not a compact JWS"));
            }
            return Ok(jws.to_owned());
        }
    }
    Ok(String::new())
}

/// JSON as character data. It ends at `]]>`, which a JSON text has in strings at most, as is the case with the two characters
/// that XML cannot have at all.
fn character_data(json: &str) -> String {
    json.replace("]]>", "]]]]><![CDATA[>")
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff")
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn position(reader: &NsReader<&[u8]>, skipped: usize) -> usize {
    // A position in a text that is in memory fits.
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX) + skipped
}

fn broken(fault: impl ToString) -> BakingError {
    BakingError::Broken {
        format: "SVG",
        fault: fault.to_string(),
    }
}
