// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  controlsWithoutName,
  danglingReferences,
  faintTexts,
  overflowing,
} from "./inspect.mjs";
import {
  goOffline,
  join,
  launch,
  line,
  openAs,
  openWindow,
  say,
  see,
  startChat,
  violations,
} from "./browser.mjs";

let chat;
let browser;
before(async () => {
  chat = await startChat();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await chat?.stop();
});

const longest = "w".repeat(32);
const pixel = Buffer.from(
  "R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==",
  "base64",
);

/**
 * Leads a window through everything that the page can show, and calls inspect
 * with the name of each state.
 */
async function tour(t, title, options, inspect) {
  const room = `${title}-${longest}`.slice(0, 32);
  const grace = await openAs(
    t,
    browser,
    chat.url,
    `Grace ${title} ${longest}`.slice(0, 32),
    room,
  );
  const page = await openWindow(t, browser, chat.url, options);
  const show = (state) => inspect(page, state);
  await show("the form");
  await join(page, "x".repeat(33), "No Such Room");
  await see(page.locator("#room-problem"), "small letters");
  await show("the form with refusals");
  await join(page, `${title} ${longest}`.slice(0, 32), room);
  await page.locator("#text").waitFor();
  await show("an empty room");

  await say(page, `long ${"word".repeat(100)}`);
  await line(grace, "long").getByRole("button").click();
  await say(
    grace,
    `An answer to it, at https://example.org/${"path/".repeat(30)}`,
  );
  await line(page, "An answer").waitFor();
  await grace.getByRole("button", { name: "Whisper to" }).first().click();
  await say(grace, "A whisper");
  await grace.locator("#text").press("Escape");
  await grace
    .locator("#picture-file")
    .setInputFiles({ name: "dot.gif", mimeType: "image/gif", buffer: pixel });
  await grace.locator("#picture-alt").fill("A dot ".repeat(30));
  await grace.locator("#picture-alt").press("Enter");
  await line(page, "A dot").waitFor();
  await grace.locator("#text").pressSequentially("?");
  await see(page.locator("#typing"), "is typing");
  chat.say(
    `An announcement ${"with a long word".replaceAll(" ", "")} ${"and more ".repeat(20)}`,
  );
  await see(page.locator("#announcements"), "An announcement");
  await show("a room in which everything was said");

  await line(page, "An answer").getByRole("button").click();
  await show("a reply");
  await page.locator("#picture-file").setInputFiles({
    name: `${longest}.txt`,
    mimeType: "text/plain",
    buffer: pixel,
  });
  await see(page.locator("#problem"), "Only PNG");
  await page.locator("#picture-file").setInputFiles({
    name: `${longest}.gif`,
    mimeType: "image/gif",
    buffer: pixel,
  });
  await page.locator("#picture").waitFor();
  await show("a picture in the tray");
  await page.getByRole("button", { name: "Cancel", exact: true }).click();

  if (await page.locator("#side-toggle").isVisible()) {
    await page.locator("#side-toggle").click();
    await show("the side");
  }
  await page.getByRole("button", { name: "Whisper to Grace" }).click();
  await show("a whisper");
  await page.getByRole("button", { name: "Echo" }).click();
  await see(page.locator("#echo-state"), "Connected as");
  await page.locator("#echo-text").fill("word".repeat(50));
  await page.locator("#echo-text").press("Enter");
  await see(page.locator("#echo-log"), "Server received");
  await show("the echo panel");
}

for (const [name, viewport] of [
  ["320", { width: 320, height: 568 }],
  ["390", { width: 390, height: 844 }],
  ["768", { width: 768, height: 600 }],
  ["844", { width: 844, height: 390 }],
  ["1280", { width: 1280, height: 800 }],
]) {
  test(`nothing is wider than a screen of ${name} px, and no room is higher`, async (t) => {
    await tour(t, `width-${name}`, { viewport }, async (page, state) => {
      assert.deepEqual(await page.evaluate(overflowing), [], state);
      if (state.startsWith("the form")) return;
      assert.equal(await heightOf(page), viewport.height, state);
    });
  });
}

const heightOf = (page) =>
  page.evaluate(() => document.scrollingElement.scrollHeight);

test("the room fills the window, however much was said in it", async (t) => {
  const page = await openAs(t, browser, chat.url, "Ada", "tall");
  for (let n = 1; n <= 40; n++) await say(page, `message ${n}.`);
  await line(page, "message 40.").waitFor();
  assert.equal(await heightOf(page), 760);
  await page.locator(".top").hover();
  await page.mouse.wheel(0, 2000);
  await page.locator("#text").hover();
  assert.equal(await page.evaluate(() => scrollY), 0);
});

for (const [name, options] of [
  ["light", {}],
  ["dark", { colorScheme: "dark" }],
  ["forced", { forcedColors: "active" }],
  ["a phone", { viewport: { width: 320, height: 568 }, hasTouch: true }],
]) {
  test(`axe finds nothing: ${name}`, async (t) => {
    const title = `axe-${name.replace(" ", "-")}`;
    await tour(
      t,
      title,
      { ...options, reducedMotion: "reduce" },
      async (page, state) => {
        assert.deepEqual(await violations(page), [], state);
      },
    );
  });
}

test("forced colours keep focus and state visible", async (t) => {
  const options = { forcedColors: "active", expected: /ERR_INTERNET/ };
  const page = await openAs(t, browser, chat.url, "Ada", "forced", options);
  await say(page, "Something to reply to");
  await line(page, "Something to reply to").waitFor();
  await page.locator("body").evaluate(() => document.activeElement.blur());
  const visited = new Set();
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press("Tab");
    const [id, outline] = await page.evaluate(() => {
      const { activeElement: element } = document;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const outline = outlineStyle === "none" ? 0 : parseFloat(outlineWidth);
      return [element.id || element.outerHTML, outline];
    });
    if (visited.has(id)) break;
    visited.add(id);
    if (!id.startsWith("<body"))
      assert.ok(outline >= 2, `${id} shows no focus`);
  }
  assert.ok(visited.has("text"), [...visited].join());
  const dot = () =>
    page.locator(".dot").evaluate((element) => {
      const { backgroundColor, backgroundImage } = getComputedStyle(element);
      return `${backgroundColor} ${backgroundImage}`;
    });
  const connected = await dot();
  await goOffline(page);
  await see(page.locator("#connection"), "Offline");
  assert.notEqual(await dot(), connected);
  await page.context().setOffline(false);
  await see(page.locator("#connection"), "Connected");
});

for (const colorScheme of ["light", "dark"]) {
  test(`every text has a contrast of 4.5 : 1 in the ${colorScheme} scheme`, async (t) => {
    // Without motion nothing is caught in the middle of appearing.
    await tour(
      t,
      `colours-${colorScheme}`,
      { colorScheme, reducedMotion: "reduce" },
      async (page, state) => {
        assert.deepEqual(await page.evaluate(faintTexts), [], state);
      },
    );
  });
}

test("every control has a name and every reference leads somewhere", async (t) => {
  await tour(t, "names", {}, async (page, state) => {
    assert.deepEqual(await page.evaluate(controlsWithoutName), [], state);
    assert.deepEqual(await page.evaluate(danglingReferences), [], state);
  });
});

test("landmarks, headings and live regions tell where one is", async (t) => {
  const page = await openWindow(t, browser, chat.url);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await page.title(), "sockgen chat");
  assert.equal(await page.getByRole("banner").count(), 1);
  assert.equal(await page.getByRole("main").count(), 1);
  assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);

  await join(page, "Ada", "landmarks");
  const log = page.getByRole("log", { name: "#landmarks" });
  await log.waitFor();
  assert.equal(await page.title(), "#landmarks – sockgen chat");
  assert.equal(await page.getByRole("main").count(), 1);
  assert.equal(
    await page.getByRole("complementary", { name: "Room and members" }).count(),
    1,
  );
  assert.equal(
    await page
      .getByRole("region", { name: "Announcements" })
      .getAttribute("aria-live"),
    "polite",
  );
  assert.equal(
    await page.getByRole("list").filter({ hasText: "Ada" }).count(),
    1,
  );
  await see(page.getByRole("status"), "You are in landmarks with 0 others.");
  assert.equal(await page.locator("#problem").getAttribute("role"), "alert");
});

test("the focus can be seen on everything that takes it", async (t) => {
  const page = await openAs(t, browser, chat.url, "Ada", "focus");
  await openAs(t, browser, chat.url, "Grace", "focus");
  await say(page, "Something to reply to");
  await line(page, "Something to reply to").waitFor();
  await page.locator("body").evaluate(() => document.activeElement.blur());
  const visited = new Set();
  for (let n = 0; n < 30; n++) {
    await page.keyboard.press("Tab");
    const [id, shown] = await page.evaluate(() => {
      const { activeElement: element } = document;
      const ringed = element.id === "text" ? element.closest("form") : element;
      const { outlineStyle, outlineWidth, boxShadow } =
        getComputedStyle(ringed);
      const ring =
        (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) ||
        boxShadow !== "none";
      return [element.id || element.getAttribute("aria-label"), ring];
    });
    if (id === null) continue; // the body, between the last and the first
    if (visited.has(id)) break;
    visited.add(id);
    assert.ok(shown, `${id} shows no focus`);
  }
  for (const id of [
    "skip",
    "echo-open",
    "log",
    "Reply to Ada: Something to reply to",
    "picture-pick",
    "text",
    "send",
    "Whisper to Grace",
    "room-next",
    "leave",
  ]) {
    assert.ok(
      visited.has(id),
      `Tab does not reach ${id}, only ${[...visited].join(", ")}`,
    );
  }
});

test("who prefers less motion gets none", async (t) => {
  const page = await openWindow(t, browser, chat.url, {
    reducedMotion: "reduce",
  });
  // A socket that is kept waiting leaves the page "connecting".
  await page.route("**/socket.io/**", () => {});
  await join(page, "Ada", "still");
  await see(page.locator("#connection"), "Connecting");
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.notEqual(
    await page.evaluate(() => document.getAnimations().length),
    0,
  );
});
