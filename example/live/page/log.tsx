// SPDX-License-Identifier: Apache-2.0

// The logs of the services that are followed, the newest line first.
import { memo } from "react";
import type { Service, ServiceID } from "../../../generated/ts/live";
import type { Entry } from "./state";
import { Hour } from "./words";

interface Props {
  readonly log: readonly Entry[];
  readonly services: ReadonlyMap<string, Service>;
  readonly followed: ReadonlySet<ServiceID>;
}

export const Log = memo(function Log({ log, services, followed }: Props) {
  const name = (id: string): string => services.get(id)?.name ?? id;
  return (
    <section className="logs" aria-labelledby="log-title">
      <div className="head">
        <h2 id="log-title">Logs</h2>
        <p id="following">
          {followed.size > 0
            ? `of ${[...followed].map(name).join(", ")}`
            : "Choose one with the button on its card."}
        </p>
      </div>
      <ol id="log" tabIndex={0} aria-labelledby="log-title">
        {log.map(({ service, line: { at, level, text } }) => (
          <li className={level} key={`${service} ${at}`}>
            <Hour at={at} />
            <b>{name(service)}</b>
            <i>{level}</i>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
});
