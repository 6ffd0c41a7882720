// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";
import {
  eventually,
  launch,
  line,
  memberNames,
  openAs,
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

test("two windows talk, and whoever comes late sees what was said", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "talk");
  await say(ada, "Is anybody here?");
  await line(ada, "Is anybody here?").waitFor();
  assert.deepEqual(await memberNames(ada), ["Ada"]);

  const grace = await openAs(t, browser, chat.url, "Grace", "talk");
  await line(grace, "Is anybody here?").waitFor();
  await eventually(() => memberNames(grace), ["Ada", "Grace"]);
  await eventually(() => memberNames(ada), ["Ada", "Grace"]);
  await line(ada, "Grace joined").waitFor();

  await say(grace, "I am, with <b>bold</b> news\nin two lines");
  const seen = line(ada, "I am, with <b>bold</b> news");
  await seen.waitFor();
  assert.equal(await seen.locator(".author").innerText(), "Grace");
  assert.equal(
    await seen.locator(".text").textContent(),
    "I am, with <b>bold</b> news\nin two lines",
  );
  assert.equal(
    await seen.locator("b").count(),
    0,
    "text from the network became HTML",
  );
  assert.match(
    await seen.locator("time").getAttribute("datetime"),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  );

  const isOwn = (locator) =>
    locator.evaluate((item) => item.classList.contains("own"));
  assert.equal(await isOwn(seen), false);
  assert.equal(await isOwn(line(grace, "bold")), true);
  assert.equal(await line(grace, "bold").locator(".author").innerText(), "You");
});

test("a message can be answered, and the answer quotes it", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "replies");
  const grace = await openAs(t, browser, chat.url, "Grace", "replies");
  await say(ada, "Tea or coffee?");
  await line(grace, "Tea or coffee?")
    .getByRole("button", { name: "Reply to Ada: Tea or coffee?" })
    .click();
  await see(grace.locator("#context"), "Replying to Ada: Tea or coffee?");
  await say(grace, "Tea, please.");
  await see(line(ada, "Tea, please.").locator(".quote"), "Ada: Tea or coffee?");
  assert.equal(await grace.locator("#context").isVisible(), false);

  // A late-comer's history carries the quote as well.
  const edsger = await openAs(t, browser, chat.url, "Edsger", "replies");
  await see(
    line(edsger, "Tea, please.").locator(".quote"),
    "Ada: Tea or coffee?",
  );
});

test("typing shows to the others until it ends", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "typing");
  const grace = await openAs(t, browser, chat.url, "Grace", "typing");
  const indicator = ada.locator("#typing");
  const shown = () => indicator.innerText();

  await grace.locator("#text").pressSequentially("Let me think");
  await eventually(shown, "Grace is typing…");
  assert.equal(await grace.locator("#typing").innerText(), "");
  await grace.locator("#text").press("Enter");
  await line(ada, "Let me think").waitFor();
  await eventually(shown, "");

  await grace.locator("#text").pressSequentially("no");
  await eventually(shown, "Grace is typing…");
  await grace.locator("#text").fill("");
  await eventually(shown, "");

  // Without a further key it expires.
  await grace.locator("#text").pressSequentially("well");
  await eventually(shown, "Grace is typing…");
  await eventually(shown, "");
  assert.equal(await grace.locator("#text").inputValue(), "well");

  // It is not shown for what one member alone will read.
  await grace.locator("#text").fill("");
  await ada.evaluate(() => {
    const line = document.getElementById("typing");
    window.shown = [];
    new MutationObserver(() => window.shown.push(line.textContent)).observe(
      line,
      { childList: true },
    );
  });
  await grace.getByRole("button", { name: "Whisper to Ada" }).click();
  await grace.locator("#text").pressSequentially("psst");
  await grace.locator("#text").press("Enter");
  await line(ada, "psst").waitFor();
  assert.deepEqual(
    (await ada.evaluate(() => window.shown)).filter((text) => text !== ""),
    [],
  );
});

test("a whisper reaches one member alone", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "whispers");
  const grace = await openAs(t, browser, chat.url, "Grace", "whispers");
  const edsger = await openAs(t, browser, chat.url, "Edsger", "whispers");
  await ada.getByRole("button", { name: "Whisper to Grace" }).click();
  await see(ada.locator("#context"), "Only Grace will see what you write");
  await say(ada, "It is a surprise");
  await see(line(grace, "It is a surprise"), "Ada whispers to you");
  await see(line(ada, "It is a surprise"), "whisper to Grace");

  await line(grace, "It is a surprise")
    .getByRole("button", { name: "Whisper back to Ada" })
    .click();
  await say(grace, "I can keep one");
  await see(line(ada, "I can keep one"), "Grace whispers to you");

  // Escape leaves the whisper: what follows is for everybody. Edsger gets it
  // after whatever was sent to him before.
  await ada.locator("#text").press("Escape");
  await say(ada, "Cake at four");
  await line(edsger, "Cake at four").waitFor();
  assert.equal(await line(edsger, "surprise").count(), 0);
  assert.equal(await line(edsger, "keep one").count(), 0);
  assert.equal(await edsger.locator(".whisper").count(), 0);
});

test("a whisper to somebody who has left is refused and comes back", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "gone");
  const grace = await openAs(t, browser, chat.url, "Grace", "gone");
  await ada.getByRole("button", { name: "Whisper to Grace" }).click();
  await grace.close();
  await line(ada, "Grace left").waitFor();
  await say(ada, "Are you still there?");
  await see(ada.locator("#problem"), "That member is no longer here.");
  assert.equal(await ada.locator("#text").inputValue(), "Are you still there?");
  await see(ada.locator("#context"), "Only Grace");
});

test("who closes the window leaves", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "leaving");
  const grace = await openAs(t, browser, chat.url, "Grace", "leaving");
  await eventually(() => memberNames(ada), ["Ada", "Grace"]);
  await grace.close();
  await line(ada, "Grace left").waitFor();
  assert.deepEqual(await memberNames(ada), ["Ada"]);
});

test("going to another room, and leaving it", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "here");
  const grace = await openAs(t, browser, chat.url, "Grace", "there");
  const edsger = await openAs(t, browser, chat.url, "Edsger", "here");
  await say(grace, "Said before you came");
  await line(grace, "Said before you came").waitFor();

  const next = ada.getByLabel("Go to another room");
  await next.fill("Not There");
  await next.press("Enter");
  await see(ada.locator("#room-next-problem"), "small letters");
  assert.equal(await ada.locator("#room-title").innerText(), "#here");

  await next.fill("there");
  await next.press("Enter");
  await see(ada.locator("#room-title"), "#there");
  await line(ada, "Said before you came").waitFor();
  await line(edsger, "Ada left").waitFor();
  await line(grace, "Ada joined").waitFor();
  await say(edsger, "Only here");
  await line(edsger, "Only here").waitFor();
  await say(grace, "Welcome");
  await line(ada, "Welcome").waitFor();
  assert.equal(await line(ada, "Only here").count(), 0);

  await ada.getByRole("button", { name: "Leave #there" }).click();
  await ada.getByRole("button", { name: "Join", exact: true }).waitFor();
  await line(grace, "Ada left").waitFor();
  await see(ada.locator("#connection"), "Not connected");
  assert.equal(
    await ada.getByLabel("Room", { exact: true }).inputValue(),
    "there",
  );
});

test("a line typed into the server's terminal is announced to everybody", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "one");
  const grace = await openAs(t, browser, chat.url, "Grace", "two");
  chat.say("Tea is <i>ready</i>");
  for (const page of [ada, grace]) {
    const banner = page.getByRole("region", { name: "Announcements" });
    await see(banner, "Tea is <i>ready</i>");
    await banner
      .getByRole("button", { name: "Dismiss the announcement" })
      .click();
    await eventually(() => banner.innerText(), "");
  }
});

test("the log stays at its end until the reader scrolls up", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "scroll");
  const grace = await openAs(t, browser, chat.url, "Grace", "scroll");
  const log = ada.locator("#log");
  const fromEnd = () =>
    log.evaluate((box) =>
      Math.round(box.scrollHeight - box.scrollTop - box.clientHeight),
    );
  const newest = ada.getByRole("button", { name: "New messages" });
  for (let n = 1; n <= 20; n++) await say(grace, `line ${n}.\n\nmore`);
  await line(ada, "line 20.").waitFor();
  await eventually(fromEnd, 0);
  assert.equal(await newest.isVisible(), false);

  await log.hover();
  await ada.mouse.wheel(0, -600);
  const top = () => log.evaluate((box) => box.scrollTop);
  await ada.waitForFunction(() => {
    const box = document.getElementById("log");
    return box.scrollHeight - box.scrollTop - box.clientHeight > 500;
  });
  await log.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  const before = await top();
  await say(grace, "Said below");
  await newest.waitFor();
  assert.equal(await top(), before);
  await newest.click();
  await eventually(fromEnd, 0);
  await newest.waitFor({ state: "hidden" });
  await say(grace, "Said at the end");
  await line(ada, "Said at the end").waitFor();
  await eventually(fromEnd, 0);
});

test("author and time stay visible in a long run", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "run");
  const grace = await openAs(t, browser, chat.url, "Grace", "run");
  for (let n = 1; n <= 40; n++) await say(grace, `line ${n}.`);
  await line(ada, "line 40.").waitFor();
  const run = ada.locator("#run");
  await see(run, /^Grace\s*\d\d:\d\d$/);
  await ada.locator("#log").evaluate((box) => (box.scrollTop = 0));
  await run.waitFor({ state: "hidden" });
  await line(ada, "line 1.").locator(".author").first().waitFor();
  await ada.locator("#log").evaluate((box) => (box.scrollTop = 300));
  await see(run, "Grace");
});

test("addresses are links, to nowhere but the web", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "links");
  await say(
    ada,
    "See https://example.org/a_(b), (http://example.org/?q=1). javascript:alert(1) <https://example.org>",
  );
  const links = line(ada, "See").locator(".text a");
  await links.first().waitFor();
  assert.deepEqual(
    await links.evaluateAll((all) => all.map((a) => a.getAttribute("href"))),
    [
      "https://example.org/a_(b)",
      "http://example.org/?q=1",
      "https://example.org",
    ],
  );
  assert.equal(await links.first().getAttribute("rel"), "noopener noreferrer");
  assert.match(
    await line(ada, "See").locator(".text").innerText(),
    /^See https:\/\/example\.org\/a_\(b\), \(http:\/\/example\.org\/\?q=1\)\. javascript:alert\(1\) <https:\/\/example\.org>$/,
  );
});

test("a name that is cut off has a tooltip", async (t) => {
  const long = "Grace Brewster Murray Hopper";
  const ada = await openAs(t, browser, chat.url, "Ada", "clipped");
  await openAs(t, browser, chat.url, long, "clipped");
  const name = ada.locator(".member-name").filter({ hasText: "Grace" });
  await name.hover();
  await eventually(() => name.getAttribute("title"), long);
  const own = ada.locator(".member-name").filter({ hasText: "Ada" });
  await own.hover();
  assert.equal(await own.getAttribute("title"), null);
});

test("between the history and what follows it nothing is lost", async (t) => {
  const flood = io(`${chat.url}/chat`, {
    auth: { name: "Flood" },
    transports: ["websocket"],
  });
  t.after(() => flood.disconnect());
  const post = (text) =>
    flood.emitWithAck("message:send", { room: "stream", text });
  await flood.emitWithAck("room:join", { room: "stream" });
  let stop = false;
  // Bursts, at a pace that a page on a busy machine can follow.
  const posting = (async () => {
    for (let n = 1; !stop; n += 5) {
      await Promise.all([0, 1, 2, 3, 4].map((i) => post(`line ${n + i}.`)));
      await sleep(20);
    }
  })();
  // One answer to a poll carries much at once: what follows the answer to
  // joining arrives together with it.
  const ada = await openAs(t, browser, chat.url, "Poll", "stream", {
    webSocket: false,
  });
  await see(ada.locator("#connection"), "polling");
  await line(ada, "Flood").nth(60).waitFor();
  stop = true;
  await posting;
  await post("That was all.");
  await line(ada, "That was all.").waitFor();
  const texts = await ada.locator("li.message .text").allInnerTexts();
  const numbers = texts.slice(0, -1).map((text) => parseInt(text.slice(5)));
  const first = numbers[0];
  assert.deepEqual(
    numbers,
    numbers.map((_, n) => first + n),
  );
});

test("the log keeps the last 500 lines", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "flood");
  const flood = io(`${chat.url}/chat`, {
    auth: { name: "Flood" },
    transports: ["websocket"],
  });
  t.after(() => flood.disconnect());
  await flood.emitWithAck("room:join", { room: "flood" });
  for (let n = 1; n <= 520; n++) {
    await flood.emitWithAck("message:send", {
      room: "flood",
      text: `line ${n}.`,
    });
  }
  await line(ada, "line 520.").waitFor();
  assert.equal(await ada.locator("#messages > li").count(), 500);
  assert.equal(await line(ada, "line 20.").count(), 0);
  assert.equal(await line(ada, "line 21.").count(), 1);
});
