//! The texts of the pages in each language. A pair stands around something that is filled in.

mod english;
mod german;

use clr_core::oauth::Scope;
use clr_server::Language;

/// All texts in one language.
pub(crate) struct Words {
    pub(crate) sign_in_to: (&'static str, &'static str),
    pub(crate) asks_for_access: &'static str,
    pub(crate) say_who_you_are: &'static str,
    pub(crate) demonstration: &'static str,
    pub(crate) signed_in_as: (&'static str, &'static str),
    pub(crate) allow_question: (&'static str, &'static str),
    pub(crate) sent_to: (&'static str, &'static str),
    pub(crate) not_reviewed_by: (&'static str, &'static str),
    pub(crate) remembered: &'static str,
    pub(crate) wants_to: &'static str,
    pub(crate) allow: &'static str,
    pub(crate) deny: &'static str,
    pub(crate) before_you_decide: &'static str,
    pub(crate) what_it_is: &'static str,
    pub(crate) what_it_does: &'static str,
    pub(crate) its_terms: &'static str,
    pub(crate) grants: &'static str,
    pub(crate) may: &'static str,
    pub(crate) nothing_allowed: &'static str,
    pub(crate) allowed_on: &'static str,
    pub(crate) take_back: (&'static str, &'static str),
    pub(crate) asked_wrongly: &'static str,
    pub(crate) asked_wrongly_text: &'static str,
    pub(crate) too_late: &'static str,
    pub(crate) too_late_text: &'static str,
    pub(crate) incomplete: &'static str,
    pub(crate) start_again: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) no_sign_in: &'static str,
    pub(crate) not_signed_in: &'static str,
    pub(crate) not_signed_in_text: &'static str,
    read: &'static str,
    upsert: &'static str,
    read_profile: &'static str,
    update_profile: &'static str,
    offline: &'static str,
    institution: &'static str,
}

/// The texts in this language.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::German => &german::WORDS,
    }
}

impl Words {
    /// What a scope allows.
    pub(crate) fn plainly(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::CredentialReadonly => self.read,
            Scope::CredentialUpsert => self.upsert,
            Scope::ProfileReadonly => self.read_profile,
            Scope::ProfileUpdate => self.update_profile,
            Scope::OfflineAccess => self.offline,
            // No learner is asked for a scope of the operator.
            Scope::Issue | Scope::Status => self.institution,
        }
    }
}
