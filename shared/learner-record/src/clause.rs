//! Where a rule is written: sections of public specifications, by the anchors that these have.

use std::fmt;

use serde::{Serialize, Serializer};

/// A section of a specification. Its text form is the section's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// A class or an enumeration of 1EdTech's CLR 2.0, by its name.
    Clr(&'static str),
    /// A class or an enumeration of 1EdTech's Open Badges 3.0, by its name. CLR 2.0 shares most of its classes with it.
    Ob(&'static str),
    /// Another section of Open Badges 3.0, by its anchor.
    ObSection(&'static str),
    /// A section of W3C's Verifiable Credentials Data Model 2.0, by its anchor.
    Vc(&'static str),
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 1EdTech's tool chain gives each class the anchor `org.1edtech.{model}.{class, in lower case}.class`.
        let class = |f: &mut fmt::Formatter<'_>, specification: &str, model: &str, name: &str| {
            let name = name.to_ascii_lowercase();
            write!(
                f,
                "https://www.imsglobal.org/spec/{specification}/#org.1edtech.{model}.{name}.class"
            )
        };
        match self {
            Self::Clr(name) => class(f, "clr/v2p0", "clr.v2p0", name),
            Self::Ob(name) => class(f, "ob/v3p0", "ob.v3p0", name),
            Self::ObSection(anchor) => write!(f, "https://www.imsglobal.org/spec/ob/v3p0/#{anchor}"),
            Self::Vc(anchor) => write!(f, "https://www.w3.org/TR/vc-data-model-2.0/#{anchor}"),
        }
    }
}

impl Serialize for Clause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_written_as_the_url_of_its_section() {
        for (clause, url) in [
            (
                Clause::Clr("ClrSubject"),
                "https://www.imsglobal.org/spec/clr/v2p0/#org.1edtech.clr.v2p0.clrsubject.class",
            ),
            (
                Clause::Ob("IdentityObject"),
                "https://www.imsglobal.org/spec/ob/v3p0/#org.1edtech.ob.v3p0.identityobject.class",
            ),
            (
                Clause::ObSection("serialization"),
                "https://www.imsglobal.org/spec/ob/v3p0/#serialization",
            ),
            (
                Clause::Vc("validity-period"),
                "https://www.w3.org/TR/vc-data-model-2.0/#validity-period",
            ),
        ] {
            assert_eq!(clause.to_string(), url);
            assert_eq!(serde_json::to_value(clause).unwrap(), url);
        }
    }
}
