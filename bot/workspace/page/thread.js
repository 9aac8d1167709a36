// The thread pane beside the channel (over it on a phone).

import { composer } from "./composer.js";
import { el, icon, ICONS } from "./dom.js";
import { renderMessage } from "./message.js";
import { changed, channelOf, store } from "./store.js";

const pane = document.getElementById("thread");
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
  if (shownKey !== `${store.as}:${key}`) {
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
  const [root, ...replies] = messages;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  list.replaceChildren(
    ...(root ? [renderMessage(root, { isInThread: true })] : []),
    replies.length ? el("div", { class: "day" }, el("span", {}, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`)) : "",
    ...replies.map((message) => renderMessage(message, { isInThread: true })));
  if (focused) list.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  list.scrollTop = list.scrollHeight;
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
