// SPDX-License-Identifier: Apache-2.0

// The open incidents, the newest first, what can be done about them, and below them
// what was resolved.
import { type ReactElement, type RefObject, useEffect, useRef } from "react";
import type {
  Incident,
  Resolution,
  Service,
  Socket,
} from "../../../generated/ts/live";
import { useRequest } from "../../../generated/ts/live.react";
import { explain } from "./failures";
import { describe, Hour, hour, Sign, span, statusOf } from "./words";

const offline = "You are offline. Do it once the connection is back.";

interface Props {
  readonly incidents: readonly Incident[] | null; // null while they are on their way
  readonly services: ReadonlyMap<string, Service>;
  readonly socket: Socket | undefined;
  readonly online: boolean;
  readonly me: string;
  readonly problem: (text: string) => void;
  readonly title: RefObject<HTMLHeadingElement | null>;
}

export function Incidents(props: Props): ReactElement {
  const { incidents, title } = props;
  const focused = useRef<Incident["id"] | null>(null);
  useEffect(() => {
    // Whoever resolved one from the keyboard goes on from the heading.
    const { current: id } = focused;
    if (id === null || incidents?.some((incident) => incident.id === id))
      return;
    focused.current = null;
    title.current?.focus();
  }, [incidents, title]);
  if (incidents === null) {
    return (
      <div className="skeleton lines" aria-busy="true">
        <p className="unseen">The incidents are on their way.</p>
      </div>
    );
  }
  return (
    <>
      {incidents.length === 0 && (
        <p id="calm">None. Open one with the form, or from a terminal.</p>
      )}
      <ul id="incidents">
        {[...incidents].reverse().map((incident) => (
          <li
            key={incident.id}
            className="incident"
            data-status={statusOf(incident.report.detail)}
            onFocus={() => {
              focused.current = incident.id;
            }}
            onBlur={() => {
              focused.current = null;
            }}
          >
            <Item {...props} incident={incident} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Item(props: Props & { readonly incident: Incident }): ReactElement {
  const { incident, services, socket, online, me, problem } = props;
  const { report, acknowledged, opened } = incident;
  const service = services.get(report.service)?.name ?? report.service;
  const acknowledge = useRequest(socket, "acknowledge");
  const resolve = useRequest(socket, "resolve");
  const resolveButton = useRef<HTMLButtonElement>(null);
  const pressed = useRef(false); // whether we have asked to acknowledge
  useEffect(() => {
    // The button that had the focus is gone.
    if (acknowledged && pressed.current) resolveButton.current?.focus();
    pressed.current = false;
  }, [acknowledged]);

  const onAcknowledge = async (): Promise<void> => {
    if (!online) {
      problem(offline);
      return;
    }
    pressed.current = true;
    const reply = await acknowledge.send({
      incident: incident.id,
      ...(me === "" ? {} : { by: me }),
    });
    if (reply.ok) {
      problem("");
    } else if (reply.error.code === "already_acknowledged") {
      const { by, at } = reply.error.data;
      problem(`${by} acknowledged “${report.title}” already, at ${hour(at)}.`);
    } else {
      problem(`“${report.title}”: ${explain(reply.error)}`);
    }
  };
  const onResolve = async (): Promise<void> => {
    if (!online) {
      problem(offline);
      return;
    }
    const reply = await resolve.send({ incident: incident.id });
    problem(reply.ok ? "" : `“${report.title}”: ${explain(reply.error)}`);
  };
  return (
    <>
      <Sign status={statusOf(report.detail)} />
      <div className="body">
        <h3 dir="auto">{report.title}</h3>
        <p className="facts">
          {service} · {describe(report.detail)} · since <Hour at={opened} />
        </p>
        {report.note && (
          <p className="note" dir="auto">
            {report.note}
          </p>
        )}
        {acknowledged && (
          <p className="taken">
            Acknowledged by <bdi>{acknowledged.by}</bdi> at{" "}
            {hour(acknowledged.at)}
          </p>
        )}
      </div>
      <div className="buttons">
        {!acknowledged && (
          <button
            type="button"
            className="quiet"
            onClick={() => void onAcknowledge()}
          >
            Acknowledge<span className="unseen"> {report.title}</span>
          </button>
        )}
        <button
          type="button"
          className="quiet"
          ref={resolveButton}
          aria-disabled={resolve.pending || undefined}
          onClick={() => void onResolve()}
        >
          Resolve<span className="unseen"> {report.title}</span>
        </button>
      </div>
    </>
  );
}

interface HistoryProps {
  readonly resolved: readonly Resolution[];
  readonly services: ReadonlyMap<string, Service>;
}

export function History({ resolved, services }: HistoryProps): ReactElement {
  return (
    <section className="history" aria-labelledby="history-title">
      <h2 id="history-title">Resolved</h2>
      {resolved.length === 0 && (
        <p className="soft">What is resolved from now on is listed here.</p>
      )}
      <ul id="history" tabIndex={0} aria-labelledby="history-title">
        {[...resolved].reverse().map(({ incident, at }) => (
          <li key={incident.id}>
            <b dir="auto">{incident.report.title}</b>
            <span>
              {services.get(incident.report.service)?.name} ·{" "}
              {describe(incident.report.detail)} · resolved at <Hour at={at} />,
              after {span(incident.opened, at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
