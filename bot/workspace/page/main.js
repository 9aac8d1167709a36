// Starts the page and says which part redraws when something changes.

import { drawHome } from "./home.js";
import { drawChannel, refreshMessages } from "./channel.js";
import { drawModal } from "./modal.js";
import { drawSidebar } from "./sidebar.js";
import { el, keepCaret, toast } from "./dom.js";
import { drawThread } from "./thread.js";
import { load, loadThread, onChange, store } from "./store.js";
import { followThread } from "./message.js";
import { markRead } from "./reading.js";

const app = document.getElementById("app");

function drawMain() {
  if (store.place === "home") drawHome();
  else drawChannel();
}

onChange((what) => {
  if (what.all || what.place) {
    keepCaret(drawMain);
    drawThread();
    drawModal();
  }
  if (what.channel === store.place) refreshMessages(what);
  if (what.thread && what.thread === store.threadTs) drawThread();
  if (what.opened) {
    app.dataset.pane = store.threadTs ? "thread" : "main";
    drawThread();
  }
  if (what.message) followAnswer(what.message);
  if (what.home && store.place === "home") drawHome();
  if (what.views) drawModal();
  if (what.pane) app.dataset.pane = what.pane;
  markRead();
  drawSidebar();
});

const followed = new Set();

/** The first answer to one's own request opens beside it, where there is room and no other thread. */
function followAnswer(message) {
  const isOwn = message.user === store.data.me && message.channel === store.place;
  if (!isOwn || message.reply_count !== 1 || !message.reply_users.includes(store.data.bot)) return;
  if (store.threadTs || followed.has(message.ts) || !matchMedia("(min-width: 1081px)").matches) return;
  followed.add(message.ts);
  followThread(message);
}

/** A permalink opens its message: in its channel, or in its thread. */
async function openLink() {
  const found = /^\/archives\/(\w+)\/p(\d{10})(\d{6})$/.exec(location.pathname);
  if (!found) return;
  history.replaceState(null, "", "/");
  store.place = found[1];
  const ts = `${found[2]}.${found[3]}`;
  if (await loadThread(store.place, ts)) store.threadTs = ts;
  else toast("That message is gone.");
}

async function begin() {
  try {
    await openLink().catch(() => toast("That message is gone."));
    await load();
    if (store.threadTs) app.dataset.pane = "thread";
  } catch (error) {
    app.replaceChildren(el("main", { class: "closed", "data-testid": "closed" },
      el("h1", {}, "This workspace is not open here"), el("p", {}, error.message)));
  }
}

document.addEventListener("visibilitychange", markRead);
begin();
