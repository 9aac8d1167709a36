// The dialog that a person has open: a card of its own; closing it is told to the server.

import { act } from "../api.js";
import { el, icon, ICONS } from "../dom.js";
import { renderCard } from "./card.js";
import { store } from "./store.js";

const dialog = document.getElementById("dialog");
// What Teams makes of the named sizes, pixels; a number is taken as it is.
const WIDTHS = { small: 440, medium: 600, large: 800 };
const WIDTH_MIN_PIXELS = 320;
let shown = null; // "id:version"
let opener = null;
let pressed = null; // the words of the button that was pressed last

export function drawDialog() {
  const { dialog: open } = store.data;
  if (!open) {
    shown = null;
    if (dialog.open) {
      dialog.close();
      (opener?.isConnected ? opener : again(opener) ?? document.getElementById("composer-text"))?.focus({ preventScroll: true });
    }
    return;
  }
  const key = `${open.id}:${open.version}`;
  if (key === shown) return;
  shown = key;
  if (!dialog.open) opener = document.activeElement;
  paint(open);
  if (!dialog.open) dialog.showModal();
  focusFirst();
}

/** The button that opened it, where its card was drawn anew meanwhile. */
function again(button) {
  const message = button?.closest?.("[data-id]")?.dataset.id;
  const name = button?.dataset?.testid;
  return message && name ? document.querySelector(`[data-id="${CSS.escape(message)}"] [data-testid="${CSS.escape(name)}"]`) : null;
}

function paint(open) {
  const use = async (action, given, inputs) => {
    pressed = given.title;
    const body = dialog.querySelector(".sheet-body");
    const focused = document.activeElement;
    body.inert = true; // what is typed meanwhile would be lost, because the answer draws it anew
    const answer = await act("teams/dialog/submit", { as: store.as, dialog: open.id, action, inputs }, { quiet: true });
    body.inert = false;
    if (focused.isConnected) focused.focus();
    const text = answer.ok ? answer.answer?.kind === "error" && answer.answer.text : answer.error;
    const note = dialog.querySelector(".dialog-fault");
    if (text && note?.isConnected) {
      note.textContent = text;
      note.hidden = false;
    }
  };
  const wanted = WIDTHS[open.width] ?? Number(open.width);
  dialog.style.width = `min(${Math.max(WIDTH_MIN_PIXELS, wanted || WIDTHS.medium)}px, calc(100vw - 24px))`;
  dialog.replaceChildren(el("div", { class: "sheet" },
    el("header", {}, el("h2", { id: "dialog-title" }, open.title ?? ""),
      el("button", { type: "button", class: "tool", "aria-label": "Close", "data-testid": "modal-close", onclick: () => close(open) }, icon(ICONS.close))),
    el("div", { class: "sheet-body", tabindex: "-1", "data-testid": "modal-body" },
      renderCard(open.card, { use, values: {}, scope: `dialog-${open.id}` }),
      el("p", { class: "fault dialog-fault", role: "alert", hidden: true, "data-testid": "dialog-fault" }))));
}

function close(open) {
  act("teams/dialog/close", { as: store.as, dialog: open.id });
}

/** The first field; on a further page the button that was pressed to come there. */
function focusFirst() {
  const body = dialog.querySelector(".sheet-body");
  body.scrollTop = 0;
  const same = [...body.querySelectorAll(".ac-actions button")].find((each) => each.textContent === pressed);
  pressed = null;
  (body.querySelector("input, textarea, select") ?? same ?? body.querySelector(".ac-actions button") ?? body).focus();
}

// Escape closes it at the server first; the change that comes back closes the dialog.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  if (store.data.dialog) close(store.data.dialog);
});

// Enter in a line of text presses the first button, as in a form.
dialog.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.target.localName !== "input") return;
  event.preventDefault();
  dialog.querySelector(".ac-actions .button.primary, .ac-actions .button")?.click();
});
