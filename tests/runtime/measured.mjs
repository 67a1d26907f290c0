// What the binaries weigh, how long they take to the first answer, and the memory they need.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { start } from "./functions.mjs";
import { sign } from "./kms.mjs";

const LONGEST_BINARY = 9_000_000;
const MOST_MEMORY = 32;
const STARTS = 15;

/** Prints the size of every function's binary; fails where one is too long. */
export async function sizes(functions) {
  const faults = [];
  for (const name of functions) {
    const { size } = await stat(join(process.env.RELEASE, name));
    console.log(`${(size / 1e6).toFixed(2).padStart(6)} MB  ${name}`);
    if (size > LONGEST_BINARY) faults.push(`${name} is longer than ${LONGEST_BINARY} bytes`);
  }
  if (faults.length) throw new Error(faults.join("; "));
}

/** The names of the functions: their folders, but that of the command `clr`. */
export async function functionNames(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== "local").map((entry) => entry.name);
}

/**
 * Prints the time from spawning a process to its first answer, of the functions in turns. Nothing fails here: a busy machine
 * would decide.
 */
export async function starts(key, cases) {
  const times = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < STARTS; round++) {
    for (const { name, environment, event, status } of cases) {
      const { answer, milliseconds } = await start(name, environment, event);
      if (answer.statusCode !== status) throw new Error(`${name} answered ${answer.statusCode}: ${answer.body}`);
      times.get(name).push(milliseconds);
    }
  }
  const signatures = [];
  for (let round = 0; round < STARTS; round++) signatures.push(await sign(key));
  const hello = least(times.get("hello-lambda"));
  console.log("start to first answer, ms: least, median, times hello-lambda (by the least)");
  for (const [name, values] of times) {
    console.log(`${row(values)}  ${(least(values) / hello).toFixed(2)}  ${name}`);
  }
  console.log(`${row(signatures)}        of it one signature of the emulated KMS, asked for alone`);
}

/** Fails where a process needed more memory than it should. */
export function checkMemory(name, { now, height }) {
  console.log(`${name}: ${now.toFixed(1)} MB resident, ${height.toFixed(1)} MB at its height`);
  if (height > MOST_MEMORY) throw new Error(`${name} needed more than ${MOST_MEMORY} MB`);
}

const least = (values) => Math.min(...values);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const row = (values) => [least, median].map((of) => of(values).toFixed(1).padStart(6)).join("");
