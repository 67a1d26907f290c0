//! How a Lambda function reaches AWS: with what its environment says, and no more, so that it starts soon.

use aws_config::{BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider};
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

/// Whoever answers for AWS has one of these; a system's own list is thirty times as long, and reading it takes longer than the
/// rest of the start.
const AMAZON_TRUST_SERVICES: &str = include_str!("aws/amazon-trust-services.pem");

/// The credentials of the function's role, and the region. The chain of `aws-config` also knows profiles, web identities and the
/// roles of containers and instances, which a laptop needs and Lambda has not.
pub(crate) fn of_lambda() -> SdkConfig {
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region.clone().map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .http_client(http_client(
            &region.unwrap_or_default(),
            variable("SSL_CERT_FILE").is_some(),
        ))
        .build()
}

/// Where a service is reached when not where it usually is: an emulator, an endpoint of a VPC.
pub(crate) fn endpoint(service: &str) -> Option<String> {
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}

/// One for all clients. `named_roots`: who intercepts TLS, or emulates AWS by https, names his certificates as usual.
fn http_client(region: &str, named_roots: bool) -> SharedHttpClient {
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    // China's regions and the isolated ones have certificates of others.
    if named_roots || region.starts_with("cn-") || region.contains("-iso") {
        return client.build_https();
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_TRUST_SERVICES);
    match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => client.tls_context(context).build_https(),
        // Of a context that has roots and nothing else, none is refused.
        Err(_) => client.build_https(),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_amazon_can_be_read() {
        assert_eq!(AMAZON_TRUST_SERVICES.matches("BEGIN CERTIFICATE").count(), 5);
        let config = aws_sdk_dynamodb::config::Builder::from(&of_lambda()).build();
        // Reads them, and panics where one is broken.
        let _ = aws_sdk_dynamodb::Client::from_conf(config);
    }
}
