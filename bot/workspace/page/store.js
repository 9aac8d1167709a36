// What one person sees, kept current by the feed. Views subscribe and redraw.

import { follow, see } from "./api.js";
import { remembered } from "./person.js";

const KINDS = ["message", "message_deleted", "views", "home", "presence"];
const listeners = new Set();
const loading = new Set(); // the threads on their way, with what the feed told of them meanwhile
let source = null;

export const store = {
  as: remembered(),
  place: localStorage.getItem("place") || "C0SUPPORTOP",
  threadTs: null,
  isLive: false,
  data: null,
  threads: new Map(), // "channel:ts" -> messages
};

export const onChange = (listener) => listeners.add(listener);
export function changed(what = {}) {
  for (const listener of listeners) listener(what);
}

export async function load() {
  source?.close();
  const data = await see("state", { as: store.as }).catch(async (error) => {
    if (error.status !== 404 && error.status !== 403) throw error;
    store.as = "agent";
    return see("state", { as: store.as });
  });
  data.byId = new Map(data.people.map((person) => [person.id, person]));
  store.data = data;
  store.threads.clear();
  if (store.place !== "home" && !data.channels.some((channel) => channel.id === store.place)) {
    store.place = data.channels[0].id;
    store.threadTs = null;
  }
  if (store.threadTs && !await loadThread(store.place, store.threadTs)) store.threadTs = null;
  source = follow({ as: store.as, epoch: data.epoch, number: data.number, kinds: KINDS }, {
    onChange: apply,
    onReset: () => load().catch(() => setTimeout(load, 2000)),
    onState: (isLive) => { store.isLive = isLive; changed({ presence: true }); },
  });
  changed({ all: true });
}

/** Whether there is such a thread. What the feed tells while it is on its way is newer than it. */
export async function loadThread(channel, ts) {
  const thread = { key: keyOf({ channel, ts }), news: [] };
  loading.add(thread);
  try {
    const { messages } = await see("thread", { as: store.as, channel, ts });
    for (const tell of thread.news) tell(messages);
    if (messages.length) store.threads.set(thread.key, messages);
    return messages.length > 0;
  } finally {
    loading.delete(thread);
  }
}

const keyOf = ({ channel, thread_ts: threadTs, ts }) => `${channel}:${threadTs ?? ts}`;

/** Change the thread of a message where it is known, and where it is on its way. */
function inThread(message, tell) {
  const key = keyOf(message);
  if (store.threads.has(key)) tell(store.threads.get(key));
  for (const thread of loading) if (thread.key === key) thread.news.push(tell);
}

export async function loadOlder(channel) {
  const messages = store.data.messages[channel];
  const older = await see("history", { as: store.as, channel, before: messages[0].ts });
  store.data.messages[channel] = [...older.messages, ...messages];
  changed({ channel, older: true });
  return older.messages.length;
}

function apply(kind, body) {
  const { data } = store;
  if (kind === "message") {
    const isReply = body.thread_ts && body.thread_ts !== body.ts;
    if (!isReply) put(data.messages[body.channel] ??= [], body);
    inThread(body, (messages) => put(messages, body));
    changed({ channel: body.channel, thread: body.thread_ts ?? body.ts, message: body });
  } else if (kind === "message_deleted") {
    const drop = (messages) => {
      const at = messages.findIndex((message) => message.ts === body.ts);
      if (at >= 0) messages.splice(at, 1);
    };
    drop(data.messages[body.channel] ?? []);
    inThread(body, drop);
    changed({ channel: body.channel, thread: body.thread_ts ?? body.ts });
  } else if (kind === "views") {
    data.views = body.stack;
    changed({ views: true });
  } else if (kind === "home") {
    data.home = body;
    changed({ home: true });
  } else if (kind === "presence") {
    data.is_bot_there = body.is_there;
    changed({ presence: true });
  }
}

function put(list, message) {
  const at = list.findIndex((other) => other.ts === message.ts);
  if (at >= 0) list[at] = message;
  else {
    list.push(message);
    list.sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }
}

export const me = () => store.data.byId.get(store.data.me);
export const nameOf = (id) => store.data.byId.get(id)?.real_name ?? id;
export const channelOf = (id) => store.data.channels.find((channel) => channel.id === id);

/** The newest timestamp somebody else caused in a channel, threads included. */
export function newestIn(channel) {
  let newest = "0";
  for (const message of store.data.messages[channel] ?? []) {
    if (message.user !== store.data.me && message.ts > newest) newest = message.ts;
    if ((message.latest_reply ?? "") > newest && message.reply_users?.some((id) => id !== store.data.me)) {
      newest = message.latest_reply;
    }
  }
  return newest;
}

export function unreadIn(channel) {
  const seen = store.data.reads[channel] ?? "0";
  if (newestIn(channel) <= seen) return 0;
  const fresh = (store.data.messages[channel] ?? []).filter(
    (message) => message.ts > seen && message.user !== store.data.me);
  return Math.max(1, fresh.length);
}
