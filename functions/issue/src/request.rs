//! What is asked: a credential, and options by the names of the VC-API where it has them.
//!
//! | option | meaning |
//! |---|---|
//! | `format` | `data-integrity` (default): embedded proofs; `vc-jwt`: a JWT in an `EnvelopedVerifiableCredential` |
//! | `cryptosuite` | `eddsa-rdfc-2022` or `ecdsa-rdfc-2019`: a proof by that key alone, instead of one by each key |
//! | `alg` | of a `vc-jwt`: `ES256` (default), `RS256`, `EdDSA` |
//! | `credentialId` | the id of a credential that has none |
//! | `statusPurpose` | `revocation` (default) or `suspension`: what its status entry says |
//! | `mandatoryPointers` | taken and without effect: every statement is always disclosed |

use clr_core::issuing::{Form, IssueOptions};
use clr_server::ApiError;
use data_integrity::{Algorithm, Cryptosuite};
use learner_record::StatusPurpose;
use serde_json::{Map, Value};

const OPTIONS: [&str; 6] = [
    "format",
    "cryptosuite",
    "alg",
    "credentialId",
    "statusPurpose",
    "mandatoryPointers",
];

/// What is asked.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) credential: Value,
    pub(crate) options: IssueOptions,
}

impl Request {
    /// Takes the VC-API's envelope, or a credential alone.
    pub(crate) fn read(mut body: Value) -> Result<Self, ApiError> {
        let Some(credential) = body.get_mut("credential").map(Value::take) else {
            return Ok(Self {
                credential: body,
                options: IssueOptions::default(),
            });
        };
        let options = match body.get("options") {
            None | Some(Value::Null) => IssueOptions::default(),
            Some(Value::Object(options)) => read_options(options)?,
            Some(_) => return Err(refused("", "is not an object")),
        };
        Ok(Self { credential, options })
    }
}

fn read_options(options: &Map<String, Value>) -> Result<IssueOptions, ApiError> {
    if let Some(unknown) = options.keys().find(|name| !OPTIONS.contains(&name.as_str())) {
        return Err(refused(
            unknown,
            &format!("is unknown: there are {}", OPTIONS.join(", ")),
        ));
    }
    let text = |name: &str| match options.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(refused(name, "is not a string")),
    };
    let form = match (text("format")?, text("cryptosuite")?, text("alg")?) {
        (None | Some("data-integrity"), suite, None) => Form::DataIntegrity(suite.map(cryptosuite).transpose()?),
        (None | Some("data-integrity"), _, Some(_)) => return Err(refused("alg", "is an option of the format vc-jwt")),
        (Some("vc-jwt"), None, algorithm) => Form::Jwt(algorithm.map_or(Ok(Algorithm::Es256), alg)?),
        (Some("vc-jwt"), Some(_), _) => {
            return Err(refused("cryptosuite", "is an option of the format data-integrity"));
        }
        (Some(_), ..) => return Err(refused("format", "is not \"data-integrity\" or \"vc-jwt\"")),
    };
    let status = text("statusPurpose")?.map(|name| {
        let fault = "is not \"revocation\" or \"suspension\"";
        StatusPurpose::named(name).ok_or_else(|| refused("statusPurpose", fault))
    });
    Ok(IssueOptions {
        form,
        status: status.transpose()?,
        credential_id: text("credentialId")?.map(str::to_owned),
    })
}

fn cryptosuite(name: &str) -> Result<Cryptosuite, ApiError> {
    [Cryptosuite::EddsaRdfc2022, Cryptosuite::EcdsaRdfc2019]
        .into_iter()
        .find(|suite| suite.name() == name)
        .ok_or_else(|| refused("cryptosuite", "is not \"eddsa-rdfc-2022\" or \"ecdsa-rdfc-2019\""))
}

fn alg(name: &str) -> Result<Algorithm, ApiError> {
    [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa]
        .into_iter()
        .find(|algorithm| algorithm.name() == name)
        .ok_or_else(|| refused("alg", "is not \"ES256\", \"RS256\" or \"EdDSA\""))
}

fn refused(option: &str, fault: &str) -> ApiError {
    let place = if option.is_empty() {
        "/options".to_owned()
    } else {
        format!("/options/{}", option.replace('~', "~0").replace('/', "~1"))
    };
    ApiError::InvalidData(format!("{place}: {fault} [option]"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: Value) -> Result<IssueOptions, String> {
        match Request::read(json!({"credential": {"id": "urn:a"}, "options": options})) {
            Ok(request) => Ok(request.options),
            Err(ApiError::InvalidData(text)) => Err(text),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_options_the_credential_gets_every_proof() {
        for options in [json!({}), json!(null), json!({"mandatoryPointers": ["/issuer"]})] {
            assert_eq!(read(options), Ok(IssueOptions::default()));
        }
        let bare = Request::read(json!({"id": "urn:a"})).unwrap();
        assert_eq!(bare.credential, json!({"id": "urn:a"}));
    }

    #[test]
    fn options_choose_the_form() {
        let form = |options| read(options).map(|options| options.form);
        assert_eq!(form(json!({"format": "vc-jwt"})), Ok(Form::Jwt(Algorithm::Es256)));
        assert_eq!(
            form(json!({"format": "vc-jwt", "alg": "EdDSA"})),
            Ok(Form::Jwt(Algorithm::EdDsa))
        );
        assert_eq!(
            form(json!({"cryptosuite": "eddsa-rdfc-2022"})),
            Ok(Form::DataIntegrity(Some(Cryptosuite::EddsaRdfc2022)))
        );
    }

    #[test]
    fn an_option_that_cannot_be_followed_is_refused_by_its_place() {
        for (options, place) in [
            (json!("text"), "/options: "),
            (
                json!({"statusPurposes": "revocation"}),
                "/options/statusPurposes: is unknown",
            ),
            (json!({"format": "sd-jwt"}), "/options/format: "),
            (json!({"format": 1}), "/options/format: "),
            (json!({"cryptosuite": "ecdsa-sd-2023"}), "/options/cryptosuite: "),
            (
                json!({"format": "vc-jwt", "cryptosuite": "eddsa-rdfc-2022"}),
                "/options/cryptosuite: ",
            ),
            (json!({"statusPurpose": "message"}), "/options/statusPurpose: "),
            (json!({"alg": "ES256"}), "/options/alg: "),
            (json!({"format": "vc-jwt", "alg": "none"}), "/options/alg: "),
        ] {
            let text = read(options).unwrap_err();
            assert!(text.starts_with(place), "{text}");
        }
    }
}
