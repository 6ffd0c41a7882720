// How statuses look: each has a word and a shape, so that no colour is needed to
// tell them apart.
import { type Detail, Status } from "../../../generated/ts/live";

interface Look {
  readonly word: string;
  readonly path: string;
}

const looks: Readonly<Record<string, Look>> = {
  [Status.operational]: { word: "Operational", path: "M4.5 8.5l2.5 2.5 4.5-5" },
  [Status.maintenance]: {
    word: "Maintenance",
    path: "M6 5v6M10 5v6",
  },
  [Status.degraded]: { word: "Degraded", path: "M8 4.2v4.6M8 11.4v.2" },
  [Status.outage]: {
    word: "Outage",
    path: "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6",
  },
};

// A newer server may send a status that this page does not know.
export function look(status: Status): Look {
  return looks[status] ?? { word: status, path: "M5 8h6" };
}

export function svg(tag: string, attributes: Record<string, string>): Element {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

/** The sign of a status: a disc, a square, a triangle or an octagon. */
export function sign(status: Status): Element {
  const shapes: Readonly<Record<string, string>> = {
    [Status.maintenance]: "M2 2h12v12H2z",
    [Status.degraded]: "M8 .8L15.6 14.6H.4z",
    [Status.outage]: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z",
  };
  const disc = "M8 .8a7.2 7.2 0 1 0 0 14.4a7.2 7.2 0 1 0 0-14.4z";
  const icon = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  icon.classList.add("sign");
  icon.append(
    svg("path", { class: "shape", d: shapes[status] ?? disc }),
    svg("path", { class: "mark", d: look(status).path }),
  );
  return icon;
}

/** What an incident does to its service. */
export function statusOf(detail: Detail): Status {
  return detail.kind;
}

/** What there is to tell of an incident, such as "Outage, major". */
export function describe(detail: Detail): string {
  switch (detail.kind) {
    case "outage":
      return `Outage, ${detail.impact ?? "major"}${detail.regions ? `, in ${detail.regions.join(", ")}` : ""}`;
    case "degraded":
      return `Degraded, ${detail.percent ?? 100}% of requests ${detail.symptom === "failing" ? "may fail" : "are slow"}`;
    case "maintenance":
      return `Maintenance, ${detail.minutes ?? 30} min`;
  }
}

/** The hour of a timestamp, such as 14:03:21. */
export function hour(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB");
}
