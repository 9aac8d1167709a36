// One message in Teams: author, text or card, what was answered to this person alone, its menu.

import { act } from "../api.js";
import { avatar, clockOf, dateOf, el, icon, ICONS, visible } from "../dom.js";
import { menuButton } from "../menu.js";
import { renderCard } from "./card.js";
import { messageText } from "./card_text.js";
import { follow, press } from "./pressing.js";
import { isOwn, store } from "./store.js";

const PENCIL = "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3";
const BIN = "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13";
const REACTIONS = { like: "👍", heart: "❤️", laugh: "😆", surprised: "😮", sad: "🙁", angry: "😠" };
const filledIn = new Map(); // what was typed into a message's card, by message
const editing = new Set(); // the ids of one's own messages that are being edited

/** `redraw` draws this message alone again. */
export function renderMessage(message, redraw) {
  const author = message.is_bot ? { real_name: message.from.name } : store.data.byAlias.get(message.from.alias) ?? { real_name: message.from.name };
  return el("article", {
    class: `note-row${message.is_bot ? " from-bot" : ""}${isOwn(message) ? " own" : ""}${message.card ? " has-card" : ""}`, tabindex: "-1",
    "data-testid": "message", "data-id": message.id, "aria-label": `${author.real_name}, ${clockOf(message.at / 1000)}`,
  },
  avatar(author, message.is_bot),
  el("div", { class: "note-content" },
    el("header", {},
      el("strong", { class: "author" }, author.real_name),
      message.is_bot ? el("span", { class: "tag" }, "app") : null,
      author.role === "guest" ? el("span", { class: "tag" }, "guest") : null,
      el("time", { datetime: dateOf(message.at / 1000).toISOString() }, clockOf(message.at / 1000)),
      message.is_edited && !message.card ? el("span", { class: "only-you" }, "Edited") : null),
    ...body(message, redraw), said(message), reactions(message)),
  message.is_deleted ? null : tools(message, redraw));
}

function body(message, redraw) {
  if (message.is_deleted) return [el("p", { class: "gone" }, "This message has been deleted.")];
  if (editing.has(message.id)) return [editor(message, redraw)];
  const parts = [];
  if (message.text) parts.push(el("div", { class: "note-text", dir: "auto" }, ...(message.text_format === "markdown" ? messageText(message.text) : mentions(message.text))));
  if (message.card) {
    if (!filledIn.has(message.id)) filledIn.set(message.id, {});
    const use = (pointer, action, inputs) => press(message, pointer, action, inputs);
    parts.push(el("div", { class: "card", "data-testid": "card" }, renderCard(message.card, { use, follow, values: filledIn.get(message.id), scope: `message-${message.id}` })));
  }
  return parts;
}

/** A person's words, the names in them marked; they hold no markdown. */
function mentions(text) {
  const names = [store.data.bot.name, ...store.data.people.map((person) => person.real_name)];
  const pattern = new RegExp(`(@(?:${names.map((name) => name.replace(/[^\w ]/g, "\\$&")).join("|")}))(?!\\w)`, "i");
  return text.split(pattern).filter(Boolean).map((part, at) =>
    pattern.test(part) && part.startsWith("@") ? el("span", { class: "mention" }, part) : visible(part));
}

/** What the last press was answered; nobody else sees it. */
const said = (message) => message.said
  ? el("p", { class: `said ${message.said.kind}`, role: "status", "data-testid": "said" }, visible(message.said.text))
  : null;

function reactions(message) {
  const given = Object.entries(message.reactions ?? {}).filter(([, aliases]) => aliases.length);
  return given.length ? el("div", { class: "reactions" }, ...given.map(([kind, aliases]) =>
    el("span", { "aria-label": `${aliases.length} ${kind}` }, REACTIONS[kind] ?? kind, String(aliases.length)))) : null;
}

function tools(message, redraw) {
  const where = { as: store.as, conversation: message.conversation, message: message.id };
  const items = message.is_bot ? [] : store.data.extensions.map((each) => ({
    content: [icon(ICONS.bolt), each.title], testid: `extension-${each.command_id}`,
    take: () => act("teams/extension", { ...where, command: each.command_id }),
  }));
  const liked = message.reactions?.like?.includes(store.as);
  items.push({ content: [icon(ICONS.chat), liked ? "Take back the like" : "Like"], take: () => act("teams/react", { ...where, reaction: "like", is_added: !liked }) });
  if (isOwn(message)) {
    items.push({ content: [icon(PENCIL), "Edit"], testid: "message-edit", take: () => { editing.add(message.id); redraw(message); } });
    items.push({ content: [icon(BIN), "Delete"], testid: "message-delete", take: () => act("teams/delete", where) });
  }
  const node = el("div", { class: "tools" }, menuButton({
    label: "More actions", testid: "message-menu", buttonClass: "tool", items, onToggle: (isOpen) => node.classList.toggle("open", isOpen),
  }));
  return node;
}

function editor(message, redraw) {
  const stop = () => { editing.delete(message.id); redraw(message); };
  const box = el("textarea", { class: "text", rows: 2, value: message.text, "aria-label": "Edit the message", "data-testid": "edit-box" });
  const save = async () => {
    const answer = await act("teams/edit", { as: store.as, conversation: message.conversation, message: message.id, text: box.value });
    if (answer.ok) stop();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    save();
  });
  queueMicrotask(() => box.focus());
  return el("div", { class: "edit" }, box, el("div", { class: "edit-buttons" },
    el("button", { type: "button", class: "button", onclick: stop }, "Cancel"),
    el("button", { type: "button", class: "button primary", "data-testid": "edit-save", onclick: save }, "Save")));
}
