//! The classes of CLR 2.0 and Open Badges 3.0 as data: what an object may hold, how often, and in which form.
//!
//! The tables stand in [`classes`] and [`vocabularies`]; validation, completion and repair walk them. To add a
//! property, add its row; to add a rule over several properties, name it in the `rules` of its class.

pub(crate) mod classes;
#[cfg(test)]
mod published;
pub(crate) mod vocabularies;

use serde_json::Value;

use crate::{Clause, kind::CredentialKind, validate::Rule};

/// A class of the data model.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// Where it is defined.
    pub(crate) clause: Clause,
    /// The class whose properties and rules this one shares; a property of the same name here takes the place of the inherited one.
    pub(crate) extends: Option<&'static Class>,
    pub(crate) properties: &'static [Property],
    /// Whether objects may hold properties that no row names.
    pub(crate) open: bool,
    /// Rules over more than one property.
    pub(crate) rules: &'static [Rule],
}

/// A row of a class: one property.
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) cardinality: Cardinality,
    pub(crate) form: Form,
    /// The edition of the Verifiable Credentials data model that the row belongs to; `None` for both.
    pub(crate) edition: Option<Edition>,
}

/// How often a property stands in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cardinality {
    /// 1
    One,
    /// 0..1
    Optional,
    /// 1..*
    OneOrMore,
    /// 0..*
    Many,
}

/// The form of a value.
pub(crate) enum Form {
    /// String, Markdown, phone number, identifier: any text.
    Text,
    /// A text, or W3C's object of a text with its language and direction.
    LanguageText,
    /// An absolute URI.
    Uri,
    /// RFC 3339 with offset.
    DateTime,
    /// YYYY-MM-DD.
    Date,
    Number,
    Boolean,
    EmailAddress,
    /// BCP 47, the part that the standard takes.
    LanguageCode,
    /// ISO 3166-1 alpha-2.
    CountryCode,
    CompactJws,
    /// A digest as Subresource Integrity writes it: `sha384-…`.
    SubresourceIntegrity,
    /// A value in base58 or base64url, told apart by its first letter.
    Multibase,
    Vocabulary(&'static Vocabulary),
    /// A JSON-LD context: URL or inline object.
    Context,
    /// `type` of a class that is written as this one string.
    TypeName(&'static str),
    /// `type` as a set: of each group at least one.
    TypeSet(&'static [&'static [&'static str]]),
    Object(&'static Class),
    /// A URI, or an object.
    UriOrObject(&'static Class),
    /// A credential; its own `type` decides the class.
    Credential,
    /// An EndorsementCredential.
    Endorsement,
}

/// An enumeration.
pub(crate) struct Vocabulary {
    pub(crate) name: &'static str,
    /// Where it is defined.
    pub(crate) clause: Clause,
    pub(crate) terms: &'static [&'static str],
    /// Whether terms of one's own are allowed, written `ext:…`.
    pub(crate) extensible: bool,
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the document.
    Alone,
    /// Inside another credential of this edition.
    Inside(Edition),
}

/// The edition of the Verifiable Credentials data model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    V1_1,
    V2_0,
}

impl Class {
    /// The rows that count in an edition, its own first.
    pub(crate) fn properties(&'static self, edition: Edition) -> impl Iterator<Item = &'static Property> {
        let inherited = self.extends.into_iter().flat_map(|base| base.properties.iter());
        self.properties
            .iter()
            .chain(inherited.filter(|property| !self.properties.iter().any(|own| own.name == property.name)))
            .filter(move |property| property.edition.is_none_or(|only| only == edition))
    }

    /// The row of a property.
    pub(crate) fn property(&'static self, name: &str, edition: Edition) -> Option<&'static Property> {
        self.properties(edition).find(|property| property.name == name)
    }

    /// What `type` says of an object of this class, as 1EdTech writes it; `None` where the table leaves it open.
    pub(crate) fn type_value(&'static self) -> Option<Value> {
        match &self.property("type", Edition::V2_0)?.form {
            Form::TypeName(name) => Some((*name).into()),
            Form::TypeSet(groups) => Some(groups.iter().map(|group| Value::from(group[0])).collect()),
            _ => None,
        }
    }

    /// Every name that the table knows for `type` of this class.
    pub(crate) fn type_names(&'static self) -> Vec<&'static str> {
        match self.property("type", Edition::V2_0).map(|property| &property.form) {
            Some(Form::TypeName(name)) => vec![*name],
            Some(Form::TypeSet(groups)) => groups.iter().copied().flatten().copied().collect(),
            _ => Vec::new(),
        }
    }

    /// The rules over several properties, inherited ones first.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.extends.into_iter().flat_map(|base| base.rules).chain(self.rules)
    }

    /// The class of a credential by its `type`; inside a record, one of an unknown type is held to 1EdTech's base class.
    pub(crate) fn of_credential(credential: &Value, place: Place) -> &'static Self {
        match (CredentialKind::of(credential), place) {
            (CredentialKind::Clr, _) => &classes::CLR_CREDENTIAL,
            (CredentialKind::Achievement, _) => &classes::ACHIEVEMENT_CREDENTIAL,
            (CredentialKind::Endorsement, _) => &classes::ENDORSEMENT_CREDENTIAL,
            (CredentialKind::Other, Place::Inside(_)) => &classes::VERIFIABLE_CREDENTIAL,
            (CredentialKind::Other, Place::Alone) => &classes::w3c::CREDENTIAL,
        }
    }
}

impl Property {
    /// The same row, for one edition only.
    const fn only(self, edition: Edition) -> Self {
        Self {
            edition: Some(edition),
            ..self
        }
    }

    pub(crate) fn is_required(&self) -> bool {
        matches!(self.cardinality, Cardinality::One | Cardinality::OneOrMore)
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        matches!(self.cardinality, Cardinality::Many | Cardinality::OneOrMore)
    }
}

impl Form {
    /// Whether a value of this form is written as a JSON string.
    pub(crate) fn is_string(&self) -> bool {
        match self {
            Self::Text
            | Self::Uri
            | Self::DateTime
            | Self::Date
            | Self::EmailAddress
            | Self::LanguageCode
            | Self::CountryCode
            | Self::CompactJws
            | Self::SubresourceIntegrity
            | Self::Multibase
            | Self::Vocabulary(_)
            | Self::TypeName(_)
            | Self::TypeSet(_) => true,
            Self::Number
            | Self::Boolean
            | Self::LanguageText
            | Self::Context
            | Self::Object(_)
            | Self::UriOrObject(_)
            | Self::Credential
            | Self::Endorsement => false,
        }
    }
}

impl Vocabulary {
    /// Whether a term is in the vocabulary, or a well-formed extension of it.
    pub(crate) fn allows(&self, term: &str) -> bool {
        self.terms.contains(&term) || (self.extensible && is_extension(term))
    }
}

/// `ext:` and at least one letter, digit, `|`, `.` or `_`, anywhere in the text: the published pattern is not anchored.
fn is_extension(term: &str) -> bool {
    term.match_indices("ext:").any(|(at, prefix)| {
        term[at + prefix.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '|' | '.' | '_'))
    })
}

impl Edition {
    /// By the first context.
    pub(crate) fn of(credential: &Value) -> Self {
        let first = match credential.get("@context") {
            Some(Value::Array(contexts)) => contexts.first(),
            other => other,
        };
        if first.and_then(Value::as_str) == Some(crate::contexts::VC_V1) {
            Self::V1_1
        } else {
            Self::V2_0
        }
    }
}
