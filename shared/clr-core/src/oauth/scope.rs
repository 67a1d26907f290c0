//! What a token may be used for.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Scope {
    /// Read the learner's credentials.
    CredentialReadonly,
    /// Deliver credentials to the learner.
    CredentialUpsert,
    /// Read the learner's Profile.
    ProfileReadonly,
    /// Replace the learner's Profile.
    ProfileUpdate,
    /// Ask for a refresh token.
    OfflineAccess,
    /// Issue records in the institution's name: operator-made clients only.
    Issue,
    /// Revoke and suspend what was issued: operator-made clients only.
    Status,
}

const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/scope/";

impl Scope {
    /// All scopes that a learner can grant.
    pub const LEARNER: [Self; 5] = [
        Self::CredentialReadonly,
        Self::CredentialUpsert,
        Self::ProfileReadonly,
        Self::ProfileUpdate,
        Self::OfflineAccess,
    ];
    /// All scopes that only the operator can give.
    pub const OPERATOR: [Self; 2] = [Self::Issue, Self::Status];

    /// The one spelling that this server writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CredentialReadonly => "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly",
            Self::CredentialUpsert => "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.upsert",
            Self::ProfileReadonly => "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.readonly",
            Self::ProfileUpdate => "https://purl.imsglobal.org/spec/clr/v2p0/scope/profile.update",
            Self::OfflineAccess => "offline_access",
            Self::Issue => "issue",
            Self::Status => "status",
        }
    }
}

/// A scope that this server does not know.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the scope {0:?} is not known here")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    /// Tutorials of the field spell the scopes in the plural, some leave out the prefix: both are taken as aliases.
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        match text.strip_prefix(CLR).unwrap_or(text) {
            "credential.readonly" | "credentials.readonly" => Ok(Self::CredentialReadonly),
            "credential.upsert" | "credentials.upsert" => Ok(Self::CredentialUpsert),
            "profile.readonly" => Ok(Self::ProfileReadonly),
            "profile.update" => Ok(Self::ProfileUpdate),
            "offline_access" if text == "offline_access" => Ok(Self::OfflineAccess),
            "issue" if text == "issue" => Ok(Self::Issue),
            "status" if text == "status" => Ok(Self::Status),
            _ => Err(UnknownScope(text.to_owned())),
        }
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.as_str()
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes, written space separated (RFC 6749, section 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether the scope is in the set.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether every scope of this set is in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In their canonical order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(str::parse)
            .collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            write!(f, "{}{scope}", if position == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plural_spellings_are_aliases_and_the_singular_is_written() {
        let scopes: Scopes = format!("{CLR}credentials.upsert credentials.readonly offline_access")
            .parse()
            .unwrap();
        assert_eq!(
            scopes.to_string(),
            format!("{CLR}credential.readonly {CLR}credential.upsert offline_access")
        );
    }

    #[test]
    fn an_unknown_scope_is_named() {
        assert_eq!("openid".parse::<Scopes>(), Err(UnknownScope("openid".into())));
    }
}
