// SPDX-License-Identifier: Apache-2.0

// The form that opens an incident: over HTTP, as any other program would. What is
// wrong with a report, the generated validator says before it is sent; the server
// decides.
import {
  type ChangeEvent,
  type ReactElement,
  type ReactNode,
  type SyntheticEvent,
  useRef,
  useState,
} from "react";
import {
  type Detail,
  Impact,
  type ReportInput,
  type Service,
  ServiceID,
  Symptom,
} from "../../../generated/ts/live";
import { ReportSchema } from "../../../generated/ts/live.schemas";
import { sentence } from "../../site/failures";
import { explainIssue, type Words } from "../../site/problems";
import { copyText } from "../../site/share";
import { look } from "./words";

const kinds: readonly Detail["kind"][] = ["outage", "degraded", "maintenance"];

/** What stands in the form, as it was typed. */
interface Form {
  readonly service: string;
  readonly kind: string;
  readonly impact: string;
  readonly symptom: string;
  readonly percent: string;
  readonly minutes: string;
  readonly title: string;
  readonly note: string;
}

const blank: Form = {
  service: "",
  kind: "outage",
  impact: Impact.major,
  symptom: Symptom.slow,
  percent: "100",
  minutes: "30",
  title: "",
  note: "",
};

/** By the path of what is wrong. */
type Problems = Readonly<Record<string, string>>;

const words: Readonly<Record<string, Words>> = {
  title: { what: "A title", missing: "Give the incident a title." },
  note: { what: "A note" },
  "detail.percent": { what: "The percentage" },
  "detail.minutes": { what: "The number of minutes" },
};

interface Props {
  readonly services: readonly Service[];
}

export function ReportForm({ services }: Props): ReactElement {
  const [form, setForm] = useState(blank);
  const [problems, setProblems] = useState<Problems>({});
  const [said, setSaid] = useState("");
  const element = useRef<HTMLFormElement>(null);
  const report = reportOf({
    ...form,
    service: form.service || (services[0]?.id ?? ""),
  });
  const refuse = (found: Problems): void => {
    setProblems(found);
    const [first = ""] = Object.keys(found);
    element.current
      ?.querySelector<HTMLElement>(`#${CSS.escape(idOf(first))}`)
      ?.focus();
  };
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    const issues =
      ReportSchema["~standard"].validate(report).issues?.map((issue) => ({
        path: issue.path.join("."),
        message: issue.message,
      })) ?? [];
    const found =
      issues.length > 0 ? explain(issues, form) : await send(report);
    refuse(found);
    if (Object.keys(found).length === 0) {
      setForm({ ...form, title: "", note: "" });
    }
  };
  const bind = (name: keyof Form, path: string): Bound => ({
    id: idOf(path),
    value: form[name],
    "aria-invalid": path in problems,
    "aria-describedby": `${idOf(path)}-problem`,
    onChange: ({ target }) => {
      setForm({ ...form, [name]: target.value });
      const { [path]: _, ...others } = problems; // it is being answered
      setProblems(others);
    },
  });
  const field = (path: string, label: string, input: ReactNode): ReactNode => (
    <div className="field" data-path={path}>
      <label htmlFor={idOf(path)}>{label}</label>
      {input}
      <span className="problem" id={`${idOf(path)}-problem`}>
        {problems[path]}
      </span>
    </div>
  );
  const curl = command(report);
  return (
    <section className="open" aria-labelledby="report-title">
      <h2 id="report-title">Open an incident</h2>
      <form
        id="report"
        noValidate
        ref={element}
        onSubmit={(event) => void submit(event)}
      >
        {field(
          "service",
          "Service",
          <select {...bind("service", "service")} value={report.service}>
            {services.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>,
        )}
        {field(
          "detail.kind",
          "What",
          <select {...bind("kind", "detail.kind")}>
            {kinds.map((kind) => (
              <option key={kind} value={kind}>
                {look(kind).word}
              </option>
            ))}
          </select>,
        )}
        {form.kind === "outage" &&
          field(
            "detail.impact",
            "Impact",
            <Choice
              of={Object.values(Impact)}
              {...bind("impact", "detail.impact")}
            />,
          )}
        {form.kind === "degraded" &&
          field(
            "detail.symptom",
            "Requests are",
            <Choice
              of={Object.values(Symptom)}
              {...bind("symptom", "detail.symptom")}
            />,
          )}
        {form.kind === "degraded" &&
          field(
            "detail.percent",
            "Percent of them",
            <input type="number" {...bind("percent", "detail.percent")} />,
          )}
        {form.kind === "maintenance" &&
          field(
            "detail.minutes",
            "Minutes",
            <input type="number" {...bind("minutes", "detail.minutes")} />,
          )}
        {field(
          "title",
          "Title",
          <input autoComplete="off" {...bind("title", "title")} />,
        )}
        {field(
          "note",
          "Note (optional)",
          <textarea rows={2} {...bind("note", "note")} />,
        )}
        <p className="problem" role="alert">
          {problems[""]}
        </p>
        <button type="submit">Open the incident</button>
      </form>
      <div className="head">
        <h3 id="curl-title">The same from a terminal</h3>
        <button
          type="button"
          className="quiet"
          onClick={() => {
            void copyText(curl).then((copied) => {
              setSaid(copied ? "Copied." : "Select it, and copy it yourself.");
            });
          }}
        >
          Copy<span className="unseen"> the command</span>
        </button>
      </div>
      <pre id="curl" tabIndex={0} aria-labelledby="curl-title">
        {curl}
      </pre>
      <p className="soft" role="status">
        {said}
      </p>
    </section>
  );
}

interface Bound {
  readonly id: string;
  readonly value: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string;
  readonly onChange: (
    event: ChangeEvent<
      HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
    >,
  ) => void;
}

function Choice({
  of,
  ...bound
}: Bound & { readonly of: readonly string[] }): ReactElement {
  return (
    <select {...bound}>
      {of.map((value) => (
        <option key={value}>{value}</option>
      ))}
    </select>
  );
}

function idOf(path: string): string {
  return `field-${path.replace(".", "-")}`;
}

function reportOf(form: Form): ReportInput {
  const note = form.note.trim();
  return {
    service: ServiceID(form.service),
    title: form.title.trim(),
    ...(note === "" ? {} : { note }),
    detail: detailOf(form),
  };
}

function detailOf(form: Form): Detail {
  switch (form.kind) {
    case "degraded":
      return {
        kind: "degraded",
        symptom: form.symptom as Symptom,
        percent: numberOf(form.percent),
      };
    case "maintenance":
      return { kind: "maintenance", minutes: numberOf(form.minutes) };
    default:
      return { kind: "outage", impact: form.impact as Impact };
  }
}

function numberOf(text: string): number {
  return text === "" ? NaN : Number(text);
}

function command(report: ReportInput): string {
  const body = { ...report, title: report.title || "Cards are declined" };
  const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl --json '${quoted}' ${location.origin}/api/incidents`;
}

/** Sends a report, and says what is wrong with it; nothing when it was taken. */
async function send(report: ReportInput): Promise<Problems> {
  let answer: Response;
  try {
    answer = await fetch("/api/incidents", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(report),
    });
  } catch {
    return { "": "The server cannot be reached. Try again in a moment." };
  }
  if (answer.status === 201) return {};
  const refusal = (await answer.json().catch(() => ({}))) as Refusal;
  if (refusal.data?.issues) return explain(refusal.data.issues, blank);
  return { "": sentence(refusal.message ?? answer.statusText) };
}

/** What the API answers when it refuses. */
interface Refusal {
  readonly message?: string;
  readonly data?: { readonly issues?: readonly Issue[] };
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A sentence for each part that something is wrong with. */
function explain(issues: readonly Issue[], form: Form): Problems {
  const found: Record<string, string> = {};
  for (const { path, message } of issues) {
    const known = words[path];
    const at = known ? path : "";
    if (found[at] !== undefined) continue;
    const name = path.split(".").at(-1) as keyof Form;
    const value = form[name].trim();
    if (value === "" && known?.missing) found[at] = known.missing;
    else if (known) found[at] = explainIssue(message, value, known);
    else found[at] = sentence(`${path} ${message}`);
  }
  return found;
}
