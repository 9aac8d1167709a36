// Channels, direct messages, the App Home, and who one is.

import { act } from "./api.js";
import { avatar, el, focusBox, icon, ICONS } from "./dom.js";
import { changed, load, me, store, unreadIn } from "./store.js";

const sidebar = document.getElementById("sidebar");
const ROLES = { agent: "Support", agent2: "Support", lead: "Support lead", lead2: "Support lead", finance: "Finance lead", finance2: "Finance lead", admin: "Admin", guest: "Guest", stranger: "Other company" };
let isChoosing = false;

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
    el("div", { class: "places" },
      el("h2", {}, "Channels"),
      el("ul", {}, ...rooms.map((channel) => place(channel.id, icon(ICONS.hash), channel.name, unreadIn(channel.id)))),
      el("h2", {}, "Apps"),
      el("ul", {},
        direct ? place(direct.id, bot(isThere), "Assent", unreadIn(direct.id), isThere ? "connected" : "away") : null,
        place("home", icon(ICONS.home), "Assent home", 0))),
    people());
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

function people() {
  const others = store.data.people.filter((person) => person.alias && !person.deleted);
  const self = me();
  return el("footer", { class: "people" },
    el("div", { id: "person-list", class: "person-list", role: "listbox", "aria-label": "Act as", hidden: !isChoosing, onkeydown: steer },
      ...others.map((person) => el("button", {
        type: "button", role: "option", class: "person", "aria-selected": String(person.id === self.id),
        "data-testid": `person-${person.alias}`, onclick: () => become(person.alias),
      }, avatar(person), el("span", {}, el("strong", {}, person.real_name), el("small", {}, ROLES[person.alias] ?? person.profile.title))))),
    el("button", {
      type: "button", class: "self", "aria-haspopup": "listbox", "aria-expanded": String(isChoosing), "aria-controls": "person-list",
      "data-testid": "person-switch", onclick: () => { isChoosing = !isChoosing; drawSidebar(); if (isChoosing) sidebar.querySelector('[aria-selected="true"]').focus(); },
    }, avatar(self), el("span", {}, el("strong", { "data-testid": "me" }, self.real_name), el("small", {}, ROLES[store.as] ?? self.profile.title)), icon(ICONS.down)));
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const all = [...event.currentTarget.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  } else if (event.key === "Escape") {
    isChoosing = false;
    drawSidebar();
    sidebar.querySelector('[data-testid="person-switch"]').focus();
  }
}

async function become(alias) {
  isChoosing = false;
  store.as = alias;
  if (store.place.startsWith("D")) store.place = "dm";
  localStorage.setItem("as", alias);
  const wasDirect = store.place === "dm";
  await load();
  if (wasDirect) go(store.data.channels.find((channel) => channel.is_im).id);
  else if (store.place === "home") act("home", { as: store.as, tab: "home" });
}

document.addEventListener("click", (event) => {
  if (isChoosing && !event.target.closest(".people") && event.target.isConnected) {
    isChoosing = false;
    drawSidebar();
  }
});
