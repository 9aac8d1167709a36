// What one person sees in Teams, kept current by the feed. Views subscribe and redraw.

import { act, follow, see } from "../api.js";
import { remember, remembered } from "../person.js";

const KINDS = ["teams_message", "teams_removed", "teams_dialog", "teams_conversation", "teams_presence"];
const FIRST = "support-ops"; // the conversation that is open at first
const listeners = new Set();
let source = null;

export const store = {
  as: remembered(),
  place: localStorage.getItem("teams place") ?? "",
  isLive: false,
  data: null,
};

export const onChange = (listener) => listeners.add(listener);
export function changed(what = {}) {
  for (const listener of listeners) listener(what);
}

export async function load() {
  source?.close();
  const data = await see("teams/state", { as: store.as }).catch((error) => {
    if (error.status !== 403 && !(error.status === 404 && store.as !== "agent")) throw error;
    store.as = "agent";
    return see("teams/state", { as: store.as });
  });
  data.people = data.people.map((person) => ({ ...person, id: person.object_id, real_name: person.name }));
  data.byAlias = new Map(data.people.map((person) => [person.alias, person]));
  data.me = data.byAlias.get(data.me.alias);
  store.data = data;
  if (!conversationOf(store.place)) {
    const first = data.conversations.find((each) => each.name === FIRST) ?? data.conversations[0];
    store.place = first?.id ?? "";
  }
  source = follow({ as: store.as, epoch: data.epoch, number: data.number, kinds: KINDS }, {
    onChange: apply,
    onReset: () => load().catch(() => setTimeout(load, 2000)),
    onState: (isLive) => { store.isLive = isLive; changed({ presence: true }); },
  });
  changed({ all: true });
  act("teams/refresh", { as: store.as }, { quiet: true });
}

export async function become(alias) {
  const isPersonal = conversationOf(store.place)?.kind === "personal";
  store.as = alias;
  remember(alias);
  if (isPersonal) store.place = "";
  await load();
  const own = isPersonal && store.data.conversations.find((each) => each.kind === "personal");
  if (own) go(own.id);
}

/** Open a conversation, at one of its messages or at its end. */
export function go(id, message = null) {
  store.place = id;
  localStorage.setItem("teams place", id);
  changed({ place: true, pane: "main", reveal: message });
}

export async function loadOlder(conversation) {
  const known = messagesIn(conversation);
  const { messages } = await see("teams/messages", { as: store.as, conversation, before: known[0].id });
  store.data.messages[conversation] = [...messages, ...known];
  changed({ conversation });
  return messages.length;
}

function apply(kind, body) {
  const { data } = store;
  if (kind === "teams_message") {
    put(data.messages[body.conversation] ??= [], body);
    changed({ message: body });
    if (body.refresh) act("teams/refresh", { as: store.as, conversation: body.conversation }, { quiet: true });
  } else if (kind === "teams_removed") {
    const list = messagesIn(body.conversation);
    const at = list.findIndex((message) => message.id === body.id);
    if (at >= 0) list.splice(at, 1);
    changed({ conversation: body.conversation });
  } else if (kind === "teams_dialog") {
    data.dialog = body.dialog;
    changed({ dialog: true });
  } else if (kind === "teams_conversation") {
    const at = data.conversations.findIndex((each) => each.id === body.id);
    if (at >= 0) data.conversations[at] = body;
    else data.conversations.push(body);
    changed({ conversation: body.id });
  } else if (kind === "teams_presence") {
    data.is_bot_there = body.is_there;
    changed({ presence: true });
  }
}

function put(list, message) {
  const at = list.findIndex((other) => other.id === message.id);
  if (at >= 0) list[at] = message;
  else list.push(message);
}

export const conversationOf = (id) => store.data.conversations.find((each) => each.id === id);
export const messagesIn = (id) => store.data.messages[id] ?? [];
export const isOwn = (message) => message.from.alias === store.as;

// Up to where each person has read, kept in this browser: real clients keep it with the account.
const readsKey = () => `teams reads ${store.as}`;
const reads = () => JSON.parse(localStorage.getItem(readsKey()) ?? "{}");

/** How many messages of others came since this person last looked. */
export function unreadIn(id) {
  const seen = reads()[id] ?? 0;
  return messagesIn(id).filter((message) => message.at > seen && !isOwn(message)).length;
}

/** Mark the open conversation as read while somebody looks at it. */
export function markRead() {
  if (!store.data || !store.place || document.hidden) return;
  const newest = Math.max(0, ...messagesIn(store.place).map((message) => message.at));
  const seen = reads();
  if (newest <= (seen[store.place] ?? 0)) return;
  localStorage.setItem(readsKey(), JSON.stringify({ ...seen, [store.place]: newest }));
}
