// The page of react.test.ts: a chat under StrictMode, which mounts twice.

import {
  createElement as h,
  type ReactElement,
  StrictMode,
  useState,
} from "react";
import { createRoot } from "react-dom/client";
import { connectChat } from "../testdata/chat";
import { useConnection, useEvent, useRequest } from "../testdata/chat.react";

const element = document.createElement("div");
document.body.append(element);
const root = createRoot(element);

function Chat({ name }: { name: string }): ReactElement {
  const { socket, status, failure } = useConnection(
    () => connectChat("", { auth: { name }, forceNew: true }),
    name,
  );
  const [heard, setHeard] = useState<string[]>([]);
  const [recoveries, setRecoveries] = useState(0);
  useEvent(socket, "announce", ({ text }) => {
    setHeard([...heard, text]);
  });
  useEvent(socket, "connect", () => {
    setRecoveries(recoveries + 1);
  });
  const { send, pending, reply } = useRequest(socket, "room:leave");
  const outcome = reply && (reply.ok ? "ok" : reply.error.code);
  return h(
    "main",
    null,
    h("p", { id: "status" }, status, " ", failure?.code),
    h("p", { id: "heard" }, heard.join(",")),
    h("p", { id: "outcome" }, pending ? "pending" : outcome),
    h("button", { id: "send", onClick: () => void send({ room: "a" }) }),
  );
}

function show(name?: string): void {
  const chat = name === undefined ? null : h(Chat, { name });
  root.render(h(StrictMode, null, chat));
}

Object.assign(window, { show });
show("ann");
