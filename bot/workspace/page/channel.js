// A conversation: its head, its messages by day, the composer.

import { composer } from "./composer.js";
import { dateOf, dayOf, el, icon, ICONS } from "./dom.js";
import { renderMessage } from "./message.js";
import { changed, channelOf, loadOlder, store } from "./store.js";

const main = document.getElementById("main");
// Messages of one person within this time stand together.
const TOGETHER_SECONDS = 300;
const PAGE_MESSAGES = 100;
const NEAR_THE_END_PIXELS = 120;
let list = null;
let isWhole = false;
let isAtEnd = true; // whether the reader follows the newest message; a narrower pane does not change it
let seenWidth = 0;
const resizes = new ResizeObserver(() => {
  seenWidth = list.clientWidth;
  if (isAtEnd) goToEnd();
});

export const backButton = (label) => el("button", {
  type: "button", class: "tool back", "aria-label": label, "data-testid": "back", onclick: () => changed({ pane: "sidebar" }),
}, icon(ICONS.back));

export function drawChannel() {
  const channel = channelOf(store.place);
  isWhole = (store.data.messages[channel.id] ?? []).length < PAGE_MESSAGES;
  list = el("div", { class: "messages", role: "log", "aria-label": "Messages", tabindex: "0", "data-testid": "messages" });
  const name = channel.is_im ? "Assent" : channel.name;
  main.replaceChildren(
    el("header", { class: "head" }, backButton("Conversations"),
      el("div", {}, el("h1", {}, channel.is_im ? null : el("span", { class: "hash", "aria-hidden": "true" }, "#"), name),
        el("p", {}, channel.is_im ? "Direct message with the app" : channel.topic?.value ?? ""))),
    list,
    composer({ channel, placeholder: channel.is_im ? "Message Assent" : `Message #${channel.name}`, id: "composer-text" }));
  document.title = `${name} · ${store.data.team}`;
  fill();
  goToEnd();
  list.addEventListener("scroll", scrolled, { passive: true });
  resizes.disconnect();
  resizes.observe(list);
}

const gapBelow = () => list.scrollHeight - list.scrollTop - list.clientHeight;

/** Only the reader's own scrolling counts, not what a changed width did to the text. */
function scrolled() {
  if (list.clientWidth === seenWidth) isAtEnd = gapBelow() < NEAR_THE_END_PIXELS;
}

function goToEnd() {
  isAtEnd = true;
  list.scrollTop = list.scrollHeight;
}

/** Redraw what changed and stay where the reader is; one changed message is replaced alone. */
export function refreshMessages({ message, older } = {}) {
  if (!list?.isConnected) return;
  const shown = message && list.querySelector(`[data-ts="${CSS.escape(message.ts)}"]`);
  const [top, bottomGap] = [list.scrollTop, gapBelow()];
  const isNew = message && !shown && !message.thread_ts;
  const focus = focusPath();
  if (shown && message.channel === store.place) {
    shown.replaceWith(renderMessage(message, { isContinued: shown.classList.contains("continued") }));
  } else if (!message || !message.thread_ts || message.thread_ts === message.ts) fill();
  if (!older && (isAtEnd || (isNew && (message.user === store.data.me || message.visible_to)))) goToEnd();
  else list.scrollTop = older ? list.scrollHeight - list.clientHeight - bottomGap : top;
  restore(focus);
}

function focusPath() {
  const active = document.activeElement;
  const holder = active?.closest?.("[data-ts]");
  return holder && list.contains(active) ? { ts: holder.dataset.ts, testid: active.dataset.testid } : null;
}

function restore(focus) {
  if (!focus) return;
  const holder = list.querySelector(`[data-ts="${CSS.escape(focus.ts)}"]`);
  const target = focus.testid && holder?.querySelector(`[data-testid="${CSS.escape(focus.testid)}"]`);
  (target || list).focus({ preventScroll: true });
}

function fill() {
  const messages = store.data.messages[store.place] ?? [];
  const nodes = [];
  if (!isWhole) nodes.push(el("button", { type: "button", class: "button older", onclick: older }, "Older messages"));
  let previous = null;
  for (const message of messages) {
    const isNewDay = !previous || dateOf(previous.ts).toDateString() !== dateOf(message.ts).toDateString();
    if (isNewDay) nodes.push(el("div", { class: "day", role: "separator" }, el("span", {}, dayOf(message.ts))));
    const isContinued = !isNewDay && previous.user === message.user && !message.visible_to === !previous.visible_to
      && Number(message.ts) - Number(previous.ts) < TOGETHER_SECONDS && !message.blocks && !previous.blocks;
    nodes.push(renderMessage(message, { isContinued }));
    previous = message;
  }
  if (!messages.length) nodes.push(empty());
  list.replaceChildren(...nodes);
}

function empty() {
  const isDirect = store.place.startsWith("D");
  return el("div", { class: "empty" }, el("h2", {}, isDirect ? "Ask Assent in private" : "Nothing here yet"),
    el("p", {}, isDirect ? "Write what should happen, in your own words." : "Mention @Assent and say what should happen. Try “@Assent refund $40 on order 1043, arrived damaged”."));
}

async function older() {
  isWhole = (await loadOlder(store.place)) < PAGE_MESSAGES;
  if (isWhole) list.querySelector(".older")?.remove();
}
