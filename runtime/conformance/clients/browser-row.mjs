// SPDX-License-Identifier: Apache-2.0

// Runs cases with the official bundle in headless Chromium, on pages of another
// origin than the server's: a row of the matrix.
//
//   node browser-row.mjs socket.io.min.js
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";
import { transports } from "./client.mjs";
import { row } from "./report.mjs";
import { startProxy, within } from "./server.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const server = process.env.SERVER_URL;
const bundle = process.argv[2];
const longest = 150_000; // ms that a case may take

const require = createRequire(import.meta.url);
const installed = require.resolve("socket.io-client-4.8/package.json");
const files = {
  "/": ["text/html", "<!doctype html><title>client</title>"],
  "/browser-cases.js": [
    "text/javascript",
    await readFile(new URL("browser-cases.js", import.meta.url)),
  ],
  [`/${bundle}`]: [
    "text/javascript",
    await readFile(path.join(path.dirname(installed), "dist", bundle)),
  ],
};

await row(async (report) => {
  if (!existsSync(executablePath)) {
    throw new Error(
      `${executablePath} is missing: install Debian's chromium, or name another one in CHROMIUM`,
    );
  }
  const site = http.createServer((request, response) => {
    const file = files[request.url.split("?")[0]];
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": `${file[0]}; charset=utf-8` });
    return response.end(file[1]);
  });
  site.listen(0, "127.0.0.1");
  await once(site, "listening");
  const query = new URLSearchParams({ server, bundle }).toString();
  const address = `http://127.0.0.1:${String(site.address().port)}/?${query}`;
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  for (const mode of Object.keys(transports)) {
    // One page for each transport: a page has a few HTTP connections to a host.
    const proxy = await startProxy(Number(new URL(server).port));
    const page = await browser.newPage();
    await page.exposeFunction("proxyDown", () => proxy.down());
    await page.exposeFunction("proxyUp", () => proxy.up());
    await page.goto(address);
    await page.addScriptTag({ url: "/browser-cases.js", type: "module" });
    await page.waitForFunction(() => window.ready);
    const names = await page.evaluate(() => Object.keys(window.cases));
    for (const name of names) {
      await report(mode, name, () =>
        within(
          page.evaluate(
            ([which, how, url]) => window.play(which, how, url),
            [name, mode, proxy.url],
          ),
          "the end of the case",
          longest,
        ),
      );
    }
    await page.close();
    await proxy.close();
  }
  await browser.close();
});
