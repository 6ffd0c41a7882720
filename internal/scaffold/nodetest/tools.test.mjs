// SPDX-License-Identifier: Apache-2.0

// sockgen mock behind the example's own page and the official client, and sockgen dev,
// call and mock in a project that sockgen init has begun.
import assert from "node:assert/strict";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";
import { launch } from "../../../example/browser/browser.mjs";
import { build } from "../../../example/site/build.mjs";
import { freePort, makeFolder, root, run, Running } from "./project.mjs";

let sockgen;
let browser;
before(async () => {
  sockgen = path.join(await makeFolder(), "sockgen");
  await run(root, "go", "build", "-o", sockgen, "./cmd/sockgen");
  browser = await launch();
});
after(() => browser?.close());

/** Starts a mock of the example's schema and returns it with its address. */
async function mock(t, ...flags) {
  const server = new Running(root, sockgen, [
    ...["mock", "-schema", "events.yaml", "-listen", "127.0.0.1:0", ...flags],
  ]);
  t.after(() => server.stop());
  const line = await server.prints(/^serving /);
  return { server, url: /http:[^;]*/.exec(line)[0] };
}

const once = (socket, event) =>
  new Promise((resolve) => socket.once(event, resolve));

test("the official client talks to a mock", async (t) => {
  const { url } = await mock(t, "-seed", "7");
  const socket = io(`${url}/chat`, { auth: { name: "Ada" } });
  t.after(() => socket.disconnect());
  await once(socket, "connect");
  const joined = await socket.emitWithAck("room:join", { room: "kitchen" });
  assert.equal(joined.ok, true);
  assert.ok(joined.value.members.length > 0);
  for (const message of joined.value.history) {
    assert.equal(message.room, "kitchen");
    assert.match(message.at, /^\d{4}-\d\d-\d\dT/);
  }
  const refused = await socket.emitWithAck("room:join", { room: "Kitchen!" });
  assert.equal(refused.error.code, "invalid_payload");
  assert.equal(refused.error.data.issues[0].path, "room");

  const posted = once(socket, "image:posted");
  await fetch(`${url}/mock`, {
    method: "POST",
    body: 'emit image:posted {"mime": "image/png"}\nfail message:send not_member',
  });
  const { data } = await posted;
  assert.ok(Buffer.isBuffer(data) && data.length > 0);
  const failed = await socket.emitWithAck("message:send", {
    room: "kitchen",
    text: "hi",
  });
  assert.deepEqual(failed.error.data, { room: "kitchen" });
});

test("the example's page works with a mock alone", async (t) => {
  await build("page");
  const scenario = path.join(await makeFolder(), "scenario.yaml");
  await writeFile(
    scenario,
    `on:
  message:send:
    - { ack: {} }
    - emit: message:posted
      to: everybody
      with: { text: $payload.text, from: { name: Grace } }
`,
  );
  const { url } = await mock(t, "-scenario", scenario);
  const page = await browser.newPage();
  t.after(() => page.close());
  const problems = [];
  page.on("pageerror", (error) => problems.push(`${error}`));
  const dist = path.join(root, "example", "page", "dist");
  // The page's files stand beside the mock's Socket.IO.
  await page.route(`${url}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname.startsWith("/socket.io/")) return route.continue();
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    return route.fulfill({ path: path.join(dist, name) });
  });
  await page.goto(url);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("Room", { exact: true }).fill("kitchen");
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.locator("#text").fill("Is there no server?");
  await page.locator("#text").press("Enter");
  const line = page
    .locator("#messages > li")
    .filter({ hasText: "Is there no server?" });
  await line.filter({ hasText: "Grace" }).waitFor();
  assert.deepEqual(problems, []);
});

/** The processes that are in a group or children of one, but for those that have ended. */
async function group(pid) {
  const found = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [state, parent, pgid] = stat.split(") ").at(-1).split(" ");
    if (stat === "" || state === "Z") continue;
    if (Number(parent) === pid || Number(pgid) === pid)
      found.push(Number(name));
  }
  return found;
}

test("dev serves a project, follows its schema, and leaves nothing behind", async (t) => {
  const folder = await makeFolder();
  await run(folder, sockgen, "init", "hello", "-replace", root);
  const project = path.join(folder, "hello");
  await symlink(
    path.join(root, "node_modules"),
    path.join(project, "node_modules"),
  );
  const port = await freePort();
  for (const name of ["main.go", "vite.config.ts"]) {
    const file = path.join(project, name);
    const text = await readFile(file, "utf8");
    await writeFile(
      file,
      text.replaceAll("localhost:3000", `localhost:${port}`),
    );
  }
  const dev = new Running(project, sockgen, [
    ...["dev", "-page", `npx vite --port ${await freePort()} --strictPort`],
  ]);
  t.after(() => dev.stop());
  const local = await dev.prints(/Local:/);
  await dev.prints(/listening/);
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(/http:\S+/.exec(local)[0]);
  await page.getByRole("status").getByText("connected").waitFor();

  const url = `http://localhost:${port}`;
  const said = '{"from": "Bo", "text": "from the command line"}';
  const printed = await run(project, sockgen, "call", url, "say", said);
  assert.match(printed, /^ok\nsaid \{.*"text":"from the command line"\}\n$/);
  await page.getByText("from the command line").waitFor();

  const schema = path.join(project, "events.yaml");
  const text = await readFile(schema, "utf8");
  const so = dev.lines().length;
  await writeFile(schema, text.replace("length: 1..500", "length: 1..12"));
  await dev.prints(/generated \d+ files in .*, server restarted$/, so);
  await page.getByRole("status").getByText("connected").waitFor();
  await assert.rejects(
    run(project, sockgen, "call", url, "say", said),
    /must have 1 to 12 characters, has 21/,
  );

  const children = await group(dev.pid);
  assert.ok(children.length >= 3, JSON.stringify(children));
  assert.equal(await dev.interrupt("SIGINT"), 0);
  const left = (await Promise.all(children.map(group))).flat();
  assert.deepEqual(left, []);
});
