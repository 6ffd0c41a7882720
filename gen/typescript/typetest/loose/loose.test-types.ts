// SPDX-License-Identifier: Apache-2.0

// How replies narrow with "strict": false, as docs/schema.md says. Nothing runs.

import { connectChat, on, request } from "../../testdata/chat";

const chat = connectChat("", { auth: { name: "ann" } });

export async function leave(): Promise<string> {
  const reply = await request(chat, "room:leave", { room: "a" });
  if (reply.ok === false) {
    if (reply.error.code === "not_member") return reply.error.data.room;
    return reply.error.message;
  }
  return "left";
}

export async function send(): Promise<number> {
  const reply = await request(chat, "message:send", { room: "a", text: "b" });
  return reply.ok === true ? reply.value.id : 0;
}

on(chat, "connect_error", ({ data }) => {
  if (data?.code === "name_taken") console.log(data.data.name);
});
