// What stands for the domain name of the API: hands everything on to the emulator, under the name that it gave the API.

import { createServer, request } from "node:http";

/** Listens on this port of 127.0.0.1. `api`: the emulator's URL of the API. */
export function front(port, api) {
  const { hostname, port: emulator, host } = new URL(api);
  console.assert(hostname.endsWith("localhost"));
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, host };
    const options = { host: "127.0.0.1", port: emulator, path: asked.url, method: asked.method, headers };
    const handed = request(options, (given) => {
      answer.writeHead(given.statusCode, given.rawHeaders);
      given.pipe(answer);
    });
    handed.on("error", () => answer.destroy());
    asked.pipe(handed);
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}
