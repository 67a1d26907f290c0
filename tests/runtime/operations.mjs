// How long a processor works for each operation that `clr cost` knows (functions/local/src/cost/operations.rs), in processes that
// are warm. The time of the table and of KMS is not in it, nor are handshakes of TLS: connections stay open.

import { asked, redemption, registration, token, tokens, tokenValues } from "./client.mjs";
import { record } from "./record.mjs";

const FEW = 8;
const MANY = 50;

/**
 * Prints microseconds of a processor for each. `functions` gives the process of a name. What comes back is a record, the token of
 * the learner who has it, and its status list.
 */
export async function operations({ wallet, operator, registrar }, functions) {
  console.log("microseconds of a processor for each operation (nested credentials):");

  /** Does something as often, and prints what the process took for each; what was answered. */
  async function each(name, operation, values, act) {
    const process = functions(name);
    const before = await process.processor();
    const answers = [];
    for (const value of values) answers.push(await act(value));
    const took = ((await process.processor()) - before) / values.length;
    console.log(`${(took * 1000).toFixed(0).padStart(8)}  ${operation}`);
    return answers;
  }
  const ask = (name, operation, times, status, event, values) =>
    each(name, operation, Array(times).fill(values), (one) => asked(status, name, event, one));

  await ask("discovery", "discovery", MANY, 200, "discovery", {});
  await ask("registration", "register", MANY, 201, "register", { registration });
  const forms = await each("authorize", "authorize", Array(FEW).fill("ada"), (learner) => redemption(wallet, learner));
  const granted = await each("token", "token: authorization_code", forms, (form) => tokens(wallet, form));
  const refresh = (given) => tokens(wallet, { grant_type: "refresh_token", refresh_token: given.refresh_token });
  await each("token", "token: refresh_token", granted, refresh);
  const credentials = tokenValues(operator, { grant_type: "client_credentials" });
  await ask("token", "token: client_credentials", MANY, 200, "token", credentials);
  const reader = await token(wallet, await redemption(wallet, "reader"));
  await ask("profile", "profile", MANY, 200, "profile", { token: reader });

  const kept = [];
  for (const [nested, times] of [
    [1, MANY],
    [62, FEW],
  ]) {
    const unsigned = (changes) => JSON.stringify({ credential: { ...record(nested), ...changes } });
    const issue = async (body) =>
      JSON.stringify(JSON.parse((await asked(201, "issue", "issue", { token: registrar, record: body })).body).verifiableCredential);
    const upsert = (status, learner) => (body) =>
      asked(status, "upsert-credential", "upsert", { token: learner, record: body });
    const list = (learner, limit) => asked(200, "get-credentials", "list", { token: learner, limit });

    const learner = await token(wallet, await redemption(wallet, `learner-${nested}`));
    const signed = await each("issue", `issue (${nested})`, Array(times).fill(unsigned({})), issue);
    kept.push(...signed.map((text) => ({ text, learner })));
    await each("upsert-credential", `upsert: new (${nested})`, signed, upsert(201, learner));
    await each("upsert-credential", `upsert: identical (${nested})`, signed, upsert(200, learner));
    const id = `urn:example:newer-${nested}`;
    const days = Array.from({ length: FEW }, (_, day) => `2026-02-${10 + day}T00:00:00Z`);
    const versions = [];
    for (const validFrom of days) versions.push(await issue(unsigned({ id, validFrom })));
    await upsert(201, learner)(versions.shift());
    await each("upsert-credential", `upsert: newer (${nested})`, versions, upsert(200, learner));
    await each("get-credentials", `list: a page of one (${nested})`, Array(times).fill(1), () => list(learner, 1));
    if (nested === 1) await each("get-credentials", "list: a page of fifty (1)", Array(FEW).fill(50), () => list(learner, 50));
    await ask("verify", `verify (${nested})`, times, 200, "verify", { record: signed[0] });
  }

  const change = ({ text }) => {
    const { id } = JSON.parse(text);
    const entry = { type: "BitstringStatusListEntry", statusPurpose: "revocation" };
    const change = JSON.stringify({ credentialId: id, credentialStatus: entry, status: true });
    return asked(200, "status", "change-status", { token: registrar, change });
  };
  const list = JSON.parse(kept[0].text).credentialStatus.statusListCredential.split("/").pop();
  await each("status", "status change", kept.splice(0, FEW), change);
  await each("status", "status change, and status list, signed anew", kept.splice(0, FEW), async (one) => {
    await change(one);
    await asked(200, "status", "status-list", { list });
  });
  await ask("status", "status list", MANY, 200, "status-list", { list });
  return { ...kept[0], list };
}
