// SPDX-License-Identifier: Apache-2.0

// The Vue page of frameworks.test.ts: the name is the key of the connection.

import { createApp, defineComponent, h, ref } from "vue";
import { connectChat } from "../testdata/chat";
import {
  useConnection,
  useError,
  useEvent,
  useRequest,
} from "../testdata/chat.vue";

const name = ref<string | undefined>("ann");

const Chat = defineComponent({
  setup() {
    const { socket, status, failure } = useConnection(
      () =>
        connectChat("", {
          auth: { name: name.value ?? "" },
          forceNew: true,
          transports: ["websocket"],
        }),
      name,
    );
    const heard = ref<string[]>([]);
    const refused = ref("");
    useEvent(socket, "announce", ({ text }) => {
      heard.value.push(text);
    });
    useError(socket, ({ event, code }) => {
      refused.value = `${event} ${code}`;
    });
    const { send, pending, reply } = useRequest(socket, "room:leave");
    return () => [
      h("p", { id: "status" }, [status.value, " ", failure.value?.code]),
      h("p", { id: "heard" }, heard.value.join(",")),
      h("p", { id: "refused" }, refused.value),
      h("p", { id: "outcome" }, [
        pending.value
          ? "pending"
          : reply.value && (reply.value.ok ? "ok" : reply.value.error.code),
      ]),
      h("button", { id: "send", onClick: () => send({ room: "a" }) }, "send"),
    ];
  },
});

const element = document.createElement("div");
document.body.append(element);
const app = createApp(() => (name.value === undefined ? undefined : h(Chat)));
app.mount(element);

function show(next?: string): void {
  name.value = next;
}

Object.assign(window, { show });
