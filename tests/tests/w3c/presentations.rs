//! `w3c/vc-data-model-2.0-test-suite`: presentations.

use serde_json::{Value, json};

use crate::suites::{Signatory, Suites, changed};

const V2: &str = "https://www.w3.org/ns/credentials/v2";
const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

fn presentation() -> Value {
    json!({"@context": [V2], "type": ["VerifiablePresentation"]})
}

struct Bench {
    suites: Suites,
    holder: Signatory,
}

impl Bench {
    async fn start() -> Self {
        Self {
            suites: Suites::p256().await,
            holder: Signatory::ed25519().await,
        }
    }

    async fn signed(&self, presentation: &Value) -> Value {
        let mut options = self.holder.options();
        options["proofPurpose"] = json!("authentication");
        options["challenge"] = json!("123456789");
        self.holder.sign(presentation, &options).await
    }

    async fn presents(&self, presentation: &Value) {
        self.suites.presents(&self.signed(presentation).await).await;
    }

    async fn does_not_present(&self, presentation: &Value) {
        self.suites.does_not_present(&self.signed(presentation).await).await;
    }
}

fn with(member: &str, value: Value) -> Value {
    let mut presentation = presentation();
    presentation[member] = value;
    presentation
}

#[tokio::test]
async fn a_signed_presentation_verifies_and_an_altered_one_does_not() {
    let bench = Bench::start().await;
    let signed = bench.signed(&presentation()).await;
    bench.suites.presents(&signed).await;
    for (pointer, value) in [
        ("/proof/proofValue", json!("z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh")),
        ("/@context", Value::Null),
        ("/type", Value::Null),
        ("/id", json!("urn:uuid:added")),
    ] {
        bench.suites.does_not_present(&changed(&signed, pointer, value)).await;
    }
    bench
        .suites
        .does_not_present(&json!({"type": ["NonconformingDocument"]}))
        .await;
}

#[tokio::test]
async fn contexts_are_urls_and_objects_and_begin_with_that_of_vc_2_0() {
    let bench = Bench::start().await;
    for contexts in [
        json!([V2, EXAMPLES]),
        json!([V2, {"Example": "https://example.org/#Example"}]),
    ] {
        bench.presents(&with("@context", contexts)).await;
    }
    bench.does_not_present(&with("@context", json!([EXAMPLES, V2]))).await;
    bench.does_not_present(&with("@context", json!([EXAMPLES]))).await;
    let signed = bench.signed(&with("@context", json!([V2, EXAMPLES]))).await;
    for context in [
        json!("https://example.com"),
        json!("https ://not-a-url/contexts/example/v1"),
        json!(123_192_875),
    ] {
        bench
            .suites
            .does_not_present(&changed(&signed, "/@context/1", context))
            .await;
    }
}

#[tokio::test]
async fn an_id_is_one_url() {
    let bench = Bench::start().await;
    bench
        .presents(&with("id", json!("urn:uuid:2f0b7a3e-8a2c-4e0e-9d0a-3b5a6a5f3b0a")))
        .await;
    let signed = bench.signed(&presentation()).await;
    bench
        .suites
        .does_not_present(&changed(&signed, "/id", json!("not-a-url")))
        .await;
}

#[tokio::test]
async fn a_presentation_has_its_type_and_maybe_others() {
    let bench = Bench::start().await;
    let with_types = |types: Value| {
        changed(
            &with("type", types),
            "/@context",
            json!([V2, {"ExamplePresentation": "https://example.org/#ExamplePresentation"}]),
        )
    };
    bench
        .presents(&with_types(json!(["VerifiablePresentation", "ExamplePresentation"])))
        .await;
    bench
        .does_not_present(&with_types(json!(["ExamplePresentation"])))
        .await;
}

#[tokio::test]
async fn credentials_in_it_are_verified_objects() {
    let bench = Bench::start().await;
    let issuer = Signatory::p256().await;
    let good = issuer.credential().await;
    bench.presents(&with("verifiableCredential", json!([good, good]))).await;
    bench.presents(&with("verifiableCredential", good.clone())).await;
    let altered = changed(&good, "/credentialSubject/id", json!("did:example:another"));
    bench
        .does_not_present(&with("verifiableCredential", json!([good, altered])))
        .await;
    let signed = bench.signed(&presentation()).await;
    for values in [json!(["did:example:credential"]), json!([1]), json!("text")] {
        bench
            .suites
            .does_not_present(&changed(&signed, "/verifiableCredential", values))
            .await;
    }
}

#[tokio::test]
async fn a_holder_is_a_url_or_an_object_with_an_id() {
    let bench = Bench::start().await;
    let did = bench.holder.did.clone();
    bench.presents(&with("holder", json!(did))).await;
    bench.presents(&with("holder", json!({"id": did}))).await;
    bench.does_not_present(&with("holder", json!({"name": "Holder"}))).await;
}

#[tokio::test]
async fn what_holders_say_of_themselves_names_them_as_issuer_and_holder() {
    let bench = Bench::start().await;
    let did = bench.holder.did.clone();
    let said_by = |issuer: &str, holder: Option<&str>| {
        let credential = json!({
            "@context": [V2],
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"id": "did:example:subject"},
        });
        let mut presentation = with("verifiableCredential", json!([credential]));
        if let Some(holder) = holder {
            presentation["holder"] = json!(holder);
        }
        presentation
    };
    bench.presents(&said_by(&did, Some(&did))).await;
    bench.does_not_present(&said_by(&did, None)).await;
    bench.does_not_present(&said_by(&did, Some("did:example:acme"))).await;
    bench.does_not_present(&said_by("did:example:acme", Some(&did))).await;
}
