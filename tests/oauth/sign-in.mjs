// Learners of `clr serve` sign in at a real OpenID Connect provider (npm `oidc-provider`, with its development login).

import Provider from "oidc-provider";
import { createHash, randomBytes } from "node:crypto";
import { Browser, check, freePort, hidden, ours, withService } from "./service.mjs";

const REDIRECT_URI = "http://127.0.0.1:9/callback";
const READ = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly";

const [providerPort, servicePort] = [await freePort(), await freePort()];
const issuer = `http://127.0.0.1:${providerPort}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "clr",
      client_secret: "this is a test secret of the provider",
      redirect_uris: [`http://127.0.0.1:${servicePort}/oauth/signed-in`],
    },
  ],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `Learner ${id}`, email: `${id}@example.edu`, email_verified: id !== "eve" }),
  }),
});
const listener = provider.listen(providerPort, "127.0.0.1");

async function register(base) {
  const answer = await fetch(`${base}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "Example Wallet",
      client_uri: "https://app.example/",
      logo_uri: "https://app.example/logo.png",
      tos_uri: "https://app.example/terms",
      policy_uri: "https://app.example/privacy",
      software_id: "example-wallet",
      software_version: "1",
      redirect_uris: [REDIRECT_URI],
      scope: READ,
    }),
  });
  return answer.json();
}

function authorization(base, client, verifier) {
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const parameters = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    scope: READ,
    state: "of the wallet",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return `${base}/oauth/authorize?${parameters}`;
}

/** Fills the provider's login and consent pages until it sends the browser back to us, or to `stop`. */
async function signIn(browser, start, account) {
  let shown = await browser.open(start);
  for (let pages = 0; pages < 5 && shown.url?.origin === issuer; pages++) {
    const action = new URL(/<form[^>]* action="([^"]*)"/.exec(shown.page)[1], shown.url);
    const prompt = hidden(shown.page, "prompt");
    const fields = [["prompt", prompt]];
    if (prompt === "login") fields.push(["login", account], ["password", "any"]);
    shown = await browser.open(action, fields);
  }
  return shown;
}

async function tokens(base, client, verifier, code) {
  const answer = await fetch(`${base}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`,
    },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    }),
  });
  return answer.json();
}

async function subject(base, client, token) {
  const answer = await fetch(`${base}/oauth/introspect`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`,
    },
    body: new URLSearchParams({ token }),
  });
  return (await answer.json()).sub;
}

/** A learner signs in, allows reading, and the wallet gets tokens. */
async function walk(base, client, account) {
  const browser = new Browser(REDIRECT_URI);
  const verifier = randomBytes(32).toString("base64url");
  const consent = await signIn(browser, authorization(base, client, verifier), account);
  check(consent.page?.includes(`Learner ${account}`), `${account} signed in and is asked`);
  const allowed = await browser.open(`${base}/oauth/authorize`, [
    ...ours(consent.page),
    ["answer", "allow"],
    ["scope", READ],
  ]);
  const answer = allowed.location.searchParams;
  check(answer.get("state") === "of the wallet" && answer.get("iss") === base, "state and iss come back");
  const given = await tokens(base, client, verifier, answer.get("code"));
  check(given.access_token, `${account}: tokens`);
  return subject(base, client, given.access_token);
}

/** Where the provider would send this account's browser: the address with its code, not opened. */
async function stopped(base, browser, start, account) {
  browser.stop = `${base}/oauth/signed-in`;
  const { location } = await signIn(browser, start, account);
  browser.stop = REDIRECT_URI;
  return location;
}

const environment = {
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: "clr",
  OIDC_CLIENT_SECRET: "this is a test secret of the provider",
};
try {
  await withService(servicePort, environment, async (base) => {
    const client = await register(base);
    const ada = await walk(base, client, "ada");
    check(ada === (await walk(base, client, "ada")), "the same account is the same learner");
    check(ada !== (await walk(base, client, "eve")), "another account is another learner");

    const browser = new Browser(REDIRECT_URI);
    const back = await stopped(base, browser, authorization(base, client, randomBytes(32).toString("base64url")), "ada");
    check(back?.searchParams.get("code"), "the provider sends back a code");
    const stranger = await new Browser(REDIRECT_URI).open(back);
    check(stranger.status === 400, "another browser cannot bring it");
    const altered = new URL(back);
    altered.searchParams.set("state", `${back.searchParams.get("state")}x`);
    check((await browser.open(altered)).status === 400, "an altered state is refused");
    const mixed = new URL(back);
    mixed.searchParams.set("iss", "https://idp.evil.example");
    check((await browser.open(mixed)).status === 400, "the answer of another provider is refused");

    const victim = new Browser(REDIRECT_URI);
    const own = await stopped(base, victim, authorization(base, client, randomBytes(32).toString("base64url")), "ada");
    const injected = new URL(own);
    injected.searchParams.set("code", back.searchParams.get("code"));
    check((await victim.open(injected)).status === 403, "a code of another sign-in is refused");

    check((await browser.open(back)).status === 200, "the browser that it is for brings it");
    check((await browser.open(back)).status === 400, "once");

    const grants = await signIn(new Browser(REDIRECT_URI), `${base}/oauth/grants`, "ada");
    check(grants.page?.includes("Example Wallet"), "the learner sees what was allowed");
  });
} finally {
  listener.close();
  listener.closeAllConnections();
}
