// The whole route of a record through the functions, by events; then what the binaries weigh, need and take.

import { answer, asked, clrClient, redemption, registration, token, tokenValues } from "./client.mjs";
import { Function, deployment, event } from "./functions.mjs";
import { createKey } from "./kms.mjs";
import { checkMemory, functionNames, sizes, starts } from "./measured.mjs";
import { operations } from "./operations.mjs";
import { startProvider } from "./provider.mjs";
import { record } from "./record.mjs";
import { check, freePort } from "./service.mjs";
import { authorization, basic } from "./wallet.mjs";

const { PUBLIC_URL } = deployment;

const names = await functionNames("../../functions");
await sizes(names);

const provider = startProvider(await freePort(), PUBLIC_URL);
const key = await createKey();
const environments = {
  issuing: { ISSUER_ID: "did:web:records.example.edu", ISSUER_NAME: "Example University", SIGNING_KEY_ID: key },
  authorize: provider.environment,
};
const environment = (name) => ({ ...environments.issuing, ...(environments[name] ?? {}) });

let functions = [];
try {
  functions = names.map((name) => new Function(name, environment(name)));
  const parties = await journey();
  console.log("memory after the journey:");
  for (const started of functions) checkMemory(started.name, await started.memory());
  await memoryOfALargeRecord(parties.registrar);
  await memoryOfTheLongestRecord(parties);
  const kept = await operations(parties, (name) => functions.find((started) => started.name === name));
  await end();
  await measureStarts(parties, kept);
} finally {
  await end();
  provider.end();
}

async function end() {
  await Promise.all(functions.splice(0).map((started) => started.end()));
}

async function journey() {
  const discovery = await answer("discovery", "discovery");
  check(JSON.parse(discovery.body).openapi === "3.0.1", "discovery tells what the service is");
  answered(await answer("discovery", "unrouted"), 405, "what no route takes is answered in our words");

  const registered = await answer("registration", "register", { registration });
  answered(registered, 201, "a wallet registers");
  const wallet = JSON.parse(registered.body);

  const form = await redemption(wallet, "ada");
  check(form.code, "the learner signs in at the provider, allows it, and the wallet gets a code");
  const learner = await token(wallet, form);
  check(learner, "and a token for it");

  const profile = await answer("profile", "profile", { token: learner });
  answered(profile, 200, "the wallet asks for the learner's Profile");
  check(profile.body.includes("Learner ada"), "and reads the name that the provider vouches for");

  const operator = clrClient("issue status");
  const registrar = await token(operator, { grant_type: "client_credentials" });
  check(registrar, "the registrar's system gets a token");

  const issued = await answer("issue", "issue", { token: registrar, record: JSON.stringify({ credential: record(2) }) });
  answered(issued, 201, "the registrar issues a record with two nested credentials");
  const credential = JSON.parse(issued.body).verifiableCredential;
  const text = JSON.stringify(credential);

  const kept = await answer("upsert-credential", "upsert", { token: learner, record: text });
  answered(kept, 201, "the wallet delivers it");
  check(kept.body === text, "and gets back the very bytes");
  const again = await answer("upsert-credential", "upsert", { token: learner, record: text });
  answered(again, 200, "once more changes nothing");
  const listed = await answer("get-credentials", "list", { token: learner, limit: 10 });
  const total = Object.entries(listed.headers).find(([name]) => name.toLowerCase() === "x-total-count")?.[1];
  answered(listed, 200, "the wallet lists");
  check(total === "1", "the list has one record");
  check(JSON.parse(listed.body).credential[0].id === credential.id, "it is this one");

  const good = await answer("verify", "verify", { record: text });
  check(JSON.parse(good.body).verdict === "valid", "it is verified");
  const altered = await answer("verify", "verify", { record: text.replace("Course-1", "Course-9") });
  check(JSON.parse(altered.body).verdict === "invalid", "altered it is not");

  const list = credential.credentialStatus.statusListCredential.split("/").pop();
  answered(await answer("status", "status-list", { list }), 200, "its status list is signed and served");
  const change = JSON.stringify({
    credentialId: credential.id,
    credentialStatus: { type: "BitstringStatusListEntry", statusPurpose: "revocation" },
    status: true,
  });
  const changed = await answer("status", "change-status", { token: registrar, change });
  answered(changed, 200, "the registrar revokes it");
  const revoked = await answer("verify", "verify", { record: text });
  check(JSON.parse(revoked.body).verdict === "invalid", "revoked it is invalid");

  await answer("token", "revoke", { client: basic(wallet), form: new URLSearchParams({ token: learner }).toString() });
  answered(await answer("get-credentials", "list", { token: learner, limit: 10 }), 401, "a revoked token reads nothing");
  answered(await answer("token", "token", tokenValues(wallet, form)), 400, "a code is redeemed once");

  return { wallet, operator, registrar, learner: await token(wallet, await redemption(wallet, "ada")) };
}

/** A fresh process, so that nothing before adds to it. */
async function memoryOfALargeRecord(registrar) {
  await functions.splice(names.indexOf("issue"), 1)[0].end();
  const issue = new Function("issue", environment("issue"));
  functions.push(issue);
  const issued = await answer("issue", "issue", { token: registrar, record: JSON.stringify({ credential: record(62) }) });
  answered(issued, 201, `a record with 62 nested credentials is issued: ${issued.body.length} bytes`);
  checkMemory("issue", await issue.memory());
}

/** Fresh processes again, and a record as long as a request may be. */
async function memoryOfTheLongestRecord({ wallet, registrar }) {
  await end();
  functions = names.map((name) => new Function(name, environment(name)));
  const learner = await token(wallet, await redemption(wallet, "of-a-long-record"));
  const unsigned = JSON.stringify({ credential: record(450, 122) });
  const issued = await asked(201, "issue", "issue", { token: registrar, record: unsigned });
  const text = JSON.stringify(JSON.parse(issued.body).verifiableCredential);
  await asked(201, "upsert-credential", "upsert", { token: learner, record: text });
  await asked(200, "verify", "verify", { record: text });
  await asked(200, "get-credentials", "list", { token: learner, limit: 10 });
  console.log(`memory after a record of ${text.length} bytes, MB at its height:`);
  for (const started of functions) console.log(`${(await started.memory()).height.toFixed(1).padStart(6)}  ${started.name}`);
}

/** Fails the script, with what was answered, unless it has this status. */
function answered({ statusCode, body }, status, text) {
  check(statusCode === status, statusCode === status ? text : `${text}: ${statusCode} ${body}`);
}

async function measureStarts({ wallet, operator, registrar, learner }, kept) {
  const credentials = tokenValues(operator, { grant_type: "client_credentials" });
  const cases = [
    ["hello-lambda", 200, "discovery", {}],
    ["discovery", 200, "discovery", {}],
    ["registration", 201, "register", { registration }],
    ["authorize", 303, "authorize", { query: authorization(wallet, "of a start") }],
    ["token", 200, "token", credentials],
    ["upsert-credential", 200, "upsert", { token: kept.learner, record: kept.text }],
    ["get-credentials", 200, "list", { token: learner, limit: 10 }],
    ["profile", 200, "profile", { token: learner }],
    ["issue", 201, "issue", { token: registrar, record: JSON.stringify({ credential: record(1) }) }],
    ["status", 200, "status-list", { list: kept.list }],
    ["verify", 200, "verify", { record: kept.text }],
  ];
  const events = cases.map(async ([name, status, of, values]) => ({
    name,
    status,
    event: await event(of, values),
    environment: environment(name),
  }));
  await starts(key, await Promise.all(events));
}
