// Channels, chats, and who one is.

import { el, focusBox, icon, ICONS } from "../dom.js";
import { peopleSwitch } from "../people.js";
import { onChosenAbove } from "../person.js";
import { sides } from "../sides.js";
import { become, go, store, unreadIn } from "./store.js";

const rail = document.getElementById("sidebar");
const GROUP = "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19c0-3 2-5 5-5s5 2 5 5M16 11a2.5 2.5 0 1 0 0-5M15.5 14c3 0 5.5 1.5 5.5 5";

export function drawRail() {
  if (!store.data) return;
  const { conversations, team, people, me } = store.data;
  const focused = document.activeElement?.dataset?.testid;
  const isIn = (kind) => conversations.filter((each) => each.kind === kind);
  rail.replaceChildren(
    el("header", { class: "team" },
      el("span", { class: "team-mark", "aria-hidden": "true" }, team.name[0]),
      el("div", {}, el("strong", {}, team.name),
        el("small", { class: store.isLive ? "live" : "lost", "data-testid": "connection" }, store.isLive ? "Live" : "Reconnecting…"))),
    sides("teams"),
    el("div", { class: "places" },
      el("h2", {}, "Channels"),
      el("ul", {}, ...isIn("channel").map((each) => place(each, icon(ICONS.hash)))),
      el("h2", {}, "Chats"),
      el("ul", {}, ...isIn("personal").map((each) => place({ ...each, name: "Assent" }, bot())), ...isIn("group").map((each) => place(each, icon(GROUP))))),
    peopleSwitch({ people, self: me, choose: become, draw: drawRail }));
  if (focused) rail.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
}

function bot() {
  const isThere = store.data.is_bot_there;
  return el("span", { class: `presence ${isThere ? "there" : "away"}`, title: isThere ? "Connected" : "Not connected" }, icon(ICONS.bolt));
}

function place({ id, name }, mark) {
  const isHere = store.place === id;
  const unread = isHere ? 0 : unreadIn(id);
  return el("li", {}, el("button", {
    type: "button", class: `place${isHere ? " here" : ""}${unread ? " unread" : ""}`,
    "aria-current": isHere ? "page" : null, "data-testid": `place-${name.replace(/\W/g, "-")}`,
    onclick: () => { go(id); focusBox("#composer-text"); },
  }, mark, el("span", { class: "place-name" }, name),
  unread ? el("span", { class: "badge", "data-testid": "unread", "aria-label": `${unread} unread` }, String(unread)) : null));
}

onChosenAbove(become);
