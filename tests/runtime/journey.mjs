// The whole route of a record through the functions, by events; then what the binaries weigh, need and take.

import Provider from "oidc-provider";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { Function, deployment, event, invoke } from "./functions.mjs";
import { createKey } from "./kms.mjs";
import { checkMemory, functionNames, sizes, starts } from "./measured.mjs";
import { record } from "./record.mjs";
import { Browser, check, freePort, hidden, ours } from "./service.mjs";

const { PUBLIC_URL } = deployment;
const REDIRECT_URI = "https://app.example/callback";
const SCOPES = ["credential.readonly", "credential.upsert", "profile.readonly"].map(
  (name) => `https://purl.imsglobal.org/spec/clr/v2p0/scope/${name}`,
);
const PROVIDER_SECRET = "this is a test secret of the provider";

const names = await functionNames("../../functions");
await sizes(names);

const providerPort = await freePort();
const OIDC_ISSUER = `http://127.0.0.1:${providerPort}`;
const provider = new Provider(OIDC_ISSUER, {
  clients: [{ client_id: "clr", client_secret: PROVIDER_SECRET, redirect_uris: [`${PUBLIC_URL}/oauth/signed-in`] }],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `Learner ${id}`, email: `${id}@example.edu`, email_verified: true }),
  }),
});
const key = await createKey();
const environments = {
  issuing: { ISSUER_ID: "did:web:records.example.edu", ISSUER_NAME: "Example University", SIGNING_KEY_ID: key },
  authorize: { OIDC_ISSUER, OIDC_CLIENT_ID: "clr", OIDC_CLIENT_SECRET: PROVIDER_SECRET },
};
const environment = (name) => ({ ...environments.issuing, ...(environments[name] ?? {}) });

let functions = [];
const listener = provider.listen(providerPort, "127.0.0.1");
try {
  functions = names.map((name) => new Function(name, environment(name)));
  const tokens = await journey();
  console.log("memory after the journey:");
  for (const started of functions) checkMemory(started.name, await started.memory());
  await memoryOfALargeRecord(tokens.registrar);
  await end();
  await measureStarts(tokens);
} finally {
  await end();
  listener.close();
  listener.closeAllConnections();
}

async function end() {
  await Promise.all(functions.splice(0).map((started) => started.end()));
}

async function answer(name, eventName, values) {
  return invoke(name, await event(eventName, values));
}

async function journey() {
  const discovery = await answer("discovery", "discovery");
  check(JSON.parse(discovery.body).openapi === "3.0.1", "discovery tells what the service is");
  answered(await answer("discovery", "unrouted"), 405, "what no route takes is answered in our words");

  const registration = JSON.stringify({
    client_name: "Example Wallet",
    client_uri: "https://app.example/",
    logo_uri: "https://app.example/logo.png",
    tos_uri: "https://app.example/terms",
    policy_uri: "https://app.example/privacy",
    software_id: "example-wallet",
    software_version: "1",
    redirect_uris: [REDIRECT_URI],
    scope: SCOPES.join(" "),
  });
  const registered = await answer("registration", "register", { registration });
  answered(registered, 201, "a wallet registers");
  const wallet = JSON.parse(registered.body);

  const verifier = randomBytes(32).toString("base64url");
  const code = await consent(wallet, verifier);
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
  const learner = await token(wallet, form);

  const profile = await answer("profile", "profile", { token: learner });
  answered(profile, 200, "the wallet asks for the learner's Profile");
  check(profile.body.includes("Learner ada"), "and reads the name that the provider vouches for");

  const operator = clrClient("issue status");
  const registrar = await token(operator, { grant_type: "client_credentials" });

  const issued = await answer("issue", "issue", { token: registrar, record: JSON.stringify({ credential: record(2) }) });
  answered(issued, 201, "the registrar issues a record with two nested credentials");
  const credential = JSON.parse(issued.body).verifiableCredential;
  const text = JSON.stringify(credential);

  const kept = await answer("upsert-credential", "upsert", { token: learner, record: text });
  answered(kept, 201, "the wallet delivers it");
  check(kept.body === text, "and gets back the very bytes");
  const again = await answer("upsert-credential", "upsert", { token: learner, record: text });
  answered(again, 200, "once more changes nothing");
  const listed = await answer("get-credentials", "list", { token: learner });
  const total = Object.entries(listed.headers).find(([name]) => name.toLowerCase() === "x-total-count")?.[1];
  answered(listed, 200, "the wallet lists");
  check(total === "1", "the list has one record");
  check(JSON.parse(listed.body).credential[0].id === credential.id, "it is this one");

  const good = await answer("verify", "verify", { record: text });
  check(JSON.parse(good.body).verdict === "valid", "it is verified");
  const altered = await answer("verify", "verify", { record: text.replace("Course-1", "Course-9") });
  check(JSON.parse(altered.body).verdict === "invalid", "altered it is not");

  const list = credential.credentialStatus.statusListCredential.split("/").pop();
  answered(await answer("status", "status-list", { list }), 200, "its status list is signed and served");
  const change = JSON.stringify({
    credentialId: credential.id,
    credentialStatus: { type: "BitstringStatusListEntry", statusPurpose: "revocation" },
    status: true,
  });
  const changed = await answer("status", "change-status", { token: registrar, change });
  answered(changed, 200, "the registrar revokes it");
  const revoked = await answer("verify", "verify", { record: text });
  check(JSON.parse(revoked.body).verdict === "invalid", "revoked it is invalid");

  await answer("token", "revoke", { client: basic(wallet), form: new URLSearchParams({ token: learner }).toString() });
  answered(await answer("get-credentials", "list", { token: learner }), 401, "a revoked token reads nothing");
  answered(await tokenAnswer(wallet, form), 400, "a code is redeemed once");

  const second = randomBytes(32).toString("base64url");
  const redeemed = { ...form, code: await consent(wallet, second), code_verifier: second };
  return { learner: await token(wallet, redeemed), registrar };
}

/** A learner goes from the wallet to the provider, signs in, and allows everything; the code that the wallet gets. */
async function consent(wallet, verifier) {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: wallet.client_id,
    redirect_uri: REDIRECT_URI,
    scope: SCOPES.join(" "),
    state: "of the wallet",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const begun = await answer("authorize", "authorize", { query: query.toString() });
  const cookie = cookies(begun);
  const back = await signIn(location(begun));
  const asked = await answer("authorize", "signed-in", { query: back.searchParams.toString(), cookie });
  const kept = [cookie, cookies(asked)].filter(Boolean).at(-1);
  const page = asked.statusCode === 200 ? asked.body : undefined;
  check(page?.includes("Learner ada"), "the learner signs in at the provider and is asked");
  const fields = [...ours(page), ["answer", "allow"], ...SCOPES.map((scope) => ["scope", scope])];
  const allowed = await answer("authorize", "consent", { cookie: kept, form: new URLSearchParams(fields).toString() });
  const code = location(allowed).searchParams.get("code");
  check(code, "the learner allows it, and the wallet gets a code");
  return code;
}

/** Fills the provider's pages until it sends the browser back to us: the address with its code, not opened. */
async function signIn(start) {
  const browser = new Browser(`${PUBLIC_URL}/oauth/signed-in`);
  let shown = await browser.open(start);
  for (let pages = 0; pages < 5 && !shown.location; pages++) {
    const action = new URL(/<form[^>]* action="([^"]*)"/.exec(shown.page)[1], shown.url);
    const prompt = hidden(shown.page, "prompt");
    const fields = [["prompt", prompt]];
    if (prompt === "login") fields.push(["login", "ada"], ["password", "any"]);
    shown = await browser.open(action, fields);
  }
  return shown.location;
}

async function token(client, form) {
  const given = await tokenAnswer(client, form);
  answered(given, 200, `a token by ${form.grant_type}`);
  return JSON.parse(given.body).access_token;
}

async function tokenAnswer(client, form) {
  return answer("token", "token", { client: basic(client), form: new URLSearchParams(form).toString() });
}

/** A client that the operator made, with his own access to the table. */
function clrClient(scopes) {
  const shown = execFileSync(process.env.CLR, ["admin", "client", "create", "--scope", scopes], {
    env: { ...process.env, ...deployment },
    stdio: ["ignore", "pipe", "ignore"],
  }).toString();
  const value = (name) => new RegExp(`${name}\\s+(\\S+)`).exec(shown)[1];
  return { client_id: value("client_id"), client_secret: value("client_secret") };
}

/** A fresh process, so that nothing before adds to it. */
async function memoryOfALargeRecord(registrar) {
  await functions.splice(names.indexOf("issue"), 1)[0].end();
  const issue = new Function("issue", environment("issue"));
  functions.push(issue);
  const issued = await answer("issue", "issue", { token: registrar, record: JSON.stringify({ credential: record(62) }) });
  answered(issued, 201, `a record with 62 nested credentials is issued: ${issued.body.length} bytes`);
  checkMemory("issue", await issue.memory());
}

async function measureStarts({ learner, registrar }) {
  await starts(key, [
    { name: "hello-lambda", status: 200, event: await event("discovery") },
    { name: "discovery", status: 200, event: await event("discovery") },
    { name: "get-credentials", status: 200, event: await event("list", { token: learner }) },
    {
      name: "issue",
      status: 201,
      event: await event("issue", { token: registrar, record: JSON.stringify({ credential: record(1) }) }),
    },
  ].map((measured) => ({ ...measured, environment: environment(measured.name) })));
}

/** Fails the script, with what was answered, unless it has this status. */
function answered({ statusCode, body }, status, text) {
  check(statusCode === status, statusCode === status ? text : `${text}: ${statusCode} ${body}`);
}

function basic({ client_id, client_secret }) {
  return Buffer.from(`${client_id}:${client_secret}`).toString("base64");
}

/** The cookies that an answer sets, as a browser sends them back. */
function cookies(answer) {
  return (answer.cookies ?? []).map((cookie) => cookie.split(";")[0]).join("; ");
}

function location(answer) {
  const [, value] = Object.entries(answer.headers).find(([name]) => name.toLowerCase() === "location") ?? [];
  if (!value) throw new Error(`no location: ${answer.statusCode} ${answer.body}`);
  return new URL(value);
}
