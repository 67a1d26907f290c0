// An application as the pages meet it: registers, sends a browser to the service, waits for it on the loopback interface.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { authorization, metadata, newVerifier, post, tokenRequest, register, scope } from "./wallet.mjs";

export const READ = scope("credential.readonly");
const NAMES = ["credential.upsert", "profile.readonly", "profile.update"];
export const SCOPES = [READ, ...NAMES.map(scope), "offline_access"];
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
    const refreshing = { grant_types: ["authorization_code", "refresh_token"], ...members };
    this.client = await register(this.base, metadata(this.redirectUri, SCOPES, refreshing));
  }

  /** Where a browser is sent, with a state and a verifier of its own. */
  authorization() {
    this.verifier = newVerifier();
    this.state = randomBytes(16).toString("base64url");
    return `${this.base}/oauth/authorize?${authorization(this.client, this.verifier, this.state)}`;
  }

  async tokens(code) {
    const answer = await post(this.base, "/oauth/token", this.client, tokenRequest(this.client, code, this.verifier));
    return answer.json();
  }

  /** The status of a list, or of an upsert, with a token. */
  async call(token, method = "GET") {
    const body = method === "POST" ? "{}" : undefined;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(`${this.base}${API}`, { method, headers, body })).status;
  }
}
