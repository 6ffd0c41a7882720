import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "../site/build.mjs";
import { startExample } from "../testing/harness.mjs";
import { eventually, launch, openWindow, see } from "./browser.mjs";
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
    .locator("#standings .who")
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
    /ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection to .* failed|ERR_EMPTY_RESPONSE/;
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

for (const [name, options] of [
  ["a small phone", { viewport: { width: 320, height: 568 }, hasTouch: true }],
  [
    "a desktop, dark and calm",
    {
      viewport: { width: 1280, height: 720 },
      colorScheme: "dark",
      reducedMotion: "reduce",
    },
  ],
]) {
  test(`nothing overflows on ${name}`, async (t) => {
    const page = await openWindow(t, browser, `${game.url}/#layout`, options);
    assert.deepEqual(await page.evaluate(overflowing), []);
    await enter(page, "Mmmmmmmmmmmmmmmm");
    await eventually(() => players(page), ["Mmmmmmmmmmmmmmmm"]);
    assert.deepEqual(await page.evaluate(overflowing), []);
  });
}
