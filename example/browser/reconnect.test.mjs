import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { overflowing } from "./inspect.mjs";
import { io } from "socket.io-client";
import {
  eventually,
  join,
  launch,
  line,
  memberNames,
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

  // Whoever has the addressee's name now may be somebody else: a whisper asks.
  await say(grace, "Still only for you");
  await see(grace.locator("#problem"), "That member is no longer here.");
  assert.equal(await grace.locator("#text").inputValue(), "Still only for you");
});

test("what was said meanwhile is made up for, nothing is shown twice", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "meanwhile", {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await say(ada, "Seen already");
  await line(ada, "Seen already").waitFor();
  await ada.context().setOffline(true);
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
