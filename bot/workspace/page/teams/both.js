// Both sides at once: two frames of this origin, each with a person of its own, chosen above it.

import { see } from "../api.js";
import { el } from "../dom.js";
import { FIRST, keyOf } from "../person.js";
import { sides } from "../sides.js";

const bar = document.getElementById("bar");
const NAMES = { slack: "Slack", teams: "Teams" };

function chooser(side, people) {
  const chosen = localStorage.getItem(keyOf(side)) || FIRST[side];
  const select = el("select", { class: "select", "data-testid": `${side}-as`, onchange: () => localStorage.setItem(keyOf(side), select.value) },
    ...people.map(({ alias, real_name: name }) => el("option", { value: alias, selected: alias === chosen }, name)));
  addEventListener("storage", (event) => {
    if (event.key === keyOf(side) && event.newValue) select.value = event.newValue;
  });
  return el("label", { class: "half" }, el("strong", {}, NAMES[side]), el("span", {}, "as"), select);
}

async function begin() {
  const { people } = await see("state", { as: "agent" });
  const here = people.filter((person) => person.alias && !person.deleted);
  bar.replaceChildren(chooser("slack", here), chooser("teams", here), sides("both"));
}

begin().catch((error) => bar.replaceChildren(el("p", { class: "fault" }, error.message), sides("both")));
