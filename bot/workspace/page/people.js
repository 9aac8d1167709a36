// Whom one acts as: the foot of the list of conversations, the same on both sides.

import { avatar, el, icon, ICONS } from "./dom.js";

const ROLES = { agent: "Support", agent2: "Support", lead: "Support lead", lead2: "Support lead", finance: "Finance lead", finance2: "Finance lead", admin: "Admin", guest: "Guest", stranger: "Other company" };
let isChoosing = false;
let redraw = () => {};

/** `people` are {alias, id, real_name}; `choose(alias)` makes one of them the person here. */
export function peopleSwitch({ people, self, choose, draw }) {
  redraw = draw;
  const role = (person) => ROLES[person.alias] ?? person.profile?.title ?? "";
  return el("footer", { class: "people" },
    el("div", { id: "person-list", class: "person-list", role: "listbox", "aria-label": "Act as", hidden: !isChoosing, onkeydown: steer },
      ...people.map((person) => el("button", {
        type: "button", role: "option", class: "person", "aria-selected": String(person.id === self.id),
        "data-testid": `person-${person.alias}`, onclick: () => { isChoosing = false; choose(person.alias); },
      }, avatar(person), el("span", {}, el("strong", {}, person.real_name), el("small", {}, role(person)))))),
    el("button", {
      type: "button", class: "self", "aria-haspopup": "listbox", "aria-expanded": String(isChoosing), "aria-controls": "person-list",
      "data-testid": "person-switch", onclick: toggle,
    }, avatar(self), el("span", {}, el("strong", { "data-testid": "me" }, self.real_name), el("small", {}, role(self))), icon(ICONS.down)));
}

function toggle() {
  isChoosing = !isChoosing;
  redraw();
  if (isChoosing) document.querySelector('.person[aria-selected="true"]')?.focus();
}

function steer(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const all = [...event.currentTarget.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  } else if (event.key === "Escape") {
    toggle();
    document.querySelector('[data-testid="person-switch"]').focus();
  }
}

document.addEventListener("click", (event) => {
  if (isChoosing && !event.target.closest(".people") && event.target.isConnected) toggle();
});
