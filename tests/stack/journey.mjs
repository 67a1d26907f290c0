// The whole route of a record through the deployed stack: over its routes, under its roles, with keys in the emulated KMS.
//
//   API=<its URL in the emulator> FRONT=<port> PROVIDER=<port> CLR=<clr> TABLE_NAME=… node journey.mjs

import { execFileSync } from "node:child_process";
import { front } from "./front.mjs";
import { signIn, startProvider } from "./provider.mjs";
import { record } from "./record.mjs";
import { Browser, check, ours } from "./service.mjs";
import { authorization, metadata, newVerifier, post, register, scope, tokenRequest } from "./wallet.mjs";

const { API, CLR, FRONT, PROVIDER } = process.env;
const BASE = `http://127.0.0.1:${FRONT}`;
const SCOPES = ["credential.readonly", "credential.upsert", "profile.readonly"].map(scope);

const provider = startProvider(PROVIDER, BASE);
const door = await front(FRONT, API);
try {
  await journey();
} finally {
  provider.end();
  door.close();
  door.closeAllConnections();
}

async function journey() {
  const described = await call("GET", "/ims/clr/v2p0/discovery");
  check(described.json.openapi === "3.0.1", "discovery tells what the service is");
  check((await call("DELETE", "/oauth/token")).status === 405, "$default: what no route takes is answered in our words");
  check((await call("GET", "/nothing")).status === 404, "$default: so is what is not there");
  check((await call("HEAD", "/terms")).status === 200, "HEAD has its routes");

  const issuer = (await call("GET", "/.well-known/did.json")).json;
  check(issuer.verificationMethod.length === 4, "the DID document lists the four keys of the stack");
  check((await call("GET", "/.well-known/jwks.json")).json.keys.length === 3, "the JWKS lists those that sign records");

  const wallet = await register(BASE, metadata("http://127.0.0.1:9/callback", SCOPES));
  check(wallet.client_id, "a wallet registers");
  const learner = await consent(wallet);
  const registrar = await token(operator("issue status"), { grant_type: "client_credentials" });

  const issued = await call("POST", "/credentials/issue", { token: registrar, body: { credential: record(2) } });
  check(issued.status === 201, "the registrar issues a record with two nested credentials");
  const credential = issued.json.verifiableCredential;
  check(credential.proof.length === 2, "with proofs by both keys in KMS");
  const jwt = { credential: { ...record(1), id: "urn:example:jwt" }, options: { format: "vc-jwt", alg: "RS256" } };
  check((await call("POST", "/credentials/issue", { token: registrar, body: jwt })).status === 201, "and one as RS256");

  const kept = await call("POST", "/ims/clr/v2p0/credentials", { token: learner, body: credential });
  check(kept.status === 201 && kept.text === JSON.stringify(credential), "the wallet delivers it, and gets the very bytes");
  const listed = await call("GET", "/ims/clr/v2p0/credentials?limit=10", { token: learner });
  check(listed.headers.get("x-total-count") === "1", "the list has one record");
  check(listed.json.credential[0].id === credential.id, "it is this one");
  const one = await call("GET", new URL(kept.headers.get("location")).pathname, { token: learner });
  check(one.text === kept.text, "it can be read by its id");
  const since = await call("GET", "/ims/clr/v2p0/credentials?since=2020-01-01T00:00:00Z", { token: learner });
  check(since.headers.get("x-total-count") === "1", "and be found by its time");
  check((await call("GET", "/ims/clr/v2p0/profile", { token: learner })).json.name === "Learner ada", "the learner has a Profile");

  const verify = async (body) => (await call("POST", "/credentials/verify", { body })).json.verdict;
  check((await verify(credential)) === "valid", "anybody verifies it");
  check((await verify({ ...credential, name: "Another" })) === "invalid", "altered it is invalid");
  const list = new URL(credential.credentialStatus.statusListCredential).pathname;
  check((await call("GET", list)).status === 200, "its status list is signed and served");
  const status = { type: "BitstringStatusListEntry", statusPurpose: "revocation" };
  const change = { credentialId: credential.id, credentialStatus: status, status: true };
  check((await call("POST", "/credentials/status", { token: registrar, body: change })).status === 200, "the registrar revokes it");
  check((await verify(credential)) === "invalid", "revoked it is invalid");

  const end = await post(BASE, "/oauth/revoke", wallet, { token: learner });
  check(end.status === 200, "the wallet gives its token back");
  check((await call("GET", "/ims/clr/v2p0/credentials", { token: learner })).status === 401, "which reads nothing any more");
  const away = await fetch(wallet.registration_client_uri, {
    method: "DELETE",
    headers: { authorization: `Bearer ${wallet.registration_access_token}` },
  });
  check(away.status === 204, "the wallet takes its registration back");
}

async function call(method, path, { token, body } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${BASE}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    // Not everything is JSON.
  }
  if (answer.status >= 500) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return { status: answer.status, headers: answer.headers, text, json };
}

/** A learner signs in at the provider and allows everything; the token that the wallet gets. */
async function consent(wallet) {
  const verifier = newVerifier();
  const browser = new Browser(wallet.redirect_uris[0]);
  const shown = await signIn(browser, `${BASE}/oauth/authorize?${authorization(wallet, verifier)}`, "ada");
  if (!shown.page?.includes("Learner ada")) console.log(shown.location?.href, shown.status, shown.url?.href, shown.page?.slice(0, 1500));
  check(shown.page?.includes("Learner ada"), "the learner signs in at the provider and is asked");
  const fields = [...ours(shown.page), ["answer", "allow"], ...SCOPES.map((scope) => ["scope", scope])];
  const allowed = await browser.open(`${BASE}/oauth/authorize`, fields);
  const code = allowed.location?.searchParams.get("code");
  check(code, "the learner allows it, and the wallet gets a code");
  return token(wallet, tokenRequest(wallet, code, verifier));
}

async function token(client, fields) {
  const answer = await post(BASE, "/oauth/token", client, fields);
  check(answer.status === 200, `a token by ${fields.grant_type}`);
  return (await answer.json()).access_token;
}

/** A client that the operator makes, with his own access to the table. */
function operator(scopes) {
  const arguments_ = ["--scope", scopes];
  const text = execFileSync(CLR, ["admin", "client", "create", ...arguments_], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return Object.fromEntries(text.trim().split("\n").map((line) => line.split(/\s+/)));
}
