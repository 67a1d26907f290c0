// A learner goes the whole way in Chromium by clicks, without script, and by keyboard alone.

import { execFileSync } from "node:child_process";
import { READ, SCOPES, withApplication } from "./application.mjs";
import { none, open, violations, withChromium } from "./browser.mjs";
import { check, freePort, withService } from "./service.mjs";

/** All that is asked for but reading the records. */
const UNWANTED = ["add records", "see your profile", "entered in your profile", "later"];

/** What the application finds in the address that the browser came back to. */
function answer(page, application) {
  const url = new URL(page.url());
  if (`${url.origin}${url.pathname}` !== application.redirectUri) throw new Error(`the browser is at ${url}`);
  return url.searchParams;
}

async function mayOnlyRead(name, application, parameters) {
  check(parameters.get("state") === application.state, `${name}: state comes back`);
  check(parameters.get("iss") === new URL(application.base).origin, `${name}: iss comes back`);
  const tokens = await application.tokens(parameters.get("code"));
  check(tokens.scope === READ, `${name}: what was unticked is not allowed`);
  check(!tokens.refresh_token, `${name}: no refresh token without offline_access`);
  check((await application.call(tokens.access_token)) === 200, `${name}: the token reads`);
  check((await application.call(tokens.access_token, "POST")) === 403, `${name}: the token does not write`);
  return tokens.access_token;
}

/** Signs in, narrows, allows; looks at the grants, revokes. All by clicks. */
async function byClicks(name, browser, base, options) {
  await withApplication(base, {}, async (application) => {
    const { context, page, complaints } = await open(browser, options);
    await page.goto(application.authorization());
    await page.getByRole("button", { name: "Ada Example" }).click();
    for (const scope of SCOPES) {
      check(await page.locator(`input[value="${scope}"]`).isChecked(), `${name}: ${scope} is asked for`);
    }
    for (const label of UNWANTED) await page.getByLabel(label).uncheck();
    await page.getByRole("button", { name: "Allow what is ticked" }).click();
    await page.waitForURL(`${application.redirectUri}*`);
    const token = await mayOnlyRead(name, application, answer(page, application));

    await page.goto(`${base}/oauth/grants`);
    await page.getByRole("button", { name: "Ada Example" }).click();
    await page.getByRole("button", { name: "Example Wallet" }).click();
    await page.getByText("No application has access").waitFor();
    check((await application.call(token)) === 401, `${name}: a token that was revoked by button is dead`);

    await page.goto(application.authorization());
    await page.getByRole("button", { name: "Ben Example" }).click();
    await page.getByRole("button", { name: "Allow nothing" }).click();
    await page.waitForURL(`${application.redirectUri}*`);
    const denied = answer(page, application);
    check(denied.get("error") === "access_denied" && !denied.get("code"), `${name}: allowing nothing tells so`);
    none(complaints, `${name}: the browser has nothing to complain about`);
    await context.close();
  });
}

/** Presses Tab until this element has the focus, and fails if its focus cannot be seen. */
async function tabTo(page, target) {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) {
      const outline = await target.evaluate((element) => getComputedStyle(element).outline);
      if (/none|0px/.test(outline)) throw new Error(`the focus cannot be seen: ${outline}`);
      return;
    }
  }
  throw new Error("Tab does not lead there");
}

async function byKeyboard(browser, base) {
  await withApplication(base, {}, async (application) => {
    const { context, page, complaints } = await open(browser);
    await page.goto(application.authorization());
    await tabTo(page, page.getByRole("button", { name: "Chi Example" }));
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "It wants to" }).waitFor();
    for (const label of UNWANTED) {
      await tabTo(page, page.getByLabel(label));
      await page.keyboard.press("Space");
    }
    await tabTo(page, page.getByRole("button", { name: "Allow what is ticked" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(`${application.redirectUri}*`);
    const token = await mayOnlyRead("by keyboard", application, answer(page, application));

    await page.goto(`${base}/oauth/grants`);
    await tabTo(page, page.getByRole("button", { name: "Chi Example" }));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Example Wallet" }).waitFor();
    await tabTo(page, page.getByRole("button", { name: "Example Wallet" }));
    await page.keyboard.press("Enter");
    await page.getByText("No application has access").waitFor();
    check((await application.call(token)) === 401, "by keyboard: revoked");
    none(complaints, "by keyboard: the browser has nothing to complain about");
    await context.close();
  });
}

/** Reading what an application says of itself does not lose the page that asks. */
async function readingFirst(browser, base) {
  await withApplication(base, {}, async (application) => {
    const { context, page } = await open(browser);
    await page.goto(application.authorization());
    await page.getByRole("button", { name: "Ada Example" }).click();
    const opened = context.waitForEvent("page");
    await page.getByRole("link", { name: "https://wallet.example/privacy" }).click();
    const other = await opened;
    await other.waitForLoadState();
    const told = await other.evaluate(() => [document.referrer, globalThis.opener]);
    check(told[0] === "" && told[1] === null, "a page of the application learns nothing of ours");
    await page.getByRole("button", { name: "Allow what is ticked" }).click();
    await page.waitForURL(`${application.redirectUri}*`);
    check(answer(page, application).get("code"), "the page that asks is still there after reading the privacy policy");

    await page.goBack();
    await page.reload();
    await page.getByRole("heading", { name: "This page can no longer be answered" }).waitFor();
    check(true, "a page that was answered cannot be answered again");
    await context.close();
  });
}

/** An approved application that is allowed the same again gets it at the sign-in, without another question. */
async function remembered(browser, base, folder) {
  await withApplication(base, {}, async (application) => {
    execFileSync(process.env.CLR, ["admin", "client", "approve", application.client.client_id], { cwd: folder });
    for (const time of ["first", "second"]) {
      const { context, page, complaints } = await open(browser);
      await page.goto(application.authorization());
      await page.getByRole("button", { name: "Ada Example" }).click();
      if (time === "first") await page.getByRole("button", { name: "Allow what is ticked" }).click();
      await page.waitForURL(`${application.redirectUri}*`);
      check(answer(page, application).get("code"), `an approved application, the ${time} time: a code`);
      none(complaints, `an approved application, the ${time} time: no complaint`);
      await context.close();
    }
  });
}

/** What these tests rely on: that they would notice. */
async function control(browser, base) {
  const { context, page, complaints } = await open(browser);
  await page.goto(`${base}/oauth/grants`);
  none(await violations(page), "the sign-in page as it is has no violation");
  await page.evaluate(() => document.documentElement.removeAttribute("lang"));
  check((await violations(page)).some((line) => line.startsWith("html-has-lang")), "a page without a language is noticed");
  await page.evaluate(() => document.body.append(Object.assign(new Image(), { src: "https://wallet.example/logo.png" })));
  await page.waitForTimeout(200);
  check(complaints.some((text) => text.includes("Content Security Policy")), "a picture from elsewhere is refused and noticed");
  await context.close();
}

const port = await freePort();
await withService(port, { ATTEMPTS_PER_MINUTE: "1000" }, (base, folder) =>
  withChromium(async (browser) => {
    await control(browser, base);
    await byClicks("by clicks", browser, base, {});
    await byClicks("without script", browser, base, { javaScriptEnabled: false });
    await byKeyboard(browser, base);
    await readingFirst(browser, base);
    await remembered(browser, base, folder);
  }),
);
