// What the board shows. While a snapshot is on its way, changes wait, and follow it
// when it is there: each sets a whole value, so one that the snapshot has already
// does no harm.
import type {
  BoardAck,
  Incident,
  IncidentID,
  Metrics,
  Service,
  ServiceID,
  Status,
} from "../../../generated/ts/live";

const maxSamples = 60;

export class BoardState {
  services = new Map<string, Service>();
  incidents = new Map<IncidentID, Incident>();
  #waiting: (() => void)[] | null = null;

  /** Lets changes wait for the snapshot that has been asked for. */
  expect(): void {
    this.#waiting = [];
  }

  /** Shows a snapshot, and what has changed since. */
  load({ services, incidents }: BoardAck): void {
    this.services = new Map(services.map((s) => [s.id, s]));
    this.incidents = new Map(incidents.map((i) => [i.id, i]));
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const change of waiting) change();
  }

  metrics({ samples }: Metrics, then: () => void): void {
    this.#when(() => {
      for (const [id, sample] of Object.entries(samples)) {
        const service = this.services.get(id);
        const last = service?.samples.at(-1);
        if (!service || (last && last.at >= sample.at)) continue;
        const all = [...service.samples, sample].slice(-maxSamples);
        this.services.set(id, { ...service, samples: all });
      }
      then();
    });
  }

  status(id: ServiceID, status: Status, then: () => void): void {
    this.#when(() => {
      const service = this.services.get(id);
      if (service) this.services.set(id, { ...service, status });
      then();
    });
  }

  incident(incident: Incident, then: () => void): void {
    this.#when(() => {
      this.incidents.set(incident.id, incident);
      then();
    });
  }

  resolved(id: IncidentID, then: (was: Incident | undefined) => void): void {
    this.#when(() => {
      const was = this.incidents.get(id);
      this.incidents.delete(id);
      then(was);
    });
  }

  #when(change: () => void): void {
    if (this.#waiting) this.#waiting.push(change);
    else change();
  }
}
