//! Baking held to its promises: on published samples, on small files made here, and on random ones.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::{BakingError, bake, unbake};
use crate::{CredentialKind, Document, vectors};

const RECORD: &str =
    r#"{"type": ["VerifiableCredential", "ClrCredential"], "name": "Ada's é 𝄞 ]]> <&\"", "x": [[[]]]}"#;
const BADGE: &str = r#"{"type": ["VerifiableCredential", "OpenBadgeCredential"]}"#;

fn jws(credential: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"ES256"}"#), part(credential))
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind);
    hasher.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_slice(), data, &hasher.finalize().to_be_bytes()].concat()
}

/// A PNG file with these chunks between its header and its end.
fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    for (kind, data) in chunks {
        file.extend(chunk(kind, data));
    }
    file.extend(chunk(b"IEND", &[]));
    file
}

fn baked(picture: &[u8], credential: &str) -> Vec<u8> {
    let baked = bake(picture, credential).unwrap();
    assert_eq!(unbake(&baked).unwrap(), credential);
    baked
}

fn baked_svg(picture: &str, credential: &str) -> String {
    String::from_utf8(baked(picture.as_bytes(), credential)).unwrap()
}

#[test]
fn published_pictures_carry_the_credentials_that_are_stated_for_them() {
    let Some(vectors) = vectors::root() else { return };
    for (file, is_jwt) in [
        ("simple-json.svg", false),
        ("simple-jwt_v1.svg", true),
        ("simple-jwt.png", true),
    ] {
        let bytes = std::fs::read(vectors.join("credentials/ob30").join(file)).unwrap();
        let document = Document::read(&bytes).unwrap();
        assert_eq!(matches!(document, Document::Jwt(_)), is_jwt, "{file}");
        assert_eq!(document.kind(), CredentialKind::Achievement, "{file}");
        // Baked anew it is there once, and the same.
        assert_eq!(unbake(&baked(&bytes, &jws(BADGE))).unwrap(), jws(BADGE), "{file}");
        let text = unbake(&bytes).unwrap();
        assert_eq!(Document::read(&baked(&bytes, &text)).unwrap(), document, "{file}");
    }
}

#[test]
fn a_png_gets_one_uncompressed_chunk_behind_its_header_and_keeps_all_others() {
    let picture = png(&[(b"tEXt", b"Title\0A seal"), (b"IDAT", b"\x08\x1d")]);
    let record = [b"clrcredential\0\0\0\0\0", RECORD.as_bytes()].concat();
    let expected = png(&[(b"iTXt", &record), (b"tEXt", b"Title\0A seal"), (b"IDAT", b"\x08\x1d")]);
    assert_eq!(baked(&picture, RECORD), expected);
    let badge = [b"openbadgecredential\0\0\0\0\0", jws(BADGE).as_bytes()].concat();
    let expected = png(&[(b"iTXt", &badge), (b"tEXt", b"Title\0A seal"), (b"IDAT", b"\x08\x1d")]);
    // The record that was in it gives way to the badge.
    assert_eq!(baked(&baked(&picture, RECORD), &jws(BADGE)), expected);
}

#[test]
fn a_png_without_one_plain_credential_is_told_apart() {
    let text = |keyword: &str, compression: u8| {
        [
            keyword.as_bytes(),
            &[0, compression, 0],
            b"en\0title\0",
            RECORD.as_bytes(),
        ]
        .concat()
    };
    let plain = text("clrcredential", 0);
    assert_eq!(unbake(&png(&[(b"iTXt", &plain)])).unwrap(), RECORD);
    assert!(matches!(
        unbake(&png(&[(b"iTXt", &text("Comment", 0))])),
        Err(BakingError::NoCredential)
    ));
    assert!(matches!(
        unbake(&png(&[(b"iTXt", &plain), (b"iTXt", &plain)])),
        Err(BakingError::MoreThanOne(2))
    ));
    assert!(matches!(
        unbake(&png(&[(b"iTXt", &text("clrcredential", 1))])),
        Err(BakingError::Compressed)
    ));
    let mut altered = png(&[(b"iTXt", &plain)]);
    let name = altered.windows(3).position(|window| window == b"Ada").unwrap();
    altered[name] = b'I';
    let error = unbake(&altered).unwrap_err().to_string();
    assert_eq!(
        error,
        "the PNG file is broken: the checksum of the chunk at byte 33 is wrong"
    );
}

#[test]
fn an_svg_gets_one_element_behind_its_opening_tag_and_keeps_the_rest() {
    let rest = "\n  <title>A <![CDATA[seal]]> &amp; more</title><circle r='1'/>\n</svg>\n<!-- end -->";
    let start = "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\">\n<svg xmlns=\"http://www.w3.org/2000/svg\"";
    let picture = format!("{start} width='1'>{rest}");
    let data = RECORD.replace("]]>", "]]]]><![CDATA[>");
    let declared = start.replacen("<svg", "<svg xmlns:clr=\"https://purl.imsglobal.org/clr/v2p0\"", 1);
    assert_eq!(
        baked_svg(&picture, RECORD),
        format!("{declared} width='1'><clr:credential><![CDATA[{data}]]></clr:credential>{rest}")
    );
    let declared = start.replacen(
        "<svg",
        "<svg xmlns:openbadges=\"https://purl.imsglobal.org/ob/v3p0\"",
        1,
    );
    let badge = jws(BADGE);
    assert_eq!(
        baked_svg(&picture, &badge),
        format!("{declared} width='1'><openbadges:credential verify=\"{badge}\"></openbadges:credential>{rest}")
    );
    // Baked again, the first one is gone.
    assert_eq!(
        baked_svg(&baked_svg(&picture, BADGE), &badge),
        baked_svg(&picture, &badge)
    );
}

#[test]
fn an_svg_is_read_by_its_namespaces_not_by_its_prefixes() {
    let carried = |text: &str| unbake(text.as_bytes()).unwrap();
    let clr = "https://purl.imsglobal.org/clr/v2p0";
    assert_eq!(
        carried(&format!(
            "<s:svg xmlns:s='x' xmlns='{clr}'><credential>\n {{}} &amp;&#x21;</credential></s:svg>"
        )),
        "{} &!"
    );
    assert_eq!(
        carried(&format!(
            "<svg><g><c:credential xmlns:c='{clr}' verify='a.b.c'/></g></svg>"
        )),
        "a.b.c"
    );
    for without in [
        "<svg><credential>{}</credential></svg>",
        "<svg xmlns:clr='x'><clr:credential>{}</clr:credential></svg>",
    ] {
        assert!(
            matches!(unbake(without.as_bytes()), Err(BakingError::NoCredential)),
            "{without}"
        );
    }
    let twice = format!("<svg xmlns:c='{clr}'><c:credential verify='a.b.c'/><c:credential>{{}}</c:credential></svg>");
    assert!(matches!(unbake(twice.as_bytes()), Err(BakingError::MoreThanOne(2))));
}

#[test]
fn an_svg_of_one_tag_or_with_the_prefix_in_other_use_is_baked_too() {
    assert!(
        baked_svg("<svg width='1'/>", RECORD)
            .starts_with("<svg xmlns:clr=\"https://purl.imsglobal.org/clr/v2p0\" width='1'><clr:credential>")
    );
    assert!(baked_svg("<s:svg xmlns:s='x' />", RECORD).ends_with("</s:svg>"));
    assert!(
        baked_svg("<svg xmlns:clr='y'><clr:g/></svg>", RECORD)
            .starts_with("<svg xmlns:clr='y'><clr:credential xmlns:clr=\"https")
    );
    assert!(baked_svg("\u{feff}<svg></svg>", RECORD).starts_with("\u{feff}<svg xmlns:clr"));
}

#[test]
fn characters_that_xml_cannot_have_are_written_as_json_escapes() {
    let record = RECORD.replace("𝄞", "\u{fffe}\u{ffff}");
    let baked = bake(b"<svg></svg>", &record).unwrap();
    assert_eq!(Document::read(&baked).unwrap(), Document::read_text(&record).unwrap());
    assert!(!String::from_utf8(baked).unwrap().contains(['\u{fffe}', '\u{ffff}']));
}

#[test]
fn what_is_no_picture_or_no_credential_of_this_kind_is_refused() {
    let told = |picture: &[u8], credential: &str| bake(picture, credential).unwrap_err().to_string();
    assert_eq!(told(b"GIF89a", RECORD), "the picture is neither a PNG nor an SVG file");
    assert_eq!(
        told(b"<html></html>", RECORD),
        "the picture is neither a PNG nor an SVG file"
    );
    assert!(told(b"<svg></svg>", "a transcript").starts_with("the text is no credential: not JSON"));
    let endorsement = r#"{"type": ["VerifiableCredential", "EndorsementCredential"]}"#;
    assert!(told(b"<svg></svg>", endorsement).starts_with("a ClrCredential or an AchievementCredential"));
    for broken in [
        "<svg>",
        "<svg><g></svg>",
        "<svg a=1></svg>",
        "<svg></svg",
        "<svg></svg></svg>",
    ] {
        assert!(
            matches!(bake(broken.as_bytes(), RECORD), Err(BakingError::Broken { .. })),
            "{broken}"
        );
    }
    let element = "<svg xmlns:clr='https://purl.imsglobal.org/clr/v2p0'><clr:credential><b/></clr:credential></svg>";
    assert!(matches!(unbake(element.as_bytes()), Err(BakingError::Broken { .. })));
    let entity = "<!DOCTYPE svg [<!ENTITY e 'x'>]><svg xmlns:clr='https://purl.imsglobal.org/clr/v2p0'><clr:credential>&e;</clr:credential></svg>";
    assert!(matches!(unbake(entity.as_bytes()), Err(BakingError::Broken { .. })));
    let large = vec![b' '; super::MAX_BAKED_BYTES + 1];
    assert!(matches!(unbake(&large), Err(BakingError::TooLarge(_))));
}

#[test]
fn random_credentials_come_out_of_random_pictures_as_they_went_in() {
    for seed in 0..500 {
        let random = &mut StdRng::seed_from_u64(seed);
        let mut text = || -> String {
            (0..random.random_range(0..40))
                .map(|_| random.random::<char>())
                .collect()
        };
        // XML turns a carriage return into a line feed, and JSON has none but as an escape.
        let mut credential = json!({"type": ["VerifiableCredential", "ClrCredential"]});
        for _ in 0..3 {
            credential[text()] = json!([text(), "]]>", text()]);
        }
        let credential = credential.to_string();
        let comment = text().replace(['<', '&', '-', '\r'], "");
        let svg = format!("<!--{comment}--><svg xmlns='x'><g a='1'>{comment}</g></svg>");
        let bytes: Vec<u8> = (0..random.random_range(0..2000)).map(|_| random.random()).collect();
        let png = png(&[(b"IDAT", &bytes), (b"iTXt", b"Comment\0\0\0\0\0clrcredential")]);

        let baked_png = bake(&png, &credential).unwrap();
        assert_eq!(unbake(&baked_png).unwrap(), credential, "seed {seed}");
        let added = baked_png.len() - png.len();
        assert_eq!(
            [&baked_png[..33], &baked_png[33 + added..]].concat(),
            png,
            "seed {seed}: other bytes changed"
        );

        let baked_svg = bake(svg.as_bytes(), &credential).unwrap();
        assert_eq!(
            Document::read(&baked_svg).unwrap(),
            Document::read_text(&credential).unwrap(),
            "seed {seed}"
        );
        let baked_svg = String::from_utf8(baked_svg).unwrap();
        let start = baked_svg.find("<clr:credential>").unwrap();
        let end = baked_svg.find("</clr:credential>").unwrap() + "</clr:credential>".len();
        let without = format!("{}{}", &baked_svg[..start], &baked_svg[end..]);
        assert_eq!(
            without.replacen(" xmlns:clr=\"https://purl.imsglobal.org/clr/v2p0\"", "", 1),
            svg,
            "seed {seed}"
        );
    }
}

#[test]
fn no_altered_byte_and_no_cut_makes_a_reader_panic() {
    let pictures = [
        bake(&png(&[(b"IDAT", b"\x08\x1d")]), BADGE).unwrap(),
        bake(b"<svg><g/></svg>", BADGE).unwrap(),
    ];
    for picture in pictures {
        for place in 0..picture.len() {
            let _ = unbake(&picture[..place]);
            for value in [0, 0x20, 0x3c, 0x7f, 0xff] {
                let mut altered = picture.clone();
                altered[place] = value;
                if unbake(&altered).is_ok() {
                    let _ = bake(&altered, BADGE);
                }
            }
        }
    }
}
