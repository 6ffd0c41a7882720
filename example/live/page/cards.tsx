// SPDX-License-Identifier: Apache-2.0

// The services: one card for each, with its status, figures and last minute.
import { memo, type ReactElement, type ReactNode } from "react";
import type { Service, ServiceID } from "../../../generated/ts/live";
import { Plot } from "./plot";
import { look, Sign } from "./words";

const skeletons = ["one", "two", "three", "four", "five", "six"];

interface Props {
  readonly services: readonly Service[] | null; // null while they are on their way
  readonly followed: ReadonlySet<ServiceID>;
  readonly follow: (id: ServiceID) => void;
}

export function Cards({ services, followed, follow }: Props): ReactElement {
  return (
    <section className="services" aria-labelledby="services-title">
      <h2 id="services-title" className="unseen">
        Services
      </h2>
      <ul id="services" aria-busy={services === null}>
        {services === null
          ? skeletons.map((key) => (
              <li className="card skeleton" key={key}>
                <p className="unseen">A service is on its way.</p>
              </li>
            ))
          : services.map((service) => (
              <Card
                key={service.id}
                service={service}
                followed={followed.has(service.id)}
                follow={follow}
              />
            ))}
      </ul>
    </section>
  );
}

interface CardProps {
  readonly service: Service;
  readonly followed: boolean;
  readonly follow: (id: ServiceID) => void;
}

const Card = memo(function Card({ service, followed, follow }: CardProps) {
  const { id, name, status, samples } = service;
  const last = samples.at(-1);
  const errors = last?.errors ?? 0;
  const times = samples.map(({ at }) => at);
  return (
    <li className="card" data-service={id} data-status={status}>
      <div className="row">
        <h3>{name}</h3>
        <p className="status">
          <Sign status={status} />
          {look(status).word}
        </p>
      </div>
      <div className="row">
        <dl>
          <Figure name="req/s" title="Requests in a second">
            <dd>{(last?.requests ?? 0).toLocaleString("en")}</dd>
          </Figure>
          <Figure name="p95" title="95 of 100 requests take no longer">
            <dd>{duration(last?.latency ?? 0)}</dd>
          </Figure>
          <Figure name="errors" title="The share of requests that failed">
            <dd className={errors > 0.05 ? "high" : ""}>
              {(errors * 100).toFixed(1)}%
            </dd>
          </Figure>
        </dl>
        <button
          type="button"
          className="quiet"
          aria-pressed={followed}
          onClick={() => {
            follow(id);
          }}
        >
          Log<span className="unseen"> of {name}</span>
        </button>
      </div>
      <Plot
        title="Requests"
        unit="req/s"
        times={times}
        show={whole}
        lines={[
          {
            name: "all",
            className: "all",
            values: samples.map(({ requests }) => requests),
            filled: true,
          },
          {
            name: "failed",
            className: "failed",
            values: samples.map((s) => s.requests * s.errors),
          },
        ]}
      />
      <Plot
        title="Latency"
        unit="ms"
        times={times}
        show={whole}
        lines={[
          {
            name: "95th percentile",
            className: "latency",
            values: samples.map(({ latency }) => latency),
          },
        ]}
      />
    </li>
  );
});

interface FigureProps {
  readonly name: string;
  readonly title: string;
  readonly children: ReactNode;
}

function Figure({ name, title, children }: FigureProps): ReactElement {
  return (
    <div>
      <dt title={title}>{name}</dt>
      {children}
    </div>
  );
}

function whole(value: number): string {
  return value.toLocaleString("en", {
    maximumFractionDigits: value < 10 ? 1 : 0,
  });
}

function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(2)} s`;
}
