// Every page in every language, size and color scheme: a screenshot, axe-core, no scrolling sideways; also with large text.

import { withApplication } from "./application.mjs";
import { none, open, overflow, violations, withChromium } from "./browser.mjs";
import { freePort, withService } from "./service.mjs";

const SIZES = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  // A desktop window at 400 %: what WCAG 1.4.10 asks for.
  narrow: { viewport: { width: 320, height: 640 } },
};

/** Names as somebody would choose them who wants to break a page. */
const LONG = {
  client_name: `${"Donaudampfschifffahrtsgesellschaftskapitänsdiplomverwaltung".repeat(2)} <b>&amp; Söhne`,
  client_uri: `https://wallet.example/${"long".repeat(40)}`,
  tos_uri: `https://wallet.example/${"terms".repeat(40)}`,
};

/** Each page in the order in which a learner sees them. */
async function* pages(page, base, application) {
  await page.goto(application.authorization());
  yield "sign-in";
  await page.locator('button[name="learner"][value="ada"]').click();
  await page.locator('input[name="scope"]').first().waitFor();
  yield "consent";
  await page.locator('button[value="allow"]').click();
  await page.waitForURL(`${application.redirectUri}*`);
  await page.goto(`${base}/oauth/grants`);
  await page.locator('button[name="learner"][value="ada"]').click();
  await page.locator('button[value="revoke"]').first().waitFor();
  yield "grants";
  while ((await page.locator('button[value="revoke"]').count()) > 0) {
    await page.locator('button[value="revoke"]').first().click();
    await page.waitForLoadState();
  }
  yield "no-grants";
  await page.goto(`${base}/oauth/authorize?client_id=nobody`);
  yield "error";
}

async function look(browser, base, application, { name, options, largeText }) {
  const { context, page, complaints } = await open(browser, options);
  const wrong = [];
  for await (const shown of pages(page, base, application)) {
    if (largeText) await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    if ((await overflow(page)) > 0) wrong.push(`${shown} scrolls sideways by ${await overflow(page)} pixels`);
    for (const violation of await violations(page)) wrong.push(`${shown}: ${violation}`);
    await page.screenshot({ path: `screenshots/${shown}-${name}.png`, fullPage: true });
  }
  // The browser tells on its console of every page that has an error status.
  wrong.push(...complaints.filter((text) => !text.includes("the server responded with a status of 400")));
  await context.close();
  none(wrong, `${name}: readable, and nothing for axe-core or the browser to complain about`);
}

const port = await freePort();
await withService(port, { ATTEMPTS_PER_MINUTE: "1000" }, (base) =>
  withChromium(async (browser) => {
    const looks = [];
    for (const locale of ["en", "de"]) {
      for (const colorScheme of ["light", "dark"]) {
        for (const [size, options] of Object.entries(SIZES)) {
          looks.push({ name: `${size}-${locale}-${colorScheme}`, options: { ...options, locale, colorScheme } });
        }
      }
      const options = { ...SIZES.phone, locale };
      looks.push({ name: `phone-${locale}-large-text`, options, largeText: true });
    }
    await withApplication(base, {}, async (application) => {
      for (const one of looks) await look(browser, base, application, one);
    });
    await withApplication(base, LONG, async (application) => {
      for (const size of ["phone", "narrow"]) {
        await look(browser, base, application, { name: `${size}-en-long-names`, options: SIZES[size] });
      }
    });
  }),
);
