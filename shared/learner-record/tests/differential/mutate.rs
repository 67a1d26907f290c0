//! Altering a document at random, at any depth.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Map, Value, json};

/// One to three alterations, each at one of the places or wherever chance leads; each is told.
pub(crate) fn mutate(document: &mut Value, places: &[String], random: &mut StdRng) -> Vec<String> {
    // Mostly one: a second one hides what the first one does.
    let count = [1, 1, 1, 2, 3].choose(random).copied().unwrap_or(1);
    (0..count)
        .map(|_| {
            // Half of them anywhere with equal chance, which is mostly deep inside; half near the root.
            let listed = places.choose(random).filter(|_| random.random_bool(0.5));
            let (pointer, place) = match listed.filter(|pointer| document.pointer(pointer).is_some()) {
                Some(pointer) => (pointer.clone(), document.pointer_mut(pointer).unwrap()),
                None => some_place(document, random),
            };
            format!("{pointer}: {}", alter(place, random))
        })
        .collect()
}

/// The JSON pointers of all values in a document.
pub(crate) fn places(document: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut next = 0;
    while let Some(pointer) = places.get(next).cloned() {
        next += 1;
        match document.pointer(&pointer).unwrap() {
            Value::Object(members) => {
                places.extend(members.keys().map(|name| format!("{pointer}/{name}")));
            }
            Value::Array(items) => places.extend((0..items.len()).map(|index| format!("{pointer}/{index}"))),
            _ => {}
        }
    }
    places
}

/// Goes down from the root; each level is as likely to be the last one.
fn some_place<'a>(document: &'a mut Value, random: &mut StdRng) -> (String, &'a mut Value) {
    let mut pointer = String::new();
    let mut place = document;
    for _ in 0..random.random_range(0..9) {
        if children(place) == 0 {
            break;
        }
        let index = random.random_range(0..children(place));
        let (step, next) = match place {
            Value::Object(members) => {
                let (name, next) = members.iter_mut().nth(index).unwrap();
                (name.clone(), next)
            }
            Value::Array(items) => (index.to_string(), &mut items[index]),
            _ => unreachable!("it has children"),
        };
        pointer += &format!("/{step}");
        place = next;
    }
    (pointer, place)
}

fn children(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

/// Alters a value, or what is right inside it.
fn alter(place: &mut Value, random: &mut StdRng) -> String {
    match place {
        Value::Object(members) if !members.is_empty() && random.random_bool(0.8) => alter_members(members, random),
        Value::Array(items) if !items.is_empty() && random.random_bool(0.7) => {
            let index = random.random_range(0..items.len());
            match random.random_range(0..4) {
                0 => {
                    items.remove(index);
                    format!("dropped item {index}")
                }
                1 => {
                    items.push(items[index].clone());
                    format!("doubled item {index}")
                }
                2 => {
                    *place = items[index].clone();
                    format!("item {index} stands alone")
                }
                _ => {
                    let other = random.random_range(0..items.len());
                    items.swap(index, other);
                    format!("swapped items {index} and {other}")
                }
            }
        }
        Value::String(text) if random.random_bool(0.6) => {
            let other = some_text(text, random);
            let told = format!("{text:?} became {other:?}");
            *text = other;
            told
        }
        Value::Bool(flag) if random.random_bool(0.5) => {
            *flag = !*flag;
            format!("became {flag}")
        }
        _ if random.random_bool(0.3) => {
            let value = place.take();
            *place = if random.random_bool(0.5) {
                json!([value])
            } else {
                json!([value, value])
            };
            "became an array".to_owned()
        }
        _ => {
            *place = some_value(random);
            format!("became {place}")
        }
    }
}

fn alter_members(members: &mut Map<String, Value>, random: &mut StdRng) -> String {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = names.choose(random).unwrap().clone();
    match random.random_range(0..5) {
        0 | 1 => {
            members.shift_remove(&name);
            format!("dropped {name:?}")
        }
        2 => {
            let value = members.shift_remove(&name).unwrap_or_default();
            let renamed = match random.random_range(0..3) {
                0 => format!("{name}s"),
                1 => name.to_uppercase(),
                _ => names.choose(random).unwrap().clone(),
            };
            members.insert(renamed.clone(), value);
            format!("renamed {name:?} to {renamed:?}")
        }
        3 => {
            let value = some_value(random);
            let told = format!("{name:?} became {value}");
            members.insert(name, value);
            told
        }
        _ => {
            let value = members[&name].clone();
            members.insert("note".to_owned(), value);
            format!("added \"note\" like {name:?}")
        }
    }
}

fn some_value(random: &mut StdRng) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5),
        json!(""),
        json!("text"),
        json!([]),
        json!(["text"]),
        json!({}),
        json!({"en": "text", "es-MX": "texto"}),
        json!({"deu": "Text"}),
        json!({"id": "urn:uuid:1", "type": ["Profile"]}),
        json!({"id": "data:image/png;base64,AAAA", "type": "Image"}),
        json!({"id": "urn:uuid:2"}),
    ];
    values.choose(random).unwrap().clone()
}

/// Another text of some form that the data model knows, or one like the old.
fn some_text(text: &str, random: &mut StdRng) -> String {
    const TEXTS: [&str; 32] = [
        "",
        "text",
        "ext:own",
        "ext:",
        "Course",
        "Status",
        "LetterGrade",
        "Completed",
        "isPartOf",
        "emailAddress",
        "CFItem",
        "Profile",
        "Image",
        "VerifiableCredential",
        "ClrCredential",
        "AchievementCredential",
        "EndorsementCredential",
        "2026-05-18",
        "2026-02-30",
        "2026-05-18T00:00:00Z",
        "2026-05-18T00:00:00",
        "2099-05-18T00:00:00+02:00",
        "urn:uuid:1",
        "https://a.example/",
        "a.b.c",
        "a..c",
        "en",
        "zh-Hant-TW",
        "data:text/plain,x",
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    ];
    match random.random_range(0..6) {
        0 => text.to_lowercase(),
        1 => format!("{text}x"),
        2 => text.chars().skip(1).collect(),
        _ => (*TEXTS.choose(random).unwrap()).to_owned(),
    }
}
