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
 * Prints what a process takes from its start to its first answer, of the functions in turns. Nothing fails here: a busy machine
 * would decide.
 */
export async function starts(key, cases) {
  const taken = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < STARTS; round++) {
    for (const { name, environment, event, status } of cases) {
      const { answer, ...took } = await start(name, environment, event);
      if (answer.statusCode !== status) throw new Error(`${name} answered ${answer.statusCode}: ${answer.body}`);
      taken.get(name).push(took);
    }
  }
  const signatures = [];
  for (let round = 0; round < STARTS; round++) signatures.push(await sign(key));
  const of = (name, member) => taken.get(name).map((took) => took[member]);
  const hello = least(of("hello-lambda", "milliseconds"));
  console.log("start to first answer: ms, least and median; times hello-lambda, by the least; ms of processor, median; MB, most");
  for (const name of taken.keys()) {
    const milliseconds = of(name, "milliseconds");
    const processor = median(of(name, "processor")).toFixed(1).padStart(6);
    const height = Math.max(...of(name, "height")).toFixed(1).padStart(6);
    console.log(`${row(milliseconds)}  ${(least(milliseconds) / hello).toFixed(2)} ${processor}${height}  ${name}`);
  }
  console.log(`${row(signatures)}${" ".repeat(21)}of it one signature of the emulated KMS, asked for alone`);
}

/** Fails where a process needed more memory than it should. */
export function checkMemory(name, { now, height }) {
  console.log(`${name}: ${now.toFixed(1)} MB resident, ${height.toFixed(1)} MB at its height`);
  if (height > MOST_MEMORY) throw new Error(`${name} needed more than ${MOST_MEMORY} MB`);
}

const least = (values) => Math.min(...values);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const row = (values) => [least, median].map((of) => of(values).toFixed(1).padStart(6)).join("");
