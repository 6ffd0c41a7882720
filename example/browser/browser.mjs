// SPDX-License-Identifier: Apache-2.0

// Windows of Chromium on the example's page, for the tests beside this file.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { chromium } from "playwright-core";
import { build } from "../site/build.mjs";
import { startExample } from "../testing/harness.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const patience = 60_000; // ms that an expectation may take where everything else is busy

export async function launch() {
  assert.ok(
    existsSync(executablePath),
    `${executablePath} is missing: install Debian's chromium, or name another one in CHROMIUM`,
  );
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Builds the page as it is now and starts an example that serves it. */
export async function startChat() {
  await build("page");
  return startExample();
}

/**
 * Opens a window with a profile of its own on the page, for the length of the
 * test t. At its end the window must not have seen an error in the console, an
 * uncaught exception or a violation of the Content-Security-Policy, save for
 * those that match `expected`. Where `webSocket` is false, it has none.
 */
export async function openWindow(t, browser, url, options = {}) {
  const { expected = /^$/, webSocket = true, ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1100, height: 760 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...contextOptions,
  });
  context.setDefaultTimeout(patience);
  const problems = [];
  t.after(async () => {
    if (webSocket && !page.isClosed()) await settled(page);
    await context.close();
    assert.deepEqual(
      problems.filter((problem) => !expected.test(problem)),
      [],
    );
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error}`));
  await page.exposeFunction("reportViolation", (what) =>
    problems.push(`CSP: ${what}`),
  );
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  if (!webSocket) {
    await page.addInitScript(() => {
      delete window.WebSocket;
    });
  }
  await page.goto(url);
  return page;
}

// A server misses the end of a page that polls until its heartbeat fails, and
// keeps the name until then: no window is closed before it has upgraded.
async function settled(page) {
  await page.locator("#connection").filter({ hasNotText: "polling" }).waitFor();
}

/** Opens a window and joins a room in it. */
export async function openAs(t, browser, url, name, room, options) {
  const page = await openWindow(t, browser, url, options);
  await join(page, name, room);
  const text = page.locator("#text");
  const taken = page.locator("#name-problem:not(:empty)");
  // The window of an earlier test may still be about to leave.
  for (let n = 0; n < 50; n++) {
    await text.or(taken).first().waitFor();
    if (await text.isVisible()) break;
    await sleep(100);
    await page.getByRole("button", { name: "Join", exact: true }).click();
  }
  await text.waitFor();
  if (options?.webSocket ?? true) await settled(page);
  return page;
}

/** Fills the form and joins; what comes of it is for the caller to see. */
export async function join(page, name, room) {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Room", { exact: true }).fill(room);
  await page.getByRole("button", { name: "Join", exact: true }).click();
}

/** Writes a text into the message field and sends it. */
export async function say(page, text) {
  await page.locator("#text").fill(text);
  await page.locator("#text").press("Enter");
}

/** Waits until the locator shows the text, a string within it or a pattern. */
export async function see(locator, text) {
  await locator.filter({ hasText: text }).first().waitFor();
}

/** The line of the log that shows the text. */
export function line(page, text) {
  return page.locator("#messages > li").filter({ hasText: text });
}

/** The names in the list of members, in its order. */
export function memberNames(page) {
  return page.locator("#members .member-name").allInnerTexts();
}

/** What axe finds wrong with a page as it is now, in a line each. */
export async function violations(page) {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  await page.evaluate(await readFile(axe, "utf8"));
  const found = await page.evaluate(async () => {
    // What is still appearing has colours of its own.
    for (const animation of document.getAnimations()) {
      if (animation.effect.getComputedTiming().endTime !== Infinity)
        animation.finish();
    }
    return (await window.axe.run()).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${any[0]?.message ?? ""} ${html}`),
  );
}

/** Opens a page whose socket waits for nothing: its timers stand still on demand. */
export function holdTimers(page) {
  return page.addInitScript(() => {
    const { setTimeout } = window;
    window.setTimeout = (...args) =>
      window.timersHeld ? 0 : setTimeout(...args);
  });
}

/** Waits until the function gives a value deeply equal to the one expected. */
export async function eventually(get, expected) {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await get();
    if (isDeepStrictEqual(value, expected)) return;
    if (Date.now() > deadline) assert.deepEqual(value, expected);
    await sleep(25);
  }
}

/**
 * Takes the network away from a page. Chromium's emulation does not always fire the event
 * by which a browser tells of that.
 */
export async function goOffline(page) {
  await page.context().setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
}
