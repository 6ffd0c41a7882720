// SPDX-License-Identifier: Apache-2.0

// What the board shows. While a snapshot is on its way, changes wait, and follow it
// when it is there: each sets a whole value, so one that the snapshot has already
// does no harm.
import type {
  BoardAck,
  Incident,
  IncidentID,
  IncidentResolved,
  Line,
  Metrics,
  Resolution,
  Service,
  ServiceID,
  StatusChanged,
} from "../../../generated/ts/live";

const maxSamples = 60;
const maxResolved = 20;
const maxLines = 200;

/** Everything at one moment. A change makes another one. */
export interface Board {
  readonly loaded: boolean;
  readonly services: ReadonlyMap<string, Service>;
  readonly incidents: ReadonlyMap<IncidentID, Incident>; // oldest first
  readonly resolved: readonly Resolution[]; // oldest first
  readonly viewers: number;
  readonly updated: string; // when the newest sample was taken; "" before the first
  readonly log: readonly Entry[]; // newest first
}

export interface Entry {
  readonly service: ServiceID;
  readonly line: Line;
}

const empty: Board = {
  loaded: false,
  services: new Map(),
  incidents: new Map(),
  resolved: [],
  viewers: 0,
  updated: "",
  log: [],
};

/** Keeps the board, and tells whoever subscribes of every other one. */
export class BoardStore {
  #board = empty;
  #waiting: (() => void)[] | null = null;
  readonly #told = new Set<() => void>();

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#told.add(changed);
    return () => this.#told.delete(changed);
  };

  readonly board = (): Board => this.#board;

  /** Lets changes wait for the snapshot that has been asked for. */
  expect(): void {
    this.#waiting = [];
  }

  /** Shows a snapshot, and what has changed since. */
  load({ services, incidents, resolved, viewers }: BoardAck): void {
    const newest = services.map(({ samples }) => samples.at(-1)?.at ?? "");
    this.#set({
      loaded: true,
      services: new Map(services.map((s) => [s.id, s])),
      incidents: new Map(incidents.map((i) => [i.id, i])),
      resolved,
      viewers,
      updated: newest.sort().at(-1) ?? "",
      log: [],
    });
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const change of waiting) change();
  }

  metrics({ at, samples }: Metrics): void {
    this.#when(() => {
      const services = new Map(this.#board.services);
      for (const [id, sample] of Object.entries(samples)) {
        const service = services.get(id);
        const last = service?.samples.at(-1);
        if (!service || (last && last.at >= sample.at)) continue;
        const all = [...service.samples, sample].slice(-maxSamples);
        services.set(id, { ...service, samples: all });
      }
      this.#set({ services, updated: at });
    });
  }

  status({ service: id, status }: StatusChanged): void {
    this.#when(() => {
      const service = this.#board.services.get(id);
      if (!service) return;
      const services = new Map(this.#board.services);
      this.#set({ services: services.set(id, { ...service, status }) });
    });
  }

  /** An incident is new, or another than before; then says so. */
  incident(incident: Incident, then: () => void): void {
    this.#when(() => {
      const incidents = new Map(this.#board.incidents);
      this.#set({ incidents: incidents.set(incident.id, incident) });
      then();
    });
  }

  resolved(
    { incident: id, at }: IncidentResolved,
    then: (was: Incident) => void,
  ): void {
    this.#when(() => {
      const incident = this.#board.incidents.get(id);
      if (!incident) return;
      const incidents = new Map(this.#board.incidents);
      incidents.delete(id);
      const all = [...this.#board.resolved, { incident, at }];
      this.#set({ incidents, resolved: all.slice(-maxResolved) });
      then(incident);
    });
  }

  viewers(viewers: number): void {
    this.#when(() => {
      this.#set({ viewers });
    });
  }

  line(entry: Entry): void {
    this.#when(() => {
      this.#set({ log: [entry, ...this.#board.log].slice(0, maxLines) });
    });
  }

  /** Puts in the past of a service, some of which may be there already. */
  lines(service: ServiceID, lines: readonly Line[]): void {
    const mine = this.#board.log.filter((e) => e.service === service);
    const there = new Set(mine.map(({ line }) => line.at));
    const fresh = lines.filter(({ at }) => !there.has(at));
    const log = [
      ...this.#board.log,
      ...fresh.map((line) => ({ service, line })),
    ];
    log.sort((a, b) => (a.line.at < b.line.at ? 1 : -1));
    this.#set({ log: log.slice(0, maxLines) });
  }

  forget(service: ServiceID): void {
    const log = this.#board.log.filter((e) => e.service !== service);
    this.#set({ log });
  }

  #when(change: () => void): void {
    if (this.#waiting) this.#waiting.push(change);
    else change();
  }

  #set(change: Partial<Board>): void {
    this.#board = { ...this.#board, ...change };
    for (const changed of this.#told) changed();
  }
}
