// One message: author, text or blocks, files, reactions, its menu and its thread link.

import { act } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { avatar, clockOf, dateOf, el, focusBox, icon, ICONS, isWriting, toast } from "./dom.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { changed, loadThread, store } from "./store.js";

const states = new Map(); // what was chosen in a message's menus, by message

export function renderMessage(message, { isInThread = false, isContinued = false } = {}) {
  const author = store.data.byId.get(message.user);
  const isBot = Boolean(message.bot_id);
  const node = el("article", {
    class: `message${isBot ? " from-bot" : ""}${message.visible_to ? " private" : ""}${isContinued ? " continued" : ""}`,
    "data-testid": "message", "data-ts": message.ts,
    "aria-label": `${author?.real_name ?? "Somebody"}, ${clockOf(message.ts)}`,
  },
  el("div", { class: "gutter" }, isContinued ? el("time", { class: "quiet-time" }, clockOf(message.ts).replace(/\s?[AP]M$/i, "")) : avatar(author, isBot)),
  el("div", { class: "content" },
    isContinued ? null : el("header", {},
      el("strong", { class: "author" }, author?.real_name ?? message.user),
      isBot ? el("span", { class: "tag" }, "app") : null,
      author?.is_restricted ? el("span", { class: "tag" }, "guest") : null,
      author?.is_stranger ? el("span", { class: "tag" }, "Contoso") : null,
      el("time", { datetime: dateOf(message.ts).toISOString() }, clockOf(message.ts))),
    message.visible_to ? el("p", { class: "only-you" }, "Only visible to you") : null,
    ...body(message),
    reactions(message),
    isInThread ? null : threadLink(message)));
  if (!message.visible_to) node.append(tools(message, isInThread));
  return node;
}

function body(message) {
  const parts = [];
  if (message.blocks?.length) {
    const key = `${message.channel}:${message.ts}`;
    if (!states.has(key)) states.set(key, {});
    const state = states.get(key);
    const use = (block, element, value) => act("press", {
      as: store.as, channel: message.channel, ts: message.ts, block_id: block.block_id,
      action_id: element.action_id, value, values: state,
    });
    parts.push(el("div", { class: "card" }, renderBlocks(message.blocks, { use, state, scope: key })));
  } else if (message.text) parts.push(mrkdwn(message.text));
  for (const each of message.attachments ?? []) {
    parts.push(el("div", { class: "attachment" }, mrkdwn(each.text ?? each.fallback ?? "")));
  }
  for (const file of message.files ?? []) {
    parts.push(el("a", { class: "file", href: `/page/api/file/${encodeURIComponent(file.id)}`, download: file.name },
      icon(ICONS.file), el("span", {}, file.title), el("small", {}, `${file.size} bytes`)));
  }
  return parts;
}

const reactions = (message) => message.reactions?.length
  ? el("div", { class: "reactions" }, ...message.reactions.map((each) => el("span", {}, mrkdwn(`:${each.name}:`), String(each.count))))
  : null;

function threadLink(message) {
  if (!message.reply_count) return null;
  const people = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(store.data.byId.get(id), id === store.data.bot));
  return el("button", { type: "button", class: "thread-link", "data-testid": "thread-link", onclick: () => openThread(message) },
    el("span", { class: "faces" }, ...people),
    el("strong", {}, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`),
    el("small", {}, `last at ${clockOf(message.latest_reply)}`));
}

function tools(message, isInThread) {
  const items = store.data.shortcuts.map((shortcut) => ({
    content: [icon(ICONS.bolt), shortcut.name],
    testid: `shortcut-${shortcut.callback_id}`,
    take: () => act("shortcut", { as: store.as, channel: message.channel, ts: message.ts, callback_id: shortcut.callback_id }),
  }));
  if (!isInThread) items.unshift({ content: [icon(ICONS.chat), "Reply in thread"], take: () => openThread(message) });
  const node = el("div", { class: "tools" },
    isInThread ? null : el("button", { type: "button", class: "tool", "aria-label": "Reply in thread", "data-testid": "reply", onclick: () => openThread(message) }, icon(ICONS.chat)),
    menuButton({ label: "More actions", testid: "message-menu", buttonClass: "tool", items, onToggle: (isOpen) => node.classList.toggle("open", isOpen) }));
  return node;
}

let asked = null; // the message whose thread was chosen last and is on its way

/** Open a thread beside its channel; whoever began to write elsewhere meanwhile keeps the caret. */
export async function openThread(message, { takesFocus = true } = {}) {
  asked = message;
  const opener = document.activeElement;
  const isThere = await loadThread(message.channel, message.ts).catch((error) => toast(error.message));
  if (asked !== message) return;
  asked = null;
  if (store.place !== message.channel) return;
  if (isThere === false) toast("That message is gone.");
  if (!isThere) return;
  store.threadTs = message.ts;
  changed({ opened: true });
  const isElsewhere = document.activeElement !== opener && isWriting();
  if (takesFocus && !isElsewhere) focusBox("#thread textarea");
}

/** The first answer to one's own request opens by itself, unless another thread is open or on its way. */
export function followThread(message) {
  if (!store.threadTs && !asked) openThread(message, { takesFocus: false });
}
