// SPDX-License-Identifier: Apache-2.0

// docs/production.md: its program runs behind nginx and behind Caddy, as the page sets
// them up, and ends as the page says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../testing/harness.mjs";
import { commandsOf, filesOf, readBlocks } from "../testing/pages.mjs";
import { startWalk } from "../testing/walk.mjs";
import { connect, modes } from "./client.mjs";

const ports = {}; // of the page, to those that are free
const proxies = { nginx: 8080, Caddy: 8081 };
const children = [];
let board;
let server; // the process

const url = (port, path = "") => `http://localhost:${ports[port]}${path}`;

before(async () => {
  for (const port of [3000, 3001, 8080, 8081]) ports[port] = await freePort();
  const place = (text) =>
    text.replace(/\b(3000|3001|8080|8081)\b/g, (port) => ports[port]);
  const tutorial = await readBlocks("tutorial.md");
  const files = filesOf(await readBlocks("production.md"));
  board = await startWalk();
  await board.write("events.yaml", filesOf(tutorial).get("events.yaml"));
  // The handlers are the tutorial's, without its main function.
  const app = filesOf(tutorial).get("main.go");
  await board.write("app.go", withoutMain(app));
  for (const [name, code] of files) await board.write(name, place(code));
  await board.write(
    "Caddyfile",
    place(blockOf("caddy", await readBlocks("production.md"))),
  );
  await board.write("nginx.conf", nginx);
  for (const command of commandsOf(tutorial)) {
    if (command.startsWith("go ")) await board.step(command);
  }
  server = await board.serve(ports[3000]);
  start(
    "/usr/sbin/nginx",
    "-p",
    board.path(),
    "-e",
    "stderr",
    "-c",
    "nginx.conf",
  );
  start("/usr/bin/caddy", "run", "--config", board.path("Caddyfile"));
  for (const port of Object.values(proxies)) await answers(url(port, "/ready"));
});
after(async () => {
  for (const child of children) {
    child.kill();
    await once(child, "close");
  }
  await board?.end();
});

// What a file of nginx needs around what the page shows.
const nginx = `daemon off;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path tmp-body;
    proxy_temp_path tmp-proxy;
    fastcgi_temp_path tmp-fastcgi;
    uwsgi_temp_path tmp-uwsgi;
    scgi_temp_path tmp-scgi;
    include proxy.conf;
}
`;

function blockOf(language, blocks) {
  return blocks.find((block) => block.language === language).code;
}

function withoutMain(code) {
  return code
    .replace(/^func main\(\) \{\n[^]*?^\}\n/m, "")
    .replace(/^\t"(log|net\/http)"\n/gm, "");
}

function start(...command) {
  const env = {
    ...process.env,
    HOME: board.path(),
    XDG_CONFIG_HOME: board.path(),
  };
  const child = spawn(command[0], command.slice(1), { cwd: board.path(), env });
  children.push(child);
}

async function answers(address) {
  for (const deadline = Date.now() + 20_000; ; await sleep(50)) {
    const answer = await fetch(address).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    assert.ok(Date.now() < deadline, `${address} does not answer`);
  }
}

for (const [proxy, port] of Object.entries(proxies)) {
  describe(`behind ${proxy}`, () => {
    for (const mode of Object.keys(modes)) {
      test(`clients take part over ${mode}`, async () => {
        const origin = url(port);
        const at = { url: origin };
        const [ada, bob] = [
          await connect(at, "/", mode, { extraHeaders: { origin } }),
          await connect(at, "/", mode, {
            extraHeaders: { origin: "https://app.example.com" },
          }),
        ];
        const seen = new Promise((resolve) => bob.once("changed", resolve));
        const reply = await ada.emitWithAck("add", { title: mode });
        assert.equal(reply.ok, true, JSON.stringify(reply));
        assert.deepEqual(await seen, reply.value);
        for (const socket of [ada, bob]) socket.disconnect();
      });
    }

    test("a foreign page is refused", async () => {
      const options = { extraHeaders: { origin: "https://evil.example" } };
      for (const mode of ["polling", "websocket"]) {
        await assert.rejects(connect({ url: url(port) }, "/", mode, options));
      }
    });
  });
}

test("the metrics count what happened", async () => {
  const text = await (await fetch(url(3001, "/metrics"))).text();
  const value = (name) =>
    Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
  assert.equal(value("socketio_connects_total"), 12);
  assert.equal(value("socketio_events_total"), 6);
  assert.equal(value("socketio_panics_total"), 0);
  assert.match(text, /^socketio_requests_refused_total\{cause="\w+"\} [1-9]/m);
});

test("SIGTERM: not ready, then the end, with status 0", async () => {
  const socket = await connect({ url: url(3000) }, "/", "websocket", {
    reconnection: false,
  });
  const left = new Promise((resolve) => socket.once("disconnect", resolve));
  const ended = once(server, "close");
  server.kill("SIGTERM");
  const status = async () => (await fetch(url(3000, "/ready"))).status;
  for (
    const deadline = Date.now() + 2000;
    (await status()) !== 503;
    await sleep(20)
  ) {
    assert.ok(Date.now() < deadline, "the server still says that it is ready");
  }
  assert.equal(socket.connected, true);
  assert.equal(await left, "transport close");
  assert.deepEqual(await ended, [0, null]);
});
