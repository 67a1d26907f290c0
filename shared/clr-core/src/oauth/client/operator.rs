//! Clients that the operator made.

use serde::{Deserialize, Serialize};

use crate::oauth::{Scope, Scopes};

/// A client that the operator made. It proves itself with HTTP Basic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorClient {
    name: String,
    scopes: Scopes,
}

/// Why the operator cannot have such a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperatorClientFault {
    /// No scope at all.
    #[error("a client needs one scope at least")]
    NoScope,
    /// A scope that only a learner can grant.
    #[error("the scope {0} is a learner's to grant; operator clients can hold: {list}", list = operator_scopes())]
    LearnerScope(Scope),
    /// The name.
    #[error("the name of a client has 1 to {MAX_NAME_LENGTH} characters")]
    Name,
}

const MAX_NAME_LENGTH: usize = 100;

impl OperatorClient {
    /// A client of this name with these scopes.
    ///
    /// # Errors
    /// See [`OperatorClientFault`].
    pub fn new(name: &str, scopes: Scopes) -> Result<Self, OperatorClientFault> {
        if name.trim().is_empty() || name.chars().count() > MAX_NAME_LENGTH || name.chars().any(char::is_control) {
            return Err(OperatorClientFault::Name);
        }
        if scopes.is_empty() {
            return Err(OperatorClientFault::NoScope);
        }
        if let Some(scope) = scopes.iter().find(|scope| !Scope::OPERATOR.contains(scope)) {
            return Err(OperatorClientFault::LearnerScope(scope));
        }
        Ok(Self {
            name: name.to_owned(),
            scopes,
        })
    }

    /// What the operator called it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it may do.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

fn operator_scopes() -> String {
    Scope::OPERATOR.into_iter().collect::<Scopes>().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(scopes: &[Scope]) -> Scopes {
        scopes.iter().copied().collect()
    }

    #[test]
    fn an_operator_client_cannot_hold_a_learners_scope() {
        let mixed = scopes(&[Scope::Issue, Scope::CredentialReadonly]);
        let fault = OperatorClient::new("registrar", mixed).unwrap_err();
        assert_eq!(fault, OperatorClientFault::LearnerScope(Scope::CredentialReadonly));
        assert!(
            fault.to_string().ends_with(&format!("can hold: {}", operator_scopes())),
            "{fault}"
        );
    }

    #[test]
    fn an_operator_client_needs_a_name_and_a_scope() {
        assert_eq!(
            OperatorClient::new("registrar", scopes(&[])),
            Err(OperatorClientFault::NoScope)
        );
        assert_eq!(
            OperatorClient::new(" ", scopes(&[Scope::Issue])),
            Err(OperatorClientFault::Name)
        );
    }
}
