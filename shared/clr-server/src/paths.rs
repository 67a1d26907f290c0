//! Every path of the service, used by routers, metadata, the discovery document and tests.

/// `getServiceDescription`.
pub const CLR_DISCOVERY: &str = "/ims/clr/v2p0/discovery";
/// `getCredentials` and `upsertCredential`.
pub const CLR_CREDENTIALS: &str = "/ims/clr/v2p0/credentials";
/// One credential, to its learner; ours, not the standard's.
pub const CLR_CREDENTIAL: &str = "/ims/clr/v2p0/credentials/{clr_credential_id}";
/// Base of the CLR API.
pub const CLR_BASE: &str = "/ims/clr/v2p0";
/// Client registration (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// Authorization endpoint (RFC 6749, section 3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Token endpoint (RFC 6749, section 3.2).
pub const TOKEN: &str = "/oauth/token";
/// Authorization server metadata (RFC 8414).
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// The same document, where older clients look.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// The issuer's DID document.
pub const DID_DOCUMENT: &str = "/.well-known/did.json";
/// Signs a record.
pub const ISSUE: &str = "/credentials/issue";
/// Checks a record.
pub const VERIFY: &str = "/credentials/verify";
