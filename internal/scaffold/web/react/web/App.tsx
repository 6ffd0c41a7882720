import { useState } from "react";
import { connect, type Message } from "../generated/ts/chat";
import { useConnection, useEvent, useRequest } from "../generated/ts/chat.react";
import { Page } from "./Page";

export function App() {
  const { socket, status } = useConnection(() => connect(""));
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const { send, reply } = useRequest(socket, "say");
  useEvent(socket, "said", (message) => {
    setMessages((earlier) => [...earlier, message]);
  });
  const problem = reply?.ok === false ? reply.error.message : "";
  return <Page {...{ status, messages, problem }} say={(say) => send(say)} />;
}
