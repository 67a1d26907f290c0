//! How learners sign in.

use clr_core::{
    Secret,
    learners::{Account, Identifier, IdentifierKind, Identity, Voucher},
};
use serde::Deserialize;

/// Where a learner's account is. A deployment without any cannot ask for consent.
#[derive(Clone, Debug, Default)]
pub enum SignIn {
    /// Nowhere.
    #[default]
    NotConfigured,
    /// At the institution's own identity provider.
    IdentityProvider(IdentityProvider),
    /// In a list on this machine, with no password: only `functions/local` and tests have it.
    DemoLearners(DemoLearners),
}

/// An OpenID Connect provider, and what this service is to it.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// Its issuer identifier as it writes it itself, a last slash included: a URL with https, or on this machine.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
}

/// Learners of a demonstration.
#[derive(Clone, Debug)]
pub struct DemoLearners(Vec<DemoLearner>);

/// One of them, as in the file: a JSON array of objects with these members.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DemoLearner {
    /// Any text; the learner stays the same as long as it does.
    pub id: String,
    /// As shown on pages.
    pub name: String,
    /// Counts as verified.
    pub email: Option<String>,
    /// Number in the institution's information system.
    pub student_number: Option<String>,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DemoLearnersError {
    /// Not JSON, or of another form.
    #[error("the demo learners are not a JSON array of objects with id, name and optionally email, studentNumber")]
    Malformed(#[source] serde_json::Error),
    /// Nobody could sign in.
    #[error("there are no demo learners")]
    Empty,
    /// Two of them would be one.
    #[error("two demo learners have the id {0:?}")]
    SameId(String),
}

const DEMO_ISSUER: &str = "urn:clr-serverless:demo-learners";

impl DemoLearners {
    /// Reads the file's text.
    ///
    /// # Errors
    /// See [`DemoLearnersError`].
    pub fn parse(json: &str) -> Result<Self, DemoLearnersError> {
        let learners: Vec<DemoLearner> = serde_json::from_str(json).map_err(DemoLearnersError::Malformed)?;
        if learners.is_empty() {
            return Err(DemoLearnersError::Empty);
        }
        for (position, learner) in learners.iter().enumerate() {
            if learners[..position].iter().any(|other| other.id == learner.id) {
                return Err(DemoLearnersError::SameId(learner.id.clone()));
            }
        }
        Ok(Self(learners))
    }

    /// In the order of the file.
    #[must_use]
    pub fn all(&self) -> &[DemoLearner] {
        &self.0
    }

    /// The one with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&DemoLearner> {
        self.0.iter().find(|learner| learner.id == id)
    }
}

impl DemoLearner {
    /// Who signs in.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let identifier = |kind, value: &String| Identifier::new(kind, value, Voucher::IdentityProvider);
        let email = self
            .email
            .iter()
            .map(|value| identifier(IdentifierKind::EmailAddress, value));
        let number = self
            .student_number
            .iter()
            .map(|value| identifier(IdentifierKind::SisSourcedId, value));
        Identity {
            account: Account {
                issuer: DEMO_ISSUER.to_owned(),
                subject: self.id.clone(),
            },
            name: Some(self.name.clone()),
            identifiers: email.chain(number).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clr_core::TenantId;

    use super::*;

    #[test]
    fn a_list_needs_learners_with_ids_of_their_own() {
        assert!(matches!(DemoLearners::parse("[]"), Err(DemoLearnersError::Empty)));
        assert!(matches!(
            DemoLearners::parse("{}"),
            Err(DemoLearnersError::Malformed(_))
        ));
        let twins = r#"[{"id": "a", "name": "Ada"}, {"id": "a", "name": "Alan"}]"#;
        assert!(matches!(DemoLearners::parse(twins), Err(DemoLearnersError::SameId(id)) if id == "a"));
    }

    #[test]
    fn a_sign_in_keeps_what_the_roster_said() {
        let learners = DemoLearners::parse(r#"[{"id": "a", "name": "Ada", "email": "Ada@Example.edu"}]"#).unwrap();
        let tenant = TenantId::new("default").unwrap();
        let mut known = learners.all()[0].identity().learner(&tenant, None);
        let number = Identifier::new(IdentifierKind::SisSourcedId, "0042", Voucher::Roster);
        known.replace_identifiers(Voucher::Roster, [number.clone()]);
        let again = learners.all()[0].identity().learner(&tenant, Some(known.clone()));
        assert_eq!(again, known);
        assert_eq!(again.identifiers().len(), 2);
        assert_eq!(again.id, learners.all()[0].identity().learner_id(&tenant));
    }
}
