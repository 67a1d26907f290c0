// The steps of applications, learners and the operator, by events.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { deployment, event, invoke } from "./functions.mjs";
import { Browser, hidden, ours } from "./service.mjs";

const { PUBLIC_URL } = deployment;
const REDIRECT_URI = "https://app.example/callback";
const SCOPES = [
  ...["credential.readonly", "credential.upsert", "profile.readonly"].map(
    (name) => `https://purl.imsglobal.org/spec/clr/v2p0/scope/${name}`,
  ),
  "offline_access",
];

/** What a wallet registers. */
export const registration = JSON.stringify({
  client_name: "Example Wallet",
  client_uri: "https://app.example/",
  logo_uri: "https://app.example/logo.png",
  tos_uri: "https://app.example/terms",
  policy_uri: "https://app.example/privacy",
  software_id: "example-wallet",
  software_version: "1",
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token"],
  scope: SCOPES.join(" "),
});

export async function answer(name, eventName, values) {
  return invoke(name, await event(eventName, values));
}

/** The answer with this status; fails, with what was answered, where it has another. */
export async function asked(status, name, eventName, values) {
  const given = await answer(name, eventName, values);
  if (given.statusCode !== status) throw new Error(`${name} answered ${given.statusCode}: ${given.body}`);
  return given;
}

/** What a learner's consent gives: the form that redeems the code, once. */
export async function redemption(wallet, learner) {
  const verifier = randomBytes(32).toString("base64url");
  const code = await consent(wallet, verifier, learner);
  return { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
}

/** The query with which a wallet sends a learner here. */
export function authorization(wallet, verifier) {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: wallet.client_id,
    redirect_uri: REDIRECT_URI,
    scope: SCOPES.join(" "),
    state: "of the wallet",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return query.toString();
}

/** A learner goes from the wallet to the provider, signs in, and allows everything; the code that the wallet gets. */
async function consent(wallet, verifier, learner) {
  const begun = await asked(303, "authorize", "authorize", { query: authorization(wallet, verifier) });
  const cookie = cookies(begun);
  const back = await signIn(location(begun), learner);
  const shown = await asked(200, "authorize", "signed-in", { query: back.searchParams.toString(), cookie });
  const kept = [cookie, cookies(shown)].filter(Boolean).at(-1);
  if (!shown.body.includes(`Learner ${learner}`)) throw new Error(`the page does not name the learner: ${shown.body}`);
  const fields = [...ours(shown.body), ["answer", "allow"], ...SCOPES.map((scope) => ["scope", scope])];
  const allowed = await answer("authorize", "consent", { cookie: kept, form: new URLSearchParams(fields).toString() });
  return location(allowed).searchParams.get("code");
}

/** Fills the provider's pages until it sends the browser back to us: the address with its code, not opened. */
async function signIn(start, learner) {
  const browser = new Browser(`${PUBLIC_URL}/oauth/signed-in`);
  let shown = await browser.open(start);
  for (let pages = 0; pages < 5 && !shown.location; pages++) {
    const action = new URL(/<form[^>]* action="([^"]*)"/.exec(shown.page)[1], shown.url);
    const prompt = hidden(shown.page, "prompt");
    const fields = [["prompt", prompt]];
    if (prompt === "login") fields.push(["login", learner], ["password", "any"]);
    shown = await browser.open(action, fields);
  }
  return shown.location;
}

export async function tokens(client, form) {
  return JSON.parse((await asked(200, "token", "token", tokenValues(client, form))).body);
}

export async function token(client, form) {
  return (await tokens(client, form)).access_token;
}

/** What an event of the token endpoint is filled with. */
export function tokenValues(client, form) {
  return { client: basic(client), form: new URLSearchParams(form).toString() };
}

/** A client that the operator made, with his own access to the table. */
export function clrClient(scopes) {
  const shown = execFileSync(process.env.CLR, ["admin", "client", "create", "--scope", scopes], {
    env: { ...process.env, ...deployment },
    stdio: ["ignore", "pipe", "ignore"],
  }).toString();
  const value = (name) => new RegExp(`${name}\\s+(\\S+)`).exec(shown)[1];
  return { client_id: value("client_id"), client_secret: value("client_secret") };
}

export function basic({ client_id, client_secret }) {
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
