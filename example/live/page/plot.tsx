// SPDX-License-Identifier: Apache-2.0

// A plot of the last minute: one scale for all its lines, which the axis tells.
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  useState,
} from "react";

import { hour } from "./words";

/** One line of a plot. */
export interface Line {
  readonly name: string;
  readonly className: string;
  /** Values of the last seconds, the newest last. */
  readonly values: readonly number[];
  /** Whether the ground below it is filled. */
  readonly filled?: boolean;
}

interface Props {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly times: readonly string[];
  readonly show: (value: number) => string;
}

const [width, height] = [240, 60];
const seconds = 60; // that a plot has room for

export function Plot({ title, unit, lines, times, show }: Props): ReactElement {
  const [at, setAt] = useState<number | null>(null);
  const most = roundUp(Math.max(0, ...lines.flatMap(({ values }) => values)));
  const last = times.length - 1;
  const x = (i: number): number => width - ((last - i) * width) / (seconds - 1);
  const y = (value: number): number => height - (value / most) * height;
  const path = (values: readonly number[]): string =>
    values.map((v, i) => `${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("L");
  const chosen = at === null ? null : Math.min(Math.max(at, 0), last);
  const point = (event: PointerEvent<HTMLElement>): void => {
    const { left, width: wide } = event.currentTarget.getBoundingClientRect();
    const back = (1 - (event.clientX - left) / wide) * (seconds - 1);
    setAt(Math.round(last - back));
  };
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setAt((chosen ?? last) + by);
  };
  return (
    <figure className="plot">
      <figcaption>
        {title} <span className="unit">in {unit}</span>
        {chosen !== null && (
          <span className="when">{hour(times[chosen] ?? "")}</span>
        )}
      </figcaption>
      <p className="axis" aria-hidden="true">
        <span>{show(most)}</span>
        <span>{show(0)}</span>
      </p>
      <div
        className="ground"
        role="img"
        tabIndex={0}
        aria-label={`${title} in the last minute, in ${unit}. The arrow keys go from second to second.`}
        onPointerMove={point}
        onPointerLeave={() => {
          setAt(null);
        }}
        onKeyDown={step}
        onBlur={() => {
          setAt(null);
        }}
      >
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <path className="middle" d={`M0 ${height / 2}H${width}`} />
          {lines.map(({ name, className, values, filled }) => (
            <g key={name}>
              {filled && values.length > 0 && (
                <path
                  className={`area ${className}`}
                  d={`M${x(0).toFixed(1)} ${height}L${path(values)}L${width} ${height}Z`}
                />
              )}
              <path className={`line ${className}`} d={`M${path(values)}`} />
            </g>
          ))}
          {chosen !== null && (
            <path className="cursor" d={`M${x(chosen)} 0V${height}`} />
          )}
        </svg>
      </div>
      <p className="seconds" aria-hidden="true">
        <span>−60 s</span>
        <span>now</span>
      </p>
      <p className="legend">
        {lines.map(({ name, className, values }) => (
          <span key={name}>
            <svg viewBox="0 0 16 8" className="key" aria-hidden="true">
              <path className={`line ${className}`} d="M0 4H16" />
            </svg>{" "}
            {name}
            {chosen !== null && (
              <b>
                {" "}
                {show(values[chosen] ?? 0)} {unit}
              </b>
            )}
          </span>
        ))}
      </p>
    </figure>
  );
}

/** The next of 1, 2, 5, 10, 20 …, where an axis may end. */
export function roundUp(value: number): number {
  if (value <= 1) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((n) => n * ten).find((n) => n >= value) ?? value;
}
