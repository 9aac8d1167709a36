// Starts the Teams side of the page and says which part redraws when something changes.

import { el, keepCaret } from "../dom.js";
import { drawConversation, refreshMessage, reveal } from "./conversation.js";
import { drawDialog } from "./dialog.js";
import { drawRail } from "./rail.js";
import { load, markRead, onChange, store } from "./store.js";

const app = document.getElementById("app");

onChange((what) => {
  if (what.all || what.place) keepCaret(drawConversation);
  if (what.all || what.dialog) drawDialog();
  if (what.message && what.message.conversation === store.place) refreshMessage(what.message);
  if (what.conversation === store.place) keepCaret(drawConversation);
  if (what.pane) app.dataset.pane = what.pane;
  if (what.reveal) reveal(what.reveal);
  markRead();
  drawRail();
});

async function begin() {
  try {
    await load();
  } catch (error) {
    app.replaceChildren(el("main", { class: "closed", "data-testid": "closed" },
      el("h1", {}, "The Teams side is not open here"), el("p", {}, error.message),
      el("p", {}, el("a", { href: "/" }, "Go to the Slack side"))));
  }
}

document.addEventListener("visibilitychange", markRead);
begin();
