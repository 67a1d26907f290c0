//! Crate `ssi`, as its examples use it.

use std::collections::HashMap;

use iref::IriBuf;
use serde_json::Value;
use ssi::{
    JWK,
    claims::{
        SignatureEnvironment, VerificationParameters,
        data_integrity::{CryptographicSuite, DataIntegrity, ProofOptions, suites::EcdsaRdfc2019},
        vc::v2::syntax::JsonCredential,
    },
    json_ld::ContextLoader,
    verification_methods::{Multikey, SingleSecretSigner},
};

use crate::Task;

pub fn sign(task: Task) -> Box<dyn FnMut()> {
    let mut sign = signer(&task);
    Box::new(move || drop(sign(&task.text)))
}

/// What it verifies it has signed itself: it does not verify what the other peers and we sign and verify.
pub fn verify(task: Task) -> Box<dyn FnMut()> {
    let mut unsigned: Value = serde_json::from_str(&task.text).expect("JSON");
    unsigned.as_object_mut().expect("an object").remove("proof");
    let signed = serde_json::to_string(&signer(&task)(&unsigned.to_string())).expect("JSON");
    let parameters = VerificationParameters::from_resolver(resolver(&task.key)).with_json_ld_loader(loader(&task));
    Box::new(move || {
        let signed: Signed = serde_json::from_str(&signed).expect("signed");
        let verdict = futures::executor::block_on(signed.verify(&parameters)).expect("could be checked");
        verdict.expect("valid");
    })
}

type Signed = DataIntegrity<JsonCredential, EcdsaRdfc2019>;

fn signer(task: &Task) -> impl FnMut(&str) -> Signed + use<> {
    let resolver = resolver(&task.key);
    let signer = SingleSecretSigner::new(secret(&task.key));
    let loader = loader(task);
    let method = id(&task.key);
    move |text| {
        let credential: JsonCredential = serde_json::from_str(text).expect("a credential");
        let environment = SignatureEnvironment {
            json_ld_loader: loader.clone(),
            eip712_loader: (),
        };
        let options = ProofOptions::from_method(method.clone().into());
        let signed = EcdsaRdfc2019.sign_with(environment, credential, &resolver, &signer, options, ());
        futures::executor::block_on(signed).expect("a signature")
    }
}

fn id(key: &Value) -> IriBuf {
    format!("{}#{}", text(key, "did"), text(key, "publicKeyMultibase"))
        .parse()
        .expect("an IRI")
}

fn resolver(key: &Value) -> HashMap<IriBuf, Multikey> {
    let method = serde_json::json!({
        "id": id(key).as_str(),
        "type": "Multikey",
        "controller": text(key, "did"),
        "publicKeyMultibase": text(key, "publicKeyMultibase"),
    });
    HashMap::from([(id(key), serde_json::from_value(method).expect("a Multikey"))])
}

fn secret(key: &Value) -> JWK {
    serde_json::from_value(key["jwk"].clone()).expect("a JWK")
}

fn loader(task: &Task) -> ContextLoader {
    let contexts = task
        .contexts
        .iter()
        .map(|(url, context)| (url.clone(), context.to_string()))
        .collect();
    ContextLoader::empty()
        .with_context_map_from(contexts)
        .expect("contexts")
}

fn text<'a>(key: &'a Value, member: &str) -> &'a str {
    key[member].as_str().expect("text")
}
