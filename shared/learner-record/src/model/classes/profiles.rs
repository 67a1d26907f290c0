//! People and institutions, their places, pictures and identifiers.

use super::*;

pub(crate) static PROFILE: Class = open(
    "Profile",
    &[
        one("id", Uri),
        types(&[&["Profile"]]),
        optional("name", Text),
        optional("phone", Text),
        optional("description", Text),
        optional("email", EmailAddress),
        optional("official", Text),
        optional("url", Uri),
        optional("image", Object(&IMAGE)),
        optional("address", Object(&ADDRESS)),
        many("otherIdentifier", Object(&IDENTIFIER_ENTRY)),
        optional("parentOrg", Object(&PROFILE)),
        many("endorsement", Endorsement),
        many("endorsementJwt", CompactJws),
        optional("familyName", Text),
        optional("givenName", Text),
        optional("additionalName", Text),
        optional("patronymicName", Text),
        optional("honorificPrefix", Text),
        optional("honorificSuffix", Text),
        optional("familyNamePrefix", Text),
        optional("dateOfBirth", Date),
    ],
);

pub(crate) static ADDRESS: Class = open(
    "Address",
    &[
        types(&[&["Address"]]),
        optional("addressCountry", Text),
        optional("addressCountryCode", CountryCode),
        optional("addressRegion", Text),
        optional("addressLocality", Text),
        optional("streetAddress", Text),
        optional("postOfficeBoxNumber", Text),
        optional("postalCode", Text),
        optional("geo", Object(&GEO_COORDINATES)),
    ],
);

pub(crate) static GEO_COORDINATES: Class = open(
    "GeoCoordinates",
    &[
        type_name("GeoCoordinates"),
        one("latitude", Number),
        one("longitude", Number),
    ],
);

pub(crate) static IMAGE: Class = Class {
    rules: &[rules::image_data],
    ..closed(
        "Image",
        &[one("id", Uri), type_name("Image"), optional("caption", Text)],
    )
};

pub(crate) static EVIDENCE: Class = open(
    "Evidence",
    &[
        optional("id", Uri),
        types(&[&["Evidence"]]),
        optional("narrative", Text),
        optional("name", Text),
        optional("description", Text),
        optional("genre", Text),
        optional("audience", Text),
    ],
);

pub(crate) static IDENTIFIER_ENTRY: Class = closed(
    "IdentifierEntry",
    &[
        type_name("IdentifierEntry"),
        one("identifier", Text),
        one("identifierType", Vocabulary(&vocabulary::IDENTIFIER_TYPE)),
    ],
);

pub(crate) static IDENTITY_OBJECT: Class = Class {
    rules: &[rules::identity_hash],
    ..closed(
        "IdentityObject",
        &[
            type_name("IdentityObject"),
            one("hashed", Boolean),
            one("identityHash", Text),
            one("identityType", Vocabulary(&vocabulary::IDENTIFIER_TYPE)),
            optional("salt", Text),
        ],
    )
};
