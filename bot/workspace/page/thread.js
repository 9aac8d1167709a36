// The thread pane beside the channel (over it on a phone).

import { composer } from "./composer.js";
import { el, icon, ICONS } from "./dom.js";
import { renderMessage } from "./message.js";
import { changed, channelOf, store } from "./store.js";

const pane = document.getElementById("thread");
const NEAR_THE_END_PIXELS = 120;
let shownKey = null;

export function drawThread() {
  const key = store.threadTs && `${store.place}:${store.threadTs}`;
  const messages = key && store.threads.get(key);
  pane.hidden = !messages;
  document.getElementById("app").classList.toggle("with-thread", Boolean(messages));
  if (!messages) {
    shownKey = null;
    return;
  }
  const isOpened = shownKey !== `${store.as}:${key}`;
  if (isOpened) {
    const channel = channelOf(store.place);
    pane.replaceChildren(
      el("header", { class: "head" },
        el("div", {}, el("h2", {}, "Thread"), el("p", {}, channel.is_im ? "Assent" : `#${channel.name}`)),
        el("button", { type: "button", class: "tool", "aria-label": "Close thread", "data-testid": "close-thread", onclick: close }, icon(ICONS.close))),
      el("div", { class: "messages", role: "log", "aria-label": "Thread messages", tabindex: "0", "data-testid": "thread-messages" }),
      composer({ channel, threadTs: store.threadTs, placeholder: "Reply…", id: "thread-text" }));
    shownKey = `${store.as}:${key}`;
  }
  const list = pane.querySelector(".messages");
  const before = {
    top: list.scrollTop, count: list.childElementCount,
    isAtEnd: list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_THE_END_PIXELS,
  };
  const [root, ...replies] = messages;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  list.replaceChildren(
    ...(root ? [renderMessage(root, { isInThread: true })] : []),
    replies.length ? el("div", { class: "day" }, el("span", {}, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`)) : "",
    ...replies.map((message) => renderMessage(message, { isInThread: true })));
  if (focused) list.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  const hasGrown = list.childElementCount > before.count;
  if (isOpened || (hasGrown && (before.isAtEnd || messages.at(-1)?.visible_to))) list.scrollTop = startOf(list);
  else list.scrollTop = before.isAtEnd ? list.scrollHeight : before.top;
}

/** Where reading begins: the end, or the head of a last message that is taller than the pane. */
function startOf(list) {
  const last = list.lastElementChild;
  const isTall = last && last.offsetHeight > list.clientHeight;
  return isTall ? last.offsetTop - list.offsetTop : list.scrollHeight;
}

function close() {
  store.threadTs = null;
  changed({ opened: true });
  document.getElementById("composer-text")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const isFree = !document.querySelector("dialog[open]");
  if (event.key === "Escape" && store.threadTs && isFree && pane.contains(document.activeElement)) close();
});
