// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  eventually,
  join,
  launch,
  line,
  openAs,
  openWindow,
  say,
  see,
  startChat,
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

const focused = (page) => page.evaluate(() => document.activeElement.id);

test("a name that is taken is refused beside the field", async (t) => {
  await openAs(t, browser, chat.url, "Ada", "names");
  const second = await openWindow(t, browser, chat.url);
  await join(second, "Ada", "names");
  await see(
    second.locator("#name-problem"),
    "Somebody here already has that name",
  );
  await eventually(() => focused(second), "name");
  assert.equal(
    await second.getByLabel("Your name").getAttribute("aria-invalid"),
    "true",
  );
  assert.equal(
    await second
      .getByLabel("Room", { exact: true })
      .getAttribute("aria-invalid"),
    null,
  );
  await see(second.locator("#connection"), "Not connected");

  await join(second, "Grace", "names");
  await second.locator("#text").waitFor();
  assert.equal(await second.locator("#name-problem").innerText(), "");
});

test("a name or a room that the schema refuses is refused beside its field", async (t) => {
  const page = await openWindow(t, browser, chat.url);
  for (const [name, room, at, problem] of [
    ["", "lobby", "name", "Choose a name."],
    [
      "x".repeat(33),
      "lobby",
      "name",
      "A name has at most 32 characters; this has 33.",
    ],
    ["Ada", "", "room", "Name a room."],
    [
      "Ada",
      "The Lobby",
      "room",
      "A room's name has small letters a to z, digits and hyphens only.",
    ],
    [
      "Ada",
      "lobbý",
      "room",
      "A room's name has small letters a to z, digits and hyphens only.",
    ],
    [
      "Ada",
      "x".repeat(33),
      "room",
      "A room's name has at most 32 characters; this has 33.",
    ],
  ]) {
    await join(page, name, room);
    await see(page.locator(`#${at}-problem`), problem);
    assert.equal(await focused(page), at);
    assert.equal(
      await page.locator(`#${at}`).getAttribute("aria-invalid"),
      "true",
    );
    assert.equal(await page.locator(".refusal:visible").count(), 1);
  }
  // 32 characters of two code units each are 32 characters.
  await join(page, "😀".repeat(32), "x".repeat(32));
  await page.locator("#text").waitFor();
});

test("the address fills the fields but does not join", async (t) => {
  const page = await openWindow(
    t,
    browser,
    `${chat.url}/?room=lobby&name=Ada%20L`,
  );
  assert.equal(await page.getByLabel("Your name").inputValue(), "Ada L");
  assert.equal(
    await page.getByLabel("Room", { exact: true }).inputValue(),
    "lobby",
  );
  await see(page.locator("#connection"), "Not connected");
  assert.equal(await page.locator("#chat").isVisible(), false);
});

test("somebody alone finds a name, a room and a link to send", async (t) => {
  const page = await openWindow(t, browser, chat.url, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  assert.match(
    await page.getByLabel("Your name").inputValue(),
    /^[A-Z][a-z]+ [A-Z][a-z]+$/,
  );
  assert.equal(
    await page.getByLabel("Room", { exact: true }).inputValue(),
    "lobby",
  );
  await page.getByLabel("Room", { exact: true }).fill("alone");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await see(page.locator("#alone"), "Nobody else is here yet.");
  await page.getByRole("button", { name: "Copy the link" }).click();
  await see(page.locator("#told"), "The link is copied.");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, `${chat.url}/?room=alone`);

  const second = await openWindow(t, browser, link);
  await second.getByRole("button", { name: "Join", exact: true }).click();
  await second.locator("#text").waitFor();
  await page.locator("#alone").waitFor({ state: "hidden" });
  await page.getByLabel("Go to another room").fill("elsewhere");
  await page.getByLabel("Go to another room").press("Enter");
  await see(page.locator("#room-title"), "#elsewhere");
  assert.equal(page.url(), `${chat.url}/?room=elsewhere`);
  await second.locator("#alone").waitFor();
});

test("everything can be done from the keyboard", async (t) => {
  const grace = await openAs(t, browser, chat.url, "Grace", "keys");
  await say(grace, "First");
  await say(grace, "Second");
  const page = await openWindow(t, browser, chat.url);
  const { keyboard } = page;

  // Join: the focus is in the name's field, Tab goes to the room's.
  assert.equal(await focused(page), "name");
  await keyboard.type("Ada");
  await keyboard.press("Tab");
  await keyboard.type("keys");
  await keyboard.press("Enter");
  await page.locator("#text").waitFor();
  await eventually(() => focused(page), "text");
  await keyboard.type("One line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("and another");
  await keyboard.press("Enter");
  await see(line(grace, "One line").locator(".text"), /One line\s+and another/);

  // Reply: one Tab stop for all the messages, arrows between them.
  const reply = page.getByRole("button", { name: "Reply to Grace: Second" });
  await page.locator("#log").focus();
  await keyboard.press("Tab");
  await keyboard.press("ArrowUp");
  await eventually(
    () => reply.evaluate((button) => button === document.activeElement),
    true,
  );
  assert.equal(await page.locator(".act[tabindex='0']").count(), 1);
  await keyboard.press("Home");
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await see(page.locator("#context"), "Replying to Grace: Second");
  assert.equal(await focused(page), "text");
  await keyboard.press("Escape");
  assert.equal(await page.locator("#context").isVisible(), false);
  assert.equal(await focused(page), "text");

  // Whisper: from the message field onwards to the list of members.
  const whisper = page.getByRole("button", { name: "Whisper to Grace" });
  for (let n = 0; n < 6; n++) {
    if (await whisper.evaluate((button) => button === document.activeElement))
      break;
    await keyboard.press("Tab");
  }
  await keyboard.press("Enter");
  await see(page.locator("#context"), "Only Grace");
  await keyboard.type("quietly");
  await keyboard.press("Enter");
  await see(line(grace, "quietly"), "Ada whispers to you");
  await keyboard.press("Escape");
  assert.equal(await page.locator("#context").isVisible(), false);
});

test("the skip link leads past everything to the message field", async (t) => {
  const page = await openAs(t, browser, chat.url, "Ada", "skip");
  await page.locator("body").evaluate(() => document.activeElement.blur());
  await page.locator("#skip").focus();
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "text");
});

test("the echo panel plays the first scenario", async (t) => {
  const page = await openWindow(t, browser, chat.url);
  const since = chat.logged();
  await page.getByRole("button", { name: "Echo" }).click();
  const panel = page.getByRole("dialog", { name: "Echo" });
  await see(panel, "What you send here comes back to you alone");
  await see(panel.locator("#echo-state"), "Connected as");
  const id = await panel.locator("#echo-state code").innerText();
  await chat.waitForLog(new RegExp(`Connected: ${id}$`), { since });
  await panel.getByLabel("clientMessage").fill("hello from the page");
  await panel.getByLabel("clientMessage").press("Enter");
  await see(panel.getByRole("log"), "Server received: hello from the page");
  await chat.waitForLog(/Message from client: hello from the page$/, { since });
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
  await chat.waitForLog(new RegExp(`Disconnected: ${id} \\(.+\\)$`), { since });
});
