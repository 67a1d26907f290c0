// Headless Chromium, and what is asked of every page that it shows.

import axe from "axe-core";
import { chromium } from "playwright-core";
import { check } from "./service.mjs";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** WCAG 2.0 to 2.2, A and AA, and what else is good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Runs `use` with a browser that has a new profile and reaches this machine alone. */
export async function withChromium(use) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  try {
    return await use(browser);
  } finally {
    await browser.close();
  }
}

/** A window of its own; what the browser complains about in it is collected. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: "en", reducedMotion: "reduce", ...options });
  // The application's own pages: elsewhere, and none of our business.
  await context.route("https://*.example/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Elsewhere</title><p>Elsewhere." }),
  );
  const complaints = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return { context, page, complaints };
}

/** Violations of the page that is shown, and what axe could not decide, one line each. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }),
    RULES,
  );
  if (found.passes.length < 10) throw new Error("axe looked at next to nothing");
  return [...found.violations, ...found.incomplete].map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`,
  );
}

/** Pixels by which the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Fails the script if one of these lists has an entry. */
export function none(list, text) {
  if (list.length > 0) throw new Error(`not so: ${text}:\n${list.join("\n")}`);
  check(true, text);
}
