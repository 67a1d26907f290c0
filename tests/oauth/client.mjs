// A certified client library (npm `oauth4webapi`) goes all ways through the authorization server of `clr serve`.

import * as oauth from "oauth4webapi";
import { Browser, check, freePort, ours, withService } from "./service.mjs";
import { metadata, scope } from "./wallet.mjs";

const REDIRECT_URI = "http://127.0.0.1:9/callback";
const SCOPES = [scope("credential.readonly"), scope("credential.upsert"), "offline_access"];
const loopback = { [oauth.allowInsecureRequests]: true };

async function discover(base) {
  const issuer = new URL(base);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...loopback });
  return oauth.processDiscoveryResponse(issuer, answer);
}

async function register(server, more) {
  const members = { grant_types: ["authorization_code", "refresh_token"], ...more };
  const answer = await oauth.dynamicClientRegistrationRequest(server, metadata(REDIRECT_URI, SCOPES, members), loopback);
  return oauth.processDynamicClientRegistrationResponse(answer);
}

/** The learner signs in and allows everything; the parameters that come back with the browser. */
async function consent(url) {
  const browser = new Browser(REDIRECT_URI);
  const endpoint = new URL(url.pathname, url);
  const signIn = await browser.open(url);
  if (signIn.location) return signIn.location;
  const asked = await browser.open(endpoint, [...ours(signIn.page), ["answer", "sign_in"], ["learner", "ada"]]);
  const allowed = SCOPES.map((scope) => ["scope", scope]);
  const { location } = await browser.open(endpoint, [...ours(asked.page), ["answer", "allow"], ...allowed]);
  return location;
}

/** The whole way of one client, which proves itself with `authentication` and its tokens with `DPoP`, if any. */
async function walk(name, server, client, authentication, { dpop, push }) {
  const options = { ...loopback, ...(dpop && { DPoP: dpop }) };
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  let parameters = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: SCOPES.join(" "),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  if (push) {
    const pushed = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, pushed);
    parameters = new URLSearchParams({ client_id: client.client_id, request_uri });
  }
  const url = new URL(server.authorization_endpoint);
  url.search = parameters.toString();
  const answer = oauth.validateAuthResponse(server, client, await consent(url), state);

  const redeemed = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    answer,
    REDIRECT_URI,
    verifier,
    options,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, redeemed);
  check(tokens.token_type === (dpop ? "dpop" : "bearer") && tokens.refresh_token, `${name}: tokens`);

  const list = new URL("/ims/clr/v2p0/credentials", server.issuer);
  const call = (token) => oauth.protectedResourceRequest(token, "GET", list, new Headers(), undefined, options);
  check((await call(tokens.access_token)).status === 200, `${name}: the API takes the token`);

  const refresh = () =>
    oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, options);
  const refreshed = await oauth.processRefreshTokenResponse(server, client, await refresh());
  check((await call(refreshed.access_token)).status === 200, `${name}: the API takes a refreshed token`);

  const inspect = async (token) => {
    const inspected = await oauth.introspectionRequest(server, client, authentication, token, loopback);
    return oauth.processIntrospectionResponse(server, client, inspected);
  };
  const inspected = await inspect(refreshed.access_token);
  check(inspected.active && inspected.client_id === client.client_id, `${name}: introspection`);

  const revoked = await oauth.revocationRequest(server, client, authentication, refreshed.refresh_token, loopback);
  await oauth.processRevocationResponse(revoked);
  check(!(await inspect(refreshed.access_token)).active, `${name}: revoked tokens are not active`);
  let status;
  try {
    status = (await call(refreshed.access_token)).status;
  } catch (error) {
    status = error.status;
  }
  check(status === 401, `${name}: the API refuses a revoked token`);
}

const port = await freePort();
await withService(port, {}, async (base) => {
  const server = await discover(base);
  const basic = await register(server, {});
  await walk("client_secret_basic", server, basic, oauth.ClientSecretBasic(basic.client_secret), {});

  const post = await register(server, { token_endpoint_auth_method: "client_secret_post" });
  await walk("client_secret_post, pushed", server, post, oauth.ClientSecretPost(post.client_secret), { push: true });

  for (const algorithm of ["ES256", "EdDSA", "PS256"]) {
    const own = await oauth.generateKeyPair(algorithm === "EdDSA" ? "Ed25519" : algorithm, { extractable: true });
    const jwk = await crypto.subtle.exportKey("jwk", own.publicKey);
    const keyed = await register(server, {
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, n: jwk.n, e: jwk.e, kid: "one" }] },
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
    });
    const authentication = oauth.PrivateKeyJwt({ key: own.privateKey, kid: "one" });
    const dpop = oauth.DPoP(keyed, await oauth.generateKeyPair("ES256"));
    await walk(`private_key_jwt with ${algorithm}, DPoP, pushed`, server, keyed, authentication, { dpop, push: true });
  }
});
