// The functions as processes under the emulated runtime API, and events for them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";

const { KMS, LAMBDA, RELEASE, TABLE } = process.env;

/** What AWS or the template puts into the environment of every function here. */
export const deployment = {
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_REGION: "us-east-1",
  AWS_ENDPOINT_URL_DYNAMODB: TABLE,
  AWS_ENDPOINT_URL_KMS: KMS,
  TABLE_NAME: "clr",
  PUBLIC_URL: "https://records.example.edu",
  // All events come from one address.
  ATTEMPTS_PER_MINUTE: "1000000",
};

/** The event of this name, with its `${…}` filled in. */
export async function event(name, values = {}) {
  const fill = (_, key) => {
    if (!(key in values)) throw new Error(`the event ${name} wants ${key}`);
    return values[key];
  };
  const text = (value) => value.replace(/\$\{(\w+)\}/g, fill);
  const whole = JSON.parse(await readFile(join("events", `${name}.json`), "utf8"), (_, value) =>
    typeof value === "string" ? text(value) : value,
  );
  if (whole.isBase64Encoded) whole.body = Buffer.from(whole.body).toString("base64");
  return whole;
}

/** A process of a function, which waits for events. */
export class Function {
  constructor(name, environment) {
    this.name = name;
    const lambda = {
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: "1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_RUNTIME_API: `${LAMBDA}/.rt/${name}`,
    };
    this.process = spawn(join(RELEASE, name), {
      env: { ...deployment, ...environment, ...lambda },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  /** What the kernel says of the process's memory now and at its height, in MB. */
  async memory() {
    const status = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    const megabytes = (field) => (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)[1]) * 1024) / 1e6;
    return { now: megabytes("VmRSS"), height: megabytes("VmHWM") };
  }

  /** Milliseconds of a processor that the process took so far, when it has settled. */
  async processor() {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const tasks = `/proc/${this.process.pid}/task`;
    const texts = (await readdir(tasks)).map((task) => readFile(join(tasks, task, "schedstat"), "utf8"));
    const nanoseconds = (await Promise.all(texts)).map((text) => Number(text.split(" ")[0]));
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
  }

  async end() {
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

/**
 * Hands an event to whichever process of the function asks for it next. Each time on a connection of its own: on one that was
 * used before, an acknowledgement that the kernel delays by 40 ms can hold a long answer back.
 */
export async function invoke(name, event) {
  const asked = request(`${LAMBDA}/2015-03-31/functions/${name}/invocations`, { method: "POST", agent: false });
  asked.end(JSON.stringify(event));
  const [response] = await once(asked, "response");
  const answer = await json(response);
  if (answer.statusCode === undefined) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  if (answer.isBase64Encoded) answer.body = Buffer.from(answer.body, "base64").toString();
  return answer;
}

/** A process's answer to the event that waits for it: milliseconds from its start, those of a processor, and its memory. */
export async function start(name, environment, event) {
  const answered = invoke(name, event).then((answer) => ({ answer, at: performance.now() }));
  // The event is with the emulator before the process asks.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const begun = performance.now();
  const started = new Function(name, environment);
  const { answer, at } = await answered;
  const [processor, { height }] = [await started.processor(), await started.memory()];
  await started.end();
  return { answer, milliseconds: at - begun, processor, height };
}
