//! The enumerations of the data model (digest sections 3.2 to 3.4).

use super::Vocabulary;
use crate::Clause;

pub(crate) static ASSOCIATION_TYPE: Vocabulary = Vocabulary {
    name: "AssociationType",
    clause: Clause::Clr("AssociationType"),
    terms: &[
        "exactMatchOf",
        "isChildOf",
        "isParentOf",
        "isPartOf",
        "isPeerOf",
        "isRelatedTo",
        "precedes",
        "replacedBy",
    ],
    extensible: false,
};

pub(crate) static ACHIEVEMENT_TYPE: Vocabulary = Vocabulary {
    name: "AchievementType",
    clause: Clause::Ob("AchievementType"),
    terms: &[
        "Achievement",
        "ApprenticeshipCertificate",
        "Assessment",
        "Assignment",
        "AssociateDegree",
        "Award",
        "Badge",
        "BachelorDegree",
        "Certificate",
        "CertificateOfCompletion",
        "Certification",
        "CommunityService",
        "Competency",
        "Course",
        "CoCurricular",
        "Degree",
        "Diploma",
        "DoctoralDegree",
        "Fieldwork",
        "GeneralEducationDevelopment",
        "JourneymanCertificate",
        "LearningProgram",
        "License",
        "Membership",
        "ProfessionalDoctorate",
        "QualityAssuranceCredential",
        "MasterCertificate",
        "MasterDegree",
        "MicroCredential",
        "ResearchDoctorate",
        "SecondarySchoolDiploma",
    ],
    extensible: true,
};

pub(crate) static ALIGNMENT_TARGET_TYPE: Vocabulary = Vocabulary {
    name: "AlignmentTargetType",
    clause: Clause::Ob("AlignmentTargetType"),
    terms: &[
        "ceasn:Competency",
        "ceterms:Credential",
        "CFItem",
        "CFRubric",
        "CFRubricCriterion",
        "CFRubricCriterionLevel",
        "CTDL",
    ],
    extensible: true,
};

pub(crate) static RESULT_TYPE: Vocabulary = Vocabulary {
    name: "ResultType",
    clause: Clause::Ob("ResultType"),
    terms: &[
        "GradePointAverage",
        "LetterGrade",
        "Percent",
        "PerformanceLevel",
        "PredictedScore",
        "RawScore",
        "Result",
        "RubricCriterion",
        "RubricCriterionLevel",
        "RubricScore",
        "ScaledScore",
        "Status",
    ],
    extensible: true,
};

pub(crate) static RESULT_STATUS_TYPE: Vocabulary = Vocabulary {
    name: "ResultStatusType",
    clause: Clause::Ob("ResultStatusType"),
    terms: &[
        "Completed",
        "Enrolled",
        "Failed",
        "InProgress",
        "OnHold",
        "Provisional",
        "Withdrew",
    ],
    extensible: false,
};

pub(crate) static IDENTIFIER_TYPE: Vocabulary = Vocabulary {
    name: "IdentifierTypeEnum",
    clause: Clause::Ob("IdentifierTypeEnum"),
    terms: &[
        "name",
        "sourcedId",
        "systemId",
        "productId",
        "userName",
        "accountId",
        "emailAddress",
        "nationalIdentityNumber",
        "isbn",
        "issn",
        "lisSourcedId",
        "oneRosterSourcedId",
        "sisSourcedId",
        "ltiContextId",
        "ltiDeploymentId",
        "ltiToolId",
        "ltiPlatformId",
        "ltiUserId",
        "identifier",
    ],
    extensible: true,
};
