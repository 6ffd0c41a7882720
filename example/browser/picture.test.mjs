// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  eventually,
  launch,
  line,
  openAs,
  openWindow,
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

// Four fields of different colours, as a PNG.
async function paint(page, width, height) {
  const bytes = await page.evaluate(
    async ([width, height]) => {
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width, height });
      const context = canvas.getContext("2d");
      for (const [n, colour] of [
        "#ff0000",
        "#00ff00",
        "#0000ff",
        "#336699",
      ].entries()) {
        context.fillStyle = colour;
        context.fillRect(
          ((n % 2) * width) / 2,
          (Math.floor(n / 2) * height) / 2,
          width / 2,
          height / 2,
        );
      }
      const blob = await new Promise((resolve) =>
        canvas.toBlob(resolve, "image/png"),
      );
      return [...new Uint8Array(await blob.arrayBuffer())];
    },
    [width, height],
  );
  return Buffer.from(bytes);
}

// The size of a shown picture and the middle of each of its four fields.
function look(image) {
  return image.evaluate((image) => {
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const at = (x, y) =>
      [...context.getImageData(x * width, y * height, 1, 1).data].slice(0, 3);
    return {
      width,
      height,
      fields: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)],
    };
  });
}

function choose(page, name, mimeType, buffer) {
  return page
    .locator("#picture-file")
    .setInputFiles({ name, mimeType, buffer });
}

test("a picture arrives as it was sent, and its memory is given back", async (t) => {
  const ada = await openWindow(t, browser, chat.url);
  await ada.addInitScript(() => {
    window.objectURLs = new Set();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      const url = createObjectURL.call(URL, blob);
      window.objectURLs.add(url);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      window.objectURLs.delete(url);
      revokeObjectURL.call(URL, url);
    };
  });
  await ada.goto(`${chat.url}/?name=Ada&room=pictures`);
  await ada.getByRole("button", { name: "Join", exact: true }).click();
  const grace = await openAs(t, browser, chat.url, "Grace", "pictures");
  await line(ada, "Grace joined").waitFor();

  await choose(ada, "fields.png", "image/png", await paint(ada, 64, 48));
  await see(ada.locator("#picture-facts"), "fields.png");
  const alt = ada.getByLabel("Describe it for those who cannot see it");
  await eventually(
    () => alt.evaluate((field) => field === document.activeElement),
    true,
  );
  await alt.fill("Four coloured fields");
  await alt.press("Enter");

  const expected = {
    width: 64,
    height: 48,
    fields: [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [0x33, 0x66, 0x99],
    ],
  };
  for (const page of [ada, grace]) {
    const image = page
      .getByRole("log")
      .getByRole("img", { name: "Four coloured fields" });
    await image.waitFor();
    await eventually(() => image.evaluate((image) => image.complete), true);
    assert.deepEqual(await look(image), expected);
  }
  await see(line(grace, "Four coloured fields").locator(".author"), "Ada");
  assert.equal(await ada.locator("#picture").isVisible(), false);
  await eventually(() => ada.evaluate(() => window.objectURLs.size), 0);
});

test("a picture of half a megabyte passes, one byte more is scaled down", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "limits");
  const grace = await openAs(t, browser, chat.url, "Grace", "limits");
  const small = await paint(ada, 8, 8);
  const padded = (size) =>
    Buffer.concat([small, Buffer.alloc(size - small.length)]); // decoders ignore the rest

  await choose(ada, "big.png", "image/png", padded(500_001));
  await see(ada.locator("#picture-facts"), "500 kB, scaled down to");

  await choose(ada, "fits.png", "image/png", padded(500_000));
  assert.equal(await ada.locator("#problem").innerText(), "");
  await ada.getByRole("button", { name: "Send picture" }).click();
  const image = grace.locator("li.picture img");
  await image.waitFor();
  assert.equal(
    await image.getAttribute("alt"),
    "A picture without a description",
  );
  await eventually(() => image.evaluate((image) => image.naturalWidth), 8);
});

test("a picture of megabytes arrives scaled down, in its shape", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "large");
  const grace = await openAs(t, browser, chat.url, "Grace", "large");
  const noise = await ada.evaluate(async () => {
    const canvas = new OffscreenCanvas(1600, 800);
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(1600, 800);
    for (let at = 0; at < pixels.data.length; at += 65536) {
      crypto.getRandomValues(pixels.data.subarray(at, at + 65536));
    }
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  assert.ok(noise.length > 2_000_000);
  await choose(ada, "noise.png", "image/png", Buffer.from(noise));
  await see(
    ada.locator("#picture-facts"),
    /noise\.png, [\d,]+ kB, scaled down to/,
  );
  await ada.getByRole("button", { name: "Send picture" }).click();
  const image = grace.locator("li.picture img");
  await image.waitFor();
  const shape = () =>
    image.evaluate(({ naturalWidth: w, naturalHeight: h }) => w / h);
  await eventually(async () => Math.abs((await shape()) - 2) < 0.02, true);
});

test("an error goes away once it is answered", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "answered");
  const problem = ada.locator("#problem");
  const wrong = async () => {
    await choose(ada, "page.svg", "image/svg+xml", Buffer.from("<svg/>"));
    await see(problem, "Only PNG");
  };
  await wrong();
  await ada.locator("#text").pressSequentially("h");
  await eventually(() => problem.innerText(), "");
  await wrong();
  await choose(ada, "fine.png", "image/png", await paint(ada, 8, 8));
  await eventually(() => problem.innerText(), "");
  await wrong();
  await eventually(() => ada.locator("#picture").isVisible(), false);
});

test("a large file that is no picture is refused", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "unreadable");
  await choose(ada, "fake.png", "image/png", Buffer.alloc(600_000));
  await see(ada.locator("#problem"), "cannot be read as a picture");
  await choose(ada, "empty.png", "image/png", Buffer.alloc(0));
  await see(ada.locator("#problem"), "This file is empty.");
});

test("what is not a picture is refused", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "kinds");
  await choose(ada, "page.svg", "image/svg+xml", Buffer.from("<svg/>"));
  await see(
    ada.locator("#problem"),
    "Only PNG, JPEG, GIF and WebP pictures can be sent.",
  );

  // One that only claims to be a picture is said to be none.
  await choose(ada, "fake.png", "image/png", Buffer.from("not a picture"));
  await ada.getByRole("button", { name: "Send picture" }).click();
  await see(ada.locator("li.picture"), "A picture that cannot be shown");
});

test("no picture can be chosen in the middle of a whisper", async (t) => {
  const ada = await openAs(t, browser, chat.url, "Ada", "private");
  await openAs(t, browser, chat.url, "Grace", "private");
  const pick = ada.getByRole("button", { name: "Send a picture" });
  await ada.getByRole("button", { name: "Whisper to Grace" }).click();
  await pick.waitFor({ state: "hidden" });
  await ada.locator("#text").press("Escape");
  await pick.waitFor();
});
