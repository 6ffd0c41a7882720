// SPDX-License-Identifier: Apache-2.0

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
import { overflowing } from "./inspect.mjs";

let game;
let browser;
before(async () => {
  await build("game/page");
  game = await startExample({ from: "./example/game" });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await game?.stop();
});

/** Opens a window on a match and plays in it. */
async function play(t, match, name, options) {
  const page = await openWindow(t, browser, `${game.url}/#${match}`, options);
  await enter(page, name);
  await page.locator("#cover").waitFor({ state: "hidden" });
  return page;
}

async function enter(page, name) {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Play", exact: true }).click();
}

/** How far to the right, in cells, the floor shows the colour of a seat. */
function reach(page, seat) {
  return page.evaluate((seat) => {
    const canvas = document.querySelector("#floor");
    const style = getComputedStyle(document.documentElement);
    const colour = style.getPropertyValue(`--seat-${seat}`).trim();
    const [red, green, blue] = [1, 3, 5].map((at) =>
      parseInt(colour.slice(at, at + 2), 16),
    );
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let most = -1;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] !== red || data[at + 1] !== green) continue;
      if (data[at + 2] === blue) most = Math.max(most, (at / 4) % width);
    }
    return (most / width) * 40;
  }, seat);
}

function players(page) {
  return page
    .locator("#standings li:not(.bot) .who")
    .allInnerTexts()
    .then((names) => names.sort());
}

test("two windows play in one match, a third one in another", async (t) => {
  const ada = await play(t, "together", "Ada");
  const bob = await play(t, "together", "Bob");
  const cleo = await play(t, "apart", "Cleo");
  for (const page of [ada, bob]) {
    await eventually(() => players(page), ["Ada", "Bob"]);
  }
  await eventually(() => players(cleo), ["Cleo"]);
  await cleo.locator("#alone").waitFor();

  // Ada has the first seat of her match, as Cleo has of hers.
  const [atBob, atCleo] = [await reach(bob, 1), await reach(cleo, 1)];
  await ada.keyboard.down("ArrowRight");
  await eventually(async () => (await reach(bob, 1)) > atBob + 6, true);
  await ada.keyboard.up("ArrowRight");
  assert.equal(await reach(cleo, 1), atCleo);

  await ada.getByRole("button", { name: "Nice!" }).click();
  await see(bob.locator("#news"), "Ada: Nice!");
  await ada.close();
  await see(bob.locator("#news"), "Ada left.");
  await eventually(() => players(bob), ["Bob"]);
});

for (const pointer of ["mouse", "finger"]) {
  test(`a ${pointer} leads a sock`, async (t) => {
    const match = `by${pointer}`;
    const bob = await play(t, match, "Bob", { hasTouch: pointer === "finger" });
    const looker = await play(t, match, "Looker");
    const before = await reach(looker, 1);
    const box = await bob.locator("#floor").boundingBox();
    const [x, y] = [box.x + box.width * 0.9, box.y + box.height * 0.4];
    if (pointer === "mouse") {
      await bob.mouse.move(x, y);
      await bob.mouse.down();
    } else {
      const devtools = await bob.context().newCDPSession(bob);
      await devtools.send("Input.dispatchTouchEvent", {
        type: "touchStart",
        touchPoints: [{ x, y }],
      });
    }
    await eventually(async () => (await reach(looker, 1)) > before + 6, true);
  });
}

test("a match that cannot be is said, and the next link is tried", async (t) => {
  const page = await openWindow(t, browser, `${game.url}/#No-Such`);
  await enter(page, "Ada");
  await see(page.locator("#problem"), "There can be no match “No-Such”");
  await page.getByRole("button", { name: "New match" }).click();
  assert.match(await page.locator("#match").innerText(), /^[a-z0-9]{5}$/);
  assert.equal(await page.locator("#problem").innerText(), "");
  await page.evaluate(() => (location.hash = "#not a match"));
  await see(page.locator("#problem"), "There can be no match “not a match”");
  await page.evaluate(() => (location.hash = "#fine"));
  await see(page.locator("#match"), "fine");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await eventually(() => players(page), ["Ada"]);
});

test("a taken name is said", async (t) => {
  await play(t, "names", "Ada");
  const page = await openWindow(t, browser, `${game.url}/#names`);
  await enter(page, "ada");
  await see(page.locator("#problem"), "already has that name");
  await enter(page, "Bob");
  await eventually(() => players(page), ["Ada", "Bob"]);
});

test("without a match in the address there is a new one to share", async (t) => {
  const page = await openWindow(t, browser, game.url);
  const match = await page.locator("#match").innerText();
  assert.match(match, /^[a-z0-9]{5}$/);
  assert.equal(new URL(page.url()).hash, `#${match}`);
});

test("after the server has restarted everybody is back", async (t) => {
  // Chromium reports each attempt to reach a server that is not there.
  const expected =
    /ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection to .* failed|WebSocket is already in CLOSING|ERR_EMPTY_RESPONSE/;
  const ada = await play(t, "again", "Ada", { expected });
  const bob = await play(t, "again", "Bob", { expected });
  await game.stop();
  for (const page of [ada, bob]) {
    await see(page.locator("#connection"), "Offline");
    await see(page.locator("#lost"), "Connection lost. Trying again…");
  }
  await game.start();
  for (const page of [ada, bob]) {
    await see(page.locator("#connection"), "Connected");
    await page.locator("#lost").waitFor({ state: "hidden" });
    await eventually(() => players(page), ["Ada", "Bob"]);
  }
});

test("a bot plays with whoever is alone, and goes when somebody comes", async (t) => {
  const ada = await play(t, "company", "Ada");
  const bot = ada.locator("#standings li.bot");
  await see(bot, "Knitbot");
  await see(ada.locator("#alone"), "a bot plays with you");
  const bob = await play(t, "company", "Bob");
  for (const page of [ada, bob]) {
    await eventually(() => page.locator("#standings li.bot").count(), 0);
  }
  await bob.close();
  await see(bot, "Knitbot");
});

test("the round trip is shown in ms", async (t) => {
  const page = await play(t, "trip", "Ada");
  await see(page.locator("#round-trip"), /^· (<1|\d+) ms$/);
});

test("the schema's limits are the form's", async (t) => {
  const page = await openWindow(t, browser, `${game.url}/#limits`);
  for (const [name, problem] of [
    ["", "Choose a name."],
    ["x".repeat(17), "A name has at most 16 characters; this has 17."],
  ]) {
    await enter(page, name);
    await see(page.locator("#problem"), problem);
  }
  await enter(page, "😀".repeat(16));
  await eventually(() => players(page), ["😀".repeat(16)]);
});

test("a name from right to left leaves what is beside it alone", async (t) => {
  const ada = await play(t, "bidi", "Ada");
  await play(t, "bidi", "عائشة (1)");
  await see(ada.locator("#news"), "عائشة (1) joined.");
  for (const locator of [ada.locator("#news bdi"), ada.locator("bdi.who")]) {
    await see(locator, "عائشة (1)");
  }
});

test("the network's return connects at once", async (t) => {
  const page = await openWindow(t, browser, `${game.url}/#network`, {
    expected: /ERR_INTERNET_DISCONNECTED/,
  });
  await holdTimers(page);
  await page.goto(`${game.url}/?again#network`);
  await enter(page, "Ada");
  await see(page.locator("#connection"), "Connected");
  await goOffline(page);
  await see(page.locator("#lost"), "Connection lost");
  await page.evaluate(() => (window.timersHeld = true));
  await page.waitForTimeout(2000); // whatever was under way has failed
  await page.context().setOffline(false);
  await page.locator("#lost").waitFor({ state: "hidden" });
  await page.evaluate(() => (window.timersHeld = false));
});

test("whoever is below third sees their place when the round is over", async (t) => {
  const { load } = await import("./load.mjs");
  const { shownStandings } = await load("game/page/standings.ts");
  const all = [5, 2, 7, 1, 3].map((seat) => ({ seat, name: "x", cells: 9 }));
  const seats = (own) =>
    shownStandings(all, own).map(({ place, seat }) => [place, seat]);
  const best = [
    [1, 5],
    [2, 2],
    [3, 7],
  ];
  assert.deepEqual(seats(2), best);
  assert.deepEqual(seats(0), best);
  assert.deepEqual(seats(3), [...best, [5, 3]]);
});

for (const [name, options] of [
  ["a small phone", { viewport: { width: 320, height: 568 }, hasTouch: true }],
  [
    "a phone held sideways",
    { viewport: { width: 844, height: 390 }, hasTouch: true },
  ],
  ["a tablet", { viewport: { width: 768, height: 1024 }, hasTouch: true }],
  [
    "a desktop, dark and calm",
    {
      viewport: { width: 1280, height: 800 },
      colorScheme: "dark",
      reducedMotion: "reduce",
    },
  ],
  ["forced colours", { forcedColors: "active" }],
]) {
  test(`nothing overflows, and axe finds nothing, on ${name}`, async (t) => {
    const page = await openWindow(t, browser, `${game.url}/#layout`, options);
    assert.deepEqual(await page.evaluate(overflowing), []);
    assert.deepEqual(await violations(page), []);
    await enter(page, "Mmmmmmmmmmmmmmmm");
    await eventually(() => players(page), ["Mmmmmmmmmmmmmmmm"]);
    assert.deepEqual(await page.evaluate(overflowing), []);
    assert.deepEqual(await violations(page), []);
    const { width, height } = page.viewportSize();
    const floor = await page.locator("#floor").boundingBox();
    assert.ok(floor.width >= 200, `a floor of ${floor.width} px`);
    assert.ok(floor.y + floor.height <= height, "the floor is cut off");
    if (height > width) return;
    const whole = await page.evaluate(
      () => document.scrollingElement.scrollHeight,
    );
    assert.equal(whole, height);
  });
}

test("forced colours keep who is who, and the time that is left", async (t) => {
  const page = await play(t, "forced", "Ada", { forcedColors: "active" });
  await page.locator("#standings li.bot").waitFor();
  const colours = await page
    .locator("#standings .swatch")
    .evaluateAll((all) => all.map((e) => getComputedStyle(e).backgroundColor));
  assert.equal(new Set(colours).size, 2);
  const [left, ground] = await page.evaluate(() =>
    ["#time-left", ".time"].map(
      (one) => getComputedStyle(document.querySelector(one)).backgroundColor,
    ),
  );
  assert.notEqual(left, ground);
  const shout = page.getByRole("button", { name: "Nice!" });
  await shout.focus();
  await page.keyboard.press("Tab");
  assert.equal(
    await page.evaluate(
      () => getComputedStyle(document.activeElement).outlineStyle,
    ),
    "solid",
  );
});
