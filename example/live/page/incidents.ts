// The open incidents, the newest first, and what can be done about them.
import type { Incident, IncidentID, Service } from "../../../generated/ts/live";
import { make } from "../../site/dom";
import { describe, hour, sign, statusOf } from "./words";

export interface Actions {
  acknowledge(incident: Incident): void;
  resolve(incident: Incident): void;
}

export class Incidents {
  readonly #list: HTMLElement;
  readonly #title: HTMLElement;
  readonly #actions: Actions;
  readonly #items = new Map<
    IncidentID,
    { shown: Incident; item: HTMLElement }
  >();

  constructor(list: HTMLElement, title: HTMLElement, actions: Actions) {
    this.#list = list;
    this.#title = title;
    this.#actions = actions;
  }

  show(
    incidents: ReadonlyMap<IncidentID, Incident>,
    services: ReadonlyMap<string, Service>,
  ): void {
    for (const [id, { item }] of this.#items) {
      if (incidents.has(id)) continue;
      // Whoever resolved it from the keyboard goes on from the heading.
      if (item.contains(document.activeElement)) this.#title.focus();
      item.remove();
      this.#items.delete(id);
    }
    for (const incident of incidents.values()) {
      const known = this.#items.get(incident.id);
      if (known?.shown === incident) continue;
      const name = services.get(incident.report.service)?.name;
      const item = this.#make(incident, name ?? incident.report.service);
      if (known === undefined) {
        this.#list.prepend(item);
      } else {
        const focused = known.item.contains(document.activeElement);
        known.item.replaceWith(item);
        if (focused) item.querySelector("button")?.focus();
      }
      this.#items.set(incident.id, { shown: incident, item });
    }
  }

  #make(incident: Incident, service: string): HTMLElement {
    const { report, acknowledged, opened } = incident;
    const title = make("h3", "", report.title);
    title.dir = "auto";
    const when = make("time", "", hour(opened));
    when.dateTime = opened;
    const facts = make(
      "p",
      "facts",
      `${service} · ${describe(report.detail)} · since `,
      when,
    );
    const body = make("div", "body", title, facts);
    if (report.note) {
      const note = make("p", "note", report.note);
      note.dir = "auto";
      body.append(note);
    }
    const buttons = make("div", "buttons");
    if (acknowledged) {
      const by = make("bdi", "", acknowledged.by);
      body.append(
        make(
          "p",
          "taken",
          "Acknowledged by ",
          by,
          ` at ${hour(acknowledged.at)}`,
        ),
      );
    } else {
      buttons.append(
        this.#button("Acknowledge", incident, () => {
          this.#actions.acknowledge(incident);
        }),
      );
    }
    buttons.append(
      this.#button("Resolve", incident, () => {
        this.#actions.resolve(incident);
      }),
    );
    const item = make("li", "incident", body, buttons);
    item.prepend(sign(statusOf(report.detail)));
    item.dataset["status"] = statusOf(report.detail);
    return item;
  }

  #button(word: string, incident: Incident, act: () => void): HTMLElement {
    const button = make("button", "quiet", word);
    button.append(make("span", "unseen", ` ${incident.report.title}`));
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }
}
