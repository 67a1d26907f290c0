//! The texts of the pages in each language. A pair stands around something that is filled in.

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
    offline: &'static str,
    institution: &'static str,
}

/// The texts in this language.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

impl Words {
    /// What a scope allows.
    pub(crate) fn plainly(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::CredentialReadonly => self.read,
            Scope::CredentialUpsert => self.upsert,
            Scope::OfflineAccess => self.offline,
            // No learner is asked for a scope of the operator.
            Scope::Issue | Scope::Status => self.institution,
        }
    }
}

const ENGLISH: Words = Words {
    sign_in_to: ("Sign in to ", ""),
    asks_for_access: " asks for access to your records. ",
    say_who_you_are: "First say who you are.",
    demonstration: "These are learners of a demonstration: nobody is asked for a password.",
    signed_in_as: ("You are signed in as ", "."),
    allow_question: ("Allow ", "?"),
    sent_to: ("If you agree, you will be sent to ", "."),
    not_reviewed_by: ("This application was not reviewed by ", "."),
    remembered: "If you agree, you will not be asked again for the same. You can take it back at any time.",
    wants_to: "It wants to",
    allow: "Allow what is ticked",
    deny: "Allow nothing",
    before_you_decide: "Before you decide",
    what_it_is: "What the application is",
    what_it_does: "What it does with your data",
    its_terms: "Its terms",
    grants: "Applications that you allowed something",
    may: "It may",
    nothing_allowed: "No application may do anything with your records.",
    allowed_on: "Allowed on ",
    take_back: ("Take back what ", " may do"),
    asked_wrongly: "The application asked in a way that cannot be answered",
    asked_wrongly_text: "Nothing was shared. If this happens again, tell the maker of the application:",
    too_late: "This page can no longer be answered",
    too_late_text: "It was answered already, it is older than ten minutes, or it was opened in another browser. \
                    Nothing was shared now. Go back to the application and start again.",
    incomplete: "This form is not complete",
    start_again: "Nothing was shared. Go back to the application and start again.",
    failed: "The service cannot answer now",
    wait: "Nothing was shared. Wait a moment, then try again.",
    no_sign_in: "Learners cannot sign in here",
    not_signed_in: "You were not signed in",
    not_signed_in_text: "The sign-in was not confirmed by your institution. Nothing was shared. Start again.",
    read: "see all your records that are kept here",
    upsert: "add records to yours, and replace them with newer ones",
    offline: "do so also later, when you are not there",
    institution: "act for the institution",
};

const GERMAN: Words = Words {
    sign_in_to: ("Anmelden: ", ""),
    asks_for_access: " möchte auf Ihre Nachweise zugreifen. ",
    say_who_you_are: "Sagen Sie zuerst, wer Sie sind.",
    demonstration: "Diese Lernenden gehören zu einer Vorführung: niemand wird nach einem Passwort gefragt.",
    signed_in_as: ("Sie sind angemeldet als ", "."),
    allow_question: ("", " den Zugriff erlauben?"),
    sent_to: ("Wenn Sie zustimmen, werden Sie weitergeleitet zu ", "."),
    not_reviewed_by: ("Diese Anwendung wurde nicht geprüft von ", "."),
    remembered: "Wenn Sie zustimmen, werden Sie dasselbe nicht noch einmal gefragt. Sie können es jederzeit zurücknehmen.",
    wants_to: "Sie möchte",
    allow: "Das Angekreuzte erlauben",
    deny: "Nichts erlauben",
    before_you_decide: "Bevor Sie entscheiden",
    what_it_is: "Was die Anwendung ist",
    what_it_does: "Was sie mit Ihren Daten tut",
    its_terms: "Ihre Bedingungen",
    grants: "Anwendungen, denen Sie etwas erlaubt haben",
    may: "Sie darf",
    nothing_allowed: "Keine Anwendung darf auf Ihre Nachweise zugreifen.",
    allowed_on: "Erlaubt am ",
    take_back: ("Alles zurücknehmen, was ", " darf"),
    asked_wrongly: "Die Anfrage der Anwendung kann nicht beantwortet werden",
    asked_wrongly_text: "Es wurde nichts weitergegeben. Geschieht das wieder, sagen Sie es dem Hersteller der Anwendung:",
    too_late: "Diese Seite kann nicht mehr beantwortet werden",
    too_late_text: "Sie wurde schon beantwortet, ist älter als zehn Minuten oder wurde in einem anderen Browser geöffnet. \
                    Es wurde jetzt nichts weitergegeben. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.",
    incomplete: "Dieses Formular ist nicht vollständig",
    start_again: "Es wurde nichts weitergegeben. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.",
    failed: "Der Dienst kann jetzt nicht antworten",
    wait: "Es wurde nichts weitergegeben. Warten Sie einen Moment und versuchen Sie es wieder.",
    no_sign_in: "Lernende können sich hier nicht anmelden",
    not_signed_in: "Sie wurden nicht angemeldet",
    not_signed_in_text: "Ihre Einrichtung hat die Anmeldung nicht bestätigt. Es wurde nichts weitergegeben. Beginnen Sie von vorn.",
    read: "alle Ihre Nachweise sehen, die hier liegen",
    upsert: "Ihren Nachweisen weitere hinzufügen und sie durch neuere ersetzen",
    offline: "das auch später tun, wenn Sie nicht da sind",
    institution: "für die Einrichtung handeln",
};
