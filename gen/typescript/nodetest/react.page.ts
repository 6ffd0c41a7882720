// SPDX-License-Identifier: Apache-2.0

// The page of react.test.ts: a chat under StrictMode, which mounts twice.

import {
  createElement as h,
  type ReactElement,
  StrictMode,
  useState,
} from "react";
import { createRoot } from "react-dom/client";
import { connectChat } from "../testdata/chat";
import {
  ChatSocketProvider,
  useChatSocket,
  useConnection,
  useError,
  useEvent,
  useRequest,
} from "../testdata/chat.react";

const element = document.createElement("div");
document.body.append(element);
const root = createRoot(element);

/** What each render of Chat saw: its name, the status, whether there is a socket. */
const renders: string[] = [];

function Chat({ name }: { name: string }): ReactElement {
  const { socket, status, failure } = useConnection(
    () =>
      connectChat("", {
        auth: { name },
        forceNew: true,
        transports: ["websocket"],
      }),
    name,
  );
  renders.push(`${name} ${status} ${String(socket !== undefined)}`);
  const [heard, setHeard] = useState<string[]>([]);
  const [refused, setRefused] = useState("");
  const [recoveries, setRecoveries] = useState(0);
  useEvent(socket, "announce", ({ text }) => {
    setHeard([...heard, text]);
  });
  useEvent(socket, "connect", () => {
    setRecoveries(recoveries + 1);
  });
  useError(socket, ({ event, code }) => {
    setRefused(`${event} ${code}`);
  });
  const { send, pending, reply } = useRequest(socket, "room:leave");
  const outcome = reply && (reply.ok ? "ok" : reply.error.code);
  return h(
    "main",
    null,
    h("p", { id: "status" }, status, " ", failure?.code),
    h("p", { id: "heard" }, heard.join(",")),
    h("p", { id: "refused" }, refused),
    h("p", { id: "outcome" }, pending ? "pending" : outcome),
    h("button", { id: "send", onClick: () => void send({ room: "a" }) }),
  );
}

function show(name?: string): void {
  const chat = name === undefined ? null : h(Chat, { name });
  root.render(h(StrictMode, null, chat));
}

/** Two components that talk over the provider's one socket. */
function Shared({ name }: { name: string }): ReactElement {
  const open = (): ReturnType<typeof connectChat> =>
    connectChat("", {
      auth: { name },
      forceNew: true,
      transports: ["websocket"],
    });
  return h(
    ChatSocketProvider,
    { open, socketKey: name },
    h(Listener, { id: "first" }),
    h(Listener, { id: "second" }),
  );
}

function Listener({ id }: { id: string }): ReactElement {
  const { socket, status } = useChatSocket();
  const [heard, setHeard] = useState("");
  useEvent(socket, "announce", ({ text }) => {
    setHeard(text);
  });
  return h("p", { id }, status, " ", heard);
}

function share(name: string): void {
  root.render(h(StrictMode, null, h(Shared, { name })));
}

Object.assign(window, { show, share, renders });
show("ann");
