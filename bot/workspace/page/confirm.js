// The "are you sure" dialog that an element may ask for.

import { el } from "./dom.js";
import { textOf } from "./mrkdwn.js";

/** True when the person confirms. */
export function ask(confirm) {
  const dialog = document.getElementById("confirm");
  return new Promise((resolve) => {
    const settle = (answer) => {
      dialog.onclose = null;
      dialog.close();
      resolve(answer);
    };
    dialog.replaceChildren(el("div", { class: "sheet" },
      el("header", {}, el("h2", { id: "confirm-title" }, confirm.title?.text ?? "Are you sure?")),
      el("div", { class: "sheet-body" }, confirm.text ? textOf(confirm.text) : ""),
      el("footer", {},
        el("button", { type: "button", class: "button", "data-testid": "confirm-deny", onclick: () => settle(false) },
          confirm.deny?.text ?? "Cancel"),
        el("button", { type: "button", class: `button ${confirm.style ?? "primary"}`, autofocus: true, "data-testid": "confirm-yes", onclick: () => settle(true) },
          confirm.confirm?.text ?? "Yes"))));
    dialog.onclose = () => resolve(false);
    dialog.showModal();
  });
}
