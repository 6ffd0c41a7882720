// The services: one card for each, with its status, figures and last minute.
import type { Sample, Service, ServiceID } from "../../../generated/ts/live";
import { make } from "../../site/dom";
import { look, sign, svg } from "./words";

const [width, height] = [240, 56];
const span = 60; // samples that the chart has room for

export class Cards {
  readonly #list: HTMLElement;
  readonly #follow: (id: ServiceID) => void;
  readonly #cards = new Map<string, Card>();

  constructor(list: HTMLElement, follow: (id: ServiceID) => void) {
    this.#list = list;
    this.#follow = follow;
  }

  show(services: Iterable<Service>, followed: ReadonlySet<string>): void {
    const gone = new Set(this.#cards.keys());
    for (const service of services) {
      gone.delete(service.id);
      let card = this.#cards.get(service.id);
      if (card === undefined) {
        card = new Card(service, this.#follow);
        this.#cards.set(service.id, card);
        this.#list.append(card.element);
      }
      card.show(service, followed.has(service.id));
    }
    for (const id of gone) {
      this.#cards.get(id)?.element.remove();
      this.#cards.delete(id);
    }
  }
}

class Card {
  readonly element: HTMLElement;
  readonly #status = make("p", "status");
  readonly #requests = make("dd", "");
  readonly #latency = make("dd", "");
  readonly #errors = make("dd", "");
  readonly #line = svg("path", { class: "line" });
  readonly #area = svg("path", { class: "area" });
  readonly #failed = svg("path", { class: "failed" });
  readonly #button = make("button", "quiet", "Log");

  constructor(service: Service, follow: (id: ServiceID) => void) {
    const chart = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `Requests to ${service.name} in the last minute, with the failed ones below`,
    });
    chart.append(this.#area, this.#failed, this.#line);
    const figure = (label: string, value: HTMLElement, title: string) => {
      const term = make("dt", "", label);
      term.title = title;
      return make("div", "", term, value);
    };
    this.#button.type = "button";
    this.#button.append(make("span", "unseen", ` of ${service.name}`));
    this.#button.addEventListener("click", () => {
      follow(service.id);
    });
    const figures = make(
      "dl",
      "",
      figure("req/s", this.#requests, "Requests in a second"),
      figure("p95", this.#latency, "95 of 100 requests take no longer"),
      figure("errors", this.#errors, "The share of requests that failed"),
    );
    this.element = make(
      "li",
      "card",
      make("div", "row", make("h3", "", service.name), this.#status),
      make("div", "row", figures, this.#button),
      chart,
    );
    this.element.dataset["service"] = service.id;
  }

  show({ status, samples }: Service, followed: boolean): void {
    if (this.element.dataset["status"] !== status) {
      this.element.dataset["status"] = status;
      this.#status.replaceChildren(sign(status), look(status).word);
    }
    this.#button.setAttribute("aria-pressed", String(followed));
    const last = samples.at(-1);
    if (last === undefined) return;
    this.#requests.textContent = last.requests.toLocaleString("en");
    this.#latency.textContent = duration(last.latency);
    this.#errors.textContent = `${(last.errors * 100).toFixed(1)}%`;
    this.#errors.classList.toggle("high", last.errors > 0.05);
    this.#draw(samples);
  }

  #draw(samples: readonly Sample[]): void {
    const most = Math.max(1, ...samples.map((s) => s.requests)) * 1.1;
    const step = width / (span - 1);
    const x = (i: number) => width - (samples.length - 1 - i) * step;
    const y = (value: number) => height - 1 - (value / most) * (height - 3);
    const path = samples
      .map((s, i) => `${x(i).toFixed(1)} ${y(s.requests).toFixed(1)}`)
      .join("L");
    this.#line.setAttribute("d", `M${path}`);
    this.#area.setAttribute(
      "d",
      `M${x(0).toFixed(1)} ${height}L${path}L${width} ${height}Z`,
    );
    // A failure must be seen even where requests are few.
    const bars = samples.map(({ errors }, i) =>
      errors < 0.02
        ? ""
        : `M${x(i).toFixed(1)} ${height}v${(-errors * height).toFixed(1)}`,
    );
    this.#failed.setAttribute("d", bars.join(""));
  }
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(2)} s`;
}
