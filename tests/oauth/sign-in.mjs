// Learners of `clr serve` sign in at a real OpenID Connect provider (npm `oidc-provider`, with its development login).

import { signIn, startProvider } from "./provider.mjs";
import { Browser, check, freePort, ours, withService } from "./service.mjs";
import { authorization, metadata, newVerifier, post, tokenRequest, register, scope } from "./wallet.mjs";

const REDIRECT_URI = "http://127.0.0.1:9/callback";
const READ = scope("credential.readonly");

const [providerPort, servicePort] = [await freePort(), await freePort()];
const provider = startProvider(providerPort, `http://127.0.0.1:${servicePort}`);

function start(base, client, verifier) {
  return `${base}/oauth/authorize?${authorization(client, verifier)}`;
}

/** A learner signs in, allows reading, and the wallet gets tokens; the subject that they are for. */
async function walk(base, client, account) {
  const browser = new Browser(REDIRECT_URI);
  const verifier = newVerifier();
  const consent = await signIn(browser, start(base, client, verifier), account);
  check(consent.page?.includes(`Learner ${account}`), `${account} signed in and is asked`);
  const allowed = await browser.open(`${base}/oauth/authorize`, [
    ...ours(consent.page),
    ["answer", "allow"],
    ["scope", READ],
  ]);
  const answer = allowed.location.searchParams;
  check(answer.get("state") === "of the wallet" && answer.get("iss") === base, "state and iss come back");
  const redeemed = await post(base, "/oauth/token", client, tokenRequest(client, answer.get("code"), verifier));
  const { access_token: token } = await redeemed.json();
  check(token, `${account}: tokens`);
  return (await (await post(base, "/oauth/introspect", client, { token })).json()).sub;
}

/** Where the provider would send this account's browser: the address with its code, not opened. */
async function stopped(base, browser, start, account) {
  browser.stop = `${base}/oauth/signed-in`;
  const { location } = await signIn(browser, start, account);
  browser.stop = REDIRECT_URI;
  return location;
}

try {
  await withService(servicePort, provider.environment, async (base) => {
    const client = await register(base, metadata(REDIRECT_URI, [READ]));
    const ada = await walk(base, client, "ada");
    check(ada === (await walk(base, client, "ada")), "the same account is the same learner");
    check(ada !== (await walk(base, client, "eve")), "another account is another learner");

    const browser = new Browser(REDIRECT_URI);
    const back = await stopped(base, browser, start(base, client, newVerifier()), "ada");
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
    const own = await stopped(base, victim, start(base, client, newVerifier()), "ada");
    const injected = new URL(own);
    injected.searchParams.set("code", back.searchParams.get("code"));
    check((await victim.open(injected)).status === 403, "a code of another sign-in is refused");

    check((await browser.open(back)).status === 200, "the browser that it is for brings it");
    check((await browser.open(back)).status === 400, "once");

    const grants = await signIn(new Browser(REDIRECT_URI), `${base}/oauth/grants`, "ada");
    check(grants.page?.includes("Example Wallet"), "the learner sees what was allowed");
  });
} finally {
  provider.end();
}
