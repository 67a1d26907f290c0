// `clr serve` in a folder of its own, on a free port, for the time of one script; and a learner's browser.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A port of 127.0.0.1 that nobody has now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs `use` with the base URL of a service and its folder; the service is ended afterwards by its own process id. */
export async function withService(port, environment, use) {
  const folder = await mkdtemp(join(tmpdir(), "clr-oauth-"));
  const service = spawn(process.env.CLR, ["serve", "--port", String(port)], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const base = `http://127.0.0.1:${port}`;
  try {
    await ready(base, service);
    return await use(base, folder);
  } finally {
    service.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(base, service) {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (service.exitCode !== null) throw new Error(`clr serve ended with ${service.exitCode}`);
    try {
      if ((await fetch(`${base}/.well-known/oauth-authorization-server`)).ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("clr serve did not become ready");
}

/** A browser: keeps cookies by origin and follows redirects, but to `stop`, where the application would be. */
export class Browser {
  #cookies = new Map();

  constructor(stop) {
    this.stop = stop;
  }

  async open(url, form) {
    let target = new URL(url);
    let body = form && new URLSearchParams(form);
    for (let hops = 0; hops < 20; hops++) {
      if (target.href.startsWith(this.stop)) return { location: target };
      const answer = await fetch(target, {
        method: body ? "POST" : "GET",
        body,
        headers: this.#headers(target),
        redirect: "manual",
      });
      this.#keep(target, answer);
      const next = answer.headers.get("location");
      if (answer.status < 300 || answer.status >= 400 || !next) {
        return { status: answer.status, page: await answer.text(), url: target };
      }
      target = new URL(next, target);
      body = undefined;
    }
    throw new Error("too many redirects");
  }

  #headers(target) {
    const cookies = this.#cookies.get(target.origin) ?? new Map();
    const text = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return text ? { cookie: text } : {};
  }

  #keep(target, answer) {
    const cookies = this.#cookies.get(target.origin) ?? new Map();
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split(/=(.*)/s);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    this.#cookies.set(target.origin, cookies);
  }
}

/** The first hidden field of this name on a page. */
export function hidden(page, name) {
  const found = new RegExp(`type="hidden" name="${name}" value="([^"]*)"`).exec(page);
  if (!found) throw new Error(`no hidden field ${name} in ${page}`);
  return found[1];
}

/** The fields that every form of ours has. */
export function ours(page) {
  return [
    ["authorization", hidden(page, "authorization")],
    ["form_token", hidden(page, "form_token")],
  ];
}

/** Fails the script unless it holds. */
export function check(holds, text) {
  if (!holds) throw new Error(`not so: ${text}`);
  console.log(`ok: ${text}`);
}
