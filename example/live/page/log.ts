// The logs of the services that are followed, the newest line first.
import type { Line, Service } from "../../../generated/ts/live";
import { make } from "../../site/dom";
import { hour } from "./words";

const maxLines = 200;

interface Entry {
  readonly service: string;
  readonly line: Line;
}

export class Log {
  readonly #list: HTMLElement;
  readonly #services: () => ReadonlyMap<string, Service>;
  #entries: Entry[] = [];

  constructor(list: HTMLElement, services: () => ReadonlyMap<string, Service>) {
    this.#list = list;
    this.#services = services;
  }

  append(service: string, line: Line): void {
    this.#entries = [{ service, line }, ...this.#entries].slice(0, maxLines);
    this.#list.prepend(this.#row({ service, line }));
    while (this.#list.children.length > maxLines)
      this.#list.lastChild?.remove();
  }

  /** Puts in the past of a service, some of which may be there already. */
  merge(service: string, lines: readonly Line[]): void {
    const there = new Set(
      this.#entries.filter((e) => e.service === service).map((e) => e.line.at),
    );
    const fresh = lines.filter(({ at }) => !there.has(at));
    this.#set([...this.#entries, ...fresh.map((line) => ({ service, line }))]);
  }

  forget(service: string): void {
    this.#set(this.#entries.filter((e) => e.service !== service));
  }

  clear(): void {
    this.#set([]);
  }

  #set(entries: Entry[]): void {
    entries.sort((a, b) => (a.line.at < b.line.at ? 1 : -1));
    this.#entries = entries.slice(0, maxLines);
    this.#list.replaceChildren(...this.#entries.map((e) => this.#row(e)));
  }

  #row({ service, line: { at, level, text } }: Entry): HTMLElement {
    const when = make("time", "", hour(at));
    when.dateTime = at;
    const name = this.#services().get(service)?.name ?? service;
    const row = make("li", level, when, make("b", "", name));
    row.append(make("i", "", level), make("span", "", text));
    return row;
  }
}
