// The live board in Chromium: two dashboards, and a program that speaks HTTP.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "../site/build.mjs";
import { startExample } from "../testing/harness.mjs";
import { eventually, launch, openWindow, see } from "./browser.mjs";
import {
  controlsWithoutName,
  danglingReferences,
  faintTexts,
  overflowing,
} from "./inspect.mjs";

let live;
let browser;
before(async () => {
  await build("live/page");
  live = await startExample({
    from: "./example/live",
    args: ["-tick", "100ms"],
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await live?.stop();
});

async function open(t, options) {
  const page = await openWindow(t, browser, live.url, options);
  await see(page.locator("#connection"), "Live");
  return page;
}

async function report(service, title, detail = { kind: "outage" }) {
  const answer = await fetch(`${live.url}/api/incidents`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ service, title, detail }),
  });
  assert.equal(answer.status, 201);
  return answer.json();
}

const incident = (page, title) =>
  page.locator("#incidents > li").filter({ hasText: title });
const card = (page, id) => page.locator(`.card[data-service=${id}]`);

test("what a program posts is on every dashboard, and so is what becomes of it", async (t) => {
  const pages = [await open(t), await open(t)];
  const [ada, bob] = pages;
  await ada.getByLabel("Your name").fill("Ada");
  await report("checkout", "Cards are declined");
  for (const page of pages) {
    await see(incident(page, "Cards are declined"), "Checkout · Outage, major");
    await see(card(page, "checkout").locator(".status"), "Outage");
    await see(page.locator("#summary"), "1 × outage");
    await see(page.locator("#news"), "New incident, Checkout: Cards are");
  }

  // From the keyboard, with the name that a screen reader says.
  const button = { name: "Acknowledge Cards are declined" };
  await ada.getByRole("button", button).press("Enter");
  for (const page of pages) {
    await see(incident(page, "Cards are declined"), "Acknowledged by Ada at");
    assert.equal(await page.getByRole("button", button).count(), 0);
  }
  const resolve = { name: "Resolve Cards are declined" };
  await eventually(
    () => ada.evaluate(() => document.activeElement?.textContent),
    resolve.name,
  );
  await bob.getByRole("button", resolve).press("Enter");
  for (const page of pages) {
    await incident(page, "Cards are declined").waitFor({ state: "detached" });
    await see(card(page, "checkout").locator(".status"), "Operational");
  }
  await eventually(
    () => bob.evaluate(() => document.activeElement?.id),
    "incidents-title",
  );
});

test("who acknowledges too late hears who was first", async (t) => {
  const page = await open(t);
  await report("search", "Suggestions are slow");
  const title = incident(page, "Suggestions are slow");
  await title.waitFor();
  // Twice, before the dashboard has heard of the first time.
  await page.evaluate(() => {
    const [first] = document.querySelectorAll("#incidents button");
    first.click();
    first.click();
  });
  await see(
    page.locator("#problem"),
    /^somebody acknowledged “Suggestions are slow” already, at \d\d:\d\d:\d\d\.$/,
  );
  await page.getByRole("button", { name: "Resolve Suggestions" }).click();
  await title.waitFor({ state: "detached" });
});

test("the ticker moves the figures and the charts, and a log that is followed", async (t) => {
  const page = await open(t);
  const seen = new Set();
  const look = () => card(page, "storefront").locator("dd").first().innerText();
  const drawn = () =>
    card(page, "storefront").locator(".line").getAttribute("d");
  const before = await drawn();
  await eventually(async () => {
    seen.add(await look());
    return seen.size >= 3;
  }, true);
  assert.notEqual(await drawn(), before);
  for (const figure of seen) assert.match(figure, /^[\d,]+$/);

  const lines = page.locator("#log > li");
  const of = (name) =>
    lines.filter({ has: page.getByText(name, { exact: true }) });
  assert.equal(await of("Storefront").count(), 0);
  const follow = page.getByRole("button", { name: "Log of Storefront" });
  await follow.click();
  await of("Storefront").first().waitFor();
  const first = await of("Storefront").count();
  await eventually(async () => (await of("Storefront").count()) > first, true);
  assert.equal(await follow.getAttribute("aria-pressed"), "true");
  await follow.click();
  await eventually(() => of("Storefront").count(), 0);
});

test("the form says beside each field what the schema says, and shows the same for a terminal", async (t) => {
  const page = await open(t, { expected: /status of 422/ });
  await page.getByLabel("Service", { exact: true }).selectOption("Shipping");
  await page.getByLabel("What").selectOption("Degraded");
  await page.getByLabel("Percent of them").fill("101");
  await page.getByRole("button", { name: "Open the incident" }).click();
  await see(
    page.locator("#field-title-problem"),
    "must have 1 to 80 characters",
  );
  await see(page.locator("#field-detail-percent-problem"), "100");
  await page.getByLabel("Percent of them").fill("7");
  await page.getByLabel("Title").fill("Labels don't print");
  await see(
    page.locator("#curl"),
    `"title":"Labels don'\\''t print","detail":{"kind":"degraded","symptom":"slow","percent":7}}' ${live.url}/api/incidents`,
  );
  await page.getByLabel("Title").press("Enter");
  await see(
    incident(page, "Labels don't print"),
    "Degraded, 7% of requests are slow",
  );
  assert.equal(await page.locator("#report .problem:not(:empty)").count(), 0);
  assert.equal(await page.getByLabel("Title").inputValue(), "");
  await page.getByRole("button", { name: "Resolve Labels" }).click();
  await incident(page, "Labels don't print").waitFor({ state: "detached" });
});

test("after the server has restarted every dashboard shows what is", async (t) => {
  const expected =
    /ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection to .* failed|ERR_EMPTY_RESPONSE/;
  const pages = [await open(t, { expected }), await open(t, { expected })];
  await report("accounts", "Before the restart");
  for (const page of pages)
    await incident(page, "Before the restart").waitFor();
  await live.stop();
  for (const page of pages) await see(page.locator("#connection"), "Offline");
  await live.start();
  await report("payments", "After the restart", { kind: "maintenance" });
  for (const page of pages) {
    await see(page.locator("#connection"), "Live");
    await incident(page, "After the restart").waitFor();
    assert.equal(await incident(page, "Before the restart").count(), 0);
    await see(card(page, "accounts").locator(".status"), "Operational");
    await see(card(page, "payments").locator(".status"), "Maintenance");
    // The log that was followed goes on.
    const newest = () =>
      page.locator("#log time").first().getAttribute("datetime");
    const then = await newest();
    await eventually(async () => (await newest()) !== then, true);
  }
});

for (const [name, options] of [
  ["desktop", {}],
  ["a phone", { viewport: { width: 320, height: 640 } }],
  ["the dark", { colorScheme: "dark" }],
]) {
  test(`everything fits, has a name and can be read: ${name}`, async (t) => {
    const page = await open(t, options);
    await report("checkout", "A title without an end ".repeat(3).trim());
    await incident(page, "A title without an end").first().waitFor();
    for (const inspect of [
      overflowing,
      controlsWithoutName,
      danglingReferences,
      faintTexts,
    ]) {
      assert.deepEqual(await page.evaluate(inspect), [], inspect.name);
    }
  });
}
