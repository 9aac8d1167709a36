// Channels, direct messages, the App Home, and who one is.

import { act } from "./api.js";
import { el, focusBox, icon, ICONS } from "./dom.js";
import { peopleSwitch } from "./people.js";
import { onChosenAbove, remember } from "./person.js";
import { sides } from "./sides.js";
import { changed, load, me, store, unreadIn } from "./store.js";

const sidebar = document.getElementById("sidebar");

export function drawSidebar() {
  if (!store.data) return;
  const { channels, is_bot_there: isThere, team } = store.data;
  const focused = document.activeElement?.dataset?.testid;
  const rooms = channels.filter((channel) => !channel.is_im);
  const direct = channels.find((channel) => channel.is_im);
  sidebar.replaceChildren(
    el("header", { class: "team" },
      el("span", { class: "team-mark", "aria-hidden": "true" }, team[0]),
      el("div", {}, el("strong", {}, team),
        el("small", { class: store.isLive ? "live" : "lost", "data-testid": "connection" }, store.isLive ? "Live" : "Reconnecting…"))),
    store.data.has_teams ? sides("slack") : "",
    el("div", { class: "places" },
      el("h2", {}, "Channels"),
      el("ul", {}, ...rooms.map((channel) => place(channel.id, icon(ICONS.hash), channel.name, unreadIn(channel.id)))),
      el("h2", {}, "Apps"),
      el("ul", {},
        direct ? place(direct.id, bot(isThere), "Assent", unreadIn(direct.id), isThere ? "connected" : "away") : null,
        place("home", icon(ICONS.home), "Assent home", 0))),
    peopleSwitch({
      people: store.data.people.filter((person) => person.alias && !person.deleted),
      self: { ...me(), alias: store.as }, choose: become, draw: drawSidebar,
    }));
  if (focused) sidebar.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

const bot = (isThere) => el("span", { class: `presence ${isThere ? "there" : "away"}`, title: isThere ? "Connected" : "Not connected" }, icon(ICONS.bolt));

function place(id, mark, name, unread, note) {
  const isHere = store.place === id;
  return el("li", {}, el("button", {
    type: "button", class: `place${isHere ? " here" : ""}${unread ? " unread" : ""}`,
    "aria-current": isHere ? "page" : null, "data-testid": `place-${name.replace(/\W/g, "-")}`,
    onclick: () => go(id),
  }, mark, el("span", { class: "place-name" }, name),
  note ? el("span", { class: "sr" }, note) : null,
  unread ? el("span", { class: "badge", "data-testid": "unread", "aria-label": `${unread} unread` }, String(unread)) : null));
}

export function go(id) {
  store.place = id;
  store.threadTs = null;
  localStorage.setItem("place", id);
  changed({ place: true, pane: "main" });
  if (id === "home") act("home", { as: store.as, tab: "home" });
  else if (id.startsWith("D")) act("home", { as: store.as, tab: "messages" }, { quiet: true });
  focusBox("#composer-text");
}

async function become(alias) {
  store.as = alias;
  if (store.place.startsWith("D")) store.place = "dm";
  remember(alias);
  const wasDirect = store.place === "dm";
  await load();
  if (wasDirect) go(store.data.channels.find((channel) => channel.is_im).id);
  else if (store.place === "home") act("home", { as: store.as, tab: "home" });
}

onChosenAbove(become);
