// The steps of applications, learners and the operator, by events.

import { execFileSync } from "node:child_process";
import { deployment, event, invoke } from "./functions.mjs";
import { signIn } from "./provider.mjs";
import { Browser, ours } from "./service.mjs";
import { authorization, basic, metadata, newVerifier, scope, tokenRequest } from "./wallet.mjs";

const { PUBLIC_URL } = deployment;
const REDIRECT_URI = "https://wallet.example/callback";
const SCOPES = [...["credential.readonly", "credential.upsert", "profile.readonly"].map(scope), "offline_access"];

/** What a wallet registers. */
export const registration = JSON.stringify(
  metadata(REDIRECT_URI, SCOPES, { grant_types: ["authorization_code", "refresh_token"] }),
);

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
  const verifier = newVerifier();
  return tokenRequest(wallet, await consent(wallet, verifier, learner), verifier);
}

/** A learner goes from the wallet to the provider, signs in, and allows everything; the code that the wallet gets. */
async function consent(wallet, verifier, learner) {
  const begun = await asked(303, "authorize", "authorize", { query: authorization(wallet, verifier) });
  const cookie = cookies(begun);
  const browser = new Browser(`${PUBLIC_URL}/oauth/signed-in`);
  const { location: back } = await signIn(browser, location(begun), learner);
  const shown = await asked(200, "authorize", "signed-in", { query: back.searchParams.toString(), cookie });
  const kept = [cookie, cookies(shown)].filter(Boolean).at(-1);
  if (!shown.body.includes(`Learner ${learner}`)) throw new Error(`the page does not name the learner: ${shown.body}`);
  const fields = [...ours(shown.body), ["answer", "allow"], ...SCOPES.map((scope) => ["scope", scope])];
  const allowed = await answer("authorize", "consent", { cookie: kept, form: new URLSearchParams(fields).toString() });
  return location(allowed).searchParams.get("code");
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

/** The cookies that an answer sets, as a browser sends them back. */
function cookies(answer) {
  return (answer.cookies ?? []).map((cookie) => cookie.split(";")[0]).join("; ");
}

function location(answer) {
  const [, value] = Object.entries(answer.headers).find(([name]) => name.toLowerCase() === "location") ?? [];
  if (!value) throw new Error(`no location: ${answer.statusCode} ${answer.body}`);
  return new URL(value);
}
