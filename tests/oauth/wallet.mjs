// A wallet as the service knows it: what it registers, and what it asks of a learner and of the token endpoint. Here a client is
// what the answer to its registration says.

import { createHash, randomBytes } from "node:crypto";

/** The scope of CLR 2.0 with this name. */
export function scope(name) {
  return `https://purl.imsglobal.org/spec/clr/v2p0/scope/${name}`;
}

/** What it registers; `members` go before. */
export function metadata(redirectUri, scopes, members = {}) {
  return {
    client_name: "Example Wallet",
    client_uri: "https://wallet.example/",
    logo_uri: "https://wallet.example/logo.png",
    tos_uri: "https://wallet.example/terms",
    policy_uri: "https://wallet.example/privacy",
    software_id: "example-wallet",
    software_version: "1",
    redirect_uris: [redirectUri],
    scope: scopes.join(" "),
    ...members,
  };
}

/** Registers it at the service with this base URL. */
export async function register(base, metadata) {
  const answer = await fetch(`${base}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(metadata),
  });
  if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** What only the wallet knows until it redeems its code (RFC 7636). */
export function newVerifier() {
  return randomBytes(32).toString("base64url");
}

/** The parameters of its authorization request, for all that it registered. */
export function authorization(client, verifier, state = "of the wallet") {
  return new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0],
    scope: client.scope,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
}

/** The parameters of its token request for a code (RFC 6749, section 4.1.3). */
export function tokenRequest(client, code, verifier) {
  return { grant_type: "authorization_code", code, redirect_uri: client.redirect_uris[0], code_verifier: verifier };
}

/** Its credentials, behind `Basic`. */
export function basic({ client_id, client_secret }) {
  return Buffer.from(`${client_id}:${client_secret}`).toString("base64");
}

/** The answer of an endpoint of OAuth to a form of its. */
export function post(base, path, client, form) {
  return fetch(`${base}${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${basic(client)}` },
    body: new URLSearchParams(form),
  });
}
