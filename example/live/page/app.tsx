// SPDX-License-Identifier: Apache-2.0

import {
  type ReactElement,
  useCallback,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import {
  connect,
  type Incident,
  ServiceID,
  type Socket,
  Status,
} from "../../../generated/ts/live";
import {
  useConnection,
  useEvent,
  useRequest,
} from "../../../generated/ts/live.react";
import { OperatorSchema } from "../../../generated/ts/live.schemas";
import { reconnectWhenOnline } from "../../site/network";
import { problemOf } from "../../site/problems";
import { Cards } from "./cards";
import { explain } from "./failures";
import { History, Incidents } from "./incidents";
import { Log } from "./log";
import { ReportForm } from "./report";
import { type Board, BoardStore } from "./state";
import { hour, look } from "./words";

const retryAfter = 2000; // ms until a snapshot that did not come is asked for again

/** The live board. A test opens a socket in memory. */
export function App({
  open = () => connect(""),
}: {
  readonly open?: () => Socket;
}): ReactElement {
  const { socket, status, failure } = useConnection(open);
  const [store] = useState(() => new BoardStore());
  const board = useSyncExternalStore(store.subscribe, store.board);
  const [followed, setFollowed] = useState<ReadonlySet<ServiceID>>(
    () => new Set([ServiceID("checkout")]),
  );
  const [me, setMe] = useState(() => localStorage.getItem("operator") ?? "");
  const [problem, setProblem] = useState("");
  const [news, setNews] = useState("");
  const [shown, setShown] = useState(""); // the connection that the board is of
  const [attempt, setAttempt] = useState(0); // to ask for the board
  const title = useRef<HTMLHeadingElement>(null);
  const ask = useRequest(socket, "board");
  const watch = useRequest(socket, "watch");
  const unwatch = useRequest(socket, "unwatch");
  const online = status === "connected";
  const session = online ? socket?.id : undefined;

  const follow = useCallback(
    async (service: ServiceID): Promise<void> => {
      const reply = await watch.send({ service });
      if (reply.ok) store.lines(service, reply.value.log);
      else if (reply.error.code !== "disconnected") {
        setProblem(explain(reply.error));
      }
    },
    [store, watch.send],
  );

  // Asks for everything anew: whatever happened while the page was away is in it.
  const synchronise = useEffectEvent(async (id: string): Promise<void> => {
    store.expect();
    const reply = await ask.send();
    if (socket?.id !== id) return; // a newer connection asks for itself
    if (!reply.ok) {
      setTimeout(() => {
        setAttempt((n) => n + 1);
      }, retryAfter);
      return;
    }
    store.load(reply.value);
    setShown(id);
    setProblem("");
    for (const service of followed) void follow(service);
  });
  useEffect(() => {
    if (session !== undefined) void synchronise(session);
  }, [session, attempt]);

  useEvent(socket, "metrics", (metrics) => {
    store.metrics(metrics);
  });
  useEvent(socket, "status:changed", (change) => {
    store.status(change);
  });
  useEvent(socket, "viewers", (viewers) => {
    store.viewers(viewers);
  });
  useEvent(socket, "incident:opened", (incident) => {
    store.incident(incident, () => {
      setNews(`New incident, ${nameOf(board, incident)}: ${titleOf(incident)}`);
    });
  });
  useEvent(socket, "incident:acknowledged", (incident) => {
    store.incident(incident, () => {
      const by = incident.acknowledged?.by ?? "Somebody";
      setNews(`${by} acknowledged: ${titleOf(incident)}`);
    });
  });
  useEvent(socket, "incident:resolved", (resolved) => {
    store.resolved(resolved, (was) => {
      setNews(`Resolved: ${titleOf(was)}`);
    });
  });
  useEvent(socket, "log:appended", ({ service, line }) => {
    if (followed.has(service)) store.line({ service, line });
  });
  useEffect(
    () => reconnectWhenOnline(() => (socket ? [socket] : [])),
    [socket],
  );
  useEffect(() => {
    const { size } = board.incidents;
    document.title = `${size > 0 ? `(${size}) ` : ""}Sock shop: live board`;
  }, [board.incidents]);

  const toggle = useCallback(
    (service: ServiceID): void => {
      const others = new Set(followed);
      if (others.delete(service)) {
        store.forget(service);
        void unwatch.send({ service });
      } else {
        others.add(service);
        void follow(service);
      }
      setFollowed(others);
    },
    [followed, store, unwatch.send, follow],
  );

  const state =
    online && shown === session
      ? "connected"
      : board.loaded
        ? "offline"
        : "connecting";
  const services = board.loaded ? [...board.services.values()] : null;
  return (
    <div className="page" data-connection={state}>
      <Header board={board} state={failure ? "offline" : state} />
      {board.loaded && state === "offline" && (
        <div className="offline" role="region" aria-label="Connection lost">
          <p id="offline">
            {failure
              ? explain(failure)
              : `You are offline, and trying again. All this is from ${hour(board.updated)}.`}
          </p>
        </div>
      )}
      {/* The skeleton gives way as a whole: nothing of it moves. */}
      <main key={board.loaded ? "board" : "skeleton"}>
        <section
          className="incidents"
          id="incidents-panel"
          aria-labelledby="incidents-title"
        >
          <div className="head">
            <h2 id="incidents-title" tabIndex={-1} ref={title}>
              Open incidents
            </h2>
            <Operator name={me} change={setMe} />
          </div>
          <Incidents
            incidents={board.loaded ? [...board.incidents.values()] : null}
            services={board.services}
            socket={socket}
            online={online}
            me={me.trim()}
            problem={setProblem}
            title={title}
          />
          <p id="problem" className="problem" role="alert">
            {problem}
          </p>
        </section>
        <Cards services={services} followed={followed} follow={toggle} />
        <ReportForm services={services ?? []} />
        <History resolved={board.resolved} services={board.services} />
        <Log log={board.log} services={board.services} followed={followed} />
      </main>
      <p id="news" className="unseen" aria-live="polite">
        {news}
      </p>
    </div>
  );
}

interface HeaderProps {
  readonly board: Board;
  readonly state: "connecting" | "connected" | "offline";
}

function Header({ board, state }: HeaderProps): ReactElement {
  const words = {
    connecting: "Connecting…",
    connected: "Live",
    offline: "Offline",
  };
  return (
    <header>
      <h1>
        Sock shop <span>live board</span>
      </h1>
      {/* What is not known yet keeps its place. */}
      <p id="summary">
        {board.loaded ? summary(board) : "Asking for the services…"}
      </p>
      <p id="updated" className={board.loaded ? "" : "later"}>
        Updated{" "}
        <time dateTime={board.updated || undefined}>
          {board.updated === "" ? "00:00:00" : hour(board.updated)}
        </time>
      </p>
      <p id="viewers" className={board.loaded ? "" : "later"}>
        {board.viewers === 1
          ? "1 dashboard looks on"
          : `${board.viewers} dashboards look on`}
      </p>
      <p
        id="connection"
        className="connection"
        data-state={state}
        role="status"
      >
        <span className="dot" />
        <span>{words[state]}</span>
      </p>
    </header>
  );
}

interface OperatorProps {
  readonly name: string;
  readonly change: (name: string) => void;
}

function Operator({ name, change }: OperatorProps): ReactElement {
  const trimmed = name.trim();
  const problem =
    trimmed === ""
      ? ""
      : problemOf(OperatorSchema, trimmed, { what: "A name" });
  return (
    <div className="me">
      <label htmlFor="me">Your name</label>
      <input
        id="me"
        autoComplete="nickname"
        placeholder="somebody"
        value={name}
        aria-invalid={problem !== ""}
        aria-describedby="me-problem"
        onChange={({ target }) => {
          change(target.value);
          localStorage.setItem("operator", target.value.trim());
        }}
      />
      <span id="me-problem" className="problem">
        {problem}
      </span>
    </div>
  );
}

function summary({ services }: Board): string {
  const counts = new Map<Status, number>();
  for (const { status } of services.values()) {
    if (status === Status.operational) continue;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  if (counts.size === 0) return "All services are operational";
  return [...counts]
    .map(([status, n]) => `${n} × ${look(status).word.toLowerCase()}`)
    .join(", ");
}

function nameOf(board: Board, { report }: Incident): string {
  return board.services.get(report.service)?.name ?? report.service;
}

function titleOf({ report }: Incident): string {
  return report.title;
}
