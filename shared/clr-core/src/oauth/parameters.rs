//! Parameters of a query or a form: none twice, and none without a value (RFC 6749, sections 3.1 and 3.2).

use url::form_urlencoded;

/// Names and values as they were sent.
#[derive(Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

/// A parameter that was sent more than once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} is there more than once")]
pub struct Repeated(pub &'static str);

impl Parameters {
    /// Reads a query or a body of type `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The value; none when it is not there or empty.
    ///
    /// # Errors
    /// It is there more than once.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Repeated(name)),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// All values, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_decoded_and_an_empty_one_is_absent() {
        let parameters = Parameters::parse(b"state=a+b%26c&code=");
        assert_eq!(parameters.one("state"), Ok(Some("a b&c")));
        assert_eq!(parameters.one("code"), Ok(None));
        assert_eq!(parameters.one("scope"), Ok(None));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        assert_eq!(
            Parameters::parse(b"state=a&state=a").one("state"),
            Err(Repeated("state"))
        );
    }
}
