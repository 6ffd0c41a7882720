// The live board of sockgen's example. This file wires the views to the socket;
// what has more to say has a file of its own.
import {
  connect,
  type Incident,
  on,
  request,
  ServiceID,
  Status,
} from "../../../generated/ts/live";
import { Cards } from "./cards";
import { byID } from "../../site/dom";
import { Incidents } from "./incidents";
import { Log } from "./log";
import { ReportForm } from "./report";
import { BoardState } from "./state";
import { hour, look } from "./words";

const retryAfter = 2000; // ms until a snapshot that did not come is asked for again

const state = new BoardState();
const followed = new Set<ServiceID>([ServiceID("checkout")]);
const socket = connect("");
const cards = new Cards(byID("services", HTMLElement), (id) => {
  void toggle(id);
});
const incidents = new Incidents(
  byID("incidents", HTMLElement),
  byID("incidents-title", HTMLElement),
  {
    acknowledge: (incident) => void acknowledge(incident),
    resolve: (incident) => void resolve(incident),
  },
);
const log = new Log(byID("log", HTMLElement), () => state.services);
const form = new ReportForm(
  byID("report", HTMLFormElement),
  byID("curl", HTMLElement),
);
const me = byID("me", HTMLInputElement);

start();

function start(): void {
  me.value = localStorage.getItem("operator") ?? "";
  me.addEventListener("change", () => {
    localStorage.setItem("operator", me.value.trim());
  });
  on(socket, "connect", () => {
    void synchronise();
  });
  on(socket, "disconnect", () => {
    connection("offline", "Offline. Trying again…");
  });
  on(socket, "connect_error", ({ data }) => {
    if (data?.code === "schema_mismatch") {
      connection("offline", "This page is out of date: reload it");
    } else {
      connection("offline", "Offline. Trying again…");
    }
  });
  on(socket, "metrics", (metrics) => {
    state.metrics(metrics, showServices);
  });
  on(socket, "status:changed", ({ service, status }) => {
    state.status(service, status, showServices);
  });
  on(socket, "incident:opened", (incident) => {
    state.incident(incident, () => {
      showIncidents();
      say(`New incident, ${nameOf(incident)}: ${incident.report.title}`);
    });
  });
  on(socket, "incident:acknowledged", (incident) => {
    state.incident(incident, () => {
      showIncidents();
      say(
        `${incident.acknowledged?.by ?? "Somebody"} acknowledged: ${incident.report.title}`,
      );
    });
  });
  on(socket, "incident:resolved", ({ incident }) => {
    state.resolved(incident, (was) => {
      showIncidents();
      if (was) say(`Resolved: ${was.report.title}`);
    });
  });
  on(socket, "log:appended", ({ service, line }) => {
    if (followed.has(service)) log.append(service, line);
  });
}

/** Asks for everything anew: whatever happened while the page was away is in it. */
async function synchronise(): Promise<void> {
  const { id } = socket;
  state.expect();
  const board = await request(socket, "board");
  if (socket.id !== id) return; // a newer connection asks for itself
  if (!board.ok) {
    setTimeout(() => {
      if (socket.connected && socket.id === id) void synchronise();
    }, retryAfter);
    return;
  }
  state.load(board.value);
  connection("connected", "Live");
  problem("");
  form.offer(state.services.values());
  showServices();
  showIncidents();
  log.clear();
  for (const service of followed) void watch(service);
}

async function watch(service: ServiceID): Promise<void> {
  const reply = await request(socket, "watch", { service });
  if (!followed.has(service)) return; // changed their mind meanwhile
  if (reply.ok) {
    log.merge(service, reply.value.log);
  } else if (reply.error.code !== "disconnected") {
    followed.delete(service);
    showServices();
    problem(reply.error.message);
  }
}

async function toggle(service: ServiceID): Promise<void> {
  if (followed.delete(service)) {
    log.forget(service);
    showServices();
    await request(socket, "unwatch", { service });
  } else {
    followed.add(service);
    showServices();
    await watch(service);
  }
}

async function acknowledge({ id, report }: Incident): Promise<void> {
  const by = me.value.trim();
  const payload = by === "" ? { incident: id } : { incident: id, by };
  const reply = await request(socket, "acknowledge", payload);
  if (reply.ok) {
    problem("");
  } else if (reply.error.code === "already_acknowledged") {
    const { by: first, at } = reply.error.data;
    problem(`${first} acknowledged “${report.title}” already, at ${hour(at)}.`);
  } else {
    problem(`“${report.title}”: ${reply.error.message}.`);
  }
}

async function resolve({ id, report }: Incident): Promise<void> {
  const reply = await request(socket, "resolve", { incident: id });
  problem(reply.ok ? "" : `“${report.title}”: ${reply.error.message}.`);
}

function showServices(): void {
  cards.show(state.services.values(), followed);
  const names = [...followed].map((id) => state.services.get(id)?.name ?? id);
  byID("following", HTMLElement).textContent =
    names.length > 0
      ? `of ${names.join(", ")}`
      : "Choose one with the button on its card.";
  const counts = new Map<Status, number>();
  for (const { status } of state.services.values()) {
    if (status === Status.operational) continue;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  byID("summary", HTMLElement).textContent =
    counts.size === 0
      ? "All services are operational"
      : [...counts]
          .map(([status, n]) => `${n} × ${look(status).word.toLowerCase()}`)
          .join(", ");
}

function showIncidents(): void {
  incidents.show(state.incidents, state.services);
  const { size } = state.incidents;
  byID("calm", HTMLElement).hidden = size > 0;
  document.title = `${size > 0 ? `(${size}) ` : ""}Sock shop: live board`;
}

function nameOf({ report }: Incident): string {
  return state.services.get(report.service)?.name ?? report.service;
}

function connection(now: "connected" | "offline", text: string): void {
  document.body.dataset["connection"] = now;
  byID("connection", HTMLElement).dataset["state"] = now;
  byID("connection-text", HTMLElement).textContent = text;
}

function problem(text: string): void {
  byID("problem", HTMLElement).textContent = text;
}

function say(text: string): void {
  byID("news", HTMLElement).textContent = text;
}
