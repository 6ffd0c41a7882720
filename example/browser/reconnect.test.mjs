// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { overflowing } from "./inspect.mjs";
import { io } from "socket.io-client";
import {
  eventually,
  goOffline,
  holdTimers,
  join,
  launch,
  line,
  memberNames,
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

// Chromium reports each attempt to reach a server that is not there.
const expected =
  /ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection to .* failed|ERR_EMPTY_RESPONSE/;

test("after the server has restarted everybody is back in the room", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "again", { expected });
  const grace = await openAs(t, browser, chat.url, "Grace", "again", {
    expected,
  });
  await say(ada, "Before the restart");
  await line(grace, "Before the restart").waitFor();
  await grace.getByRole("button", { name: "Whisper to Ada" }).click();

  await chat.stop();
  await see(ada.locator("#connection"), /Offline|Connecting/);
  await say(ada, "Into the void");
  await see(ada.locator("#problem"), "You are not connected");
  assert.equal(await ada.locator("#text").inputValue(), "Into the void");

  await chat.start();
  for (const page of [ada, grace]) {
    await see(page.locator("#connection"), "Connected");
    await line(page, "Connected again").waitFor();
    await eventually(() => memberNames(page), ["Ada", "Grace"]);
  }
  assert.equal(await line(grace, "Before the restart").count(), 1);
  assert.equal(await ada.locator("#problem").innerText(), "");

  // What was not sent is still there to be sent.
  await ada.locator("#text").press("Enter");
  await line(grace, "Into the void").waitFor();

  // The whisper that was begun before finds its addressee again.
  await say(grace, "Still only for you");
  await see(line(ada, "Still only for you"), "Grace whispers to you");
  assert.equal(await grace.locator("#problem").innerText(), "");
});

test("a whisper is not for whoever has taken the name since", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "taken");
  const grace = await openAs(t, browser, chat.url, "Grace", "taken");
  await ada.getByRole("button", { name: "Whisper to Grace" }).click();
  await grace.close();
  await line(ada, "Grace left").waitFor();
  const other = await openAs(t, browser, chat.url, "Grace", "taken");
  await say(ada, "For the first Grace");
  await see(ada.locator("#problem"), "That member is no longer here.");
  assert.equal(await ada.locator("#text").inputValue(), "For the first Grace");
  assert.equal(await line(other, "For the first Grace").count(), 0);
});

test("what the room has said stands in its order after a reconnect", async (t) => {
  const flood = io(`${chat.url}/chat`, {
    auth: { name: "Flood" },
    transports: ["websocket"],
  });
  t.after(() => flood.disconnect());
  const post = (n) =>
    flood.emitWithAck("message:send", { room: "order", text: `m${n}` });
  await flood.emitWithAck("room:join", { room: "order" });
  for (let n = 1; n <= 80; n++) await post(n);
  const ada = await openAs(t, browser, chat.url, "Ada", "order", {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  const texts = () => ada.locator("li.message .text").allInnerTexts();
  const from = (first, last) =>
    Array.from({ length: last - first + 1 }, (_, n) => `m${first + n}`);
  await eventually(texts, from(31, 80));
  await goOffline(ada);
  await see(ada.locator("#connection"), "Offline");
  await post(81);
  await ada.context().setOffline(false);
  await eventually(texts, from(1, 81));
  await post(82);
  await eventually(texts, from(1, 82));
});

test("a banner says that one is offline, and the network's return connects at once", async (t) => {
  const ada = await openWindow(t, browser, chat.url, {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await holdTimers(ada);
  await ada.goto(chat.url);
  await join(ada, "Ada", "network");
  await see(ada.locator("#connection"), "websocket");
  const banner = ada.locator("#offline");
  assert.equal(await banner.isVisible(), false);
  await goOffline(ada);
  await see(banner, "You are offline.");
  assert.deepEqual(await violations(ada), []);
  // No further attempt is made by itself from here on.
  await ada.evaluate(() => (window.timersHeld = true));
  await ada.waitForTimeout(2000); // whatever was under way has failed
  await ada.evaluate(() => (window.timersHeld = true));
  await ada.context().setOffline(false);
  await banner.waitFor({ state: "hidden" });
  await line(ada, "Connected again").waitFor();
  await ada.evaluate(() => (window.timersHeld = false));
});

test("what was said meanwhile is made up for, nothing is shown twice", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "meanwhile", {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await say(ada, "Seen already");
  await line(ada, "Seen already").waitFor();
  await goOffline(ada);
  await see(ada.locator("#connection"), /Offline|Connecting/);
  const grace = await openAs(t, browser, chat.url, "Grace", "meanwhile");
  await line(grace, "Seen already").waitFor();
  await say(grace, "Said while you were away");
  await ada.context().setOffline(false);
  await line(ada, "Said while you were away").waitFor();
  assert.equal(await line(ada, "Seen already").count(), 1);
  assert.equal(await line(ada, "Said while you were away").count(), 1);
  await eventually(() => memberNames(ada), ["Ada", "Grace"]);
});

test("a page that another connection has replaced can come back", async (t) => {
  const viewport = { width: 320, height: 568 };
  const ada = await openWindow(t, browser, chat.url, { viewport });
  const connecting = ada.waitForRequest((request) =>
    /^40\/chat,/m.test(request.postData() ?? ""),
  );
  await join(ada, "Ada", "replaced");
  const auth = JSON.parse(
    (await connecting).postData().match(/40\/chat,(\{.*?\})/)[1],
  );
  assert.match(auth.key, /^[0-9a-f]{32}$/);
  await see(ada.locator("#connection"), "websocket");

  const other = io(`${chat.url}/chat`, {
    auth: { name: "Ada", key: auth.key },
    reconnection: false,
  });
  t.after(() => other.disconnect());
  await see(ada.locator("#connection"), "Offline");
  const again = ada.getByRole("button", { name: "Connect again" });
  await again.waitFor();
  assert.deepEqual(await ada.evaluate(overflowing), []);
  await again.click();
  await see(ada.locator("#connection"), "Connected");
  await say(ada, "Back again");
  await line(ada, "Back again").waitFor();
  await eventually(() => memberNames(ada), ["Ada"]);
});

test("joining while the server is away waits for it", async (t) => {
  const ada = await openWindow(t, browser, chat.url, { expected });
  await chat.stop();
  await join(ada, "Ada", "early");
  await see(
    ada.locator("#join-problem"),
    "The server cannot be reached. Trying again…",
  );
  await chat.start();
  await ada.locator("#text").waitFor();
  await see(ada.locator("#room-title"), "#early");
});
