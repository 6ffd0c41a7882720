// The form that opens an incident: over HTTP, as any other program would. It leaves
// it to the server to say what is wrong.
import {
  type Detail,
  Impact,
  type Issue,
  type ReportInput,
  type Service,
  ServiceID,
  Symptom,
} from "../../../generated/ts/live";
import { make } from "../../site/dom";
import { look } from "./words";

const kinds: readonly Detail["kind"][] = ["outage", "degraded", "maintenance"];

export class ReportForm {
  readonly #form: HTMLFormElement;
  readonly #curl: HTMLElement;
  readonly #service = make("select", "");
  readonly #kind = make("select", "");
  readonly #title = make("input", "");
  readonly #impact = choices(Object.values(Impact), Impact.major);
  readonly #symptom = choices(Object.values(Symptom), Symptom.slow);
  readonly #percent = number("100");
  readonly #minutes = number("30");
  readonly #note = make("textarea", "");
  readonly #problem = make("p", "problem");
  readonly #fields = new Map<string, Field>();

  constructor(form: HTMLFormElement, curl: HTMLElement) {
    this.#form = form;
    this.#curl = curl;
    for (const kind of kinds) this.#kind.append(option(kind, look(kind).word));
    this.#note.rows = 2;
    this.#problem.setAttribute("role", "alert");
    const submit = make("button", "", "Open the incident");
    form.append(
      this.#field("service", "Service", this.#service),
      this.#field("detail.kind", "What", this.#kind),
      this.#field("detail.impact", "Impact", this.#impact, "outage"),
      this.#field("detail.symptom", "Requests are", this.#symptom, "degraded"),
      this.#field(
        "detail.percent",
        "Percent of them",
        this.#percent,
        "degraded",
      ),
      this.#field("detail.minutes", "Minutes", this.#minutes, "maintenance"),
      this.#field("title", "Title", this.#title),
      this.#field("note", "Note (optional)", this.#note),
      this.#problem,
      submit,
    );
    form.addEventListener("input", () => {
      this.#changed();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#changed();
  }

  offer(services: Iterable<Service>): void {
    const all = [...services];
    const now = [...this.#service.options].map(({ value }) => value);
    if (now.join() === all.map(({ id }) => id).join()) return;
    const chosen = this.#service.value;
    this.#service.replaceChildren(...all.map((s) => option(s.id, s.name)));
    if (all.some(({ id }) => id === chosen)) this.#service.value = chosen;
    this.#changed();
  }

  #field(path: string, label: string, input: Input, kind = ""): HTMLElement {
    const field = new Field(path, label, input, kind);
    this.#fields.set(path, field);
    return field.element;
  }

  #report(): ReportInput {
    const note = this.#note.value.trim();
    return {
      service: ServiceID(this.#service.value),
      title: this.#title.value.trim(),
      ...(note === "" ? {} : { note }),
      detail: this.#detail(),
    };
  }

  #detail(): Detail {
    switch (this.#kind.value) {
      case "degraded":
        return {
          kind: "degraded",
          symptom: this.#symptom.value as Symptom,
          percent: this.#percent.valueAsNumber,
        };
      case "maintenance":
        return { kind: "maintenance", minutes: this.#minutes.valueAsNumber };
      default:
        return { kind: "outage", impact: this.#impact.value as Impact };
    }
  }

  #changed(): void {
    for (const field of this.#fields.values()) field.showFor(this.#kind.value);
    const report = this.#report();
    const body = { ...report, title: report.title || "Cards are declined" };
    const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
    this.#curl.textContent = `curl --json '${quoted}' ${location.origin}/api/incidents`;
  }

  async #send(): Promise<void> {
    this.#show([]);
    let answer: Response;
    try {
      answer = await fetch("/api/incidents", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(this.#report()),
      });
    } catch {
      this.#problem.textContent = "The server cannot be reached.";
      return;
    }
    if (answer.status === 201) {
      this.#title.value = this.#note.value = "";
      this.#changed();
      return;
    }
    const refusal = (await answer.json().catch(() => ({}))) as Refusal;
    const issues = refusal.data?.issues;
    if (issues) this.#show(issues);
    else this.#problem.textContent = refusal.message ?? answer.statusText;
  }

  /** Says beside each field what is wrong with it. */
  #show(issues: readonly Issue[]): void {
    const rest: string[] = [];
    for (const field of this.#fields.values()) field.problem = "";
    for (const { path, message } of issues) {
      const field = this.#fields.get(path);
      if (field) field.problem ||= message;
      else rest.push(`${path}: ${message}`);
    }
    this.#problem.textContent = rest.join("; ");
    this.#form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }
}

/** What the API answers when it refuses. */
interface Refusal {
  readonly message?: string;
  readonly data?: { readonly issues?: readonly Issue[] };
}

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

class Field {
  readonly element: HTMLElement;
  readonly #input: Input;
  readonly #kind: string; // the one that it is for, or ""
  readonly #problem = make("span", "problem");

  constructor(path: string, label: string, input: Input, kind: string) {
    this.#input = input;
    this.#kind = kind;
    input.id = `field-${path.replace(".", "-")}`;
    this.#problem.id = `${input.id}-problem`;
    input.setAttribute("aria-describedby", this.#problem.id);
    const name = make("label", "", label);
    name.htmlFor = input.id;
    this.element = make("div", "field", name, input, this.#problem);
    this.element.dataset["path"] = path;
  }

  get problem(): string {
    return this.#problem.textContent ?? "";
  }

  set problem(text: string) {
    this.#problem.textContent = text;
    this.#input.setAttribute("aria-invalid", String(text !== ""));
  }

  showFor(kind: string): void {
    this.element.hidden = this.#kind !== "" && this.#kind !== kind;
  }
}

function option(value: string, label = value): HTMLOptionElement {
  const element = make("option", "", label);
  element.value = value;
  return element;
}

function choices(values: readonly string[], value: string): HTMLSelectElement {
  const element = make("select", "", ...values.map((v) => option(v)));
  element.value = value;
  return element;
}

function number(value: string): HTMLInputElement {
  const element = make("input", "");
  element.type = "number";
  element.value = value;
  return element;
}
