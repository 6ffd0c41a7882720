// SPDX-License-Identifier: Apache-2.0

// The chat of sockgen's example. This file wires the views to the session;
// each view has a file of its own.

import {
  type ChatRoomJoinAck,
  type Member,
  on,
  onError,
  request,
} from "../../generated/ts/chat";
import { announce } from "./banner";
import { Composer, type Context } from "./composer";
import { ConnectionView } from "./connection";
import { byID } from "../site/dom";
import { issueAt } from "../site/failures";
import { copyLink } from "../site/share";
import { showClippedTexts } from "../site/tooltips";
import { echoPanel } from "./echo";
import { explain, type Failure } from "./failures";
import { JoinView } from "./join";
import { textProblem } from "./limits";
import { LogView } from "./log";
import { MembersView } from "./members";
import { type Picture, PictureTray } from "./picture";
import { RoomControls } from "./room";
import { Session, type State } from "./session";
import { SidePanel } from "./side";
import { TypingSender, TypingView } from "./typing";
import { Views } from "./views";

const notPresent =
  "You are not connected. Nothing is lost: send it once you are.";

const session = new Session(location.origin, { state, joined, refused });
const views = new Views();
const connection = new ConnectionView(
  (text) => {
    views.say(text);
  },
  () => {
    session.connectAgain();
  },
);
const join = new JoinView((name, room) => {
  session.enter(name, room);
});
const side = new SidePanel();
const typing = new TypingView(byID("typing", HTMLElement));
const typingSender = new TypingSender((typing) => {
  if (!session.present) return;
  session.socket.emit("typing", { room: session.room, typing });
});
const members = new MembersView({
  list: byID("members", HTMLElement),
  isSelf: (id) => session.isSelf(id),
  whisper: whisperTo,
  changed: (count) => {
    side.members = count;
    byID("alone", HTMLElement).hidden = count > 1;
  },
});
const log = new LogView({
  log: byID("log", HTMLElement),
  lines: byID("messages", HTMLElement),
  run: byID("run", HTMLElement),
  newest: byID("newest", HTMLButtonElement),
  isSelf: (id) => session.isSelf(id),
  whisper: whisperTo,
  reply: (message) => {
    composer.reply(message);
  },
});
const composer = new Composer({
  send,
  typed: (empty, context) => {
    views.problem = ""; // what was wrong is being answered
    // Nobody but its addressee need know that a whisper is being written.
    if (empty || context.kind === "whisper") typingSender.stopped();
    else typingSender.typed();
  },
  context: (context) => {
    // A picture is for the room, so none can be sent in the middle of a whisper.
    pictures.available = context.kind !== "whisper";
    if (context.kind === "whisper") typingSender.stopped();
    views.problem = "";
  },
  picture: (file) => {
    void pictures.choose(file);
  },
});
const pictures: PictureTray = new PictureTray({
  send: sendPicture,
  report: (problem) => {
    views.problem = problem;
  },
  closed: () => {
    composer.focus();
  },
});
const controls = new RoomControls({ move, leave });

listen();
join.prefill(new URLSearchParams(location.search));
join.focus();
echoPanel(location.origin);
showClippedTexts();
for (const button of document.querySelectorAll(".copy-link")) {
  button.addEventListener("click", () => {
    void copyLink().then((said) => {
      views.told = said;
    });
  });
}

function listen(): void {
  const { socket } = session;
  on(socket, "message:posted", (message) => {
    session.inRoom(message.room, () => {
      typing.stop(message.from.id);
      log.message(message);
      if (!session.isSelf(message.from.id)) views.unread();
    });
  });
  on(socket, "image:posted", (picture) => {
    session.inRoom(picture.room, () => {
      log.picture(picture);
      if (!session.isSelf(picture.from.id)) views.unread();
    });
  });
  on(socket, "member:joined", ({ room, member }) => {
    session.inRoom(room, () => {
      if (members.add(member)) log.note(`${member.name} joined`);
    });
  });
  on(socket, "member:left", ({ room, member }) => {
    session.inRoom(room, () => {
      typing.stop(member.id);
      if (members.remove(member.id)) log.note(`${member.name} left`);
    });
  });
  on(socket, "typing:changed", ({ room, member, typing: types }) => {
    session.inRoom(room, () => {
      typing.change(member, types);
    });
  });
  on(socket, "whispered", ({ from, text, at }) => {
    log.whisperFrom(from, text, at);
    views.unread();
  });
  on(socket, "announce", ({ text, at }) => {
    announce(byID("announcements", HTMLElement), text, at);
  });
  onError(socket, (failure) => {
    views.problem = explain(failure);
  });
}

function state(state: State): void {
  connection.show(state);
  if (state.kind !== "offline") return;
  typing.clear();
  if (views.inChat) return;
  join.waiting = false;
  join.problem = "The server cannot be reached. Trying again…";
}

function joined(room: string, entered: ChatRoomJoinAck, again: boolean): void {
  join.waiting = false;
  join.problem = "";
  views.problem = views.told = "";
  views.room = room;
  // The address is the invitation.
  history.replaceState(null, "", `?${new URLSearchParams({ room })}`);
  typing.clear();
  members.set(entered.members);
  if (again) {
    log.note("Connected again");
    log.history(entered.history);
    return;
  }
  composer.clear();
  pictures.close();
  controls.clear();
  side.close();
  log.clear();
  views.showChat();
  log.history(entered.history);
  composer.focus();
  const others = entered.members.length - 1;
  views.say(
    `You are in ${room} with ${others === 1 ? "one other" : `${others} others`}.`,
  );
}

function refused(failure: Failure): void {
  views.showJoin();
  join.refused(failure);
}

async function send(text: string, context: Context): Promise<boolean> {
  views.problem = textProblem(text);
  if (views.problem !== "") return false;
  if (!session.present) return fail(notPresent);
  typingSender.stopped();
  const { room, socket } = session;
  if (context.kind === "whisper") {
    const { to } = context;
    const reply = await request(socket, "whisper", { to: to.id, text });
    if (!reply.ok) return fail(explain(reply.error));
    log.whisperTo(session.self, to, text);
    return true;
  }
  const answers = context.kind === "reply" ? { replyTo: context.to.id } : {};
  const payload = { room, text, ...answers };
  const reply = await request(socket, "message:send", payload);
  return reply.ok || fail(explain(reply.error));
}

async function sendPicture(picture: Picture): Promise<boolean> {
  if (!session.present) return fail(notPresent);
  views.problem = "";
  const payload = { room: session.room, ...picture };
  const reply = await request(session.socket, "image:send", payload);
  return reply.ok || fail(explain(reply.error));
}

async function move(room: string): Promise<string> {
  if (!session.present) return "You are offline. Go there once you are back.";
  if (room === session.room) return "You are in this room.";
  typingSender.stopped();
  const failure = await session.move(room);
  if (failure === null) return "";
  return issueAt(failure, "room", "A room's name") || explain(failure);
}

async function leave(): Promise<void> {
  const { room } = session;
  typingSender.stopped();
  await session.leave();
  views.showJoin();
  views.say(`You left ${room}.`);
  join.room = room;
  join.focus();
}

function whisperTo(member: Member): void {
  side.close();
  composer.whisper(member);
}

function fail(problem: string): false {
  views.problem = problem;
  return false;
}
