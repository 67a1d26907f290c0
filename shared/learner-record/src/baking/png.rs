//! PNG: an uncompressed `iTXt` chunk, right behind the header.
//!
//! Chunks are told apart and put together again; what is in the others is never looked at.
//!
//! <https://www.w3.org/TR/png-3/#11iTXt>

use std::ops::Range;

use super::{BakingError, Place, only_one};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

pub(super) fn bake(picture: &[u8], place: Place, credential: &str) -> Result<Vec<u8>, BakingError> {
    let mut baked = SIGNATURE.to_vec();
    let mut end = SIGNATURE.len();
    for chunk in chunks(picture)? {
        end = chunk.place.end;
        if chunk.is_credential() {
            continue;
        }
        baked.extend_from_slice(&picture[chunk.place.clone()]);
        if chunk.kind == *b"IHDR" {
            baked.extend(credential_chunk(place, credential)?);
        }
    }
    // What some programs leave behind the end is not ours to drop.
    baked.extend_from_slice(&picture[end..]);
    Ok(baked)
}

pub(super) fn unbake(picture: &[u8]) -> Result<String, BakingError> {
    let found = chunks(picture)?.into_iter().filter(Chunk::is_credential).collect();
    only_one(found)?.text()
}

/// One chunk of a file.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    checksum: u32,
    /// All of it: length, type, data and checksum.
    place: Range<usize>,
}

/// The chunks up to `IEND`, which is among them.
fn chunks(picture: &[u8]) -> Result<Vec<Chunk<'_>>, BakingError> {
    let mut chunks = Vec::new();
    let mut start = SIGNATURE.len();
    loop {
        let number = |at: usize| picture.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        let chunk = (|| {
            let length = usize::try_from(number(start)?).ok()?;
            let data = start + 8..(start + 8).checked_add(length)?;
            Some(Chunk {
                kind: picture.get(start + 4..start + 8)?.try_into().ok()?,
                data: picture.get(data.clone())?,
                checksum: number(data.end)?,
                place: start..data.end + 4,
            })
        })()
        .ok_or_else(|| broken(format!("it ends inside the chunk at byte {start}")))?;
        if chunks.is_empty() && chunk.kind != *b"IHDR" {
            return Err(broken("its first chunk is not IHDR"));
        }
        start = chunk.place.end;
        let is_last = chunk.kind == *b"IEND";
        chunks.push(chunk);
        if is_last {
            return Ok(chunks);
        }
    }
}

impl Chunk<'_> {
    fn is_credential(&self) -> bool {
        self.kind == *b"iTXt"
            && Place::ALL.iter().any(|place| {
                let keyword = place.keyword().as_bytes();
                self.data.starts_with(keyword) && self.data.get(keyword.len()) == Some(&0)
            })
    }

    /// The text after keyword, compression flag and method, language tag and translated keyword.
    fn text(&self) -> Result<String, BakingError> {
        let at = self.place.start;
        if checksum(self.kind, self.data) != self.checksum {
            return Err(broken(format!("the checksum of the chunk at byte {at} is wrong")));
        }
        let fields = || {
            let (_keyword, rest) = split_at_zero(self.data)?;
            let (compression, rest) = rest.split_at_checked(2)?;
            let (_language, rest) = split_at_zero(rest)?;
            let (_translated, text) = split_at_zero(rest)?;
            Some((compression[0], text))
        };
        match fields() {
            None => Err(broken(format!("the iTXt chunk at byte {at} lacks a field"))),
            Some((0, text)) => String::from_utf8(text.to_vec())
                .map_err(|_| broken(format!("the text of the chunk at byte {at} is not UTF-8"))),
            Some(_) => Err(BakingError::Compressed),
        }
    }
}

fn credential_chunk(place: Place, credential: &str) -> Result<Vec<u8>, BakingError> {
    // No compression, no language, no translated keyword.
    let data = [place.keyword().as_bytes(), &[0; 5], credential.as_bytes()].concat();
    let length = i32::try_from(data.len()).map_err(|_| BakingError::TooLarge(data.len()))?;
    let checksum = checksum(*b"iTXt", &data);
    Ok([
        &length.to_be_bytes(),
        b"iTXt".as_slice(),
        &data,
        &checksum.to_be_bytes(),
    ]
    .concat())
}

fn checksum(kind: [u8; 4], data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&kind);
    hasher.update(data);
    hasher.finalize()
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn broken(fault: impl Into<String>) -> BakingError {
    BakingError::Broken {
        format: "PNG",
        fault: fault.into(),
    }
}
