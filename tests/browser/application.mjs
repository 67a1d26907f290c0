// An application as the pages meet it: registers, sends a browser to the service, waits for it on the loopback interface.

import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const SCOPE = "https://purl.imsglobal.org/spec/clr/v2p0/scope";
export const READ = `${SCOPE}/credential.readonly`;
const UPSERT = `${SCOPE}/credential.upsert`;
export const SCOPES = [READ, UPSERT, `${SCOPE}/profile.readonly`, `${SCOPE}/profile.update`, "offline_access"];
const API = "/ims/clr/v2p0/credentials";

/** Runs `use` with an application whose redirect URI answers. */
export async function withApplication(base, members, use) {
  const listener = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html" });
    answer.end("<!doctype html><title>Back</title><p>Back at the application.");
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  try {
    const application = new Application(base, `http://127.0.0.1:${listener.address().port}/callback`);
    await application.register(members);
    return await use(application);
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

class Application {
  constructor(base, redirectUri) {
    this.base = base;
    this.redirectUri = redirectUri;
  }

  async register(members) {
    const answer = await fetch(`${this.base}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: "Example Wallet",
        client_uri: "https://wallet.example/",
        logo_uri: "https://wallet.example/logo.png",
        tos_uri: "https://wallet.example/terms",
        policy_uri: "https://wallet.example/privacy",
        software_id: "example-wallet",
        software_version: "1",
        redirect_uris: [this.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        scope: SCOPES.join(" "),
        ...members,
      }),
    });
    if (answer.status !== 201) throw new Error(`registration: ${answer.status} ${await answer.text()}`);
    this.client = await answer.json();
  }

  /** Where a browser is sent, with a state and a verifier of its own. */
  authorization() {
    this.verifier = randomBytes(32).toString("base64url");
    this.state = randomBytes(16).toString("base64url");
    const parameters = new URLSearchParams({
      response_type: "code",
      client_id: this.client.client_id,
      redirect_uri: this.redirectUri,
      scope: SCOPES.join(" "),
      state: this.state,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    return `${this.base}/oauth/authorize?${parameters}`;
  }

  async tokens(code) {
    const secret = `${this.client.client_id}:${this.client.client_secret}`;
    const answer = await fetch(`${this.base}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(secret).toString("base64")}` },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: this.redirectUri,
        code_verifier: this.verifier,
      }),
    });
    return answer.json();
  }

  /** The status of a list, or of an upsert, with a token. */
  async call(token, method = "GET") {
    const body = method === "POST" ? "{}" : undefined;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(`${this.base}${API}`, { method, headers, body })).status;
  }
}
