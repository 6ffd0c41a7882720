// SPDX-License-Identifier: Apache-2.0

// How statuses look: each has a word and a shape, so that no colour is needed to
// tell them apart.
import type { ReactElement } from "react";
import { type Detail, Status } from "../../../generated/ts/live";

interface Look {
  readonly word: string;
  readonly mark: string;
  readonly shape: string;
}

const disc = "M8 .8a7.2 7.2 0 1 0 0 14.4a7.2 7.2 0 1 0 0-14.4z";

const looks: Readonly<Record<string, Look>> = {
  [Status.operational]: {
    word: "Operational",
    mark: "M4.5 8.5l2.5 2.5 4.5-5",
    shape: disc,
  },
  [Status.maintenance]: {
    word: "Maintenance",
    mark: "M6 5v6M10 5v6",
    shape: "M2 2h12v12H2z",
  },
  [Status.degraded]: {
    word: "Degraded",
    mark: "M8 4.2v4.6M8 11.4v.2",
    shape: "M8 .8L15.6 14.6H.4z",
  },
  [Status.outage]: {
    word: "Outage",
    mark: "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6",
    shape: "M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z",
  },
};

// A newer server may send a status that this page does not know.
export function look(status: Status): Look {
  return looks[status] ?? { word: status, mark: "M5 8h6", shape: disc };
}

/** The sign of a status: a disc, a square, a triangle or an octagon. */
export function Sign({ status }: { readonly status: Status }): ReactElement {
  const { shape, mark } = look(status);
  return (
    <svg className="sign" viewBox="0 0 16 16" aria-hidden="true">
      <path className="shape" d={shape} />
      <path className="mark" d={mark} />
    </svg>
  );
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

/** The hour, for machines too. */
export function Hour({ at }: { readonly at: string }): ReactElement {
  return <time dateTime={at}>{hour(at)}</time>;
}

/** How long something took, such as "2 min 5 s". */
export function span(from: string, to: string): string {
  const seconds = Math.max(
    0,
    Math.round((Date.parse(to) - Date.parse(from)) / 1000),
  );
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
