//! Achievements and their results.

use super::*;

pub(crate) static ACHIEVEMENT: Class = open(
    "Achievement",
    &[
        one("id", Uri),
        types(&[&["Achievement"]]),
        one("name", Text),
        one("description", Text),
        one("criteria", Object(&CRITERIA)),
        optional("achievementType", Vocabulary(&vocabulary::ACHIEVEMENT_TYPE)),
        many("alignment", Object(&ALIGNMENT)),
        optional("creator", Object(&PROFILE)),
        optional("creditsAvailable", Number),
        many("endorsement", Endorsement),
        many("endorsementJwt", CompactJws),
        optional("fieldOfStudy", Text),
        optional("humanCode", Text),
        optional("image", Object(&IMAGE)),
        optional("inLanguage", LanguageCode),
        many("otherIdentifier", Object(&IDENTIFIER_ENTRY)),
        many("related", Object(&RELATED)),
        many("resultDescription", Object(&RESULT_DESCRIPTION)),
        optional("specialization", Text),
        many("tag", Text),
        optional("version", Text),
    ],
);

pub(crate) static CRITERIA: Class = Class {
    rules: &[rules::criteria_content],
    ..open("Criteria", &[optional("id", Uri), optional("narrative", Text)])
};

pub(crate) static RELATED: Class = open(
    "Related",
    &[
        one("id", Uri),
        types(&[&["Related"]]),
        optional("inLanguage", LanguageCode),
        optional("version", Text),
    ],
);

pub(crate) static ALIGNMENT: Class = open(
    "Alignment",
    &[
        types(&[&["Alignment"]]),
        one("targetName", Text),
        one("targetUrl", Uri),
        optional("targetCode", Text),
        optional("targetDescription", Text),
        optional("targetFramework", Text),
        optional("targetType", Vocabulary(&vocabulary::ALIGNMENT_TARGET_TYPE)),
    ],
);

pub(crate) static RESULT_DESCRIPTION: Class = Class {
    rules: &[rules::required_level],
    ..open(
        "ResultDescription",
        &[
            one("id", Uri),
            types(&[&["ResultDescription"]]),
            one("name", Text),
            one("resultType", Vocabulary(&vocabulary::RESULT_TYPE)),
            many("alignment", Object(&ALIGNMENT)),
            many("allowedValue", Text),
            optional("requiredLevel", Uri),
            optional("requiredValue", Text),
            many("rubricCriterionLevel", Object(&RUBRIC_CRITERION_LEVEL)),
            optional("valueMax", Text),
            optional("valueMin", Text),
        ],
    )
};

pub(crate) static RUBRIC_CRITERION_LEVEL: Class = open(
    "RubricCriterionLevel",
    &[
        one("id", Uri),
        types(&[&["RubricCriterionLevel"]]),
        one("name", Text),
        many("alignment", Object(&ALIGNMENT)),
        optional("description", Text),
        optional("level", Text),
        optional("points", Text),
    ],
);

pub(crate) static RESULT: Class = open(
    "Result",
    &[
        types(&[&["Result"]]),
        optional("achievedLevel", Uri),
        many("alignment", Object(&ALIGNMENT)),
        optional("resultDescription", Uri),
        optional("status", Vocabulary(&vocabulary::RESULT_STATUS_TYPE)),
        optional("value", Text),
    ],
);
