// SPDX-License-Identifier: Apache-2.0

// Draws docs/images/chat.png, the README's picture: make picture.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, openAs, say, see, startChat } from "./browser.mjs";

const file = fileURLToPath(
  new URL("../../docs/images/chat.png", import.meta.url),
);
const endings = []; // what a test would do after itself, last first
const t = { after: (end) => endings.unshift(end) };

const example = await startChat();
const browser = await launch();
try {
  const size = { width: 1000, height: 560 };
  const ada = await openAs(t, browser, example.url, "Ada", "lobby", {
    viewport: size,
    deviceScaleFactor: 2,
  });
  const grace = await openAs(t, browser, example.url, "Grace", "lobby");
  const conversation = [
    [ada, "Morning! The first event of the day."],
    [grace, "Typed, I hope?"],
    [ada, "On both sides. I renamed a field, and your page did not compile."],
    [grace, "So that is what it was. Fixed before anybody noticed."],
  ];
  for (const [page, text] of conversation) {
    await say(page, text);
    await see(ada.locator("#messages"), text);
  }
  await grace.locator("#text").pressSequentially("And now");
  await see(ada.locator("body"), "Grace is typing");
  await ada.screenshot({ path: file });
  console.log(path.relative(process.cwd(), file));
} finally {
  for (const end of endings) await end();
  await browser.close();
  await example.stop();
}
