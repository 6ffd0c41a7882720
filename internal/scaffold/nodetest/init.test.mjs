// SPDX-License-Identifier: Apache-2.0

// What sockgen init writes is installed, checked, built, run and driven in Chromium:
// node --test init.test.mjs. One page goes all the way, with an npm install of its
// own; the others are checked and built with this repository's modules. With INIT=all
// in the environment all go all the way, are linted, and leave screenshots in
// .cache/init.
import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { ESLint } from "eslint";
import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { launch, violations } from "../../../example/browser/browser.mjs";
import { printCount } from "../../../example/testing/counts.mjs";
import { makeFolder, root, run, Running, freePort } from "./project.mjs";

const pages = ["react", "vue", "svelte", "vanilla"];
const whole = process.env.INIT === "all" ? [...pages, "none"] : ["react"];
const shots = path.join(root, ".cache", "init");

let sockgen;
let browser;
before(async () => {
  const folder = await makeFolder();
  sockgen = path.join(folder, "sockgen");
  await run(root, "go", "build", "-o", sockgen, "./cmd/sockgen");
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** Begins a project and returns its folder. */
async function init(web, ...flags) {
  const folder = await makeFolder();
  await run(
    folder,
    sockgen,
    ...["init", "example.com/hello", "-web", web, "-replace", root, ...flags],
  );
  return path.join(folder, "hello");
}

describe("from an empty folder to a message in a browser", () => {
  for (const web of whole) {
    test(web, { timeout: 600_000 }, async (t) => {
      const begun = performance.now();
      const folder = await init(web);
      const port = await freePort();
      await replaceIn(folder, "main.go", "localhost:3000", `localhost:${port}`);
      if (web === "none") {
        await run(folder, "make", "test", "build");
        return;
      }
      await replaceIn(
        folder,
        "vite.config.ts",
        "localhost:3000",
        `localhost:${port}`,
      );
      const server = new Running(folder, "go", ["run", "."]);
      t.after(() => server.stop());
      await run(folder, "npm", "install", "--no-audit", "--no-fund");
      await server.prints(/listening/);
      const at = await freePort();
      const page = new Running(folder, "npm", [
        ...["run", "dev", "--", "--port", `${at}`, "--strictPort"],
      ]);
      t.after(() => page.stop());
      await page.prints(/Local:/);
      await talk(t, web, `http://localhost:${at}`);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      printCount(
        t,
        `sockgen init -web ${web}: ${seconds} s from an empty folder to a message in a browser`,
      );
      await page.stop();
      await server.stop();
      await run(folder, "make", "test", "build");
    });
  }
});

describe("checked, linted and built", () => {
  for (const web of pages) {
    test(web, { timeout: 300_000 }, async () => {
      const folder = await init(web);
      await symlink(
        path.join(root, "node_modules"),
        path.join(folder, "node_modules"),
      );
      if (!whole.includes(web)) {
        await run(folder, "npm", "run", "check");
        await run(folder, "npm", "run", "build");
      }
      if (whole.includes(web)) assert.deepEqual(await lint(folder, web), []);
    });
  }
});

test("into a module that is there", { timeout: 300_000 }, async () => {
  const folder = await makeFolder();
  await writeFile(
    path.join(folder, "go.mod"),
    "module example.com/mod\n\ngo 1.26.0\n",
  );
  const args = ["init", "chat", "-dir", "cmd/chat", "-into", "-replace", root];
  await run(folder, sockgen, ...args);
  await run(folder, sockgen, ...args, "-web", "none", "-dir", "cmd/other");
  await run(folder, "go", "vet", "./...");
  await run(folder, "go", "test", "./cmd/chat");
  const mod = await readFile(path.join(folder, "go.mod"), "utf8");
  assert.match(mod, /^ignore \.\/cmd\/chat\/node_modules$/m);
  assert.match(mod, /^tool github\.com\/sockgen\/sockgen\/cmd\/sockgen$/m);
});

test("versions are pinned, and are those that the tests run with", async () => {
  const ours = JSON.parse(
    await readFile(path.join(root, "package.json"), "utf8"),
  ).devDependencies;
  for (const web of pages) {
    const file = path.join(root, "internal/scaffold/web", web, "package.json");
    const { dependencies, devDependencies } = JSON.parse(
      await readFile(file, "utf8"),
    );
    for (const [name, version] of Object.entries({
      ...dependencies,
      ...devDependencies,
    }))
      assert.equal(version, ours[name], `${web}: ${name}`);
  }
});

/** Two windows on a page: what is said in one is heard in the other. */
async function talk(t, web, url) {
  const problems = [];
  const open = async () => {
    const page = await browser.newPage({
      viewport: { width: 1100, height: 760 },
    });
    t.after(() => page.close());
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(`uncaught: ${error}`));
    await page.goto(url);
    await page.getByRole("status").getByText("connected").waitFor();
    return page;
  };
  const ada = await open();
  const grace = await open();
  await say(ada, "Ada", "Hello, is anybody here?");
  await grace.getByText("Hello, is anybody here?").waitFor();
  await say(grace, "Grace", "I am.");
  await ada.getByRole("listitem").filter({ hasText: "I am." }).waitFor();
  assert.equal(await ada.getByPlaceholder("Message").inputValue(), "");
  assert.equal(await ada.getByRole("listitem").count(), 2);
  assert.equal(await ada.title(), "hello");
  // What the schema refuses is shown, where the page itself lets it pass.
  await ada.getByPlaceholder("Message").evaluate((field) => {
    field.removeAttribute("maxlength");
  });
  await say(ada, "Ada", "x".repeat(501));
  await ada
    .getByRole("alert")
    .getByText(/payload/i)
    .waitFor();
  await look(ada, web);
  assert.deepEqual(problems, []);
}

async function say(page, name, text) {
  await page.getByPlaceholder("Your name").fill(name);
  await page.getByPlaceholder("Message").fill(text);
  await page.getByPlaceholder("Message").press("Enter");
}

/** Takes screenshots of a page, on which axe must find nothing. */
async function look(page, web) {
  await mkdir(shots, { recursive: true });
  await page.getByPlaceholder("Message").fill("");
  for (const [device, width, height] of [
    ["laptop", 1280, 800],
    ["phone", 360, 740],
  ])
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), [], `${device}, ${colorScheme}`);
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth > innerWidth,
      );
      assert.equal(wider, false, `${device}: wider than the window`);
      await page.screenshot({
        path: path.join(shots, `${web}-${device}-${colorScheme}.png`),
      });
    }
}

async function replaceIn(folder, name, from, to) {
  const file = path.join(folder, name);
  const text = await readFile(file, "utf8");
  assert.ok(text.includes(from), `${name} has no ${from}`);
  await writeFile(file, text.replaceAll(from, to));
}

/** What eslint finds in a project's own TypeScript. Of a .vue file it knows no types. */
async function lint(folder, web) {
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: tseslint.config(
      js.configs.recommended,
      ...(web === "vue"
        ? [tseslint.configs.strict]
        : [
            tseslint.configs.recommendedTypeChecked,
            { languageOptions: { parserOptions: { projectService: true } } },
          ]),
    ),
  });
  const results = await eslint.lintFiles(["web/**/*.{ts,tsx}"]);
  assert.ok(results.length > 0);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ line, message }) =>
        `${path.relative(folder, filePath)}:${line}: ${message}`,
    ),
  );
}
