// SPDX-License-Identifier: Apache-2.0

// docs/tutorial.md done step by step, from an empty folder to two browsers, and the
// pages of docs/hooks.md on its server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { commandsOf, filesOf, readBlocks } from "../testing/pages.mjs";
import { freePort } from "../testing/harness.mjs";
import { startWalk } from "../testing/walk.mjs";
import { launch } from "./browser.mjs";

const tutorial = await readBlocks("tutorial.md");
const hooks = filesOf(await readBlocks("hooks.md"));
let board; // the project
let url;
let browser;

before(async () => {
  board = await startWalk();
  const port = await freePort();
  url = `http://localhost:${port}`;
  for (const [name, code] of filesOf(tutorial)) {
    if (name === "remove.go") continue; // comes with another schema
    await board.write(name, code.replaceAll(":3000", `:${port}`));
  }
  for (const command of commandsOf(tutorial)) await board.step(command);
  await board.checkTypes("page/main.ts");
  await board.serve(port);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await board?.end();
});

const card = (page, column, title) =>
  page.locator(`#${column} > li`).filter({ hasText: title });

test("the tutorial's board is the same in two browsers", async (t) => {
  const ada = await openPage(t);
  const bob = await openPage(t);
  await ada.getByLabel("New card").fill("Write it down");
  await ada.getByRole("button", { name: "Add" }).click();
  await card(bob, "todo", "Write it down")
    .getByRole("button", { name: "to doing" })
    .click();
  await card(ada, "doing", "Write it down").waitFor();
  assert.equal(await ada.locator("#todo > li").count(), 0);
  const late = await openPage(t);
  await card(late, "doing", "Write it down").waitFor();

  await bob.getByRole("button", { name: "Add" }).click();
  const problem = bob.locator("#problem").filter({ hasText: /\S/ });
  await problem.waitFor();
  assert.match(await problem.textContent(), /1 to 80 characters/);
});

test("the tutorial's change is one that the compiler asks for", async () => {
  let schema = filesOf(tutorial).get("events.yaml");
  const added = (side) =>
    tutorial.find(({ name }) => name === `events.yaml +${side}`).code;
  schema = schema.replace("    server:", `${added("client")}    server:`);
  await board.write("events.yaml", schema + added("server"));
  await board.go("tool", "sockgen", "generate");
  const [shown] = tutorial
    .filter(({ language }) => language === "console")
    .map(({ code }) => code.split("\n").find((line) => /main\.go/.test(line)));
  const refusal = await board.go("build").then(
    () => "",
    (error) => error.stderr,
  );
  assert.ok(
    refusal.includes(shown),
    `the page says:\n${shown}\ngo:\n${refusal}`,
  );
  await board.write("remove.go", filesOf(tutorial).get("remove.go"));
  await board.go("vet", "./...");
  await board.write("events.yaml", filesOf(tutorial).get("events.yaml"));
});

const compilers = {
  name: "components",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.svelte$/ }, async ({ path: filename }) => {
      const source = await readFile(filename, "utf8");
      return { contents: compile(source, { filename }).js.code };
    });
    onLoad({ filter: /\.vue$/ }, async ({ path: filename }) => {
      const { descriptor } = parse(await readFile(filename, "utf8"));
      const { content } = compileScript(descriptor, {
        id: "page",
        inlineTemplate: true,
      });
      return { contents: content, loader: "ts" };
    });
  },
};

/** What a page needs besides the component that docs/hooks.md shows. */
const mains = {
  react: `import "./react";`,
  vue: `import { createApp } from "vue";
import Board from "./Board.vue";
createApp(Board).mount("#app");`,
  svelte: `import { mount } from "svelte";
import Board from "./Board.svelte";
mount(Board, { target: document.querySelector("#app") });`,
};

test("the pages with hooks share the board", async (t) => {
  await board.go("tool", "sockgen", "generate", "-react", "-vue", "-svelte");
  for (const [name, code] of hooks) await board.write(name, code);
  await board.checkTypes("react.tsx");
  const pages = [];
  for (const [name, code] of Object.entries(mains)) {
    await board.write(`${name}.main.ts`, code);
    await build({
      absWorkingDir: board.path(),
      entryPoints: [`./${name}.main.ts`],
      outfile: board.path("page", `${name}.js`),
      bundle: true,
      format: "esm",
      jsx: "automatic",
      resolveExtensions: [".tsx", ".ts", ".mjs", ".js"],
      conditions: ["browser"],
      define: { "process.env.NODE_ENV": '"production"' },
      plugins: [compilers],
      logLevel: "warning",
    });
    await board.write(
      path.join("page", `${name}.html`),
      `<!doctype html><div id="app"></div><script type="module" src="${name}.js"></script>`,
    );
    const page = await openPage(t, `${url}/${name}.html`);
    await page.locator("#status").filter({ hasText: "connected" }).waitFor();
    pages.push(page);
  }
  for (const page of pages) await page.getByRole("button").click();
  for (const page of [...pages, await openPage(t)]) {
    for (const title of ["React", "Vue", "Svelte"]) {
      await page.locator("li").filter({ hasText: title }).first().waitFor();
    }
  }
});

/** Opens a window on the board, or on another page of its server. */
async function openPage(t, from = url) {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  t.after(() => context.close());
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(from);
  return page;
}
