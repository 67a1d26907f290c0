//! JSON text as a value, when there is but one way to read it.
//!
//! Of two members with the same name some readers take the first, some the last. A signature over what one of them sees is
//! no signature over what the other shows: such a text is refused (RFC 8259, section 4, leaves it open).

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is not read, with its line and column.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotReadable(#[from] serde_json::Error);

/// Reads JSON text.
///
/// # Errors
/// The text is not JSON, holds a member twice in one object, or nests deeper than 127 levels.
pub fn read(text: &str) -> Result<Value, NotReadable> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = AnyValue.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Any JSON value with unique member names.
struct AnyValue;

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(Self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(de::Error::custom(format_args!(
                    "the member {name:?} stands twice in one object"
                )));
            }
            object.insert(name, members.next_value_seed(Self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn what_has_one_reading_is_read_as_serde_json_reads_it() {
        let text = r#" {"b":[1,-2,1.5e3,18446744073709551615,true,null,"é\n"],"a":{"b":{}}} "#;
        assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_with_its_place() {
        let text = "{\"name\": \"A\",\n \"b\": {\"name\": 1, \"n\\u0061me\": 2}}";
        assert!(
            fault(text).starts_with("the member \"name\" stands twice in one object at line 2 column 2"),
            "{}",
            fault(text)
        );
        assert!(read(r#"[{"name":1},{"name":2}]"#).is_ok());
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        assert_eq!(fault("{\"a\": 1,}"), "trailing comma at line 1 column 9");
        assert_eq!(fault("{} {}"), "trailing characters at line 1 column 4");
        assert_eq!(fault(""), "EOF while parsing a value at line 1 column 0");
    }

    #[test]
    fn deep_nesting_is_refused_not_a_crash() {
        assert!(fault(&"[".repeat(1_000_000)).contains("recursion limit"));
    }
}
