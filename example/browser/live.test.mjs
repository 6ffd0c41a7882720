// SPDX-License-Identifier: Apache-2.0

// The live board in Chromium: two dashboards, and a program that speaks HTTP.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "../site/build.mjs";
import { startExample } from "../testing/harness.mjs";
import {
  eventually,
  goOffline,
  holdTimers,
  launch,
  openWindow,
  see,
  violations,
} from "./browser.mjs";
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
    card(page, "storefront").locator(".ground .all").last().getAttribute("d");
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
  const page = await open(t);
  await page.getByLabel("Service", { exact: true }).selectOption("Shipping");
  await page.getByLabel("What").selectOption("Degraded");
  await page.getByLabel("Percent of them").fill("101");
  await page.getByRole("button", { name: "Open the incident" }).click();
  await see(page.locator("#field-title-problem"), "Give the incident a title.");
  await see(
    page.locator("#field-detail-percent-problem"),
    "The percentage must be at most 100.",
  );
  await page.getByLabel("Title").fill("x".repeat(81));
  await page.getByRole("button", { name: "Open the incident" }).click();
  await see(
    page.locator("#field-title-problem"),
    "A title has at most 80 characters; this has 81.",
  );
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

test("offline nothing stays green, and what is asked for is answered at once", async (t) => {
  const page = await openWindow(t, browser, live.url, {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await holdTimers(page);
  await page.goto(live.url);
  await see(page.locator("#connection"), "Live");
  await see(page.locator("#updated"), /^Updated \d\d:\d\d:\d\d$/);
  await report("storefront", "Socks are missing");
  const one = incident(page, "Socks are missing");
  await one.waitFor();
  const tone = (id) =>
    card(page, id)
      .locator(".status")
      .evaluate((status) => getComputedStyle(status).color);
  assert.notEqual(await tone("accounts"), await tone("storefront"));
  await goOffline(page);
  await see(page.locator("#offline"), /All this is from \d\d:\d\d:\d\d\.$/);
  assert.equal(await tone("accounts"), await tone("storefront"));
  for (const name of ["Resolve", "Acknowledge"]) {
    await page.getByRole("button", { name: `${name} Socks` }).click();
    await see(page.locator("#problem"), "You are offline.");
  }
  assert.deepEqual(await violations(page), []);
  // No further attempt is made by itself from here on.
  await page.evaluate(() => (window.timersHeld = true));
  await page.waitForTimeout(2000); // whatever was under way has failed
  await page.context().setOffline(false);
  await see(page.locator("#connection"), "Live");
  await page.locator("#offline").waitFor({ state: "detached" });
  await page.evaluate(() => (window.timersHeld = false));
  await page.getByRole("button", { name: "Resolve Socks" }).click();
  await one.waitFor({ state: "detached" });
  await eventually(() => page.locator("#problem").innerText(), "");
});

test("while it connects the board shows what is on its way", async (t) => {
  const page = await openWindow(t, browser, live.url);
  await page.route("**/socket.io/**", () => {});
  await page.goto(live.url);
  await see(page.locator("#connection"), "Connecting");
  assert.equal(await page.locator(".card.skeleton").count(), 6);
  assert.equal(await page.locator("#calm").count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.goto(live.url);
  await see(page.locator("#connection"), "Live");
});

for (const viewport of [
  { width: 320, height: 568 },
  { width: 768, height: 1024 },
  { width: 844, height: 390 },
  { width: 1280, height: 800 },
]) {
  test(`hardly anything moves at ${viewport.width} px, and the order fits`, async (t) => {
    const title = `Shift ${viewport.width}`;
    await report("search", title);
    const page = await openWindow(t, browser, live.url, { viewport });
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) window.shift += value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(live.url);
    await incident(page, title).waitFor();
    const seen = page.locator("#updated time");
    const then = await seen.innerText();
    await eventually(async () => (await seen.innerText()) !== then, true);
    const shift = await page.evaluate(() => window.shift);
    assert.ok(shift < 0.1, `layout shift ${shift}`);

    const box = (selector) => page.locator(selector).boundingBox();
    const [incidents, services, open] = [
      await box(".incidents"),
      await box(".services"),
      await box(".open"),
    ];
    if (viewport.width < 768) {
      assert.ok(incidents.y < services.y && services.y < open.y);
    } else {
      assert.equal(incidents.y, open.y);
      assert.ok(incidents.x + incidents.width <= open.x);
    }
    await page.getByRole("button", { name: `Resolve ${title}` }).click();
    await incident(page, title).waitFor({ state: "detached" });
  });
}

test("plots have a scale, and tell their values", async (t) => {
  const page = await open(t);
  const plots = card(page, "payments").locator(".plot");
  assert.equal(await plots.count(), 2);
  for (const [at, title, unit] of [
    [0, "Requests", "req/s"],
    [1, "Latency", "ms"],
  ]) {
    const plot = plots.nth(at);
    await see(plot.locator("figcaption"), `${title} in ${unit}`);
    assert.match(
      await plot.locator(".axis").innerText(),
      /^(1|2|5)0*(,000)?\s+0$/,
    );
    await see(plot.locator(".seconds"), /−60 s\s*now/);
    const ground = plot.locator(".ground");
    await ground.hover();
    await see(plot.locator(".legend b").first(), new RegExp(`\\d ${unit}`));
    await see(plot.locator(".when"), /\d\d:\d\d:\d\d/);
    await page.locator("h1").hover();
    await plot.locator(".when").waitFor({ state: "detached" });
    await ground.focus();
    await page.keyboard.press("ArrowLeft");
    await see(plot.locator(".legend b").first(), new RegExp(`\\d ${unit}`));
  }
});

test("what was resolved stays in the history, and lookers-on are counted", async (t) => {
  const page = await open(t, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const others = async () =>
    parseInt(await page.locator("#viewers").innerText());
  const before = await others();
  const second = await open(t);
  await eventually(others, before + 1);
  await report("shipping", "A label is torn");
  await incident(page, "A label is torn").waitFor();
  await page.getByRole("button", { name: "Resolve A label" }).click();
  for (const one of [page, second]) {
    await see(one.locator("#history li").first(), "A label is torn");
    await see(
      one.locator("#history li").first(),
      /Shipping · Outage, major · resolved at \d\d:\d\d:\d\d, after \d+ s/,
    );
  }
  const late = await open(t);
  await see(late.locator("#history"), "A label is torn");
  await second.close();
  await eventually(others, before + 1);

  await page.getByRole("button", { name: "Copy the command" }).click();
  await see(page.locator(".open [role=status]"), "Copied.");
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    await page.locator("#curl").innerText(),
  );
});

for (const [name, options] of [
  ["desktop", {}],
  ["a phone", { viewport: { width: 320, height: 640 } }],
  ["the dark", { colorScheme: "dark" }],
  ["forced colours", { forcedColors: "active" }],
]) {
  test(`everything fits, has a name and can be read: ${name}`, async (t) => {
    const page = await open(t, options);
    await report("checkout", "A title without an end ".repeat(3).trim());
    await incident(page, "A title without an end").first().waitFor();
    const readable = options.forcedColors ? [] : [faintTexts];
    for (const inspect of [
      overflowing,
      controlsWithoutName,
      danglingReferences,
      ...readable,
    ]) {
      assert.deepEqual(await page.evaluate(inspect), [], inspect.name);
    }
    assert.deepEqual(await violations(page), []);
  });
}

test("forced colours keep focus and state visible", async (t) => {
  const page = await open(t, { forcedColors: "active" });
  const follow = page.getByRole("button", { name: "Log of Search" });
  const ground = (locator) =>
    locator.evaluate((element) => getComputedStyle(element).backgroundColor);
  const before = await ground(follow);
  await follow.focus();
  assert.equal(
    await follow.evaluate((e) => getComputedStyle(e).outlineStyle),
    "solid",
  );
  await follow.press("Enter");
  await eventually(async () => (await ground(follow)) !== before, true);
  await follow.press("Enter");
  const hues = await card(page, "search")
    .locator(".plot .line")
    .evaluateAll((lines) => lines.map((l) => getComputedStyle(l).stroke));
  assert.ok(hues.every((hue) => hue !== "none"));
});
