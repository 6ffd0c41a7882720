import { connect, on, request } from "../generated/ts/chat";
import { onSubmit, showMessage, showProblem, showStatus } from "./page";

const socket = connect("");
on(socket, "connect", () => {
  showStatus("connected");
});
on(socket, "disconnect", () => {
  showStatus("connecting");
});
on(socket, "said", showMessage);
onSubmit(async (from, text) => {
  const reply = await request(socket, "say", { from, text });
  showProblem(reply.ok ? "" : reply.error.message);
  return reply.ok;
});
