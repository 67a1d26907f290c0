// Where learners sign in at: npm `oidc-provider`, with its development login.

import Provider from "oidc-provider";
import { hidden } from "./service.mjs";

const CLIENT_SECRET = "this is a test secret of the provider";

/** A provider on this port of 127.0.0.1, for the service with this base URL. Nobody vouches for Eve's address. */
export function startProvider(port, base) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "clr", client_secret: CLIENT_SECRET, redirect_uris: [`${base}/oauth/signed-in`] }],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `Learner ${id}`, email: `${id}@example.edu`, email_verified: id !== "eve" }),
    }),
  });
  const listener = provider.listen(port, "127.0.0.1");
  return {
    /** What the service is told of it. */
    environment: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "clr", OIDC_CLIENT_SECRET: CLIENT_SECRET },

    end() {
      listener.close();
      listener.closeAllConnections();
    },
  };
}

/** Fills the pages of a provider, for login and consent, until it sends the browser away. */
export async function signIn(browser, start, account) {
  let shown = await browser.open(start);
  for (let pages = 0; pages < 5 && shown.page?.includes('name="prompt"'); pages++) {
    const action = new URL(/<form[^>]* action="([^"]*)"/.exec(shown.page)[1], shown.url);
    const prompt = hidden(shown.page, "prompt");
    const fields = [["prompt", prompt]];
    if (prompt === "login") fields.push(["login", account], ["password", "any"]);
    shown = await browser.open(action, fields);
  }
  return shown;
}
